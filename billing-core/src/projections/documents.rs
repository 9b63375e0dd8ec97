//! Documents: invoices, credit notes and receipts with their numbers, their lines, and what is open on them.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::line_fields::{self, LineFields};
use super::line_words::how;
use super::{Projection, Query, QueryError, RowReader, Rows, account_of, added, rows::beyond};
use crate::book::Event;
use crate::catalogue::TaxCategory;
use crate::invoicing::{ChildLine, Event as Invoicing, Line, TaxTotal, line_taxes};
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::document::DocumentId;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rate::Rate;
use crate::kernel::rounding::Rounding;
use crate::kernel::terms::Due;
use crate::kernel::text::{Code, Label, Reference};
use crate::log::{Recorded, StreamId};
use crate::numbering::{Event as Numbering, SeriesOpened, number_of};
use crate::payments::Event as Payments;

/// The view "documents": `doc/ID` changes with each payment and is small; `lines/ID` and `children/ID` are written
/// once; the rest leads to them: `number/NUMBER`, `acc/ACCOUNT/DATE`, `issued/DATE`. `fields/…` is what `line_fields`
/// keeps.
#[derive(Debug)]
pub struct Documents;

/// One document without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The document.
    pub document: DocumentId,
    /// Whose it is.
    pub account: AccountId,
    /// The number on it: of its series, or for a debt brought forward the number that it bore before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The date on it.
    pub issued_on: Date,
    /// For a credit note: the invoice that it corrects, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<InvoiceId>,
    /// For an invoice: when which part is due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
    /// The customer's purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<Reference>,
    /// Before VAT; `None` where the document was made elsewhere. Positive on a credit note too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<Money>,
    /// The VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// VAT included.
    pub gross: Money,
    /// What payments settled of it; of a credit note, what was paid out.
    pub paid: Sum,
    /// What credit notes settled of it; of a credit note, what was set against invoices.
    pub credited: Sum,
    /// Of a child's invoice: what its parent owes in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<Sum>,
    /// The day from which it is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_on: Option<Date>,
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Nothing of it is settled.
    Open,
    /// Something of it is settled.
    PartPaid,
    /// All of it is settled, some of it with money.
    Paid,
    /// All of it is settled by credit alone.
    Credited,
    /// All of it is settled, and the parent owes what the child did not pay.
    PassedOn,
    /// It was declared void.
    Void,
}

impl Document {
    fn new(account: AccountId, document: DocumentId, issued_on: Date, gross: Money) -> Self {
        let zero = Sum::zero(gross.currency());
        Document {
            document,
            account,
            number: None,
            issued_on,
            corrects: None,
            due: Vec::new(),
            purchase_order: None,
            net: None,
            tax: None,
            gross,
            paid: zero,
            credited: zero,
            passed_on: None,
            voided_on: None,
        }
    }

    /// What is still open on it; nothing on a void one.
    pub fn open(&self) -> Result<Sum, MoneyError> {
        match self.voided_on {
            Some(_) => Ok(Sum::zero(self.gross.currency())),
            None => {
                let open = Sum::from(self.gross).minus(self.paid)?.minus(self.credited)?;
                self.passed_on.map_or(Ok(open), |passed| open.minus(passed))
            }
        }
    }

    /// Where it stands.
    pub fn state(&self) -> Result<DocumentState, MoneyError> {
        Ok(match self.open()? {
            _ if self.voided_on.is_some() => DocumentState::Void,
            open if open.is_zero() && self.passed_on.is_some() => DocumentState::PassedOn,
            open if open.is_zero() && self.paid.is_zero() && !self.credited.is_zero() => {
                DocumentState::Credited
            }
            open if open.is_zero() => DocumentState::Paid,
            open if open == Sum::from(self.gross) => DocumentState::Open,
            _ => DocumentState::PartPaid,
        })
    }
}

/// The lines of a document, as they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lines {
    lines: Vec<Line>,
    taxes: Vec<TaxTotal>,
    line_rounding: Rounding,
    tax_rounding: Rounding,
    /// The seller's own fields of what each line charges; nothing where no line has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<LineFields>,
}

