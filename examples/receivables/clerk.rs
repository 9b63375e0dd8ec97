//! A clerk who enters a ledger into a book, day by day, through the engine's public commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::accounts::{AccountKind, AccountRegistered, RegisterAccount};
use billing_core::credit_control::{DisputeReason, RaiseDispute};
use billing_core::engine::{Engine, Options, TestClock, TestIds};
use billing_core::invoicing::{BringForward, InvoiceBroughtForward};
use billing_core::kernel::calendar::Date;
use billing_core::kernel::currency::Currency;
use billing_core::kernel::holidays::HolidayCalendar;
use billing_core::kernel::ids::{AccountId, InvoiceId};
use billing_core::kernel::sealed::Sealed;
use billing_core::kernel::terms::PaymentTerms;
use billing_core::kernel::text::Reference;
use billing_core::kernel::zone::Zone;
use billing_core::log::Actor;
use billing_core::payments::{Method, RecordPayment};
use billing_core::settings::{OpenBook, Policies};
use billing_core::store::Store;
use billing_examples::program::Outcome;

use super::ledger::{Row, WrongRow};

/// What happens on one day, in the order in which it is entered.
pub(crate) type Diary<'a> = BTreeMap<Date, Vec<Entry<'a>>>;

/// One thing that happened to an invoice. Their order within a day is that of the kind, then of customer and
/// number, so that the order of the rows in a file does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// What happened.
    pub(crate) kind: Kind,
    /// The invoice.
    pub(crate) row: &'a Row,
}

/// What can happen to an invoice of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It is invoiced.
    Invoice,
    /// All of it is disputed, on the day of the invoice: the ledger does not say when.
    Dispute,
    /// It is paid in full.
    Receipt,
}

/// Puts rows into the order in which things happened.
pub(crate) fn diary(rows: &[Row]) -> Diary<'_> {
    let mut diary = Diary::new();
    let mut note = |day, kind, row| diary.entry(day).or_default().push(Entry { kind, row });
    for row in rows {
        note(row.invoiced_on, Kind::Invoice, row);
        if row.disputed {
            note(row.invoiced_on, Kind::Dispute, row);
        }
        if let Some(settled_on) = row.settled_on {
            note(settled_on, Kind::Receipt, row);
        }
    }
    for entries in diary.values_mut() {
        entries.sort_by_key(|entry| (entry.kind, &entry.row.customer, &entry.row.number));
    }
    diary
}

/// A book that is being written up, and what of the ledger is in it.
pub(crate) struct Clerk<'a, S> {
    /// The book.
    pub(crate) engine: Engine<S>,
    /// Who enters.
    pub(crate) actor: Actor,
    /// Rows that the book refused.
    pub(crate) refused: Vec<WrongRow>,
    clock: Arc<TestClock>,
    accounts: BTreeMap<&'a Reference, AccountId>,
    invoices: BTreeMap<u64, InvoiceId>,
}

impl<'a, S: Store> Clerk<'a, S> {
    /// Opens a book on a day. The clock stands where it is put and ids count from 1: the same ledger gives the
    /// same log, to the byte, and entering it again changes nothing.
    pub(crate) fn open(store: S, day: Date, currency: Currency, policies: Policies) -> Outcome<Self> {
        let clock = Arc::new(TestClock::at(&nine_on(day))?);
        let book = super::BOOK.parse()?;
        let engine =
            Engine::open_with(store, book, Arc::clone(&clock), TestIds::default(), Options::default())?;
        let actor = Actor::owner("user:clerk")?;
        engine.execute(
            &actor,
            OpenBook {
                seller: "Receivables ledger".parse()?,
                currency,
                zone: Zone::london(),
                holidays: HolidayCalendar::weekdays_only(),
                terms: PaymentTerms::NetDays(30),
                policies,
                series: vec![],
            },
        )?;
        let (accounts, invoices) = (BTreeMap::new(), BTreeMap::new());
        Ok(Clerk { engine, actor, refused: Vec::new(), clock, accounts, invoices })
    }

    /// Comes to work on a day.
    pub(crate) fn begin(&self, day: Date) -> Outcome<()> {
        Ok(self.clock.set(&nine_on(day))?)
    }

    /// Enters what happened. What the book refuses by a rule is kept aside; all else ends the work.
    pub(crate) fn enter(&mut self, entry: Entry<'a>) -> Outcome<()> {
        let row = entry.row;
        match self.try_to_enter(entry.kind, row) {
            Err(error) if error.is_refusal() => {
                self.refused.push(WrongRow { line: row.line, reason: error.to_string() });
                Ok(())
            }
            // Command ids are the same in each import, so another ledger meets those of the one that is there.
            Err(error) if error.is_conflict() => {
                Err("the file holds another ledger already: give each ledger a --db of its own".into())
            }
            entered => Ok(entered?),
        }
    }

    /// The account of a customer that has been seen.
    pub(crate) fn account(&self, customer: &Reference) -> Option<AccountId> {
        self.accounts.get(customer).copied()
    }

    /// The invoice of a row that was entered.
    pub(crate) fn invoice(&self, row: &Row) -> Option<InvoiceId> {
        self.invoices.get(&row.line).copied()
    }

    fn try_to_enter(&mut self, kind: Kind, row: &'a Row) -> Result<(), billing_core::Error> {
        let account = self.registered(row)?;
        let Row { amount, invoiced_on, due_on, .. } = *row;
        let reference = row.number.clone();
        match (kind, self.invoice(row)) {
            (Kind::Invoice, _) => {
                let command =
                    BringForward { account, reference, issued_on: invoiced_on, due_on, open: amount };
                let done = self.engine.execute(&self.actor, command)?;
                if let Some(brought) = done.first::<InvoiceBroughtForward>() {
                    self.invoices.insert(row.line, brought.invoice);
                }
            }
            (Kind::Dispute, Some(invoice)) => {
                let reason = DisputeReason::Other;
                let on = invoiced_on;
                let command = RaiseDispute { account, invoice, amount: None, reason, on, note: None };
                self.engine.execute(&self.actor, command)?;
            }
            (Kind::Receipt, Some(invoice)) => {
                let command = RecordPayment {
                    account,
                    amount,
                    received_on: row.settled_on.unwrap_or(invoiced_on),
                    method: Method::BankTransfer,
                    reference: Some(reference),
                    source: None,
                    rate: None,
                    pays: vec![invoice],
                };
                self.engine.execute(&self.actor, command)?;
            }
            // Its invoice was refused, and that is reported already.
            (Kind::Dispute | Kind::Receipt, None) => {}
        }
        Ok(())
    }

    fn registered(&mut self, row: &'a Row) -> Result<AccountId, billing_core::Error> {
        if let Some(account) = self.account(&row.customer) {
            return Ok(account);
        }
        let command = RegisterAccount {
            account: None,
            reference: row.customer.clone(),
            name: Sealed::marked(row.customer.as_str()).expect("a reference is no longer than a sealed text"),
            kind: AccountKind::Full,
            currency: None,
            terms: None,
            purchase_order_required: false,
            custom_fields: Default::default(),
            owner: None,
            registered_on: row.invoiced_on,
            anchor_day: None,
        };
        let done = self.engine.execute(&self.actor, command)?;
        let account = done.one::<AccountRegistered>()?.account;
        self.accounts.insert(&row.customer, account);
        Ok(account)
    }
}

fn nine_on(day: Date) -> String {
    format!("{day}T09:00:00.000Z")
}
