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
                Invoicing::InvoiceBroughtForward(_)
                // Revenue stands on the children's invoices.
                | Invoicing::ConsolidatedInvoiceIssued(_)
                | Invoicing::DebtPassedOn(_)
                | Invoicing::DebtTakenBack(_)
                | Invoicing::BillDrafted(_)
                | Invoicing::DraftApproved(_)
                | Invoicing::DraftWithdrawn(_)
                | Invoicing::SaleRecorded(_) => {}
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
                Subject::LateUsage { .. }
                | Subject::InterimUsage { .. }
                | Subject::TrueUp { .. }
                | Subject::TrueUpTakenBack { .. }
                | Subject::Fee { .. }
                | Subject::Work { .. }
                | Subject::Item { .. }
                | Subject::Correction { .. } => {
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
        let first = until.first_of_month();
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

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, inv, invoice_issued, money};
    use super::*;
    use crate::invoicing::InvoiceIssued;

    fn line(
        kind: &str,
        component: &str,
        days: (&str, &str),
        net: &str,
        of: Option<InvoiceId>,
    ) -> serde_json::Value {
        let mut subject = serde_json::json!({ "kind": kind });
        match kind {
            "item" => subject["item"] = "hat".into(),
            _ => {
                subject["subscription"] = "sub_00000000000000000000000000000001".into();
                subject["component"] = component.into();
                subject["plan"] = "basic".into();
                subject["period"] = serde_json::json!({ "from": days.0, "to": days.1 });
            }
        }
        match of {
            Some(invoice) => subject["line"] = serde_json::json!({ "invoice": invoice, "line": 1 }),
            None if kind == "service" => subject["plan_version"] = 1.into(),
            None => {}
        }
        serde_json::json!({
            "text": "Line", "subject": subject, "price": { "flat": "GBP 1.00" }, "quantity": "1", "net": net,
            "tax": "S", "rate": "20%",
        })
    }

    fn bill(log: &mut Log, number: u128, issued: &str, net: &str, lines: Vec<serde_json::Value>) {
        let event = InvoiceIssued {
            lines: lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect(),
            ..invoice_issued(inv(number), issued, net)
        };
        log.on(acc(1), Invoicing::from(event));
    }

    fn month(log: &Log, month: &str) -> MonthRevenue {
        let report = log.ask(&RevenueReport { month: date(&format!("{month}-10")), currency: Currency::GBP });
        // The ties that hold in every month.
        assert_eq!(
            report.deferred_start.plus(report.net).unwrap().minus(report.recognised).unwrap(),
            report.deferred_end,
            "{month}"
        );
        let mut kinds = report.kinds.values().copied();
        let kinds = kinds.try_fold(Sum::zero(Currency::GBP), Sum::plus).unwrap();
        assert_eq!(kinds, report.invoices.plus(report.credit_notes).unwrap(), "{month}");
        report
    }

    fn sums(report: &MonthRevenue) -> [String; 3] {
        [report.net, report.recognised, report.deferred_end].map(|sum| sum.to_string())
    }

    /// A year at GBP 1200.00 and a hat in January; cancelled from April, with the rest given back.
    fn year() -> Log {
        let mut log = Log::default();
        let service = line("service", "plan", ("2026-01-15", "2027-01-15"), "GBP 1200.00", None);
        let hat = line("item", "", ("", ""), "GBP 15.00", None);
        bill(&mut log, 1, "2026-01-15", "GBP 1215.00", vec![service, hat]);
        log
    }

    fn cancelled() -> Log {
        let mut log = year();
        let rest = line("unused", "plan", ("2026-04-01", "2027-01-15"), "GBP -950.14", Some(inv(1)));
        let wire = serde_json::json!({
            "credit_note": "crn_00000000000000000000000000000001", "issued_on": "2026-03-31", "lines": [rest],
            "taxes": [], "net": "GBP -950.14", "tax": "GBP 0.00", "credit": "GBP 950.14",
            "reason": "Cancelled", "line_rounding": "half_up", "tax_rounding": "half_up",
        });
        let note: crate::invoicing::CreditNoteIssued = serde_json::from_value(wire).unwrap();
        log.on(acc(1), Invoicing::from(note));
        log
    }

    #[test]
    fn service_is_earned_by_the_day_and_a_hat_at_once() {
        let log = year();
        assert_eq!(sums(&month(&log, "2025-12")), ["GBP 0.00", "GBP 0.00", "GBP 0.00"]);
        assert_eq!(sums(&month(&log, "2026-01")), ["GBP 1215.00", "GBP 70.89", "GBP 1144.11"]);
        assert_eq!(sums(&month(&log, "2026-02")), ["GBP 0.00", "GBP 92.06", "GBP 1052.05"]);
        assert_eq!(sums(&month(&log, "2027-01")), ["GBP 0.00", "GBP 46.03", "GBP 0.00"]);
        assert_eq!(sums(&month(&log, "2027-02")), ["GBP 0.00", "GBP 0.00", "GBP 0.00"]);
        let kinds = month(&log, "2026-01").kinds;
        assert_eq!(
            kinds,
            [
                (RevenueKind::New, money("GBP 1200.00").into()),
                (RevenueKind::OneOff, money("GBP 15.00").into())
            ]
            .into()
        );
    }

    #[test]
    fn what_is_given_back_leaves_nothing_deferred() {
        let log = cancelled();
        let march = month(&log, "2026-03");
        assert_eq!(sums(&march), ["GBP -950.14", "GBP 101.91", "GBP 0.00"]);
        assert_eq!(march.kinds, [(RevenueKind::Churn, money("GBP -950.14").into())].into());
        assert_eq!(sums(&month(&log, "2026-07")), ["GBP 0.00", "GBP 0.00", "GBP 0.00"]);
        log.assert_rows_do_not_depend_on_saves::<Revenue>();
    }

    #[test]
    fn an_upgrade_is_what_the_two_lines_come_to() {
        let mut log = Log::default();
        let january = line("service", "plan", ("2026-02-01", "2026-03-01"), "GBP 30.00", None);
        bill(&mut log, 1, "2026-02-01", "GBP 30.00", vec![january]);
        let unused = line("unused", "plan", ("2026-02-11", "2026-03-01"), "GBP -19.29", Some(inv(1)));
        let upgrade = line("service", "plan", ("2026-02-11", "2026-03-01"), "GBP 32.14", None);
        let next = line("service", "plan", ("2026-03-01", "2026-04-01"), "GBP 50.00", None);
        bill(&mut log, 2, "2026-02-11", "GBP 62.85", vec![unused, upgrade, next]);
        let february = month(&log, "2026-02");
        let kinds: Vec<String> = february.kinds.iter().map(|(kind, net)| format!("{kind:?} {net}")).collect();
        assert_eq!(kinds, ["New GBP 30.00", "Recurring GBP 50.00", "Expansion GBP 12.85"]);
        assert_eq!(sums(&february), ["GBP 92.85", "GBP 42.85", "GBP 50.00"]);
    }

    #[test]
    fn a_void_invoice_takes_its_revenue_back_on_its_day() {
        let mut log = year();
        log.voided(acc(1), inv(1), "2026-03-05");
        assert_eq!(sums(&month(&log, "2026-02")), ["GBP 0.00", "GBP 92.06", "GBP 1052.05"]);
        assert_eq!(sums(&month(&log, "2026-03")), ["GBP -1215.00", "GBP -162.95", "GBP 0.00"]);
        assert_eq!(sums(&month(&log, "2026-04")), ["GBP 0.00", "GBP 0.00", "GBP 0.00"]);
        log.assert_rows_do_not_depend_on_saves::<Revenue>();
    }

    #[test]
    fn vat_and_gross_follow_the_documents() {
        let mut log = Log::default();
        let hat = serde_json::from_value(line("item", "", ("", ""), "GBP 100.00", None)).unwrap();
        let event = InvoiceIssued {
            lines: vec![hat],
            net: money("GBP 100.00"),
            tax: money("GBP 20.00"),
            gross: money("GBP 120.00"),
            ..invoice_issued(inv(1), "2026-01-15", "GBP 120.00")
        };
        log.on(acc(1), Invoicing::from(event));
        log.brought(acc(1), inv(2), "2026-01-15", "2026-02-15", "GBP 999.00");
        let report = month(&log, "2026-01");
        let told = [report.invoices, report.tax, report.gross].map(|sum| sum.to_string());
        assert_eq!(told, ["GBP 100.00", "GBP 20.00", "GBP 120.00"]);
    }
}
