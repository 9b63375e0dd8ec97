//! One customer's life: each step becomes a command about what is there by then.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::sync::LazyLock;

use billing_core::audit::{export, read_lines, restore};
use billing_core::book::{Account, Event, Rejection};
use billing_core::decision::{Command, Department};
use billing_core::kernel::calendar::plus_days;
use billing_core::prelude::*;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::last_time;
use crate::planted::{Defect, Planted};
use crate::sold;
use crate::step::{Deed, Start, Step, Wish};

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It was recorded.
    Recorded,
    /// There was nothing left to do.
    Nothing,
    /// A rule said no.
    Refused(&'static str),
    /// What it is about is not there.
    NotThere,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Recorded => f.write_str("recorded"),
            Outcome::Nothing => f.write_str("nothing left to do"),
            Outcome::Refused(rule) => write!(f, "refused: {rule}"),
            Outcome::NotThere => f.write_str("nothing there"),
        }
    }
}

/// A customer of the firm, under the laws of a story.
pub(crate) struct World<S: Store> {
    pub(crate) story: Story<S>,
    pub(crate) account: AccountId,
    /// What goes wrong with its bills, where something is planted.
    pub(crate) defect: Option<Defect>,
    today: Date,
    /// The day from which the last change counts.
    changed: Cell<Date>,
    policies: Policies,
    currency: Currency,
    subscriptions: Vec<SubscriptionId>,
    invoices: Vec<InvoiceIssued>,
    payments: Vec<PaymentId>,
    discounts: Vec<DiscountId>,
    /// Who pays for it at times, and what that one was given to pay.
    parent: Option<AccountId>,
    consolidated: Vec<InvoiceId>,
    quotes: Vec<QuoteId>,
    sales: Vec<RecordSale>,
    quoted: u32,
    readings: u32,
    debts: u32,
}

/// Our own dialect, and those of others.
pub(crate) const DIALECTS: [Dialect; 8] = [
    Dialect::Own,
    Dialect::KillBill,
    Dialect::KillBillFixed30,
    Dialect::Lago,
    Dialect::Meteroid,
    Dialect::OpenMeter,
    Dialect::Flexprice,
    Dialect::BySecond(Zone::london()),
];

/// The log of a book in which everything is published and nothing was sold yet.
static OPENED: LazyLock<Vec<u8>> = LazyLock::new(opened);

fn opened() -> Vec<u8> {
    let story = Story::on(MemoryStore::new());
    story.give(OpenBook::new("Fern & Co".parse().unwrap(), Currency::GBP, Zone::london()));
    for (code, rate, from) in [
        ("standard", "20%", "2011-01-04"),
        ("standard", "22%", "2028-04-01"),
        ("reduced", "5%", "2011-01-04"),
    ] {
        story.give(SetTaxCode::new(code.parse().unwrap(), rate.parse().unwrap(), from.parse().unwrap()));
    }
    sold::published().into_iter().for_each(|plan| drop(story.give(plan)));
    story.give(PublishItem {
        item: "training".parse().unwrap(),
        name: "Training day".parse().unwrap(),
        unit_prices: vec!["GBP 450.00".parse().unwrap(), "JPY 45000".parse().unwrap()],
        tax_code: "standard".parse().unwrap(),
        custom_fields: Default::default(),
    });
    let mut log = Vec::new();
    export(story.engine.store(), story.engine.book(), &mut log).unwrap();
    log
}

impl<S: Store> World<S> {
    pub(crate) fn begin(store: S, dialect: Dialect, start: Start) -> World<S> {
        let book = "story".parse().unwrap();
        let lines: Vec<io::Result<Vec<u8>>> = read_lines(OPENED.as_slice()).collect();
        restore(&store, &book, lines).unwrap();
        let story = Story::on(store);
        let today = plus_days("2028-01-01".parse().unwrap(), start.day.into()).unwrap();
        story.day(&today.to_string());
        let policies = policies(dialect, start.policies);
        story.give(ChoosePolicies { policies });
        let currency = if start.yen { Currency::JPY } else { Currency::GBP };
        let name = Sealed::marked("A customer").unwrap();
        let registered = story.give(RegisterAccount {
            currency: Some(currency),
            anchor_day: DayOfMonth::new(start.anchor).ok(),
            ..RegisterAccount::new("C-1".parse().unwrap(), name, today)
        });
        World {
            account: registered.first::<AccountRegistered>().unwrap().account,
            story,
            defect: None,
            today,
            changed: Cell::new(today),
            policies,
            currency,
            subscriptions: Vec::new(),
            invoices: Vec::new(),
            payments: Vec::new(),
            discounts: Vec::new(),
            parent: None,
            consolidated: Vec::new(),
            quotes: Vec::new(),
            sales: Vec::new(),
            quoted: 0,
            readings: 0,
            debts: 0,
        }
    }

