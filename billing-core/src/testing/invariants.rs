//! The named invariants as a law of tests: what does not hold panics.

use crate::audit;
use crate::book::{Account, Event};

/// Checks every invariant of an account; see [`audit::INVARIANTS`].
///
/// # Panics
/// If one does not hold; its name stands first in the message.
pub fn check<'a>(account: &Account, events: impl Iterator<Item = &'a Event>) {
    let violations: Vec<String> =
        audit::check_account(account, events).iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "{}", violations.join("; "));
}
