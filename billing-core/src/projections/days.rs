//! The figures of each day: what was charged, credited, received and paid out.

use serde::{Deserialize, Serialize};

use super::{QueryError, RowReader, Rows, added, rows::beyond};
use crate::book::Event;
use crate::invoicing::Event as Invoicing;
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::money::{Money, MoneyError};
use crate::payments::Event as Payments;

/// One day in one currency, VAT included. Every figure counts on its business date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DayFigures {
    /// Invoices issued and debts brought forward; not what a parent owes for a child, which the child was charged.
    pub(super) charged: Sum,
    /// Credit notes issued and invoices voided.
    pub(super) credited: Sum,
    /// Payments received.
    pub(super) received: Sum,
    /// How many payments that were.
    pub(super) receipts: u64,
    /// Payments returned and refunds made.
    pub(super) paid_out: Sum,
}

impl DayFigures {
    /// A day on which nothing happened.
    pub(super) fn nothing(currency: Currency) -> Self {
        let zero = Sum::zero(currency);
        DayFigures { charged: zero, credited: zero, received: zero, receipts: 0, paid_out: zero }
    }

    /// What was sold: charged less credited.
    pub(super) fn sales(&self) -> Result<Sum, MoneyError> {
        self.charged.minus(self.credited)
    }

    /// What came in: received less paid out.
    pub(super) fn cash(&self) -> Result<Sum, MoneyError> {
        self.received.minus(self.paid_out)
    }
}

/// The days from one up to, not including, another on which anything happened, in order.
pub(super) fn days_between(
    rows: &RowReader<'_>,
    currency: Currency,
    from: Date,
    to: Option<Date>,
) -> Result<Vec<(Date, DayFigures)>, QueryError> {
    let prefix = format!("day/{currency}/");
    let end = to.map_or_else(|| beyond(&prefix), |to| format!("{prefix}{to}"));
    let mut days = Vec::new();
    rows.scan(&format!("{prefix}{from}"), &end, |key, figures| {
        if let Some(Ok(day)) = key.strip_prefix(&prefix).map(str::parse) {
            days.push((day, figures));
        }
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(days)
}

/// Which figure an amount counts in.
enum Figure {
    Charged,
    Credited,
    Received,
    PaidOut,
}

pub(super) fn watch(event: &Event, rows: &mut Rows<'_>) {
    match event {
        Event::Invoicing(event) => match event {
            Invoicing::InvoiceIssued(issued) => {
                count(Figure::Charged, issued.issued_on, issued.gross, rows);
            }
            Invoicing::InvoiceBroughtForward(brought) => {
                count(Figure::Charged, brought.issued_on, brought.open, rows);
            }
            Invoicing::CreditNoteIssued(note) => count(Figure::Credited, note.issued_on, note.credit, rows),
            // Only the item knows how much it was: `credit` is called where the item is changed.
            Invoicing::InvoiceVoided(_) => {}
            // What a parent owes for a child is no more than the child no longer owes: nothing was sold or paid.
            Invoicing::ConsolidatedInvoiceIssued(_)
            | Invoicing::DebtPassedOn(_)
            | Invoicing::DebtTakenBack(_)
            | Invoicing::BillDrafted(_)
            | Invoicing::DraftApproved(_)
            | Invoicing::DraftWithdrawn(_)
            | Invoicing::SaleRecorded(_) => {}
        },
        Event::Payments(event) => match event {
            Payments::PaymentReceived(paid) => count(Figure::Received, paid.received_on, paid.amount, rows),
            Payments::PaymentReturned(returned) => {
                count(Figure::PaidOut, returned.returned_on, returned.amount, rows);
            }
            Payments::RefundMade(refund) => count(Figure::PaidOut, refund.refunded_on, refund.amount, rows),
            Payments::CreditGranted(granted) => {
                count(Figure::Credited, granted.granted_on, granted.amount, rows)
            }
            Payments::CreditExpired(expired) => {
                count(Figure::Credited, expired.expired_on, expired.amount.negated(), rows);
            }
            Payments::FundsAllocated(_) | Payments::AllocationReleased(_) | Payments::ReceiptIssued(_) => {}
        },
        Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Accounts(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Subscriptions(_)
        | Event::Usage(_)
        | Event::Work(_)
        | Event::Quotes(_)
        | Event::Discounts(_)
        | Event::CreditControl(_) => {}
    }
}

/// What was charged is taken back.
pub(super) fn credit(on: Date, amount: Money, rows: &mut Rows<'_>) {
    count(Figure::Credited, on, amount, rows);
}

fn count(figure: Figure, on: Date, amount: Money, rows: &mut Rows<'_>) {
    let key = format!("day/{}/{on}", amount.currency());
    let mut day = rows.get(&key).unwrap_or_else(|| DayFigures::nothing(amount.currency()));
    let sum = match figure {
        Figure::Charged => &mut day.charged,
        Figure::Credited => &mut day.credited,
        Figure::Received => {
            day.receipts += 1;
            &mut day.received
        }
        Figure::PaidOut => &mut day.paid_out,
    };
    *sum = added(*sum, amount);
    rows.put(key, &day);
}
