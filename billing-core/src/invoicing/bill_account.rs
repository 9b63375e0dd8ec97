//! Bills a customer for all that is due through a day: the command that a billing run gives once an account.

use serde::{Deserialize, Serialize};

use super::discounting::take_discounts;
use super::draft::Draft;
use super::line::{Line, Subject};
use super::{CreditNoteIssued, Event, Invoicing, Rejection};
use crate::accounts::AccountKind;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, CreditNoteId, InvoiceId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Bills what is due: subscriptions as far as they are not billed, unused days that were, and work; less the discounts
/// in force on the date of the bill.
///
/// One invoice; where more is to be given back than is charged, an invoice with what is charged, if any, and a credit
/// note with what is given back, which settles it first. Nothing is due twice: billed again for the same day, there is nothing to do.
/// A trial account is not billed; what it was served meanwhile is due once it is a full account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillAccount {
    /// Who is billed.
    pub account: AccountId,
    /// The date on the documents, which is the tax point of what they charge.
    pub issue_on: Date,
    /// The day through which is billed: periods in advance that have begun by then, periods in arrears that are
    /// over by then, changes and work up to then.
    pub through: Date,
}

impl Command for BillAccount {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.bill_account";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let draft = Draft::open(books, self.account, self.issue_on)?;
        let account = draft.account;
        match account.accounts.kind() {
            AccountKind::Trial => return Ok(vec![]),
            AccountKind::Full => {}
        }
        let mut lines = draft.service_lines(books, self.through)?;
        for (work, item) in account.work.items() {
            if item.done_on <= self.through && !account.invoicing.has_billed(work) {
                lines.push(draft.work_line(work, item)?);
            }
        }

        take_discounts(account, self.issue_on, draft.policies().line_rounding, &mut lines)
            .map_err(Rejection::from)?;

        let mut facts: Vec<Fact<Event>> = Vec::new();
        let mut sums = draft.totals(&lines)?;
        let mut unused = Vec::new();
        let by_note = draft.policies().dialect.gives_back_by_note();
        if sums.gross.is_negative() || by_note {
            let on_note = if by_note { is_unused } else { Line::gives_back };
            (unused, lines) = lines.into_iter().partition(on_note);
            sums = draft.totals(&lines)?;
        }
        let mut beside = None;
        if !lines.is_empty() {
            let invoice = draft.invoice(lines, sums, ctx)?;
            // Lago's note is a document like any other, and settles what is oldest.
            beside = (!by_note).then_some(invoice.invoice);
            facts.push(account.record(invoice));
        }
        if !unused.is_empty() {
            facts.push(account.record(surplus(unused, beside, &draft, ctx)?));
        }
        Ok(facts)
    }
}

fn is_unused(line: &Line) -> bool {
    matches!(line.subject, Subject::Unused { .. } | Subject::TrueUpTakenBack { .. })
}

/// What is given back and can't be set off against a charge on the same bill.
fn surplus(
    lines: Vec<Line>,
    beside: Option<InvoiceId>,
    draft: &Draft<'_>,
    ctx: &Context<'_>,
) -> Result<CreditNoteIssued, Rejection> {
    let sums = draft.totals(&lines)?;
    Ok(CreditNoteIssued {
        credit_note: ctx.mint(CreditNoteId::from_uuid),
        invoice: None,
        beside,
        issued_on: draft.issue_on,
        lines,
        taxes: sums.taxes,
        net: sums.net,
        tax: sums.tax,
        credit: sums.gross.negated(),
        reason: surplus_reason(),
        line_rounding: draft.policies().line_rounding,
        tax_rounding: draft.policies().tax_rounding,
        dialect: draft.policies().dialect,
    })
}

fn surplus_reason() -> Note {
    Note::parse("Billed in advance and not used").expect("it is a good note")
}