impl Projection for Documents {
    const NAME: &'static str = "documents";
    const FOLD: u32 = 3;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        match (&recorded.event, account_of(recorded)) {
            (Event::Numbering(event), _) => watch_numbers(recorded, event, rows),
            (Event::Invoicing(event), Some(account)) => watch_invoicing(account, event, rows),
            (Event::Payments(event), Some(account)) => watch_payments(account, event, rows),
            (Event::Subscriptions(event), _) => line_fields::watch_subscriptions(event, rows),
            (Event::Catalogue(event), _) => line_fields::watch_catalogue(event, rows),
            (Event::Invoicing(_) | Event::Payments(_), None)
            | (
                Event::Settings(_)
                | Event::Accounts(_)
                | Event::Tasks(_)
                | Event::Messages(_)
                | Event::Usage(_)
                | Event::Work(_)
                | Event::Quotes(_)
                | Event::Discounts(_)
                | Event::CreditControl(_),
                _,
            ) => {}
        }
    }
}

fn watch_numbers(recorded: &Recorded<Event>, event: &Numbering, rows: &mut Rows<'_>) {
    let StreamId::Series(series) = &recorded.stream else { return };
    match event {
        Numbering::SeriesOpened(opened) => rows.put(series_key(series), opened),
        Numbering::NumberAssigned(assigned) => {
            let Some(opened) = rows.get::<SeriesOpened>(&series_key(series)) else { return };
            let number = number_of(&opened, recorded.version);
            rows.put(number_key(&number, assigned.document), &());
            change(assigned.document, rows, |document| document.number = Some(number));
        }
    }
}

fn watch_invoicing(account: AccountId, event: &Invoicing, rows: &mut Rows<'_>) {
    match event {
        Invoicing::InvoiceIssued(issued) => {
            let id = DocumentId::Invoice(issued.invoice);
            let document = Document {
                due: issued.due.clone(),
                purchase_order: issued.purchase_order.clone(),
                net: Some(issued.net),
                tax: Some(issued.tax),
                ..Document::new(account, id, issued.issued_on, issued.gross)
            };
            let lines = Lines {
                lines: issued.lines.clone(),
                taxes: issued.taxes.clone(),
                line_rounding: issued.line_rounding,
                tax_rounding: issued.tax_rounding,
                fields: line_fields::of(&issued.lines, rows),
            };
            rows.put(lines_key(id), &lines);
            file(&document, rows);
        }
        Invoicing::InvoiceBroughtForward(brought) => {
            let id = DocumentId::Invoice(brought.invoice);
            let document = Document {
                number: Some(brought.reference.to_string()),
                due: vec![Due { date: brought.due_on, amount: brought.open }],
                ..Document::new(account, id, brought.issued_on, brought.open)
            };
            rows.put(number_key(brought.reference.as_str(), id), &());
            file(&document, rows);
        }
        Invoicing::ConsolidatedInvoiceIssued(issued) => {
            let id = DocumentId::Invoice(issued.invoice);
            let document = Document {
                due: issued.due.clone(),
                purchase_order: issued.purchase_order.clone(),
                ..Document::new(account, id, issued.issued_on, issued.total)
            };
            rows.put(children_key(id), &issued.lines);
            file(&document, rows);
        }
        // What is passed on is seen where it is set against the child's invoices.
        Invoicing::DebtPassedOn(_) | Invoicing::DebtTakenBack(_) => {}
        Invoicing::CreditNoteIssued(note) => {
            let id = DocumentId::CreditNote(note.credit_note);
            let document = Document {
                corrects: note.invoice,
                net: Some(note.net.negated()),
                tax: Some(note.tax.negated()),
                ..Document::new(account, id, note.issued_on, note.credit)
            };
            let lines = Lines {
                lines: note.lines.clone(),
                taxes: note.taxes.clone(),
                line_rounding: note.line_rounding,
                tax_rounding: note.tax_rounding,
                fields: line_fields::of(&note.lines, rows),
            };
            rows.put(lines_key(id), &lines);
            file(&document, rows);
        }
        Invoicing::BillDrafted(_)
        | Invoicing::DraftApproved(_)
        | Invoicing::DraftWithdrawn(_)
        | Invoicing::SaleRecorded(_) => {}
        Invoicing::InvoiceVoided(voided) => {
            change(DocumentId::Invoice(voided.invoice), rows, |document| {
                document.voided_on = Some(voided.voided_on);
            });
        }
    }
}

