//! Bills usage before its period is over, once it is worth so much.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::draft::Draft;
use super::metered::Metered;
use super::page::coverage;
use super::{Invoicing, Rejection, billing};
use crate::accounts::AccountKind;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Bills what was counted so far of the periods that run on a day, as far as its meter has a threshold and it is worth
/// as much: a progressive invoice, once a period. The bill of the whole period then shows all, less that. To be given
/// after usage was recorded; where there is nothing to bill, nothing happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillUsage {
    /// Who is billed.
    pub account: AccountId,
    /// The date on the invoice; usage up to and with this day is billed.
    pub on: Date,
}

impl Command for BillUsage {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.bill_usage";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let draft = Draft::open(books, self.account, self.on)?;
        let account = draft.account;
        match account.accounts.kind() {
            AccountKind::Trial => return Ok(vec![]),
            AccountKind::Full => {}
        }
        let usage = books.usage(self.account)?;
        let none = Coverage::default();
        let mut lines = Vec::new();
        for (subscription, component, intended) in account.subscriptions.components() {
            let billed = coverage(account, subscription, component).unwrap_or(&none);
            let standings = BTreeMap::new();
            let meters = Metered { draft: &draft, usage, subscription, component, billed, standings };
            let begun = billing::begun(&intended, billed, self.on, draft.policies().dialect);
            for service in begun.map_err(Rejection::from)? {
                lines.extend(meters.ahead(&service, self.on)?);
            }
        }
        if lines.is_empty() {
            return Ok(vec![]);
        }
        let sums = draft.totals(&lines)?;
        let invoice = draft.invoice(lines, sums, ctx)?;
        Ok(vec![account.record(invoice)])
    }
}
