//! Invoices a customer for items and work, apart from what is billed by the period.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::discounting::take_discounts;
use super::draft::Draft;
use super::{Invoicing, Rejection};
use crate::accounts::AccountKind;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, WorkId};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Label};
use crate::log::Scope;

/// Issues an invoice for items of the catalogue and for pieces of work, less the discounts in force on its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueInvoice {
    /// Who is invoiced.
    pub account: AccountId,
    /// The date on it, which is its tax point.
    pub issue_on: Date,
    /// The items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemLine>,
    /// Unbilled work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<WorkId>,
}

/// An item of the catalogue, and how many of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemLine {
    /// The item.
    pub item: Code,
    /// How many, more than none.
    pub quantity: Quantity,
    /// The words on the invoice; without them, the item's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
}

impl Command for IssueInvoice {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.issue_invoice";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let draft = Draft::open(books, self.account, self.issue_on)?;
        let account = draft.account;
        match account.accounts.kind() {
            AccountKind::Trial => return Err(Rejection::OnTrial.into()),
            AccountKind::Full => {}
        }
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        if self.items.is_empty() && self.work.is_empty() {
            return Err(Rejection::NoLines.into());
        }

        let mut lines = Vec::new();
        for line in &self.items {
            lines.push(draft.sold_line(&line.item, line.quantity, None, &line.text)?);
        }
        let mut listed = BTreeSet::new();
        for work in &self.work {
            let Some(item) = account.work.item(*work) else {
                return Err(Rejection::UnknownWork(*work).into());
            };
            if account.invoicing.has_billed(*work) || !listed.insert(*work) {
                return Err(Rejection::WorkBilled(*work).into());
            }
            lines.push(draft.work_line(*work, item)?);
        }
        take_discounts(account, self.issue_on, draft.policies().line_rounding, &mut lines)
            .map_err(Rejection::from)?;
        let sums = draft.totals(&lines)?;
        Ok(vec![account.record(draft.invoice(lines, sums, ctx)?)])
    }
}
