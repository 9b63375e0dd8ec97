//! What tests of read models are written with: rows in memory, a log made by hand, and the law of the fold.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Mutex;

use uuid::Uuid;

use super::rows::Changes;
use super::{Projection, Query, RowReader, Rows};
use crate::book::Event;
use crate::invoicing::{InvoiceBroughtForward, InvoiceIssued, InvoiceVoided, Line};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, CommandId, CreditNoteId, DisputeId, InvoiceId, PaymentId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;
use crate::kernel::terms::{Due, PaymentTerms};
use crate::kernel::timestamp::Timestamp;
use crate::log::{CommandKey, Origin, Position, Recorded, StreamId, Version};
use crate::payments::{AllocationReleased, FundsAllocated, Method, PaymentReceived, PaymentReturned};
use crate::store::{Checkpoint, RowStore, StoreError};
use crate::work::{WorkRecorded, WorkWrittenOff};

/// Rows of all views in one map.
#[derive(Debug, Default)]
pub(super) struct TestRows(Mutex<BTreeMap<(String, String), String>>);

impl TestRows {
    pub(super) fn keep(&self, view: &str, changed: impl IntoIterator<Item = (String, Option<String>)>) {
        let mut rows = self.0.lock().unwrap();
        for (key, row) in changed {
            match row {
                Some(row) => drop(rows.insert((view.to_owned(), key), row)),
                None => drop(rows.remove(&(view.to_owned(), key))),
            }
        }
    }
}

impl RowStore for TestRows {
    fn checkpoint(&self, _: &Origin, _: &str) -> Result<Option<Checkpoint>, StoreError> {
        Ok(None)
    }

    fn get(&self, _: &Origin, view: &str, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.0.lock().unwrap().get(&(view.to_owned(), key.to_owned())).cloned())
    }

    fn scan(
        &self,
        _: &Origin,
        view: &str,
        from: &str,
        to: Option<&str>,
        visit: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let rows = self.0.lock().unwrap();
        let inside = |key: &str| key >= from && to.is_none_or(|to| key < to);
        for ((_, key), row) in rows.iter().filter(|((of, key), _)| of == view && inside(key)) {
            if visit(key, row).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn save(
        &self,
        _: &Origin,
        view: &str,
        _: &Checkpoint,
        changed: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), StoreError> {
        self.keep(view, changed.map(|(key, row)| (key.to_owned(), row.map(str::to_owned))));
        Ok(())
    }

    fn clear(&self, _: &Origin, view: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().retain(|(of, _), _| of != view);
        Ok(())
    }
}

/// A log made by hand: each event gets the next position and the next version of its stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    pub(super) events: Vec<Recorded<Event>>,
}

impl Log {
    /// Records an event on an account's stream.
    pub(super) fn on(&mut self, account: AccountId, event: impl Into<Event>) {
        self.record(StreamId::Account(account), event);
    }

    /// Records an event on any stream.
    pub(super) fn record(&mut self, stream: StreamId, event: impl Into<Event>) {
        let before = self.events.iter().filter(|recorded| recorded.stream == stream).count();
        let number = u64::try_from(self.events.len()).unwrap() + 1;
        self.events.push(Recorded {
            position: Position::from(number),
            stream,
            version: Version::from(u64::try_from(before).unwrap() + 1),
            at: Timestamp::from_millis(i64::try_from(number).unwrap() * 1_000).unwrap(),
            by: "user:ann".parse().unwrap(),
            command: CommandKey::from(CommandId::from_uuid(Uuid::from_u128(u128::from(number)))),
            cause: None,
            event: event.into(),
        });
    }

    /// An invoice due in one amount.
    pub(super) fn invoice(&mut self, acc: AccountId, inv: InvoiceId, issued: &str, due: &str, gross: &str) {
        self.invoice_in_parts(acc, inv, issued, &[(due, gross)], gross);
    }

    /// An invoice due in parts.
    pub(super) fn invoice_in_parts(
        &mut self,
        acc: AccountId,
        invoice: InvoiceId,
        issued: &str,
        due: &[(&str, &str)],
        gross: &str,
    ) {
        let event = InvoiceIssued {
            due: due.iter().map(|(on, part)| Due { date: date(on), amount: money(part) }).collect(),
            ..invoice_issued(invoice, issued, gross)
        };
        self.on(acc, crate::invoicing::Event::from(event));
    }

