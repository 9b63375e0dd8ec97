//! The book of a case, and the runner's notes beside it.

use std::sync::Arc;

use billing_core::audit::{export, read_lines, restore};
use billing_core::decision::{Command, Department};
use billing_core::engine::Done;
use billing_core::invoicing::next_bill_date;
use billing_core::prelude::*;
use billing_store_memory::MemoryStore;

use crate::coupons;
use crate::desk::{Customer, Desk, Payers, PaymentMade};
use crate::facts::bill::Bill;
use crate::facts::moment::{self, Moment};
use crate::facts::note::Note;
use crate::facts::standing;
use crate::form::action::Verb;
use crate::form::{Case, Convention};
use crate::verdict::{Outcome, Stop};

/// A book with one firm in it, on the days of a case.
pub(crate) struct Firm<'a> {
    pub(crate) case: &'a Case,
    pub(crate) book: Engine<MemoryStore>,
    clock: Arc<TestClock>,
    owner: Actor,
    pub(crate) desk: Desk,
}

const BOOK: &str = "scenario.example/case";

impl<'a> Firm<'a> {
    /// Opens the book of a case: its seller, its customers, and what they have in credit.
    pub(crate) fn open(case: &'a Case, first: Date) -> Outcome<Firm<'a>> {
        let asks_first = |action: &crate::form::action::Action| {
            matches!(action.verb, Verb::RunBilling { first_run: true })
        };
        let clock = Arc::new(TestClock::at("2000-01-01T00:00:00.000Z")?);
        let book = opened(MemoryStore::new(), &clock, TestIds::default())?;
        let desk = Desk::new(first, !case.actions.iter().any(asks_first));
        let owner = Actor::owner("user:ann").map_err(Stop::unsupported)?;
        let mut firm = Firm { case, book, clock, owner, desk };
        firm.wake(first)?;
        let keys = &case.given.keys;
        let policies = Policies {
            allocation: AllocationOrder::OldestIssuedFirst,
            dialect: case.dialect.policy(),
            ..Policies::default()
        };
        firm.give(OpenBook {
            terms: PaymentTerms::NetDays(keys.net_payment_days.unwrap_or(0)),
            policies,
            ..OpenBook::new("Case".parse()?, case.given.currency, case.given.zone)
        })?;
        firm.register(None)?;
        for child in &keys.children {
            firm.register(Some(child))?;
            firm.have_paid_by_parent(first)?;
        }
        guards(case)?;
        coupons::grant(&mut firm, 0)?;
        if let Some(credit) = keys.customer_credit.as_ref().filter(|credit| !credit.is_zero()) {
            crate::verbs::documents::grant_credit(&mut firm, 0, credit)?;
        }
        Ok(firm)
    }

    fn register(&mut self, name: Option<&String>) -> Outcome {
        let number = self.desk.customers.len();
        let name_on_letters =
            Sealed::marked(name.map_or("Customer", String::as_str)).map_err(Stop::unsupported)?;
        let reference = Reference::parse(&format!("C-{number}"))?;
        let customer = RegisterAccount {
            anchor_day: self.case.given.anchor_day()?,
            ..RegisterAccount::new(reference, name_on_letters, self.desk.today)
        };
        let account = self.give(customer)?.one::<AccountRegistered>()?.account;
        self.desk.customers.push(Customer::new(name.cloned(), account, self.case.given.currency));
        Ok(())
    }

    /// Lets the account of the case pay for the customer that was registered last.
    fn have_paid_by_parent(&mut self, from: Date) -> Outcome {
        let [parent, .., child] = self.desk.customers.as_slice() else { return Ok(()) };
        let assign = AssignParent { account: child.id, parent: Some(parent.id), from };
        self.give(assign)?;
        Ok(())
    }

    /// A copy of the book as it stands, with the notes: what is done in it is not done here.
    pub(crate) fn fork(&self) -> Outcome<Firm<'a>> {
        let mut lines = Vec::new();
        let origin = self.book.book();
        let head = export(self.book.store(), origin, &mut lines).map_err(Stop::unsupported)?;
        let store = MemoryStore::new();
        restore(&store, origin, read_lines(lines.as_slice())).map_err(Stop::unsupported)?;
        let clock = Arc::new(TestClock::at("2000-01-01T00:00:00.000Z")?);
        // The ids of the copy begin where no id of the book can be.
        let book = opened(store, &clock, TestIds::after(head.position.get().saturating_mul(1_000)))?;
        let (case, owner, desk) = (self.case, self.owner.clone(), self.desk.clone());
        let mut fork = Firm { case, book, clock, owner, desk };
        fork.wake(self.desk.today)?;
        Ok(fork)
    }

    /// A day begins.
    pub(crate) fn wake(&mut self, today: Date) -> Outcome {
        self.clock.put(self.case.given.zone.start_of(today)?);
        self.desk.today = today;
        Ok(())
    }

    /// Gives a command to the book.
    pub(crate) fn give<C: Command>(&self, command: C) -> Outcome<Done>
    where
        billing_core::book::Event: From<<C::Department as Department>::Event>,
        billing_core::book::Rejection: From<<C::Department as Department>::Rejection>,
    {
        Ok(self.book.execute(&self.owner, command)?)
    }

