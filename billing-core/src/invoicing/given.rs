//! For tests: a seller with a small catalogue, one customer, and short ways to say what happens between them.

use crate::accounts::{AccountKind, RegisterAccount};
use crate::book::{Account, Books, Event, Rejection, payload};
use crate::catalogue::{PlanKind, Price, PublishItem, PublishPlan, SetTaxCode, TaxCategory, Timing};
use crate::decision::{Command, Department, Stop};
use crate::discounts::{GrantDiscount, Off};
use crate::invoicing::{
    BillAccount, CreditNoteIssued, InvoiceIssued, Line, LineRef, Subject, next_bill_date,
};
use crate::kernel::calendar::{Date, Interval};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::ids::{AccountId, InvoiceId, SubscriptionId};
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Note};
use crate::kernel::zone::Zone;
use crate::settings::OpenBook;
use crate::subscriptions::{
    AddAddOn, Cancel, ChangePlan, ChangeQuantity, Subscribe, SubscriptionStarted, When,
};
use crate::testing::Scenario;

/// The seller's book with one customer, kept in pounds.
pub(crate) struct Shop {
    pub(crate) scenario: Scenario,
    pub(crate) account: AccountId,
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub(crate) fn note(text: &str) -> Note {
    text.parse().unwrap()
}

/// An amount in pounds.
pub(crate) fn pounds(text: &str) -> Money {
    Money::from_major(text, Currency::GBP).unwrap()
}

/// A shop that charges VAT at 20 per cent.
///
/// Plans a month in advance: basic 30.00, pro 50.00, free 0.00, seats 12.50 a seat, eur 30.00 in euros only; a
/// month in arrears: metered 30.00; a year in advance: yearly 1,200.00. Add-ons: chat 10.00 a month, backup
/// 120.00 a year. Item: training 150.00.
pub(crate) fn shop() -> Shop {
    shop_for(AccountKind::Full)
}

pub(crate) fn shop_for(kind: AccountKind) -> Shop {
    let account: AccountId = "acc_0123456789abcdef0123456789abcdef".parse().unwrap();
    let scenario = Scenario::new()
        .given(OpenBook {
            seller: "Fern & Co".parse().unwrap(),
            currency: Currency::GBP,
            zone: Zone::london(),
            holidays: HolidayCalendar::weekdays_only(),
            terms: PaymentTerms::NetDays(30),
            policies: Default::default(),
            series: vec![],
        })
        .given(SetTaxCode {
            code: code("standard"),
            category: TaxCategory::Standard,
            rate: Rate::percent("20").unwrap(),
            from: date("2011-01-04"),
        })
        .given(SetTaxCode {
            code: code("exempt"),
            category: TaxCategory::Exempt,
            rate: Rate::ZERO,
            from: date("2011-01-04"),
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
            owner: None,
            registered_on: date("2023-01-01"),
            anchor_day: None,
        })
        .given(PublishItem {
            item: code("training"),
            name: "Training".parse().unwrap(),
            unit_prices: vec!["GBP 150.00".parse().unwrap()],
            tax_code: code("standard"),
            custom_fields: Default::default(),
        });
    let month = |name: &str, amount| plan(name, Price::Flat(pounds(amount)));
    let plans = [
        month("basic", "30.00"),
        month("pro", "50.00"),
        month("free", "0.00"),
        plan("seats", Price::PerSeat(pounds("12.50"))),
        plan("eur", Price::Flat(Money::parse("EUR 30.00").unwrap())),
        PublishPlan { timing: Timing::InArrears, ..month("metered", "30.00") },
        PublishPlan { interval: Interval::YEARLY, ..month("yearly", "1200.00") },
        PublishPlan { kind: PlanKind::AddOn, ..month("chat", "10.00") },
        PublishPlan { kind: PlanKind::AddOn, interval: Interval::YEARLY, ..month("backup", "120.00") },
    ];
    Shop { scenario: plans.into_iter().fold(scenario, Scenario::given), account }
}

/// A plan that is billed monthly, in advance.
pub(crate) fn plan(name: &str, price: Price) -> PublishPlan {
    PublishPlan::monthly(code(name), name.parse().unwrap(), price, code("standard"))
}

impl Shop {
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
            Err(Stop::Rejected(rule)) => rule.to_string(),
            other => panic!("not refused by a rule: {other:?}"),
        }
    }

    /// Subscribes the customer.
    pub(crate) fn subscribes(&mut self, plan: &str, quantity: u32, from: &str) -> SubscriptionId {
        let subscribe = Subscribe {
            account: self.account,
            plan: code(plan),
            quantity,
            from: date(from),
            anchor_day: None,
            add_ons: Vec::new(),
            custom_fields: Default::default(),
        };
        let events = self.does(subscribe);
        payload::<SubscriptionStarted>(&events[0]).unwrap().subscription
    }

    /// Takes the whole of one bill off, from a day on.
    pub(crate) fn gives_a_bill_away(&mut self, from: &str) {
        let whole = Off::Percent(Rate::percent("100").unwrap());
        let offer = GrantDiscount::new(self.account, "Offer".parse().unwrap(), whole, date(from));
        self.does(GrantDiscount { bills: Some(1), ..offer });
    }

    /// Adds one of an add-on from a day on.
    pub(crate) fn adds(&mut self, subscription: SubscriptionId, add_on: &str, from: &str) {
        let (account, add_on, when) = (self.account, code(add_on), When::On(date(from)));
        self.does(AddAddOn { account, subscription, add_on, quantity: 1, component: None, when });
    }

    pub(crate) fn changes_plan(&mut self, subscription: SubscriptionId, plan: &str, on: &str) {
        let when = When::On(date(on));
        self.does(ChangePlan {
            account: self.account,
            subscription,
            plan: code(plan),
            quantity: None,
            when,
            anchor_day: None,
        });
    }

    pub(crate) fn changes_quantity(&mut self, subscription: SubscriptionId, quantity: u32, on: &str) {
        let when = When::On(date(on));
        self.does(ChangeQuantity { account: self.account, subscription, component: None, quantity, when });
    }

    pub(crate) fn cancels(&mut self, subscription: SubscriptionId, on: &str) {
        self.does(Cancel { account: self.account, subscription, when: When::On(date(on)), reason: None });
    }

    /// The first day through which there is something to bill.
    pub(crate) fn next(&self) -> Option<String> {
        self.look(|account| next_bill_date(account).map(|date| date.to_string()))
    }

    /// Bills through a day, dated that day; what was recorded.
    pub(crate) fn bills(&mut self, through: &str) -> Vec<Event> {
        let through = date(through);
        self.does(BillAccount { account: self.account, issue_on: through, through })
    }

    /// Bills through a day; the lines and the sums, in words.
    pub(crate) fn bill(&mut self, through: &str) -> Vec<String> {
        said(&self.bills(through))
    }

    /// The pages as they are now.
    pub(crate) fn books(&self) -> Books {
        self.scenario.books(self.account)
    }

    /// Looks at the account's page.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&Account) -> T) -> T {
        at(self.books().account(self.account).unwrap())
    }

    /// What the customer owes, or has in credit.
    pub(crate) fn balance(&self) -> String {
        self.look(|account| account.receivables.balance().of(Currency::GBP).to_string())
    }
}