fn watch_payments(account: AccountId, event: &Payments, rows: &mut Rows<'_>) {
    match event {
        Payments::FundsAllocated(link) => settle(link.funds, link.invoice, link.amount, rows),
        Payments::AllocationReleased(link) => settle(link.funds, link.invoice, link.amount.negated(), rows),
        Payments::RefundMade(refund) => match refund.funds {
            Funds::CreditNote(id) => change(DocumentId::CreditNote(id), rows, |note| {
                note.paid = added(note.paid, refund.amount);
            }),
            Funds::Payment(_) | Funds::Credit(_) | Funds::Consolidated(_) => {}
        },
        Payments::ReceiptIssued(receipt) => {
            let id = DocumentId::Receipt(receipt.receipt);
            let paid = Sum::from(receipt.amount);
            file(&Document { paid, ..Document::new(account, id, receipt.issued_on, receipt.amount) }, rows);
        }
        Payments::PaymentReceived(_)
        | Payments::PaymentReturned(_)
        | Payments::CreditGranted(_)
        | Payments::CreditExpired(_) => {}
    }
}

/// Sets an amount against an invoice, or takes it off again where it is negative.
fn settle(funds: Funds, invoice: InvoiceId, amount: Money, rows: &mut Rows<'_>) {
    let invoice = DocumentId::Invoice(invoice);
    match funds {
        Funds::Payment(_) => change(invoice, rows, |invoice| invoice.paid = added(invoice.paid, amount)),
        Funds::Credit(_) => {
            change(invoice, rows, |invoice| invoice.credited = added(invoice.credited, amount))
        }
        Funds::Consolidated(_) => change(invoice, rows, |invoice| {
            let passed = invoice.passed_on.unwrap_or(Sum::zero(amount.currency()));
            invoice.passed_on = Some(added(passed, amount)).filter(|passed| !passed.is_zero());
        }),
        Funds::CreditNote(id) => {
            for document in [invoice, DocumentId::CreditNote(id)] {
                change(document, rows, |document| document.credited = added(document.credited, amount));
            }
        }
    }
}

fn change(id: DocumentId, rows: &mut Rows<'_>, change: impl FnOnce(&mut Document)) {
    let key = document_key(id);
    if let Some(mut document) = rows.get(&key) {
        change(&mut document);
        rows.put(key, &document);
    }
}

/// Files a new document under its id, its account and its date.
fn file(document: &Document, rows: &mut Rows<'_>) {
    let Document { document: id, account, issued_on, .. } = document;
    rows.put(document_key(*id), document);
    rows.put(format!("acc/{account}/{issued_on}/{id}"), &());
    rows.put(format!("issued/{issued_on}/{id}"), &());
}

fn document_key(id: DocumentId) -> String {
    format!("doc/{id}")
}

fn lines_key(id: DocumentId) -> String {
    format!("lines/{id}")
}

fn children_key(id: DocumentId) -> String {
    format!("children/{id}")
}

/// A number never holds a tab.
fn number_key(number: &str, id: DocumentId) -> String {
    format!("number/{number}\t{id}")
}

fn series_key(series: &Code) -> String {
    format!("series/{series}")
}

/// A document with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FullDocument {
    /// The document.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its lines; none on a receipt, on a consolidated invoice, or where the document was made elsewhere.
    pub lines: Vec<LineShown>,
    /// VAT by category and rate.
    pub taxes: Vec<TaxTotal>,
    /// On a consolidated invoice: what the parent owes for each child, invoice by invoice.
    pub children: Vec<ChildLine>,
}

/// A document and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The document.
    #[serde(flatten)]
    pub document: Document,
    /// What is still open on it.
    pub open: Sum,
    /// Where it stands.
    pub state: DocumentState,
}

/// One line, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineShown {
    /// The words on the document.
    pub text: Label,
    /// How its amount was reached: "17 of 31 days at GBP 30.00 x 2".
    pub how: String,
    /// What it comes to, after discounts and before tax.
    pub net: Money,
    /// Its part of the document's VAT: see [`line_taxes`].
    pub vat: Money,
    /// Its tax category.
    pub tax: TaxCategory,
    /// Its tax rate.
    pub rate: Rate,
    /// The seller's own fields of what it charges, for the host's template.
    #[serde(default, skip_serializing_if = "LineFields::is_empty")]
    pub fields: LineFields,
}

/// Asks for a document by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentById {
    /// The document.
    pub document: DocumentId,
}