    /// A debt taken over.
    pub(super) fn brought(
        &mut self,
        acc: AccountId,
        invoice: InvoiceId,
        issued: &str,
        due: &str,
        open: &str,
    ) {
        let event = InvoiceBroughtForward {
            invoice,
            reference: format!("OLD-{}", invoice.uuid().as_u128()).parse().unwrap(),
            issued_on: date(issued),
            due_on: date(due),
            open: money(open),
        };
        self.on(acc, crate::invoicing::Event::from(event));
    }

    /// What is open on a child's invoice is passed on to its parent, who has to pay it at once.
    pub(super) fn passed_on(
        &mut self,
        (child, parent): (AccountId, AccountId),
        (invoice, consolidated): (InvoiceId, InvoiceId),
        on: &str,
        open: &str,
    ) {
        use crate::invoicing::{ChildLine, ConsolidatedInvoiceIssued, DebtPassedOn, Event, OpenInvoice};
        let (day, amount) = (date(on), money(open));
        let invoices = vec![OpenInvoice { invoice, open: amount }];
        let issued = ConsolidatedInvoiceIssued {
            invoice: consolidated,
            issued_on: day,
            lines: vec![ChildLine { account: child, invoices: invoices.clone(), amount }],
            total: amount,
            due: vec![Due { date: day, amount }],
            terms: crate::kernel::terms::PaymentTerms::NetDays(0),
            purchase_order: None,
        };
        self.on(parent, Event::from(issued));
        let passed = DebtPassedOn { consolidated, parent, invoices, amount, passed_on: day };
        self.on(child, Event::from(passed));
        self.set(child, Funds::Consolidated(consolidated), invoice, on, open);
    }

    pub(super) fn taken_back(
        &mut self,
        (child, parent): (AccountId, AccountId),
        (invoice, consolidated): (InvoiceId, InvoiceId),
        on: &str,
        amount: &str,
    ) {
        self.voided(parent, consolidated, on);
        let taken_back_on = date(on);
        let taken = crate::invoicing::DebtTakenBack { consolidated, amount: money(amount), taken_back_on };
        self.on(child, crate::invoicing::Event::from(taken));
        self.released(child, Funds::Consolidated(consolidated), invoice, on, amount);
    }

    pub(super) fn voided(&mut self, acc: AccountId, invoice: InvoiceId, on: &str) {
        let event = InvoiceVoided { invoice, voided_on: date(on), reason: "Wrong customer".parse().unwrap() };
        self.on(acc, crate::invoicing::Event::from(event));
    }

    pub(super) fn written_off(&mut self, acc: AccountId, number: u128, on: &str) {
        let reason = "Agreed to do it for nothing".parse().unwrap();
        let event = WorkWrittenOff { work: work(number), reason, written_off_on: date(on) };
        self.on(acc, crate::work::Event::from(event));
    }

    pub(super) fn paid(&mut self, acc: AccountId, payment: PaymentId, on: &str, amount: &str) {
        let event = payment_received(payment, on, amount);
        self.on(acc, crate::payments::Event::from(event));
    }

    pub(super) fn set(&mut self, acc: AccountId, funds: Funds, invoice: InvoiceId, on: &str, amount: &str) {
        let event = FundsAllocated { funds, invoice, amount: money(amount), effective_on: date(on) };
        self.on(acc, crate::payments::Event::from(event));
    }

    pub(super) fn released(
        &mut self,
        acc: AccountId,
        funds: Funds,
        invoice: InvoiceId,
        on: &str,
        amount: &str,
    ) {
        let event = AllocationReleased { funds, invoice, amount: money(amount), effective_on: date(on) };
        self.on(acc, crate::payments::Event::from(event));
    }

    pub(super) fn returned(&mut self, acc: AccountId, payment: PaymentId, on: &str, amount: &str) {
        let event = PaymentReturned {
            payment,
            amount: money(amount),
            returned_on: date(on),
            reason: "Refer to payer".parse().unwrap(),
        };
        self.on(acc, crate::payments::Event::from(event));
    }

    /// A payment that settles an invoice on the day it arrives.
    pub(super) fn settled(&mut self, acc: AccountId, pay: PaymentId, inv: InvoiceId, on: &str, amount: &str) {
        self.paid(acc, pay, on, amount);
        self.set(acc, Funds::Payment(pay), inv, on, amount);
    }

    /// What a view answers from this log.
    pub(super) fn ask<Q: Query>(&self, query: &Q) -> Q::Answer {
        let mut view = View::<Q::View>::default();
        self.events.iter().for_each(|event| view.watch(event));
        view.ask(query)
    }