    pub(crate) fn lives(&mut self, step: &Step) -> Outcome {
        // Money settles the oldest debt first, and ids that were made in one moment have no order of age: no two debts
        // begin in one.
        let after = if step.deed.begins_a_debt() { step.after.max(1) } else { step.after };
        if after > 0 {
            self.today = self.day(i64::from(after));
            self.story.day(&self.today.to_string());
        }
        self.does(&step.deed).unwrap_or(Outcome::NotThere)
    }

    /// Gives the command that a deed comes to; none where what it is about is not there.
    fn does(&mut self, deed: &Deed) -> Option<Outcome> {
        let (account, today) = (self.account, self.today);
        Some(match *deed {
            Deed::Bill { through } => {
                let bill = BillAccount { account, issue_on: today, through: self.near(through) };
                let Some(defect) = self.defect else { return Some(self.give(bill)) };
                let outcome = self.give(Planted { bill: bill.clone(), defect });
                self.story.billed_as_asked(&bill);
                outcome
            }
            Deed::Draft { through } => {
                self.give(DraftBill { account, issue_on: today, through: self.near(through) })
            }
            Deed::BillOrDraft { through } => self.reviews(self.near(through)),
            Deed::Approve => {
                let draft = self.page().invoicing.open_draft().map(|open| (open.draft, open.through));
                let (draft, through) = draft?;
                let outcome = self.give(ApproveDraft { account, draft });
                if outcome == Outcome::Recorded {
                    self.story.billed_as_asked(&BillAccount { account, issue_on: today, through });
                }
                outcome
            }
            Deed::Subscribe { plan, quantity, day, anchor, add_on } => self.give(Subscribe {
                account,
                plan: code(nth(&sold::PLANS, plan)?),
                quantity: quantity.into(),
                from: self.near(day),
                anchor_day: DayOfMonth::new(anchor).ok(),
                add_ons: add_on
                    .and_then(|add_on| nth(&sold::ADD_ONS, add_on))
                    .map(|add_on| AddOnAsked { add_on: code(add_on), quantity: 1, component: None })
                    .into_iter()
                    .collect(),
                custom_fields: Default::default(),
            }),
            Deed::ChangePlan { of, plan, quantity, wish, anchor } => self.give(ChangePlan {
                account,
                subscription: self.subscription(of)?,
                plan: code(nth(&sold::PLANS, plan)?),
                quantity: Some(quantity.into()).filter(|quantity| *quantity > 0),
                when: self.when(of, wish)?,
                anchor_day: DayOfMonth::new(anchor).ok(),
            }),
            Deed::ChangeQuantity { of, component, quantity, wish } => self.give(ChangeQuantity {
                account,
                subscription: self.subscription(of)?,
                component: self.component(of, component, |_| true),
                quantity: quantity.into(),
                when: self.when(of, wish)?,
            }),
            Deed::ChangePrice { of, component, price, wish } => self.give(ChangePrice {
                account,
                subscription: self.subscription(of)?,
                component: self.component(of, component, |_| true),
                price: sold::own_price(price, self.currency),
                when: self.when(of, wish)?,
            }),
            Deed::ChangeAnchor { of, anchor, day } => self.give(ChangeAnchor {
                account,
                subscription: self.subscription(of)?,
                day: DayOfMonth::new(anchor).ok()?,
                asked_on: self.within(of, day)?,
            }),
            Deed::GiveAnchorDay { anchor, day } => {
                self.give(GiveAnchorDay { account, day: DayOfMonth::new(anchor).ok()?, on: self.near(day) })
            }
            Deed::ChangeDetails => {
                let name = Some(Sealed::marked(&format!("Renamed on {today}")).unwrap());
                self.give(ChangeDetails { account, name, custom_fields: None, on: today })
            }
            Deed::ChangeTerms { days, day } => {
                let terms = Some(PaymentTerms::NetDays(days.into()));
                self.give(ChangeTerms { account, terms, from: self.near(day) })
            }
            Deed::GivePurchaseOrder => {
                let number = format!("PO-{today}").parse().unwrap();
                self.give(GivePurchaseOrder { account, number, on: today })
            }
            Deed::AddAddOn { of, add_on, quantity, own_name, wish } => self.give(AddAddOn {
                account,
                subscription: self.subscription(of)?,
                add_on: code(nth(&sold::ADD_ONS, add_on)?),
                quantity: quantity.into(),
                component: own_name.then(|| code("second")),
                when: self.when(of, wish)?,
            }),
            Deed::RemoveAddOn { of, component, wish } => self.give(RemoveAddOn {
                account,
                subscription: self.subscription(of)?,
                add_on: self.component(of, component, |code| !code.as_str().starts_with("plan"))?,
                when: self.when(of, wish)?,
            }),
            Deed::Pause { of, day, days } => {
                let from = self.within(of, day)?;
                let until = Some(days).filter(|days| *days > 0).map(|days| plus(from, days.into()));
                self.give(PauseBilling { account, subscription: self.subscription(of)?, from, until })
            }
            Deed::Resume { of, day } => {
                let rests = self.page().subscriptions.subscription(self.subscription(of)?)?.pauses().to_vec();
                let rest = rests.last()?;
                let end = rest.until.map_or(Date::MAX, |until| plus(until, -1));
                let from = self.near(day).max(plus(rest.from, 1)).min(end);
                self.give(ResumeBilling { account, subscription: self.subscription(of)?, from })
            }
            Deed::Cancel { of, wish } => self.give(Cancel {
                account,
                subscription: self.subscription(of)?,
                when: self.when(of, wish)?,
                reason: None,
            }),
            Deed::Uncancel { of } => {
                let page = self.page();
                let cancelled =
                    page.subscriptions.subscriptions().filter(|(_, one)| one.cancelled_from().is_some());
                let cancelled: Vec<SubscriptionId> = cancelled.map(|(id, _)| id).collect();
                self.give(Uncancel { account, subscription: *recent(&cancelled, of)? })
            }
            Deed::Count { of, day, quantity, name } => self.count(of, day, quantity, name)?,
            Deed::Recount { of, day, quantity, name } => self.recount(of, day, quantity, name)?,
            Deed::MoveTo { dialect } => {
                let dialect = *nth(&DIALECTS, dialect)?;
                self.policies = Policies { dialect, ..self.policies };
                self.give(ChoosePolicies { policies: self.policies })
            }
            Deed::Publish { plan, price } => {
                self.publish(sold::published().into_iter().nth(plan.into())?, price, Existing::Grandfathered)
            }
            Deed::Migrate { of, component, price, at_renewal, day, within } => {
                let plan = self.plan_of(of, component)?;
                let from = self.near(day);
                let existing =
                    if at_renewal { Existing::MigrateAtRenewalFrom } else { Existing::MigrateFrom };
                let next = sold::published().into_iter().find(|publish| publish.plan == plan)?;
                self.publish(next, price, existing(from));
                self.give(MigrateAccount { account, through: plus(from, within.into()) })
            }
            Deed::BillUsage => self.give(BillUsage { account, on: today }),
            Deed::Discount { off, only, bills, day, days } => {
                let from = self.near(day);
                self.give(GrantDiscount {
                    off: match off % 3 {
                        0 => Off::Amount(Money::new(i64::from(off) + 1, self.currency).unwrap()),
                        1 => Off::Percent("12.5%".parse().unwrap()),
                        _ => Off::Percent("100%".parse().unwrap()),
                    },
                    on: match only {
                        0 => Eligible::Everything,
                        only => Eligible::Only(vec![code(nth(&sold::PLANS, only)?), code("training")]),
                    },
                    bills: Some(bills.into()).filter(|bills| *bills > 0),
                    until: Some(days).filter(|days| *days > 0).map(|days| plus(from, days.into())),
                    ..GrantDiscount::new(
                        account,
                        "A favour".parse().unwrap(),
                        Off::Percent("10%".parse().unwrap()),
                        from,
                    )
                })
            }
            Deed::EndDiscount { of, day } => {
                let discount = *recent(&self.discounts, of)?;
                let reason = "Over".parse().unwrap();
                self.give(EndDiscount { account, discount, from: self.near(day), reason })
            }
            Deed::GrantCredit { amount, expires } => self.give(GrantCredit {
                account,
                amount: Money::new(i64::from(amount) * 10, self.currency).unwrap(),
                on: today,
                expires_on: Some(expires).filter(|days| *days > 0).map(|days| plus(today, days.into())),
                priority: None,
                reason: "Sorry".parse().unwrap(),
            }),
            Deed::BringForward { amount } => {
                self.debts += 1;
                self.give(BringForward {
                    account,
                    reference: format!("OLD-{}", self.debts).parse().unwrap(),
                    issued_on: plus(today, -20),
                    due_on: plus(today, 10),
                    open: Money::new(i64::from(amount) * 10, self.currency).unwrap(),
                })
            }
            Deed::ExpireCredits => self.give(ExpireCredits { account, on: today }),
            Deed::Work { hours, day } => self.give(RecordWork {
                account,
                description: "Training".parse().unwrap(),
                done_on: self.near(day),
                quantity: Quantity::parse(&format!("{hours}.25")).unwrap(),
                unit_price: UnitPrice::from_major("33", self.currency).unwrap(),
                tax_code: code("standard"),
                evidence: None,
                done_by: None,
            }),
            Deed::Sell { quantity } => self.give(IssueInvoice {
                account,
                issue_on: today,
                items: vec![ItemLine {
                    item: code("training"),
                    quantity: Quantity::whole(quantity.into()),
                    text: None,
                }],
                work: Vec::new(),
            }),
            Deed::Quote { quantity, days } => {
                self.quoted += 1;
                self.give(RecordQuote {
                    account,
                    reference: format!("Q-{}", self.quoted).parse().unwrap(),
                    quoted_on: today,
                    valid_until: plus(today, days.into()),
                    lines: vec![
                        Offered::item(code("training"), Quantity::whole(quantity.into())),
                        Offered::Own(QuoteLine {
                            text: "Bespoke report".parse().unwrap(),
                            quantity: Quantity::parse(&format!("{quantity}.25")).unwrap(),
                            unit_price: UnitPrice::from_major("33", self.currency).unwrap(),
                            tax_code: code("reduced"),
                        }),
                    ],
                    note: None,
                })
            }
            Deed::AcceptQuote { of, later } => {
                let quote = *recent(&self.quotes, of)?;
                let bill_from = Some(later).filter(|days| *days > 0).map(|days| plus(today, days.into()));
                self.give(AcceptQuote { bill_from, ..AcceptQuote::new(account, quote, today) })
            }
            Deed::Sale { again: true, .. } => {
                let sale = self.sales.last()?.clone();
                let outcome = self.give(sale);
                assert_eq!(outcome, Outcome::Nothing, "a sale that is told again is known");
                outcome
            }
            Deed::Sale { quantity, own_price, paid, again: false } => {
                let amount = part(sold::amount("450.00", self.currency), paid);
                let sale = RecordSale {
                    account,
                    sale: format!("ORDER-{}", self.sales.len()).parse().unwrap(),
                    sold_on: today,
                    lines: vec![SaleLine {
                        unit_price: own_price.then(|| UnitPrice::from_major("33", self.currency).unwrap()),
                        ..SaleLine::new(code("training"), Quantity::whole(quantity.into()))
                    }],
                    payment: (paid > 0).then(|| SalePayment::new(amount, today, Method::Card)),
                };
                let outcome = self.give(sale.clone());
                if outcome == Outcome::Recorded {
                    self.sales.push(sale);
                }
                outcome
            }
            Deed::Pay { percent, of } => {
                let open: Vec<(InvoiceId, Money)> =
                    self.page().receivables.open_items().map(|(id, item)| (id, item.open)).collect();
                let due = recent(&open, of).copied();
                let amount = due.map_or(sold::amount("35.00", self.currency), |(_, open)| open);
                let pays = due.filter(|_| percent % 2 == 0).map(|(invoice, _)| invoice).into_iter().collect();
                self.give(RecordPayment { pays, ..RecordPayment::new(account, part(amount, percent), today) })
            }
            Deed::ReturnPayment { of } => {
                let payment = *recent(&self.payments, of)?;
                let reason = "Refer to payer".parse().unwrap();
                self.give(ReturnPayment { account, payment, on: today, reason })
            }
            Deed::Refund { of, percent } => {
                let (funds, left) = self.unapplied(of)?;
                let amount = part(left, percent);
                self.give(Refund { account, funds, amount, on: today, method: Method::BankTransfer })
            }
            Deed::SetAgainst { funds, invoice, percent } => {
                let (funds, left) = self.unapplied(funds)?;
                let open: Vec<(InvoiceId, Money)> =
                    self.page().receivables.open_items().map(|(id, item)| (id, item.open)).collect();
                let (invoice, open) = *recent(&open, invoice)?;
                let amount = part(left.at_most(open).unwrap(), percent);
                self.give(Allocate { account, funds, invoice, amount, on: today })
            }
            Deed::Release { invoice, percent } => {
                let invoice = recent(&self.invoices, invoice)?.invoice;
                let (funds, amount) = self.page().payments.allocated_to(invoice).into_iter().next()?;
                let amount = part(amount, percent);
                self.give(ReleaseAllocation { account, funds, invoice, amount, on: today })
            }
            Deed::Void { of } => {
                let page = self.page();
                let stand = self.invoices.iter().map(|issued| issued.invoice);
                let stand: Vec<_> = stand.filter(|invoice| !page.invoicing.is_void(*invoice)).collect();
                let invoice = *recent(&stand, of)?;
                let reason = "In error".parse().unwrap();
                self.give(VoidInvoice { account, invoice, on: today, reason })
            }
            Deed::Credit { of, line, percent } => {
                let issued = recent(&self.invoices, of)?;
                let what = match line {
                    0 => What::Whole,
                    line => {
                        let charged = issued.lines.iter().zip(1..).filter(|(line, _)| line.net.is_positive());
                        let charged: Vec<_> = charged.collect();
                        let (of, line) = *nth(&charged, line)?;
                        What::Lines(vec![CreditLine { line, amount: part(of.net, percent) }])
                    }
                };
                let reason = "A favour".parse().unwrap();
                self.give(CreditInvoice { account, invoice: issued.invoice, what, reason, on: today })
            }
            Deed::AssignParent { leaves, day } => {
                let parent = self.parent();
                self.give(AssignParent { account, parent: (!leaves).then_some(parent), from: self.near(day) })
            }
            Deed::Consolidate => {
                let outcome = self.give(ConsolidateInvoices { account: self.parent?, issue_on: today });
                // Nothing stays with the child that its parent pays for.
                let page = self.page();
                let mut left = page.receivables.open_items().filter(|(_, item)| item.issued_on <= today);
                assert!(left.all(|(_, item)| page.accounts.parent(item.issued_on).is_none()));
                outcome
            }
            Deed::PayAsParent { percent } => {
                let parent = self.parent?;
                let owed = self.story.engine.account(parent).unwrap().receivables.balance().clone();
                let owed = owed.of(self.currency).to_money().ok().filter(|owed| owed.is_positive())?;
                self.give(RecordPayment::new(parent, part(owed, percent), today))
            }
            Deed::VoidConsolidated { of } => {
                let (account, invoice) = (self.parent?, *recent(&self.consolidated, of)?);
                self.give(VoidInvoice { account, invoice, on: today, reason: "In error".parse().unwrap() })
            }
        })
    }

