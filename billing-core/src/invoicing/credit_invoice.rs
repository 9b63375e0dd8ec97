//! Credits an invoice, or a part of it, with a document of its own.

use serde::{Deserialize, Serialize};

use super::document::with_taxes;
use super::line::{Line, LineRef, Subject, TaxTotal};
use super::state::{Issued, LineLeft};
use super::{CreditNoteIssued, Invoicing, Rejection};
use crate::book::Books;
use crate::catalogue::Price;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, CreditNoteId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Label, Note};
use crate::log::Scope;

/// Takes money off an invoice: VAT goes back at the rate at which it was charged.
///
/// Only the amount is corrected. Service days on the lines stay billed, so the next run does not bill them
/// again; to have them billed anew, void the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditInvoice {
    /// Who is credited.
    pub account: AccountId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// What of it.
    pub what: What,
    /// Why, as it stands on the credit note.
    pub reason: Note,
    /// The date on the credit note.
    pub on: Date,
}

/// What of an invoice is credited: `"whole"` or `{"lines":[{"line":1,"amount":"GBP 5.00"}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// All that is left of it: its lines come to nothing, those that gave something back too.
    Whole,
    /// Amounts off some of its lines.
    Lines(Vec<CreditLine>),
}

/// An amount off a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditLine {
    /// Which line, from 1.
    pub line: u32,
    /// How much, before VAT; above zero, and no more than is left of the line.
    pub amount: Money,
}

impl Command for CreditInvoice {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.credit_invoice";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let account = books.account(self.account)?;
        let policies = books.settings()?.policies();
        let page = &account.invoicing;
        if page.is_void(self.invoice) {
            return Err(Rejection::Void(self.invoice).into());
        }
        let Some(invoice) = page.invoices.get(&self.invoice) else {
            return Err(match account.receivables.invoice(self.invoice) {
                Some(_) if page.is_consolidated(self.invoice) => Rejection::Consolidated(self.invoice).into(),
                Some(_) => Rejection::IssuedElsewhere(self.invoice).into(),
                None => Rejection::UnknownInvoice(self.invoice).into(),
            });
        };
        if self.on < invoice.issued_on {
            return Err(Rejection::BeforeIssue { on: self.on, issued_on: invoice.issued_on }.into());
        }
        let after = self.after(invoice)?;
        let lines = self.correction_lines(invoice, &after).map_err(Rejection::from)?;
        if lines.is_empty() {
            return Ok(vec![]);
        }

        let taxes = taxes(invoice, &after, &lines, policies.tax_rounding).map_err(Rejection::from)?;
        let sums = with_taxes(account.accounts.currency(), taxes).map_err(Rejection::from)?;
        // More is given back on it than is charged by now: to undo that would charge the customer.
        if sums.gross.is_positive() {
            let below = (1..).zip(&invoice.lines).find(|(_, line)| line.left.is_negative());
            let (line, amount) = below.map_or((1, sums.gross), |(line, below)| (line, below.left));
            return Err(Rejection::NotACredit { line, amount }.into());
        }
        Ok(vec![account.record(CreditNoteIssued {
            credit_note: ctx.mint(CreditNoteId::from_uuid),
            invoice: Some(self.invoice),
            beside: None,
            issued_on: self.on,
            lines,
            taxes: sums.taxes,
            net: sums.net,
            tax: sums.tax,
            credit: sums.gross.negated(),
            reason: self.reason.clone(),
            line_rounding: policies.line_rounding,
            tax_rounding: policies.tax_rounding,
            dialect: policies.dialect,
        })])
    }
}

impl CreditInvoice {
    /// What will be left of each line.
    fn after(&self, invoice: &Issued) -> Result<Vec<LineLeft>, Rejection> {
        let mut after = invoice.lines.to_vec();
        let What::Lines(credits) = &self.what else {
            after.iter_mut().for_each(|line| line.left = Money::zero(line.left.currency()));
            return Ok(after);
        };
        for CreditLine { line: number, amount } in credits.iter().copied() {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            let line = place.and_then(|place| after.get_mut(place)).ok_or(Rejection::UnknownLine(number))?;
            amount.same_currency(line.left)?;
            if !amount.is_positive() || line.left.is_negative() {
                return Err(Rejection::NotACredit { line: number, amount });
            }
            let left = line.left.minus(amount)?;
            if left.is_negative() {
                return Err(Rejection::MoreThanLeft { line: number, amount, left: line.left });
            }
            line.left = left;
        }
        Ok(after)
    }

    /// One line for each line of the invoice of which less will be left.
    fn correction_lines(&self, invoice: &Issued, after: &[LineLeft]) -> Result<Vec<Line>, MoneyError> {
        let mut lines = Vec::new();
        for ((number, before), after) in (1..).zip(&invoice.lines).zip(after) {
            let net = after.left.minus(before.left)?;
            if !net.is_zero() {
                lines.push(Line {
                    text: Label::parse(&format!("Correction of line {number}")).expect("it is a good label"),
                    subject: Subject::Correction { line: LineRef { invoice: self.invoice, line: number } },
                    price: Price::Flat(net),
                    quantity: Quantity::ONE,
                    part: None,
                    discounts: Vec::new(),
                    net,
                    tax: before.tax,
                    rate: before.rate,
                });
            }
        }
        Ok(lines)
    }
}

/// The VAT that goes back. When nothing is left of a category, all VAT that is left of it; so the credit notes
/// of an invoice give back its VAT to the penny, however many they are. Until then no more than is left, unless a line of
/// the category gives back: its VAT lowers what is left, and is no reason to give back less on what others charged.
fn taxes(
    invoice: &Issued,
    after: &[LineLeft],
    lines: &[Line],
    rounding: Rounding,
) -> Result<Vec<TaxTotal>, MoneyError> {
    let mut taxes = Vec::new();
    for left in &invoice.taxes {
        let mut credited =
            lines.iter().filter(|line| line.tax == left.category && line.rate == left.rate).peekable();
        if credited.peek().is_none() {
            continue;
        }
        let base = Money::sum(left.left.currency(), credited.map(|line| line.net))?;
        let of_category = || after.iter().filter(|line| line.tax == left.category && line.rate == left.rate);
        let tax = if of_category().all(|line| line.left.is_zero()) {
            left.left
        } else if of_category().any(|line| line.left.is_negative()) {
            left.rate.of(base.negated(), rounding)?
        } else {
            left.rate.of(base.negated(), rounding)?.at_most(left.left)?
        };
        let tax = tax.negated();
        taxes.push(TaxTotal { category: left.category, rate: left.rate, base, tax });
    }
    Ok(taxes)
}