    /// Rows are the same, byte for byte, wherever they were saved on the way.
    pub(super) fn assert_rows_do_not_depend_on_saves<P: Projection>(&self) {
        let mut once = View::<P>::default();
        self.events.iter().for_each(|event| once.watch(event));
        once.save();
        for every in 1..=4 {
            for offset in 0..every {
                let mut stepped = View::<P>::default();
                for (index, event) in self.events.iter().enumerate() {
                    stepped.watch(event);
                    if index % every == offset {
                        stepped.save();
                    }
                }
                stepped.save();
                assert_eq!(stepped.rows(), once.rows(), "saved every {every} events from {offset}");
            }
        }
    }
}

/// One view, as the engine keeps it.
#[derive(Debug)]
pub(super) struct View<P> {
    saved: TestRows,
    changes: Changes,
    book: Origin,
    fold: PhantomData<P>,
}

impl<P> Default for View<P> {
    fn default() -> Self {
        let book = "test.example/book".parse().unwrap();
        View { saved: TestRows::default(), changes: Changes::new(), book, fold: PhantomData }
    }
}

impl<P: Projection> View<P> {
    pub(super) fn watch(&mut self, event: &Recorded<Event>) {
        let mut rows = Rows::new(&self.saved, &self.book, P::NAME, &mut self.changes);
        P::watch(event, &mut rows);
        rows.finish().unwrap();
    }

    pub(super) fn save(&mut self) {
        self.saved.keep(P::NAME, std::mem::take(&mut self.changes));
    }

    pub(super) fn ask<Q: Query<View = P>>(&self, query: &Q) -> Q::Answer {
        query.answer(&RowReader::new(&self.saved, &self.book, P::NAME, &self.changes)).unwrap()
    }

    fn rows(&self) -> BTreeMap<(String, String), String> {
        self.saved.0.lock().unwrap().clone()
    }
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(super) fn acc(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn inv(number: u128) -> InvoiceId {
    InvoiceId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn pay(number: u128) -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn crn(number: u128) -> CreditNoteId {
    CreditNoteId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn work(number: u128) -> WorkId {
    WorkId::from_uuid(Uuid::from_u128(number))
}

/// One piece of work at a price.
fn piece(number: u128, on: &str, value: &str) -> WorkRecorded {
    let wire = serde_json::json!({
        "work": work(number), "description": "Bespoke report", "done_on": on, "quantity": "1",
        "unit_price": value, "tax_code": "standard",
    });
    serde_json::from_value(wire).unwrap()
}

/// Records a piece of work.
pub(super) fn done(log: &mut Log, account: AccountId, number: u128, on: &str, value: &str) {
    log.on(account, crate::work::Event::from(piece(number, on, value)));
}

/// An invoice of pieces of work, each a line of one pound.
pub(super) fn work_invoiced(
    log: &mut Log,
    account: AccountId,
    invoice: InvoiceId,
    on: &str,
    pieces: &[u128],
) {
    let line = |number: &u128| {
        let wire = serde_json::json!({
            "text": "Bespoke report", "subject": { "kind": "work", "work": work(*number) },
            "price": { "each": "GBP 1.00" }, "quantity": "1", "net": "GBP 1.00", "tax": "S", "rate": "20%",
        });
        serde_json::from_value::<Line>(wire).unwrap()
    };
    let lines = pieces.iter().map(line).collect();
    let event = InvoiceIssued { lines, ..invoice_issued(invoice, on, "GBP 1.00") };
    log.on(account, crate::invoicing::Event::from(event));
}

pub(super) fn dsp(number: u128) -> DisputeId {
    DisputeId::from_uuid(Uuid::from_u128(number))
}

/// An invoice without lines and VAT, due on the day of issue.
pub(super) fn invoice_issued(invoice: InvoiceId, issued: &str, gross: &str) -> InvoiceIssued {
    let gross = money(gross);
    InvoiceIssued {
        invoice,
        issued_on: date(issued),
        lines: Vec::new(),
        taxes: Vec::new(),
        net: gross,
        tax: Money::zero(gross.currency()),
        gross,
        due: vec![Due { date: date(issued), amount: gross }],
        terms: PaymentTerms::OnReceipt,
        purchase_order: None,
        catalogue: Version::from(1),
        line_rounding: Rounding::HalfUp,
        tax_rounding: Rounding::HalfUp,
        dialect: Default::default(),
        sale: None,
    }
}

/// A bank transfer.
pub(super) fn payment_received(payment: PaymentId, on: &str, amount: &str) -> PaymentReceived {
    let wire = serde_json::json!({
        "payment": payment, "amount": amount, "received_on": on, "method": Method::BankTransfer,
    });
    serde_json::from_value(wire).unwrap()
}
