//! The revenue report: what was invoiced in a month and why, what of it is earned, what is deferred.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

pub use super::revenue_lines::RevenueKind;
use super::revenue_lines::{by_kind, count};
use super::revenue_schedule::{Billed, Schedule};
use super::{Projection, Query, QueryError, RowReader, Rows, added, rows::beyond};
use crate::book::Event;
use crate::invoicing::{Event as Invoicing, InvoiceVoided, Line, LineRef, Subject};
use crate::kernel::balance::Sum;
use crate::kernel::calendar::{Date, end_of_month};
use crate::kernel::currency::Currency;
use crate::kernel::document::DocumentId;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::kernel::period::Period;
use crate::log::Recorded;

/// The view "revenue": `month/CURRENCY/MONTH` sums what was issued, `plan/CURRENCY/UNTIL/DOCUMENT/LINE` says when
/// a line of service is earned, `doc/INVOICE` what is to be undone if an invoice is voided.
///
/// A debt brought forward was revenue of the books that it comes from; it does not stand here.
#[derive(Debug)]
pub struct Revenue;

impl Projection for Revenue {
    const NAME: &'static str = "revenue";
    const FOLD: u32 = 1;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        match &recorded.event {
            Event::Invoicing(event) => match event {
                Invoicing::InvoiceIssued(issued) => {
                    let document = Issued {
                        id: DocumentId::Invoice(issued.invoice),
                        issued_on: issued.issued_on,
                        lines: &issued.lines,
                    };
                    let kept = document.plan(issued.net, rows);
                    document.sum(&kept, rows, |month| {
                        month.invoices = added(month.invoices, issued.net);
                        month.tax = added(month.tax, issued.tax);
                    });
                    rows.put(document_key(issued.invoice), &Kept { tax: Some(issued.tax), ..kept });
                }
                Invoicing::CreditNoteIssued(note) => {
                    let document = Issued {
                        id: DocumentId::CreditNote(note.credit_note),
                        issued_on: note.issued_on,
                        lines: &note.lines,
                    };
                    let kept = document.plan(note.net, rows);
                    document.sum(&kept, rows, |month| {
                        month.credit_notes = added(month.credit_notes, note.net);
                        month.tax = added(month.tax, note.tax);
                    });
                }
                Invoicing::InvoiceVoided(voided) => void(voided, rows),
                Invoicing::InvoiceBroughtForward(_) => {}
            },
            Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Accounts(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Subscriptions(_)
            | Event::Work(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
    }
}

/// The documents of a month in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Month {
    invoices: Sum,
    credit_notes: Sum,
    voided: Sum,
    tax: Sum,
    kinds: BTreeMap<RevenueKind, Sum>,
    at_once: Sum,
}

/// What stays of a document, for the case that it is voided or that its days are given back.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    issued_on: Date,
    net: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tax: Option<Money>,
    /// What of it was recognised at once.
    at_once: Sum,
    /// Its lines of service, by their numbers.
    plans: BTreeMap<u32, Schedule>,
}

struct Issued<'a> {
    id: DocumentId,
    issued_on: Date,
    lines: &'a [Line],
}

impl Issued<'_> {
    /// Writes when each line of service is earned; all others are, on the day of issue.
    fn plan(&self, net: Money, rows: &mut Rows<'_>) -> Kept {
        let mut plans = BTreeMap::new();
        let mut at_once = Sum::zero(net.currency());
        for (number, line) in (1..).zip(self.lines) {
            let (period, of) = match &line.subject {
                Subject::Service { period, .. } => (*period, None),
                Subject::Unused { period, line, .. } => (*period, billed(*line, *period, rows)),
                Subject::Work { .. } | Subject::Item { .. } | Subject::Correction { .. } => {
                    at_once = added(at_once, line.net);
                    continue;
                }
            };
            let schedule = Schedule { issued_on: self.issued_on, period, net: line.net, of, voided_on: None };
            rows.put(plan_key(self.id, number, &schedule), &schedule);
            plans.insert(number, schedule);
        }
        Kept { issued_on: self.issued_on, net, tax: None, at_once, plans }
    }

    /// Adds the document to its month.
    fn sum(&self, kept: &Kept, rows: &mut Rows<'_>, issue: impl FnOnce(&mut Month)) {
        let kinds = by_kind(self.lines, |subscription, component| {
            let key = format!("component/{subscription}/{component}");
            let new = rows.get::<()>(&key).is_none();
            if new {
                rows.put(key, &());
            }
            new
        });
        change_month(self.issued_on, kept.net.currency(), rows, |month| {
            issue(month);
            month.at_once = added(month.at_once, kept.at_once);
            kinds.into_iter().for_each(|(kind, net)| count(&mut month.kinds, kind, net));
        });
    }
}

/// The line that billed days which are given back.
fn billed(line: LineRef, days: Period, rows: &mut Rows<'_>) -> Option<Billed> {
    let kept: Kept = rows.get(&document_key(line.invoice))?;
    let plan = kept.plans.get(&line.line).filter(|plan| plan.period.encloses(days))?;
    Some(Billed { period: plan.period, net: plan.net })
}

