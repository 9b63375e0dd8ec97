//! Floor 3, the audit: everything that can be checked about a log without trusting whoever kept it.
//!
//! [`verify()`] checks the bytes: the chain, the numbers, the payloads. [`replay()`] folds them anew,
//! [`redecide()`] asks whether the stored requests would be answered the same, [`check_book()`] holds the facts
//! against the named invariants, [`assurance()`] what was asked for against what was billed, [`explain()`] tells how
//! each figure of a document was reached, and [`loopholes()`] what a customer could do to pay less than it should. [`export()`] and [`restore()`] carry a log from one store to another, word for
//! word. Nothing here has a clock, and nothing opens a file: bytes come from the caller, and go to it.

mod assurance;
mod damage;
mod explain;
mod export;
mod inspect;
mod invariants;
mod loopholes;
mod parallel;
mod reading;
mod redecide;
mod replay;
mod restore;
mod verify;

pub use assurance::{Gap, GapKind, OnTerms, assurance, assure_account};
pub use damage::{Column, Damage};
pub(crate) use explain::explain_by_account;
pub use explain::{
    Asked, Behind, EarlierLine, ExplainError, Explanation, Figure, LineExplained, Step, TaxExplained,
    Unexplained, explain, explain_all,
};
pub use export::{ExportError, export, read_lines};
pub use invariants::{INVARIANTS, Tally, Violation, check_account, check_book};
pub use loopholes::{Loophole, LoopholeKind, Loopholes, Move, Search, loopholes};
pub use parallel::{replay_parallel, verify_parallel};
pub use redecide::{Differing, Redecided, redecide};
pub use replay::{Balances, ReplayError, Replayed, balances, replay};
pub use restore::{RestoreFailure, restore};
pub use verify::{Verification, Verifier, verify};
