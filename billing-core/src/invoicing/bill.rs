//! A bill: the documents that charge, and give back, all that is due through a day. Drafted, previewed or issued, it is
//! made out here.

use serde::{Deserialize, Serialize};

use super::discounting::take_discounts;
use super::draft::Draft;
use super::line::{Line, Subject};
use super::{CreditNoteIssued, Event, InvoiceIssued, Rejection};
use crate::accounts::AccountKind;
use crate::book::{Account, Books};
use crate::decision::{Context, Fact, Stop};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, CreditNoteId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::text::Note;

/// The documents of one bill, without numbers: one invoice; where more is to be given back than is charged, a credit
/// note with what is given back, beside an invoice with what is charged, if any. Neither where nothing is due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// What is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<InvoiceIssued>>,
    /// What is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_note: Option<Box<CreditNoteIssued>>,
}

impl Bill {
    /// Makes out what is due for an account through a day, with that date on it; nothing for a trial account.
    pub(super) fn made_out(
        books: &Books,
        account: AccountId,
        issue_on: Date,
        through: Date,
        ctx: &Context<'_>,
    ) -> Result<Bill, Stop<Rejection>> {
        let draft = Draft::open(books, account, issue_on)?;
        let account = draft.account;
        match account.accounts.kind() {
            AccountKind::Trial => return Ok(Bill::default()),
            AccountKind::Full => {}
        }
        let mut lines = draft.service_lines(books, through)?;
        for (work, item) in account.work.items() {
            if item.done_on <= through && !account.invoicing.has_billed(work) {
                lines.push(draft.work_line(work, item)?);
            }
        }

        take_discounts(account, issue_on, draft.policies().line_rounding, &mut lines)
            .map_err(Rejection::from)?;

        let mut bill = Bill::default();
        let by_note = draft.policies().dialect.gives_back_by_note();
        let mut unused: Vec<Line> = lines.extract_if(.., |line| by_note && is_unused(line)).collect();
        let mut sums = draft.totals(&lines)?;
        // No invoice is below zero: then all that gives back goes onto the note.
        if sums.gross.is_negative() {
            unused.extend(lines.extract_if(.., |line| line.gives_back()));
            sums = draft.totals(&lines)?;
        }
        let mut beside = None;
        if !lines.is_empty() {
            let invoice = draft.invoice(lines, sums, ctx)?;
            // Lago's note is a document like any other, and settles what is oldest.
            beside = (!by_note).then_some(invoice.invoice);
            bill.invoice = Some(Box::new(invoice));
        }
        if !unused.is_empty() {
            bill.credit_note = Some(Box::new(surplus(unused, beside, &draft, ctx)?));
        }
        Ok(bill)
    }

    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.invoice.is_none() && self.credit_note.is_none()
    }

    /// What the customer would owe more by it, VAT included: the invoice less the credit note. `None` where it is empty.
    ///
    /// # Errors
    /// [`MoneyError`] where the difference can't be written.
    pub fn comes_to(&self) -> Result<Option<Money>, MoneyError> {
        let charged = self.invoice.as_ref().map(|invoice| invoice.gross);
        let credited = self.credit_note.as_ref().map(|note| note.credit.negated());
        match (charged, credited) {
            (Some(charged), Some(credited)) => charged.plus(credited).map(Some),
            (charged, credited) => Ok(charged.or(credited)),
        }
    }

    /// The same documents under the ids of another bill, so that the two can be compared, and one be issued as the
    /// other. The version of the catalogue is its own: what was published meanwhile may be of no concern to it.
    pub(super) fn under_the_ids_of(mut self, other: &Bill) -> Bill {
        let id = other.invoice.as_ref().map(|invoice| invoice.invoice);
        if let (Some(invoice), Some(id)) = (&mut self.invoice, id) {
            invoice.invoice = id;
        }
        if let (Some(note), Some(other)) = (&mut self.credit_note, &other.credit_note) {
            note.credit_note = other.credit_note;
            note.beside = note.beside.and(id);
        }
        self
    }

    /// Whether two bills are the same in every field but their ids and the version of the catalogue that was read.
    pub(super) fn agrees_with(&self, other: &Bill) -> bool {
        let mut same = self.clone().under_the_ids_of(other);
        if let (Some(invoice), Some(other)) = (&mut same.invoice, &other.invoice) {
            invoice.catalogue = other.catalogue;
        }
        same == *other
    }

    /// The facts that issue it.
    pub(super) fn issued(self, account: &Account) -> Vec<Fact<Event>> {
        let invoice = self.invoice.map(|invoice| account.record(*invoice));
        let credit_note = self.credit_note.map(|note| account.record(*note));
        invoice.into_iter().chain(credit_note).collect()
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