    fn give<C: Command>(&mut self, command: C) -> Outcome
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let done = match self.story.try_give(command) {
            Ok(done) => done,
            Err(no) => return Outcome::Refused(no.code()),
        };
        self.subscriptions.extend(done.all::<SubscriptionStarted>().map(|started| started.subscription));
        self.invoices.extend(done.all::<InvoiceIssued>().cloned());
        self.payments.extend(done.all::<PaymentReceived>().map(|paid| paid.payment));
        self.consolidated.extend(done.all::<ConsolidatedInvoiceIssued>().map(|issued| issued.invoice));
        self.quotes.extend(done.all::<QuoteIssued>().map(|issued| issued.quote));
        self.discounts.extend(done.all::<DiscountGranted>().map(|granted| granted.discount));
        if done.is_nothing() { Outcome::Nothing } else { Outcome::Recorded }
    }

    /// Publishes the next version of a plan, at other prices.
    fn publish(&mut self, next: PublishPlan, price: u8, existing: Existing) -> Outcome {
        let prices = next.prices.iter().map(|old| sold::own_price(price, old.currency())).collect();
        self.give(PublishPlan { prices, existing, ..next })
    }

    /// The plan, or add-on, that a subscription is on.
    fn plan_of(&self, of: u8, component: u8) -> Option<Code> {
        nth(&self.served(of)?, component).map(|(_, plan)| plan.clone())
    }

    /// The components that a subscription has today, and the plan, or add-on, that each is of.
    fn served(&self, of: u8) -> Option<Vec<(Code, Code)>> {
        let page = self.page();
        let subscription = page.subscriptions.subscription(self.subscription(of)?)?;
        let served = subscription.timelines().filter_map(|(component, timeline)| {
            Some((component.clone(), timeline.terms_on(self.today)?.plan().clone()))
        });
        Some(served.collect())
    }

    /// Bills or drafts, and holds it to the law of the last bill: what was not looked at is the last invoice again, what
    /// is to be looked at is not, unless something happened that no bill shows; the queue says why.
    fn reviews(&mut self, through: Date) -> Outcome {
        let (account, issue_on) = (self.account, self.today);
        let (before, known) = (self.page(), self.invoices.len());
        let outcome = match self.defect {
            Some(defect @ Defect::Unseen) => {
                self.give(Planted { bill: BillAccount { account, issue_on, through }, defect })
            }
            Some(_) | None => self.give(BillOrDraft { account, issue_on, through }),
        };
        let waits = self.story.engine.ask(&ReviewQueue).unwrap().value;
        let open = self.page().invoicing.open_draft().cloned();
        assert_eq!(waits.iter().map(|one| one.draft).next(), open.as_ref().map(|open| open.draft));
        let (earlier, now) = self.invoices.split_at(known);
        let standing: Vec<&InvoiceIssued> =
            earlier.iter().filter(|invoice| !before.invoicing.is_void(invoice.invoice)).collect();
        if let Some(issued) = now.first() {
            let again = last_time::is_again(&before, &standing, issued, through);
            assert_eq!(again, Ok(()), "billed without being looked at, and not as last time");
            self.story.billed_as_asked(&BillAccount { account, issue_on, through });
        } else if let (Outcome::Recorded, Some(open)) = (&outcome, open) {
            assert_eq!(waits.first().map(|one| &one.differs), Some(&open.changes));
            assert!(!open.changes.is_empty(), "drafted for no reason");
            let unseen = [Change::Details, Change::Credited];
            if let (Some(bill), None) = (&open.bill.invoice, &open.bill.credit_note)
                && last_time::is_again(&before, &standing, bill, through).is_ok()
            {
                let why = open.changes.iter().any(|change| unseen.contains(change))
                    || last_time::was_void(&before, earlier)
                    || last_time::gave_back(&before, &standing);
                assert!(why, "drafted as last time: {open:?}");
            }
        }
        outcome
    }

    /// Tells of use of a subscription that is metered.
    fn count(&mut self, of: u8, day: i8, quantity: u8, name: u8) -> Option<Outcome> {
        let (subscription, metric) = self.metered(of)?;
        let Reading { key, quantity, name } = self.reading(quantity, name);
        let record = UsageRecord { key, subscription, metric, on: self.near(day), quantity, name };
        Some(self.give(RecordUsage { account: self.account, records: vec![record] }))
    }

    /// Tells a day of use anew: that there was none, where the quantity is nothing.
    fn recount(&mut self, of: u8, day: i8, quantity: u8, name: u8) -> Option<Outcome> {
        let (account, on) = (self.account, self.near(day));
        let (subscription, metric) = self.metered(of)?;
        let readings = if quantity == 0 { vec![] } else { vec![self.reading(quantity, name)] };
        let reason = "Told wrongly".parse().unwrap();
        Some(self.give(RestateUsage { account, subscription, metric, on, readings, reason }))
    }

    /// A subscription that is metered, and what is counted of it.
    fn metered(&self, of: u8) -> Option<(SubscriptionId, Code)> {
        let page = self.page();
        let meters = page.subscriptions.subscriptions().flat_map(|(id, subscription)| {
            subscription.meters().map(move |meter| (id, meter.metric.clone()))
        });
        recent(&meters.collect::<Vec<_>>(), of).cloned()
    }

    fn reading(&mut self, quantity: u8, name: u8) -> Reading {
        self.readings += 1;
        Reading {
            key: format!("reading-{}", self.readings).parse().unwrap(),
            quantity: Quantity::whole(quantity.into()),
            name: Some(format!("name-{name}").parse().unwrap()),
        }
    }

    /// The account that may pay for the customer.
    fn parent(&mut self) -> AccountId {
        let (currency, name) = (Some(self.currency), Sealed::marked("Head office").unwrap());
        let register =
            RegisterAccount { currency, ..RegisterAccount::new("C-2".parse().unwrap(), name, self.today) };
        let parent = self
            .parent
            .unwrap_or_else(|| self.story.give(register).first::<AccountRegistered>().unwrap().account);
        self.parent = Some(parent);
        parent
    }

    fn page(&self) -> Account {
        self.story.engine.account(self.account).unwrap()
    }

    /// Money that is set against nothing, and how much it is.
    fn unapplied(&self, of: u8) -> Option<(Funds, Money)> {
        let left: Vec<(Funds, Money)> =
            self.page().receivables.unapplied().map(|(id, funds)| (id, funds.left)).collect();
        recent(&left, of).copied()
    }

    fn subscription(&self, of: u8) -> Option<SubscriptionId> {
        recent(&self.subscriptions, of).copied()
    }

    /// A component that a subscription has or had; none for the plan.
    fn component(&self, of: u8, component: u8, wanted: impl Fn(&Code) -> bool) -> Option<Code> {
        let served = self.served(of)?.into_iter().map(|(component, _)| component);
        let components: Vec<Code> = served.filter(wanted).collect();
        nth(&components, component).cloned()
    }

    fn when(&self, of: u8, wish: Wish) -> Option<When> {
        Some(match wish {
            Wish::In(days) => {
                self.changed.set(self.within(of, days)?);
                When::On(self.changed.get())
            }
            Wish::Same => When::On(self.changed.get()),
            Wish::EndOfPeriod => When::EndOfPeriod { asked_on: self.today },
            Wish::EndOfBilled => When::EndOfBilled { asked_on: self.today },
        })
    }

    /// A day near today on which a subscription can still be changed.
    fn within(&self, of: u8, days: i8) -> Option<Date> {
        let page = self.page();
        let subscription = page.subscriptions.subscription(self.subscription(of)?)?;
        let start = subscription.started_on()?;
        let end = subscription.cancelled_from().map_or(Date::MAX, |end| plus(end, -1));
        Some(self.near(days).min(end).max(start))
    }

    fn near(&self, days: i8) -> Date {
        self.day(days.into())
    }

    fn day(&self, days: i64) -> Date {
        plus(self.today, days)
    }
}

