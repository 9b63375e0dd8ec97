//! The rules under which invoicing says no, in order of precedence.

use crate::decision;
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::currency::Currency;
use crate::kernel::ids::{DraftId, InvoiceId, WorkId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::terms::TermsError;
use crate::kernel::text::{Code, Reference};

/// Why invoicing said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The number of another sale.
    #[error("sale {sale} of {sold_on} is another one")]
    SaleReused {
        /// The number.
        sale: Reference,
        /// The day on which the sale was made that has it.
        sold_on: Date,
    },
    /// It was withdrawn, replaced by a newer one, or issued.
    #[error("the account has no open draft {0}")]
    UnknownDraft(DraftId),
    /// Trial accounts are not billed.
    #[error("the account is on trial, and trials are not billed")]
    OnTrial,
    /// A customer on hold gets no more credit.
    #[error("the account is on hold and can't buy more")]
    CustomerOnHold,
    /// An invoice has at least one line.
    #[error("the invoice has no line")]
    NoLines,
    /// The customer pays no invoice without a purchase order, and none was given.
    #[error("the customer wants a purchase order on each invoice, and none was given")]
    PurchaseOrderMissing,
    /// A quantity of nothing.
    #[error("the quantity of {0} is 0")]
    ZeroQuantity(Code),
    /// The catalogue has no such item.
    #[error("the catalogue has no item {0}")]
    UnknownItem(Code),
    /// The item has no price in the account's currency.
    #[error("{item} has no price in {currency}, the currency of the account")]
    NoPrice {
        /// The item.
        item: Code,
        /// The account's currency.
        currency: Currency,
    },
    /// There is no such work, or it was written off.
    #[error("the account has no work {0} to be billed")]
    UnknownWork(WorkId),
    /// It was billed, or stands twice in the list.
    #[error("work {0} would be billed twice")]
    WorkBilled(WorkId),
    /// The catalogue does not say how something is taxed.
    #[error("the catalogue has no tax code {code} on {on}, the date of the invoice")]
    UnknownTaxCode {
        /// The tax code.
        code: Code,
        /// The tax point.
        on: Date,
    },
    /// The account is kept in another currency.
    #[error("the amount is in {given} and the account is kept in {account}")]
    Currency {
        /// The currency of the amount.
        given: Currency,
        /// The currency of the account.
        account: Currency,
    },
    /// A payment without an amount.
    #[error("{0} was paid: a payment that comes with a sale is above zero")]
    NothingPaid(Money),
    /// The money of a sale is recorded already.
    #[error("payment {0} was recorded already, without the sale")]
    PaymentKnown(Reference),
    /// A debt without an amount.
    #[error("what is open is {0}: a debt that is brought forward is above zero")]
    NothingOpen(Money),
    /// An invoice that is due before it is issued.
    #[error("the invoice of {issued_on} would be due on {due_on}, before its own date")]
    DueBeforeIssue {
        /// The date on it.
        issued_on: Date,
        /// The due date.
        due_on: Date,
    },
    /// An invoice of that number was brought forward with other dates or another amount.
    #[error("invoice {0} was brought forward already, with other dates or another amount")]
    ReferenceTaken(Reference),
    /// The account has no such invoice.
    #[error("the account has no invoice {0}")]
    UnknownInvoice(InvoiceId),
    /// The invoice was declared void.
    #[error("invoice {0} is void: nothing is owed on it")]
    Void(InvoiceId),
    /// The lines of an invoice from elsewhere are not known here.
    #[error("invoice {0} was issued elsewhere, and its lines are not known here")]
    IssuedElsewhere(InvoiceId),
    /// A consolidated invoice has no lines of its own.
    #[error("invoice {0} is consolidated: what it charges stands on the invoices of the child accounts")]
    Consolidated(InvoiceId),
    /// A correction can't be older than what it corrects.
    #[error("{on} lies before {issued_on}, the date of the invoice")]
    BeforeIssue {
        /// The date given.
        on: Date,
        /// The date on the invoice.
        issued_on: Date,
    },
    /// The invoice has no such line.
    #[error("the invoice has no line {0}")]
    UnknownLine(u32),
    /// A credit of nothing, or a charge in disguise.
    #[error("{amount} can't be taken off line {line}: a credit is above zero")]
    NotACredit {
        /// The line.
        line: u32,
        /// The amount given.
        amount: Money,
    },
    /// More would be given back than was charged.
    #[error("{amount} can't be taken off line {line}: {left} is left on it")]
    MoreThanLeft {
        /// The line.
        line: u32,
        /// The amount given.
        amount: Money,
        /// What is left of it.
        left: Money,
    },
    /// What was taken off an invoice stands on other documents.
    #[error("invoice {0} can't be void: a part of it was credited or given back on a later document")]
    Reduced(InvoiceId),
    /// The parent owes it.
    #[error("invoice {invoice} can't be void: it was passed on to the parent with invoice {consolidated}")]
    PassedOn {
        /// The child's invoice.
        invoice: InvoiceId,
        /// The parent's.
        consolidated: InvoiceId,
    },
    /// Late usage of its days was charged later, for what was missing on it.
    #[error("invoice {0} can't be void: late usage of days that it billed was charged on a later one")]
    LateUsageBilled(InvoiceId),
    /// Days that the invoice gave back were billed once more.
    #[error("invoice {0} can't be void: days that it gave back were billed again on a later one")]
    DaysBilledAgain(InvoiceId),
    /// A date, or one that follows from it, is outside the calendar.
    #[error("the bill can't be made out: {0}")]
    Calendar(#[from] CalendarError),
    /// A due date can't be told.
    #[error("the terms of the account can't be applied: {0}")]
    Terms(#[from] TermsError),
    /// An amount can't be written.
    #[error("the bill can't be added up: {0}")]
    Amount(#[from] MoneyError),
    /// What was looked at is not what would be billed.
    #[error("draft {0} is out of date: the bill would be another one by now")]
    DraftOutOfDate(DraftId),
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::SaleReused { .. } => "invoicing.sale_reused",
            Rejection::UnknownDraft(_) => "invoicing.unknown_draft",
            Rejection::OnTrial => "invoicing.on_trial",
            Rejection::CustomerOnHold => "invoicing.customer_on_hold",
            Rejection::NoLines => "invoicing.no_lines",
            Rejection::PurchaseOrderMissing => "invoicing.purchase_order_missing",
            Rejection::ZeroQuantity(_) => "invoicing.zero_quantity",
            Rejection::UnknownItem(_) => "invoicing.unknown_item",
            Rejection::NoPrice { .. } => "invoicing.no_price",
            Rejection::UnknownWork(_) => "invoicing.unknown_work",
            Rejection::WorkBilled(_) => "invoicing.work_billed",
            Rejection::UnknownTaxCode { .. } => "invoicing.unknown_tax_code",
            Rejection::Currency { .. } => "invoicing.currency",
            Rejection::NothingPaid(_) => "invoicing.nothing_paid",
            Rejection::PaymentKnown(_) => "invoicing.payment_known",
            Rejection::NothingOpen(_) => "invoicing.nothing_open",
            Rejection::DueBeforeIssue { .. } => "invoicing.due_before_issue",
            Rejection::ReferenceTaken(_) => "invoicing.reference_taken",
            Rejection::UnknownInvoice(_) => "invoicing.unknown_invoice",
            Rejection::Void(_) => "invoicing.void",
            Rejection::IssuedElsewhere(_) => "invoicing.issued_elsewhere",
            Rejection::Consolidated(_) => "invoicing.consolidated",
            Rejection::BeforeIssue { .. } => "invoicing.before_issue",
            Rejection::UnknownLine(_) => "invoicing.unknown_line",
            Rejection::NotACredit { .. } => "invoicing.not_a_credit",
            Rejection::MoreThanLeft { .. } => "invoicing.more_than_left",
            Rejection::Reduced(_) => "invoicing.reduced",
            Rejection::PassedOn { .. } => "invoicing.passed_on",
            Rejection::LateUsageBilled(_) => "invoicing.late_usage_billed",
            Rejection::DaysBilledAgain(_) => "invoicing.days_billed_again",
            Rejection::Calendar(_) => "invoicing.calendar",
            Rejection::Terms(_) => "invoicing.terms",
            Rejection::Amount(_) => "invoicing.amount",
            Rejection::DraftOutOfDate(_) => "invoicing.draft_out_of_date",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::SaleReused { .. } => {
                "A sale never changes: credit its invoice, or record what differs as a sale of its own."
            }
            Rejection::UnknownDraft(_) => {
                "It was withdrawn, replaced or billed meanwhile: look at the review queue again."
            }
            Rejection::OnTrial => "Convert the account to a full one first.",
            Rejection::CustomerOnHold => {
                "Settle what the hold was placed for and release it, then ask again."
            }
            Rejection::NoLines => "Give an item or a piece of work to be billed.",
            Rejection::PurchaseOrderMissing => {
                "Ask the customer for the number and record it, then bill again."
            }
            Rejection::ZeroQuantity(_) => "Give how many, or leave the line out.",
            Rejection::UnknownItem(_) => "Check the spelling, or publish the item in the catalogue first.",
            Rejection::NoPrice { .. } => "Publish the item with a price in that currency.",
            Rejection::UnknownWork(_) => "Look the work up on the account's page.",
            Rejection::WorkBilled(_) => "Leave it out; if it was billed wrongly, credit that line first.",
            Rejection::UnknownTaxCode { .. } => {
                "Set the tax code in the catalogue, from that date or an earlier one on."
            }
            Rejection::Currency { .. } => "Give the amount in the account's currency.",
            Rejection::NothingPaid(_) => "Give what was paid, or record the sale without a payment.",
            Rejection::PaymentKnown(_) => {
                "Record the sale without its payment: the invoice takes the money that is there."
            }
            Rejection::NothingOpen(_) => "Give what is still to be paid, VAT included.",
            Rejection::DueBeforeIssue { .. } => "Check both dates.",
            Rejection::ReferenceTaken(_) => {
                "If it was wrong, void it first; if it is another invoice, check its number."
            }
            Rejection::UnknownInvoice(_) => "Look the invoice up on the account's page.",
            Rejection::Void(_) => "Nothing is left to be done on it.",
            Rejection::IssuedElsewhere(_) => {
                "Credit it where it was issued, or void it and bring forward what is open."
            }
            Rejection::Consolidated(_) => "Credit the child's invoice, or void the consolidated one.",
            Rejection::BeforeIssue { .. } => "Give the date of the invoice or a later one.",
            Rejection::UnknownLine(_) => "Lines are counted from 1; look them up on the invoice.",
            Rejection::NotACredit { .. } => {
                "Give an amount above zero, before VAT, off a line that charges something."
            }
            Rejection::MoreThanLeft { .. } => "Give what is left or less.",
            Rejection::Reduced(_) => "Credit the rest of it instead.",
            Rejection::PassedOn { .. } => "Credit it instead, or void the consolidated invoice first.",
            Rejection::LateUsageBilled(_) => "Void the later invoice first, or credit this one instead.",
            Rejection::DaysBilledAgain(_) => "Void the later invoice first, or credit this one instead.",
            Rejection::Calendar(_) => "Check the year of the date and the start of the subscription.",
            Rejection::Terms(_) => "Check the terms and the date.",
            Rejection::Amount(_) => "Check prices and quantities.",
            Rejection::DraftOutOfDate(_) => "Draft it again, and look at what is different.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Rejection as _;
    use crate::invoicing::given::{code, date};

    /// The rules that a story can hardly break; the others are said in `tests.rs`.
    #[test]
    fn each_rule_says_what_was_broken() {
        let id = "inv_00000000000000000000000000000000".parse().unwrap();
        let draft = "drf_00000000000000000000000000000000".parse().unwrap();
        let no_price = Rejection::NoPrice { item: code("training"), currency: Currency::EUR };
        for (rule, code, said) in [
            (no_price, "invoicing.no_price", "training has no price in EUR, the currency of the account"),
            (
                Rejection::LateUsageBilled(id),
                "invoicing.late_usage_billed",
                "invoice inv_00000000000000000000000000000000 can't be void: late usage of days that it billed was \
                 charged on a later one",
            ),
            (
                Rejection::DaysBilledAgain(id),
                "invoicing.days_billed_again",
                "invoice inv_00000000000000000000000000000000 can't be void: days that it gave back were billed \
                 again on a later one",
            ),
            (
                Rejection::UnknownDraft(draft),
                "invoicing.unknown_draft",
                "the account has no open draft drf_00000000000000000000000000000000",
            ),
            (
                Rejection::DraftOutOfDate(draft),
                "invoicing.draft_out_of_date",
                "draft drf_00000000000000000000000000000000 is out of date: the bill would be another one by now",
            ),
            (
                Rejection::Consolidated(id),
                "invoicing.consolidated",
                "invoice inv_00000000000000000000000000000000 is consolidated: what it charges stands on the invoices \
                 of the child accounts",
            ),
            (
                Rejection::PassedOn { invoice: id, consolidated: id },
                "invoicing.passed_on",
                "invoice inv_00000000000000000000000000000000 can't be void: it was passed on to the parent with \
                 invoice inv_00000000000000000000000000000000",
            ),
            (
                Rejection::Reduced(id),
                "invoicing.reduced",
                "invoice inv_00000000000000000000000000000000 can't be void: a part of it was credited or given \
                 back on a later document",
            ),
            (
                CalendarError::OutOfRange.into(),
                "invoicing.calendar",
                "the bill can't be made out: the date leaves the years 1900 to 2200: check the year and the number \
                 of days or months",
            ),
            (
                TermsError::NoShare(30).into(),
                "invoicing.terms",
                "the terms of the account can't be applied: the instalment after 30 days has a share of 0 per cent: \
                 leave it out",
            ),
            (
                MoneyError::NoDays.into(),
                "invoicing.amount",
                &format!("the bill can't be added up: {}", MoneyError::NoDays),
            ),
            (
                Rejection::BeforeIssue { on: date("2026-01-01"), issued_on: date("2026-01-02") },
                "invoicing.before_issue",
                "2026-01-01 lies before 2026-01-02, the date of the invoice",
            ),
        ] {
            assert_eq!((rule.code(), rule.to_string().as_str()), (code, said));
            assert!(rule.advice().ends_with('.'));
        }
    }
}