impl Query for DocumentById {
    type View = Documents;
    type Answer = Option<FullDocument>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Option<FullDocument>, QueryError> {
        let Some(summary) = summary(rows, self.document)? else { return Ok(None) };
        let lines: Option<Lines> = rows.get(&lines_key(self.document))?;
        let children = rows.get(&children_key(self.document))?.unwrap_or_default();
        let lines = lines.map(|lines| (lines.lines, lines.taxes, lines.fields));
        let (lines, taxes, fields) = lines.unwrap_or_default();
        // A document whose VAT can't be spread over its lines is found by the named invariants.
        let vat = line_taxes(&lines, &taxes)
            .unwrap_or_else(|_| lines.iter().map(|line| Money::zero(line.net.currency())).collect());
        let fields = fields.into_iter().chain(std::iter::repeat_with(LineFields::default));
        let shown = |((line, vat), fields): ((Line, Money), LineFields)| LineShown {
            how: how(&line),
            text: line.text,
            net: line.net,
            vat,
            tax: line.tax,
            rate: line.rate,
            fields,
        };
        let lines = lines.into_iter().zip(vat).zip(fields).map(shown).collect();
        Ok(Some(FullDocument { summary, lines, taxes, children }))
    }
}

/// Asks for the documents that bear a number: one, unless the same number came from elsewhere too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentsByNumber {
    /// The number as it stands on the document.
    pub number: String,
}

impl Query for DocumentsByNumber {
    type View = Documents;
    type Answer = Vec<Summary>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<Summary>, QueryError> {
        let prefix = format!("number/{}\t", self.number);
        page(rows, &prefix, &beyond(&prefix), usize::MAX)
    }
}

/// Asks for a page of an account's documents, in the order of their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentsOf {
    /// The account.
    pub account: AccountId,
    /// Date and id of the last document of the page before.
    pub after: Option<(Date, DocumentId)>,
    /// How many at most.
    pub limit: usize,
}

impl Query for DocumentsOf {
    type View = Documents;
    type Answer = Vec<Summary>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<Summary>, QueryError> {
        let prefix = format!("acc/{}/", self.account);
        let from = self.after.map_or(prefix.clone(), |(date, id)| beyond(&format!("{prefix}{date}/{id}")));
        page(rows, &from, &beyond(&prefix), self.limit)
    }
}

/// Asks for a page of the documents issued from one day to another, both included, in the order of their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentsIssued {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Date and id of the last document of the page before.
    pub after: Option<(Date, DocumentId)>,
    /// How many at most.
    pub limit: usize,
}

impl Query for DocumentsIssued {
    type View = Documents;
    type Answer = Vec<Summary>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<Summary>, QueryError> {
        let from = match self.after {
            Some((date, id)) => beyond(&format!("issued/{date}/{id}")),
            None => format!("issued/{}", self.from),
        };
        page(rows, &from, &beyond(&format!("issued/{}", self.to)), self.limit)
    }
}

fn summary(rows: &RowReader<'_>, id: DocumentId) -> Result<Option<Summary>, QueryError> {
    let Some(document) = rows.get::<Document>(&document_key(id))? else { return Ok(None) };
    Ok(Some(Summary { open: document.open()?, state: document.state()?, document }))
}

