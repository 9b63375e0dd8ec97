//! The consolidation run: everybody who pays for others.

use super::{Group, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::invoicing::ConsolidateInvoices;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::accounts_list::ParentAccounts;
use crate::store::Store;

/// Issues a consolidated invoice to each parent account whose children have something open. Run it after the billing
/// run, which bills the children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsolidationRun {
    /// The date on the consolidated invoices.
    pub on: Date,
}

impl Run for ConsolidationRun {
    type Command = ConsolidateInvoices;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let accounts = engine.ask(&ParentAccounts)?.value;
        Ok(vec![Group { name: "parents", accounts }])
    }

    fn command(&self, account: AccountId) -> ConsolidateInvoices {
        ConsolidateInvoices { account, issue_on: self.on }
    }
}
