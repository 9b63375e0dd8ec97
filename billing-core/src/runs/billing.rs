//! The billing run: who has changed since the last invoice first, then everybody else that is due.

use super::{Group, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::invoicing::BillAccount;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::due_index::Due;
use crate::store::Store;

/// Bills every account for the periods that begin (in advance) or end (in arrears) up to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingRun {
    /// The date on the invoices.
    pub issue_on: Date,
    /// Up to which day periods are billed: for next month's, its first day.
    pub through: Date,
}

impl Run for BillingRun {
    type Command = BillAccount;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let due = engine.ask(&Due { through: self.through })?.value;
        Ok(vec![
            Group { name: "changed since their last invoice", accounts: due.changed },
            Group { name: "unchanged", accounts: due.unchanged },
        ])
    }

    fn command(&self, account: AccountId) -> BillAccount {
        BillAccount { account, issue_on: self.issue_on, through: self.through }
    }
}