fn void(voided: &InvoiceVoided, rows: &mut Rows<'_>) {
    let id = DocumentId::Invoice(voided.invoice);
    let Some(mut kept) = rows.get::<Kept>(&document_key(voided.invoice)) else { return };
    let on = voided.voided_on.max(kept.issued_on);
    for (number, schedule) in &mut kept.plans {
        rows.remove(&plan_key(id, *number, schedule));
        schedule.voided_on = Some(on);
        rows.put(plan_key(id, *number, schedule), schedule);
    }
    change_month(on, kept.net.currency(), rows, |month| {
        month.voided = added(month.voided, kept.net.negated());
        month.at_once = added(month.at_once, kept.at_once.negated());
        if let Some(tax) = kept.tax {
            month.tax = added(month.tax, tax.negated());
        }
    });
    rows.put(document_key(voided.invoice), &kept);
}

fn change_month(day: Date, currency: Currency, rows: &mut Rows<'_>, change: impl FnOnce(&mut Month)) {
    let key = month_key(day, currency);
    let mut month = rows.get(&key).unwrap_or_else(|| Month::nothing(currency));
    change(&mut month);
    rows.put(key, &month);
}

impl Month {
    fn nothing(currency: Currency) -> Self {
        let zero = Sum::zero(currency);
        let kinds = BTreeMap::new();
        Month { invoices: zero, credit_notes: zero, voided: zero, tax: zero, kinds, at_once: zero }
    }
}

fn month_key(day: Date, currency: Currency) -> String {
    format!("month/{currency}/{}", day.format("%Y-%m"))
}

fn plan_key(id: DocumentId, line: u32, schedule: &Schedule) -> String {
    format!("plan/{}/{}/{id}/{line}", schedule.net.currency(), schedule.until())
}

fn document_key(invoice: InvoiceId) -> String {
    format!("doc/{invoice}")
}

/// Asks for the revenue of the calendar month of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenueReport {
    /// Any day of the month.
    pub month: Date,
    /// In which currency.
    pub currency: Currency,
}

/// A month's revenue, before VAT except where it says so. `net = invoices + credit_notes + voided`;
/// `deferred_end = deferred_start + net - recognised`; the kinds add up to `invoices + credit_notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthRevenue {
    /// The month's last day.
    pub until: Date,
    /// Invoices issued in the month.
    pub invoices: Sum,
    /// Credit notes issued in the month: zero or below.
    pub credit_notes: Sum,
    /// Invoices voided in the month, whenever they were issued: zero or below.
    pub voided: Sum,
    /// All of these.
    pub net: Sum,
    /// The VAT on them.
    pub tax: Sum,
    /// Net and VAT.
    pub gross: Sum,
    /// Why it was invoiced.
    pub kinds: BTreeMap<RevenueKind, Sum>,
    /// Invoiced and not yet earned at the close of the month before.
    pub deferred_start: Sum,
    /// Earned in the month.
    pub recognised: Sum,
    /// Invoiced and not yet earned at the close of the month.
    pub deferred_end: Sum,
}

impl Query for RevenueReport {
    type View = Revenue;
    type Answer = MonthRevenue;

    fn answer(&self, rows: &RowReader<'_>) -> Result<MonthRevenue, QueryError> {
        let out_of_calendar = |day: Date| QueryError::Date(day.to_string());
        let until = end_of_month(self.month).map_err(|why| QueryError::Date(why.to_string()))?;
        let first = Date::from_ymd_opt(chrono::Datelike::year(&until), chrono::Datelike::month(&until), 1);
        let first = first.ok_or_else(|| out_of_calendar(until))?;
        let before = first.pred_opt().ok_or_else(|| out_of_calendar(first))?;
        let issued: Option<Month> = rows.get(&month_key(until, self.currency))?;
        let issued = issued.unwrap_or_else(|| Month::nothing(self.currency));

        let zero = Sum::zero(self.currency);
        let (mut recognised, mut deferred_start, mut deferred_end) = (issued.at_once, zero, zero);
        let prefix = format!("plan/{}/", self.currency);
        rows.scan(&format!("{prefix}{first}"), &beyond(&prefix), |_, plan: Schedule| {
            let (earned_before, earned) = (plan.recognised(before)?, plan.recognised(until)?);
            recognised = recognised.plus(earned)?.minus(earned_before)?;
            deferred_start = deferred_start.plus(plan.invoiced(before))?.minus(earned_before)?;
            deferred_end = deferred_end.plus(plan.invoiced(until))?.minus(earned)?;
            Ok(ControlFlow::Continue(()))
        })?;
        let net = issued.invoices.plus(issued.credit_notes)?.plus(issued.voided)?;
        Ok(MonthRevenue {
            until,
            invoices: issued.invoices,
            credit_notes: issued.credit_notes,
            voided: issued.voided,
            net,
            tax: issued.tax,
            gross: net.plus(issued.tax)?,
            kinds: issued.kinds,
            deferred_start,
            recognised,
            deferred_end,
        })
    }
}