    /// Gives a command that may bring documents: they are noted as one bill, or as a bill and credit notes where
    /// the dialect keeps these apart. Says which bill of the customer it is.
    pub(crate) fn bill_by<C: Command>(&mut self, customer: usize, command: C) -> Outcome<Option<usize>>
    where
        billing_core::book::Event: From<<C::Department as Department>::Event>,
        billing_core::book::Rejection: From<<C::Department as Department>::Rejection>,
    {
        let done = self.give(command)?;
        let apart = self.case.dialect == Convention::Lago;
        let notes = done.all::<CreditNoteIssued>().filter(|_| apart).map(Note::of);
        let notes = notes.collect::<Outcome<Vec<_>>>()?;
        let bill = Bill::of(&done, apart, self.case.given.currency)?;
        let today = self.desk.today;
        let books = self.customer_mut(customer);
        books.notes.extend(notes);
        let Some(bill) = bill else { return Ok(None) };
        let invoice = bill.invoice;
        books.bills.push(bill);
        let place = books.bills.len() - 1;
        match (self.desk.payers, invoice) {
            (Payers::OnIssue, _) => self.pay_open(customer)?,
            (Payers::Failing, Some(invoice)) => {
                self.customer_mut(customer).attempts.entry(invoice).or_default().push(today);
            }
            (Payers::WhenAsked, _) | (Payers::Failing, None) => {}
        }
        Ok(Some(place))
    }

    /// Bills a customer for what is due through today, unless billing is blocked or has not begun.
    pub(crate) fn bill(&mut self, customer: usize) -> Outcome<Option<usize>> {
        self.bill_through(customer, self.desk.today)
    }

    /// The same with what is due up to a later day.
    pub(crate) fn bill_through(&mut self, customer: usize, through: Date) -> Outcome<Option<usize>> {
        let today = self.desk.today;
        let books = self.customer(customer);
        if !self.desk.running || books.blocked.is_some() {
            return Ok(None);
        }
        if books.not_before.is_some_and(|day| today < day) {
            return Ok(None);
        }
        self.customer_mut(customer).not_before = None;
        let account = self.customer(customer).id;
        let bill = self.bill_by(customer, BillAccount { account, issue_on: today, through })?;
        self.look_ahead(customer)?;
        Ok(bill)
    }

    /// Looks up when the next bill of a customer falls due.
    pub(crate) fn look_ahead(&mut self, customer: usize) -> Outcome {
        let next = next_bill_date(&self.page(customer)?);
        self.customer_mut(customer).next_bill = next;
        Ok(())
    }

    /// Pays each open invoice.
    pub(crate) fn pay_open(&mut self, customer: usize) -> Outcome {
        let page = self.page(customer)?;
        let open: Vec<_> = self.customer(customer).bills.iter().collect();
        let open = open.into_iter().filter_map(|bill| Some((bill.invoice?, standing::open(&page, bill))));
        let open: Vec<_> = open.filter(|(_, open)| open.is_positive()).collect();
        open.into_iter().try_for_each(|(invoice, open)| self.pay_and_note(customer, invoice, open))
    }

    /// Records a payment that names an invoice.
    pub(crate) fn pay(&mut self, customer: usize, invoice: InvoiceId, amount: Money) -> Outcome<PaymentId> {
        let account = self.customer(customer).id;
        let payment =
            RecordPayment { pays: vec![invoice], ..RecordPayment::new(account, amount, self.desk.today) };
        let payment = self.give(payment)?.one::<PaymentReceived>()?.payment;
        self.customer_mut(customer).touched = Some(invoice);
        Ok(payment)
    }

    /// The same, as a payment that later actions may be about.
    pub(crate) fn pay_and_note(&mut self, customer: usize, invoice: InvoiceId, amount: Money) -> Outcome {
        let payment = Some(self.pay(customer, invoice, amount)?);
        self.customer_mut(customer)
            .payments
            .push(PaymentMade { payment, ..PaymentMade::tried(invoice, amount) });
        Ok(())
    }

    pub(crate) fn customer(&self, customer: usize) -> &Customer {
        &self.desk.customers[customer]
    }

    pub(crate) fn customer_mut(&mut self, customer: usize) -> &mut Customer {
        &mut self.desk.customers[customer]
    }

    /// The page of a customer's account.
    pub(crate) fn page(&self, customer: usize) -> Outcome<billing_core::book::Account> {
        Ok(self.book.account(self.customer(customer).id)?)
    }

    /// How the account of the case stands now.
    pub(crate) fn moment(&self, action: Option<&str>) -> Outcome<Moment> {
        let moment = (self.desk.today, action.map(str::to_owned));
        moment::now(&self.case.given, self.customer(0), &self.page(0)?, moment, self.desk.dunning.requests)
    }
}

/// What is given must count for something: keys that this program looks at only elsewhere are not passed over.
fn guards(case: &Case) -> Outcome {
    let keys = &case.given.keys;
    let no = |key: &str| Err(Stop::unsupported(format!("given key {key}")));
    let asked = |is: fn(&Verb) -> bool| case.actions.iter().any(|action| is(&action.verb));
    let gives_a_document = !keys.lines.is_empty() || keys.subtotal.is_some();
    match () {
        () if keys.invoice_total.is_some() && !gives_a_document => no("invoice_total"),
        () if keys.period.is_some() => no("period"),
        () if keys.old.is_some() || keys.new.is_some() => no("old or new"),
        () if keys.price_old.is_some() || keys.price_new.is_some() => no("price_old or price_new"),
        () if !keys.units.is_empty() => no("units"),
        () if case.given.price.is_given() => no("a price beside actions"),
        () if keys.dunning.is_some() && !asked(|verb| matches!(verb, Verb::RunDunning {})) => no("dunning"),
        () => Ok(()),
    }
}

fn opened(store: MemoryStore, clock: &Arc<TestClock>, ids: TestIds) -> Outcome<Engine<MemoryStore>> {
    let origin = BOOK.parse().map_err(|why| Stop::unsupported(format!("{why}")))?;
    Ok(Engine::open_with(store, origin, Arc::clone(clock), ids, Options::default())?)
}
