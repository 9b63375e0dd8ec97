//! Who pays an account's invoices, by their dates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::ParentAssigned;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;

/// The parents of an account by the first date of the invoices that they pay; `None` from the day on which it pays
/// them itself again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parents(BTreeMap<Date, Option<AccountId>>);

impl Parents {
    /// Who pays an invoice dated that day; `None` where the account pays it itself.
    pub fn on(&self, day: Date) -> Option<AccountId> {
        self.0.range(..=day).next_back().and_then(|(_, parent)| *parent)
    }

    /// Who pays on a day, and from each later one on which that changes.
    pub fn since(&self, day: Date) -> impl Iterator<Item = Option<AccountId>> {
        let later = self.0.range(day..).map(|(_, parent)| *parent);
        [self.on(day)].into_iter().chain(later)
    }

    /// Whether nobody else ever paid.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said for a day counts from then on, and all that was said for later ones no more.
    pub(crate) fn assign(&mut self, assigned: &ParentAssigned) {
        self.0.split_off(&assigned.from);
        if self.on(assigned.from) != assigned.parent {
            self.0.insert(assigned.from, assigned.parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_last_counts_from_its_day_on() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let account = |number| Some(AccountId::from_uuid(uuid::Uuid::from_u128(number)));
        let mut parents = Parents::default();
        let mut assign = |parent, from| parents.assign(&ParentAssigned { parent, from: date(from) });
        assign(account(1), "2026-01-01");
        assign(account(2), "2026-07-01");
        assign(None, "2026-04-01");
        assign(None, "2026-05-01");
        let paid = ["2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01", "2026-07-01"];
        assert_eq!(paid.map(|day| parents.on(date(day))), [None, account(1), account(1), None, None]);
        assert_eq!(Vec::from_iter(parents.since(date("2026-02-01"))), [account(1), None]);
        assert!(!parents.is_empty());
    }
}