/// The documents that the keys from one up to before another end in.
fn page(rows: &RowReader<'_>, from: &str, to: &str, limit: usize) -> Result<Vec<Summary>, QueryError> {
    let mut ids: Vec<DocumentId> = Vec::new();
    rows.scan(from, to, |key, ()| {
        if ids.len() >= limit {
            return Ok(ControlFlow::Break(()));
        }
        ids.extend(key.rsplit(['/', '\t']).next().and_then(|id| id.parse::<DocumentId>().ok()));
        Ok(ControlFlow::Continue(()))
    })?;
    ids.into_iter().filter_map(|id| summary(rows, id).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, inv, invoice_issued, money, pay};
    use super::*;
    use crate::kernel::document::DocumentKind;
    use crate::numbering::NumberAssigned;

    fn open_series(log: &mut Log, first: u64) {
        let opened = SeriesOpened {
            series: "invoices".parse().unwrap(),
            documents: DocumentKind::Invoice,
            prefix: "INV-".parse().unwrap(),
            year: None,
            first,
            digits: 4,
        };
        log.record(StreamId::Series("invoices".parse().unwrap()), Numbering::from(opened));
    }

    fn number(log: &mut Log, invoice: InvoiceId) {
        let assigned = NumberAssigned { document: DocumentId::Invoice(invoice) };
        log.record(StreamId::Series("invoices".parse().unwrap()), Numbering::from(assigned));
    }

    fn log() -> Log {
        let mut log = Log::default();
        open_series(&mut log, 41);
        log.invoice(acc(1), inv(1), "2026-01-05", "2026-02-05", "GBP 500.00");
        number(&mut log, inv(1));
        log.invoice(acc(2), inv(2), "2026-01-04", "2026-02-04", "GBP 20.00");
        number(&mut log, inv(2));
        log.brought(acc(1), inv(3), "2025-11-01", "2025-12-01", "GBP 80.00");
        log
    }

    fn told(summaries: &[Summary]) -> Vec<String> {
        let number = |summary: &Summary| summary.document.number.clone().unwrap_or_default();
        summaries.iter().map(|summary| format!("{} {}", number(summary), summary.open)).collect()
    }

    fn invoice(log: &Log, invoice: InvoiceId) -> Summary {
        log.ask(&DocumentById { document: DocumentId::Invoice(invoice) }).unwrap().summary
    }

    #[test]
    fn numbers_follow_from_the_place_in_the_series() {
        assert_eq!(invoice(&log(), inv(1)).document.number.as_deref(), Some("INV-0041"));
        let found = |number: &str| log().ask(&DocumentsByNumber { number: number.to_owned() });
        assert_eq!(told(&found("INV-0042")), ["INV-0042 GBP 20.00"]);
        assert_eq!(told(&found("OLD-3")), ["OLD-3 GBP 80.00"]);
        assert_eq!(told(&found("INV-004")), [""; 0]);
    }

    #[test]
    fn a_document_is_open_then_part_paid_then_paid() {
        let mut log = log();
        let state = |log: &Log| (invoice(log, inv(1)).state, invoice(log, inv(1)).open.to_string());
        assert_eq!(state(&log), (DocumentState::Open, "GBP 500.00".to_owned()));
        log.settled(acc(1), pay(1), inv(1), "2026-01-10", "GBP 200.00");
        assert_eq!(state(&log), (DocumentState::PartPaid, "GBP 300.00".to_owned()));
        log.settled(acc(1), pay(2), inv(1), "2026-01-11", "GBP 300.00");
        assert_eq!(state(&log), (DocumentState::Paid, "GBP 0.00".to_owned()));
        log.released(acc(1), Funds::Payment(pay(2)), inv(1), "2026-01-12", "GBP 300.00");
        log.returned(acc(1), pay(2), "2026-01-12", "GBP 300.00");
        assert_eq!(state(&log), (DocumentState::PartPaid, "GBP 300.00".to_owned()));
        log.voided(acc(1), inv(1), "2026-01-13");
        assert_eq!(state(&log), (DocumentState::Void, "GBP 0.00".to_owned()));
        log.assert_rows_do_not_depend_on_saves::<Documents>();
    }

    #[test]
    fn a_credit_note_settles_without_money() {
        let mut log = log();
        let wire = serde_json::json!({
            "credit_note": "crn_00000000000000000000000000000001", "invoice": inv(2), "issued_on": "2026-01-20",
            "lines": [], "taxes": [], "net": "GBP -30.00", "tax": "GBP 0.00", "credit": "GBP 30.00",
            "reason": "Goodwill", "line_rounding": "half_up", "tax_rounding": "half_up",
        });
        let note: crate::invoicing::CreditNoteIssued = serde_json::from_value(wire).unwrap();
        let id = note.credit_note;
        log.on(acc(2), Invoicing::from(note));
        log.set(acc(2), Funds::CreditNote(id), inv(2), "2026-01-20", "GBP 20.00");
        assert_eq!(invoice(&log, inv(2)).state, DocumentState::Credited);
        let note = log.ask(&DocumentById { document: DocumentId::CreditNote(id) }).unwrap().summary;
        assert_eq!((note.state, note.open.to_string()), (DocumentState::PartPaid, "GBP 10.00".to_owned()));
    }

    #[test]
    fn pages_are_in_the_order_of_dates() {
        let log = log();
        let all = log.ask(&DocumentsOf { account: acc(1), after: None, limit: 9 });
        assert_eq!(told(&all), ["OLD-3 GBP 80.00", "INV-0041 GBP 500.00"]);
        let first = &all[0].document;
        let after = Some((first.issued_on, first.document));
        let rest = log.ask(&DocumentsOf { account: acc(1), after, limit: 9 });
        assert_eq!(rest, all[1..]);

        let issued = |from, to, after, limit| {
            let (from, to) = (date(from), date(to));
            told(&log.ask(&DocumentsIssued { from, to, after, limit }))
        };
        assert_eq!(
            issued("2026-01-04", "2026-01-05", None, 9),
            ["INV-0042 GBP 20.00", "INV-0041 GBP 500.00"]
        );
        assert_eq!(issued("2026-01-04", "2026-01-04", None, 9), ["INV-0042 GBP 20.00"]);
        assert_eq!(issued("2025-01-01", "2026-12-31", None, 1), ["OLD-3 GBP 80.00"]);
        assert_eq!(issued("2025-01-01", "2026-12-31", after, 1), ["INV-0042 GBP 20.00"]);
    }

    #[test]
    fn each_line_says_how_it_was_reached() {
        let line = |subject: serde_json::Value, price: serde_json::Value, quantity: &str, part: bool| {
            let mut wire = serde_json::json!({
                "text": "Basic plan", "subject": subject, "price": price, "quantity": quantity,
                "net": "GBP 1.00", "tax": "S", "rate": "20%",
            });
            if part {
                wire["part"] = serde_json::json!({"days": 17, "of": 31});
            }
            wire
        };
        let service = |kind: &str| {
            let mut subject = serde_json::json!({
                "kind": kind, "subscription": "sub_00000000000000000000000000000001", "component": "plan",
                "plan": "basic", "plan_version": 1, "period": {"from": "2026-01-15", "to": "2026-02-01"},
            });
            if kind == "unused" {
                subject["line"] = serde_json::json!({"invoice": inv(9), "line": 2});
                subject.as_object_mut().unwrap().remove("plan_version");
            }
            subject
        };
        let per_seat = serde_json::json!({"per_seat": "GBP 30.00"});
        let each = serde_json::json!({"each": "GBP 80.00"});
        let correction = serde_json::json!({"kind": "correction", "line": {"invoice": inv(9), "line": 2}});
        let flat = serde_json::json!({"flat": "GBP 30.00"});
        let mut discounted = line(service("service"), flat.clone(), "1", false);
        let off = |off, amount| {
            let discount = "dsc_00000000000000000000000000000001";
            serde_json::json!({"discount": discount, "name": "Launch offer", "off": off, "amount": amount})
        };
        discounted["discounts"] = serde_json::json!([
            off(serde_json::json!({"percent": "10%"}), "GBP 3.00"),
            off(serde_json::json!({"amount": "GBP 40.00"}), "GBP 26.00"),
        ]);
        let mut given_back = line(service("unused"), flat, "1", true);
        given_back["subject"]["share"] = serde_json::json!({"net": "GBP 1.00", "before": "GBP 30.00"});
        let lines = serde_json::json!([
            line(service("service"), per_seat.clone(), "2", true),
            line(service("service"), serde_json::json!({"flat": "GBP 30.00"}), "1", false),
            line(service("unused"), per_seat, "2", true),
            line(
                serde_json::json!({"kind": "work", "work": "wrk_00000000000000000000000000000001"}),
                each.clone(),
                "1.5",
                false
            ),
            line(correction, each, "1", false),
            discounted,
            given_back,
        ]);
        let issued = crate::invoicing::InvoiceIssued {
            lines: serde_json::from_value(lines).unwrap(),
            ..invoice_issued(inv(1), "2026-01-15", "GBP 5.00")
        };
        let mut log = Log::default();
        log.on(acc(1), Invoicing::from(issued));
        let shown = log.ask(&DocumentById { document: DocumentId::Invoice(inv(1)) }).unwrap();
        let words: Vec<&str> = shown.lines.iter().map(|line| line.how.as_str()).collect();
        assert_eq!(
            words,
            [
                "2026-01-15 to 2026-01-31: 17 of 31 days at GBP 30.00 x 2",
                "2026-01-15 to 2026-01-31: GBP 30.00",
                "not used 2026-01-15 to 2026-01-31: less 17 of 31 days at GBP 30.00 x 2",
                "GBP 80.00 x 1.5",
                "taken off line 2 of inv_00000000000000000000000000000009",
                "2026-01-15 to 2026-01-31: GBP 30.00, less 10% (Launch offer): GBP 3.00, less GBP 40.00 (Launch \
                 offer): GBP 26.00",
                "not used 2026-01-15 to 2026-01-31: less 17 of 31 days at GBP 30.00, of which GBP 1.00 out of GBP \
                 30.00 was charged",
            ]
        );
        assert_eq!(shown.lines[0].net, money("GBP 1.00"));
        assert_eq!(shown.lines[0].vat, money("GBP 0.00"), "no VAT stands on the document");
    }
}
