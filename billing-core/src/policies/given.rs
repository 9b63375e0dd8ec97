//! For tests: a book that was opened, one customer on it, and short ways to say what it owes, pays and promises.

use crate::accounts::{AccountKind, RegisterAccount};
use crate::book::{Account, Event, Rejection, payload};
use crate::catalogue::{Price, PublishItem, PublishPlan, SetTaxCode, TaxCategory};
use crate::credit_control::{self, Chase, MakePromise, PlaceHold, PromiseMade, ReminderDue};
use crate::decision::{Command, Department, Stop};
use crate::invoicing::{BringForward, InvoiceBroughtForward, InvoiceIssued, IssueInvoice, ItemLine};
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::ids::{AccountId, InvoiceId, MessageId, PaymentId, PromiseId};
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::rate::Rate;
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::zone::Zone;
use crate::payments::{Method, PaymentReceived, RecordPayment};
use crate::settings::{self, OpenBook, Policies};
use crate::testing::Scenario;

/// The book, and its customer.
pub(crate) struct Customer {
    pub(crate) scenario: Scenario,
    pub(crate) account: AccountId,
    invoices: u32,
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// `money("100.00")` is in pounds, `money("EUR 100.00")` says what it is in.
pub(crate) fn money(text: &str) -> Money {
    Money::parse(text).or_else(|_| Money::from_major(text, Currency::GBP)).unwrap()
}

/// The stored words of events.
pub(crate) fn words(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::event_type).collect()
}

/// A customer that owes nothing, owned by Ann.
pub(crate) fn customer() -> Customer {
    customer_under(Policies::default())
}

pub(crate) fn customer_under(policies: Policies) -> Customer {
    customer_of(policies, AccountKind::Full, Some("user:ann"))
}

pub(crate) fn customer_of(policies: Policies, kind: AccountKind, owner: Option<&str>) -> Customer {
    let account: AccountId = "acc_0123456789abcdef0123456789abcdef".parse().unwrap();
    let scenario = Scenario::new()
        .given(OpenBook {
            seller: "Fern & Co".parse().unwrap(),
            currency: Currency::GBP,
            zone: Zone::london(),
            holidays: HolidayCalendar::weekdays_only(),
            terms: PaymentTerms::NetDays(30),
            policies,
            series: vec![],
        })
        .given(RegisterAccount {
            account: Some(account),
            reference: "C-1".parse().unwrap(),
            name: Sealed::marked("Ada Lovelace").unwrap(),
            kind,
            currency: None,
            terms: None,
            purchase_order_required: false,
            custom_fields: CustomFields::default(),
            owner: owner.map(|owner| owner.parse().unwrap()),
            registered_on: date("2026-01-01"),
            anchor_day: None,
        });
    Customer { scenario, account, invoices: 0 }
}