fn policies(dialect: Dialect, [line, tax, late, order]: [u8; 4]) -> Policies {
    let roundings = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up];
    let rounding = |which: u8| *nth(&roundings, which).unwrap();
    Policies {
        line_rounding: rounding(line),
        tax_rounding: rounding(tax),
        late_usage: match late {
            0 => LateUsage::default(),
            3 => LateUsage::Ignored,
            periods => LateUsage::NextInvoice { periods: periods * 2 },
        },
        allocation: match order {
            0 | 1 => AllocationOrder::OldestDueFirst,
            _ => AllocationOrder::OldestIssuedFirst,
        },
        dialect,
        ..Policies::default()
    }
}

fn plus(date: Date, days: i64) -> Date {
    plus_days(date, days).unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn part(amount: Money, percent: u8) -> Money {
    let minor = (amount.minor() * i64::from(percent) / 100).max(1);
    Money::new(minor, amount.currency()).unwrap()
}

fn nth<T>(all: &[T], which: u8) -> Option<&T> {
    all.get(usize::from(which).checked_rem(all.len())?)
}

/// Counted from the newest.
fn recent<T>(all: &[T], which: u8) -> Option<&T> {
    let back = usize::from(which).checked_rem(all.len())?;
    all.iter().rev().nth(back)
}
