//! The view "work": each piece of work and what became of it, by date: billed, unbilled again, written off.

use serde::{Deserialize, Serialize};

use super::receivables::owner;
use super::rows::beyond;
use super::{Projection, QueryError, RowReader, Rows, account_of};
use crate::book::Event;
use crate::invoicing::{Event as Invoicing, InvoiceIssued, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, InvoiceId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Label;
use crate::log::Recorded;
use crate::work::Event as Work;

/// The work of the book.
///
/// What is still to be billed stands under `open/ACCOUNT/WORK`, what is not under `done/DAY/ACCOUNT/WORK`, the day
/// being the one on which it was billed or written off. `invoice/INVOICE` names the work on an invoice, for the case
/// that it is voided.
#[derive(Debug)]
pub struct WorkBook;

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) description: Label,
    pub(super) done_on: Date,
    /// What it was recorded for, half up: its quantity at its price, before discounts and tax.
    pub(super) value: Money,
    /// What became of it, in the order in which that was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    turns: Vec<(Date, Fate)>,
    /// Whether it was noted as late to be billed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) noted_late: bool,
}

/// What has become of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It is to be billed: newly recorded, or on an invoice that was voided.
    Unbilled,
    /// It is on an invoice that stands.
    Billed,
    /// It will not be billed.
    WrittenOff,
}

impl Piece {
    /// What had become of it at the close of a day; `None` where it was not done yet.
    pub(super) fn fate_on(&self, day: Date) -> Option<Fate> {
        let turn = self.turns.iter().rfind(|(on, _)| *on <= day);
        (self.done_on <= day).then_some(turn.map_or(Fate::Unbilled, |(_, fate)| *fate))
    }
}

impl Projection for WorkBook {
    const NAME: &'static str = "work";
    const FOLD: u32 = 2;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        match &recorded.event {
            Event::Work(Work::WorkRecorded(done)) => {
                // Refused when it was recorded, if it could not be written.
                let Ok(value) = done.unit_price.times(done.quantity, Rounding::HalfUp) else { return };
                let (description, done_on) = (done.description.clone(), done.done_on);
                let (turns, noted_late) = (Vec::new(), false);
                let piece = Piece { description, done_on, value, turns, noted_late };
                rows.put(open(account, done.work), &piece);
            }
            Event::Work(Work::LateWorkNoted(noted)) => {
                for key in noted.work.iter().map(|work| open(account, *work)) {
                    let Some(piece) = rows.get::<Piece>(&key) else { continue };
                    rows.put(key, &Piece { noted_late: true, ..piece });
                }
            }
            Event::Work(Work::WorkWrittenOff(written_off)) => {
                close(account, written_off.work, written_off.written_off_on, Fate::WrittenOff, rows);
            }
            Event::Invoicing(Invoicing::InvoiceIssued(issued)) => bill(account, issued, rows),
            Event::Invoicing(Invoicing::InvoiceVoided(voided)) => {
                let Some(billed) = rows.get::<OnInvoice>(&invoice(voided.invoice)) else { return };
                rows.remove(&invoice(voided.invoice));
                for work in billed.work {
                    let key = done(billed.issued_on, account, work);
                    let Some(mut piece) = rows.get::<Piece>(&key) else { continue };
                    rows.remove(&key);
                    piece.turns.push((voided.voided_on, Fate::Unbilled));
                    rows.put(open(account, work), &piece);
                }
            }
            Event::Invoicing(
                Invoicing::InvoiceBroughtForward(_)
                | Invoicing::ConsolidatedInvoiceIssued(_)
                | Invoicing::DebtPassedOn(_)
                | Invoicing::DebtTakenBack(_)
                | Invoicing::CreditNoteIssued(_)
                | Invoicing::BillDrafted(_)
                | Invoicing::DraftApproved(_)
                | Invoicing::DraftWithdrawn(_)
                | Invoicing::SaleRecorded(_),
            )
            | Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Accounts(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Subscriptions(_)
            | Event::Usage(_)
            | Event::Quotes(_)
            | Event::Discounts(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
    }
}

/// The work on an invoice.
#[derive(Debug, Serialize, Deserialize)]
struct OnInvoice {
    issued_on: Date,
    work: Vec<WorkId>,
}

fn bill(account: AccountId, issued: &InvoiceIssued, rows: &mut Rows<'_>) {
    let mut work = Vec::new();
    for line in &issued.lines {
        if let Subject::Work { work: billed } = &line.subject {
            close(account, *billed, issued.issued_on, Fate::Billed, rows);
            work.push(*billed);
        }
    }
    if !work.is_empty() {
        rows.put(invoice(issued.invoice), &OnInvoice { issued_on: issued.issued_on, work });
    }
}

fn close(account: AccountId, work: WorkId, on: Date, fate: Fate, rows: &mut Rows<'_>) {
    let Some(mut piece) = rows.get::<Piece>(&open(account, work)) else { return };
    rows.remove(&open(account, work));
    piece.turns.push((on, fate));
    rows.put(done(on, account, work), &piece);
}

fn open(account: AccountId, work: WorkId) -> String {
    format!("open/{account}/{work}")
}

fn done(day: Date, account: AccountId, work: WorkId) -> String {
    format!("done/{day}/{account}/{work}")
}

fn invoice(invoice: InvoiceId) -> String {
    format!("invoice/{invoice}")
}

/// Every piece of work, whatever became of it.
pub(super) fn pieces(
    rows: &RowReader<'_>,
    mut visit: impl FnMut(AccountId, WorkId, Piece) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut seen = |key: &str, piece: Piece| {
        let work = key.rsplit('/').next().and_then(|work| work.parse().ok());
        owner(key).zip(work).map_or(Ok(()), |(account, work)| visit(account, work, piece))
    };
    rows.prefixed("open/", &mut seen)?;
    rows.prefixed("done/", seen)
}

/// The work that was billed on the days of a span, both ends inclusive, and is billed still.
pub(super) fn billed_between(
    rows: &RowReader<'_>,
    from: Date,
    to: Date,
    mut visit: impl FnMut(Date, Piece),
) -> Result<(), QueryError> {
    rows.scan(&format!("done/{from}"), &beyond(&format!("done/{to}/")), |_, piece: Piece| {
        if let Some((on, Fate::Billed)) = piece.turns.last().copied() {
            visit(on, piece);
        }
        Ok(std::ops::ControlFlow::Continue(()))
    })
}