impl Customer {
    /// Gives a command that must not be refused; all that was recorded.
    pub(crate) fn does<C: Command>(&mut self, command: C) -> Vec<Event>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.scenario.when(command).unwrap()
    }

    /// Gives a command that a rule must refuse; what it says.
    pub(crate) fn may_not<C: Command>(&mut self, command: C) -> String
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        match self.scenario.when(command) {
            Err(Stop::Rejected(rule)) => {
                assert!(rule.advice().ends_with('.') && rule.code().contains('.'), "{rule:?}");
                rule.to_string()
            }
            other => panic!("not refused by a rule: {other:?}"),
        }
    }

    /// An invoice of that amount, issued thirty days before it is due.
    pub(crate) fn owes(&mut self, amount: &str, due_on: &str) -> InvoiceId {
        self.invoices += 1;
        let due_on = date(due_on);
        let events = self.does(BringForward {
            account: self.account,
            reference: format!("OLD-{}", self.invoices).parse().unwrap(),
            issued_on: due_on.checked_sub_days(chrono::Days::new(30)).unwrap(),
            due_on,
            open: money(amount),
        });
        payload::<InvoiceBroughtForward>(&events[0]).unwrap().invoice
    }

    /// Puts up for sale, without VAT, the item "pound" at a pound and the monthly plan "basic" at thirty.
    pub(crate) fn is_offered_goods(&mut self) {
        let tax_code = || "zero".parse().unwrap();
        let (category, rate, from) = (TaxCategory::Zero, Rate::ZERO, date("2026-01-01"));
        self.does(SetTaxCode { code: tax_code(), category, rate, from });
        self.does(PublishItem {
            item: "pound".parse().unwrap(),
            name: "A pound of nails".parse().unwrap(),
            unit_prices: vec!["GBP 1.00".parse().unwrap()],
            tax_code: tax_code(),
            custom_fields: Default::default(),
        });
        self.does(PublishPlan::monthly(
            "basic".parse().unwrap(),
            "Basic plan".parse().unwrap(),
            Price::Flat(money("30.00")),
            tax_code(),
        ));
    }

    /// An invoice for so many pounds of nails, and all that was recorded with it.
    pub(crate) fn buys(&mut self, pounds: u64, on: &str) -> (InvoiceId, Vec<Event>) {
        let item = ItemLine { item: "pound".parse().unwrap(), quantity: Quantity::whole(pounds), text: None };
        let (account, issue_on) = (self.account, date(on));
        let events = self.does(IssueInvoice { account, issue_on, items: vec![item], work: vec![] });
        (payload::<InvoiceIssued>(&events[0]).unwrap().invoice, events)
    }

    /// A payment by bank transfer that names no invoice.
    pub(crate) fn pays(&mut self, amount: &str, on: &str) -> PaymentId {
        let events = self.does(self.payment(amount, on));
        payload::<PaymentReceived>(&events[0]).unwrap().payment
    }

    /// The command behind [`pays`](Customer::pays).
    pub(crate) fn payment(&self, amount: &str, on: &str) -> RecordPayment {
        RecordPayment {
            account: self.account,
            amount: money(amount),
            received_on: date(on),
            method: Method::BankTransfer,
            reference: None,
            source: None,
            rate: None,
            pays: vec![],
        }
    }

    /// Moves the clock, from which new ids derive.
    pub(crate) fn is_at(&mut self, now: &str) {
        self.scenario = std::mem::take(&mut self.scenario).at(now);
    }

    /// A promise on all that is open.
    pub(crate) fn promises(&mut self, amount: &str, made_on: &str, pay_by: &str) -> PromiseId {
        let events = self.does(self.promise(amount, made_on, pay_by));
        events.iter().find_map(|event| Some(payload::<PromiseMade>(event)?.promise)).unwrap()
    }

    /// The command behind [`promises`](Customer::promises).
    pub(crate) fn promise(&self, amount: &str, made_on: &str, pay_by: &str) -> MakePromise {
        MakePromise {
            account: self.account,
            amount: money(amount),
            invoices: vec![],
            made_on: date(made_on),
            pay_by: date(pay_by),
            grace_days: None,
        }
    }

    /// A chase; the reminder that it made due, if it did.
    pub(crate) fn chased(&mut self, on: &str) -> Option<MessageId> {
        let events = self.does(Chase { account: self.account, on: date(on) });
        events.iter().find_map(|event| Some(payload::<ReminderDue>(event)?.message))
    }

    pub(crate) fn is_held_for(&mut self, reason: credit_control::HoldReason, on: &str) {
        self.does(PlaceHold { account: self.account, reason, on: date(on) });
    }

    /// Looks at the account's page.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&Account, &settings::State) -> T) -> T {
        let books = self.scenario.books(self.account);
        at(books.account(self.account).unwrap(), books.settings().unwrap())
    }

    /// What is open on an invoice now.
    pub(crate) fn open(&self, invoice: InvoiceId) -> Money {
        self.look(|account, _| account.receivables.invoice(invoice).unwrap().open)
    }
}