/// A line that charges an item, or gives back where it is below zero, at VAT of 20 per cent.
pub(crate) fn line_of(item: &str, net: Money) -> Line {
    let at = LineRef { invoice: InvoiceId::from_uuid(uuid::Uuid::nil()), line: 1 };
    Line {
        text: item.parse().unwrap(),
        subject: match net.is_negative() {
            true => Subject::Correction { line: at },
            false => Subject::Item { item: code(item) },
        },
        price: Price::Flat(net),
        quantity: "1".parse().unwrap(),
        part: None,
        discounts: Vec::new(),
        net,
        tax: TaxCategory::Standard,
        rate: Rate::percent("20").unwrap(),
    }
}

/// The first invoice that was issued.
pub(crate) fn invoice(events: &[Event]) -> &InvoiceIssued {
    events.iter().find_map(payload::<InvoiceIssued>).unwrap()
}

pub(crate) fn invoice_id(events: &[Event]) -> InvoiceId {
    invoice(events).invoice
}

/// The first credit note that was issued.
pub(crate) fn credit_note(events: &[Event]) -> &CreditNoteIssued {
    events.iter().find_map(payload::<CreditNoteIssued>).unwrap()
}

/// Documents in words: a line each, "basic 2026-01-01 to 2026-01-31 GBP 30.00", then the sum.
pub(crate) fn said(events: &[Event]) -> Vec<String> {
    let mut said = Vec::new();
    for event in events {
        if let Some(invoice) = payload::<InvoiceIssued>(event) {
            said.extend(invoice.lines.iter().map(line));
            said.push(format!("invoice {} + {} = {}", invoice.net, invoice.tax, invoice.gross));
        }
        if let Some(note) = payload::<CreditNoteIssued>(event) {
            said.extend(note.lines.iter().map(line));
            said.push(format!("credit note {} + {}, credit {}", note.net, note.tax, note.credit));
        }
    }
    said
}

fn line(line: &Line) -> String {
    let part = line.part.map_or(String::new(), |part| format!(" {}/{}", part.days, part.of));
    match &line.subject {
        Subject::Service { period, .. }
        | Subject::Unused { period, .. }
        | Subject::LateUsage { period, .. }
        | Subject::TrueUp { period, .. }
        | Subject::TrueUpTakenBack { period, .. }
        | Subject::InterimUsage { period, .. } => {
            format!("{} {period}{part} {}", line.text, line.net)
        }
        Subject::Fee { .. } | Subject::Work { .. } | Subject::Item { .. } | Subject::Correction { .. } => {
            format!("{} {}", line.text, line.net)
        }
    }
}
