//! The law of the due index, over customers made up at random: whoever has something to bill through a day is
//! named for that day, in one of the two lists.

use proptest::prelude::*;

use super::due_index::{Due, DueIndex, DuePage};
use super::support::{Log, date};
use crate::accounts::GiveAnchorDay;
use crate::book::{Account, Event, payload};
use crate::catalogue::{Aggregate, Commitment, Existing, Meter, PlanKind, Price, PublishPlan, Timing};
use crate::invoicing::{BillAccount, InvoiceIssued, VoidInvoice, next_bill_date};
use crate::kernel::calendar::{Date, DayOfMonth, Interval};
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::log::StreamId;
use crate::policies::given::{Customer, customer, money};
use crate::subscriptions::{
    AddAddOn, Cancel, ChangePlan, ChangeQuantity, MigrateAccount, RemoveAddOn, Subscribe,
    SubscriptionStarted, When,
};
use crate::usage::{RecordUsage, UsageRecord};
use crate::work::RecordWork;

#[derive(Debug, Clone)]
enum Step {
    Subscribe { plan: usize, from: u64 },
    Quantity { quantity: u32, from: u64 },
    Plan { plan: usize, from: u64 },
    AddOn { from: u64 },
    NoAddOn { from: u64 },
    Dearer { plan: usize, from: u64, at_renewal: bool },
    Cancel { from: u64 },
    Work { on: u64 },
    AccountDay { day: u8, on: u64 },
    Usage { on: u64, quantity: u64 },
    Bill { through: u64 },
    Void { which: prop::sample::Index },
}

const PLANS: [(&str, Timing, Interval); 6] = [
    ("basic", Timing::InAdvance, Interval::MONTHLY),
    ("metered", Timing::InArrears, Interval::MONTHLY),
    ("quarterly", Timing::InAdvance, Interval::QUARTERLY),
    ("counted", Timing::InAdvance, Interval::MONTHLY),
    ("committed", Timing::InAdvance, Interval::MONTHLY),
    ("committed_after", Timing::InArrears, Interval::MONTHLY),
];

const CALLS: &str = "calls";

fn step() -> impl Strategy<Value = Step> {
    let from = 0..150_u64;
    prop_oneof![
        2 => (0..6_usize, from.clone()).prop_map(|(plan, from)| Step::Subscribe { plan, from }),
        2 => (1..4_u32, from.clone()).prop_map(|(quantity, from)| Step::Quantity { quantity, from }),
        1 => (0..6_usize, from.clone()).prop_map(|(plan, from)| Step::Plan { plan, from }),
        1 => from.clone().prop_map(|from| Step::AddOn { from }),
        1 => from.clone().prop_map(|from| Step::NoAddOn { from }),
        2 => (0..4_usize, from.clone(), any::<bool>())
            .prop_map(|(plan, from, at_renewal)| Step::Dearer { plan, from, at_renewal }),
        1 => from.clone().prop_map(|from| Step::Cancel { from }),
        1 => from.clone().prop_map(|on| Step::Work { on }),
        1 => (1..32_u8, from.clone()).prop_map(|(day, on)| Step::AccountDay { day, on }),
        2 => (from.clone(), 0..3_u64).prop_map(|(on, quantity)| Step::Usage { on, quantity }),
        4 => from.prop_map(|through| Step::Bill { through }),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::Void { which }),
    ]
}

fn day(number: u64) -> Date {
    date("2026-01-10").checked_add_days(chrono::Days::new(number)).unwrap()
}

struct Told {
    customer: Customer,
    subscriptions: Vec<SubscriptionId>,
    invoices: Vec<InvoiceId>,
}

impl Told {
    fn new() -> Self {
        let mut customer = customer();
        customer.is_offered_goods();
        for (plan, timing, interval) in &PLANS[1..] {
            publish(&mut customer, plan, PlanKind::Base, *timing, *interval);
        }
        publish(&mut customer, "extra", PlanKind::AddOn, Timing::InAdvance, Interval::MONTHLY);
        Told { customer, subscriptions: Vec::new(), invoices: Vec::new() }
    }

    /// Does what the step says, unless a rule refuses it.
    fn does(&mut self, step: &Step) {
        let account = self.customer.account;
        let subscription = self.subscriptions.last().copied();
        let scenario = &mut self.customer.scenario;
        let done = match (step, subscription) {
            (Step::Subscribe { plan, from }, _) => scenario.when(Subscribe {
                account,
                plan: PLANS[*plan].0.parse().unwrap(),
                quantity: 1,
                from: day(*from),
                anchor_day: None,
                add_ons: Vec::new(),
                custom_fields: Default::default(),
            }),
            (Step::Quantity { quantity, from }, Some(subscription)) => scenario.when(ChangeQuantity {
                account,
                subscription,
                component: None,
                quantity: *quantity,
                when: When::On(day(*from)),
            }),
            (Step::Plan { plan, from }, Some(subscription)) => scenario.when(ChangePlan {
                account,
                subscription,
                plan: PLANS[*plan].0.parse().unwrap(),
                quantity: None,
                when: When::On(day(*from)),
                anchor_day: None,
            }),
            (Step::AddOn { from }, Some(subscription)) => scenario.when(AddAddOn {
                account,
                subscription,
                add_on: "extra".parse().unwrap(),
                quantity: 1,
                when: When::On(day(*from)),
                component: None,
            }),
            (Step::NoAddOn { from }, Some(subscription)) => scenario.when(RemoveAddOn {
                account,
                subscription,
                add_on: "extra".parse().unwrap(),
                when: When::On(day(*from)),
            }),
            (Step::Dearer { plan, from, at_renewal }, _) => {
                let existing =
                    if *at_renewal { Existing::MigrateAtRenewalFrom } else { Existing::MigrateFrom };
                let price = money(&scenario.history().len().to_string());
                let (code, timing, interval) = PLANS[*plan];
                scenario
                    .when(PublishPlan {
                        existing: existing(day(*from)),
                        ..offered(code, timing, interval, price)
                    })
                    .unwrap();
                scenario.when(MigrateAccount { account, through: day(200) })
            }
            (Step::Cancel { from }, Some(subscription)) => {
                scenario.when(Cancel { account, subscription, when: When::On(day(*from)), reason: None })
            }
            (Step::AccountDay { day: number, on }, _) => {
                let number = DayOfMonth::new(*number).unwrap();
                scenario.when(GiveAnchorDay { account, day: number, on: day(*on) })
            }
            (Step::Work { on }, _) => scenario.when(RecordWork {
                account,
                description: "Repair".parse().unwrap(),
                done_on: day(*on),
                quantity: "1".parse().unwrap(),
                unit_price: "GBP 40.00".parse().unwrap(),
                tax_code: "zero".parse().unwrap(),
                evidence: None,
                done_by: None,
            }),
            (Step::Usage { on, quantity }, Some(subscription)) => {
                let key = scenario.history().len().to_string().parse().unwrap();
                let quantity = Quantity::whole(*quantity);
                let (metric, on, name) = (CALLS.parse().unwrap(), day(*on), None);
                let record = UsageRecord { key, subscription, metric, on, quantity, name };
                scenario.when(RecordUsage { account, records: vec![record] })
            }
            (Step::Bill { through }, _) => {
                scenario.when(BillAccount { account, issue_on: day(*through), through: day(*through) })
            }
            (Step::Void { which }, _) if !self.invoices.is_empty() => {
                let invoice = self.invoices.remove(which.index(self.invoices.len()));
                scenario.when(VoidInvoice {
                    account,
                    invoice,
                    on: day(200),
                    reason: "Made in error".parse().unwrap(),
                })
            }
            (
                Step::Quantity { .. }
                | Step::Plan { .. }
                | Step::AddOn { .. }
                | Step::Usage { .. }
                | Step::NoAddOn { .. }
                | Step::Cancel { .. },
                None,
            )
            | (Step::Void { .. }, _) => return,
        };
        let events = done.unwrap_or_default();
        let started = events.iter().filter_map(payload::<SubscriptionStarted>);
        self.subscriptions.extend(started.map(|started| started.subscription));
        self.invoices.extend(events.iter().filter_map(payload::<InvoiceIssued>).map(|issued| issued.invoice));
    }

    fn log(&self) -> Log {
        let mut log = Log::default();
        for planned in self.customer.scenario.history() {
            log.record(planned.stream.clone(), planned.event.clone());
        }
        log
    }

    fn page(&self) -> Account {
        let mut page = Account::new(self.customer.account);
        let stream = StreamId::Account(self.customer.account);
        let history = self.customer.scenario.history().iter();
        let events = history.filter(|planned| planned.stream == stream);
        events.for_each(|planned| page.evolve(&planned.event));
        page
    }
}

fn publish(customer: &mut Customer, plan: &str, kind: PlanKind, timing: Timing, interval: Interval) {
    let _: Vec<Event> =
        customer.does(PublishPlan { kind, ..offered(plan, timing, interval, money("60.00")) });
}

fn offered(plan: &str, timing: Timing, interval: Interval, seat: Money) -> PublishPlan {
    let (code, name) = (plan.parse().unwrap(), plan.parse().unwrap());
    PublishPlan {
        interval,
        timing,
        // Between what one and what two come to.
        commitment: plan.starts_with("committed").then(|| Commitment {
            name: "Minimum".parse().unwrap(),
            minimums: vec![money("100.00")],
            tax_code: "zero".parse().unwrap(),
        }),
        meter: (plan == "counted").then(|| Meter::new(CALLS.parse().unwrap(), Aggregate::Sum)),
        ..PublishPlan::monthly(code, name, Price::PerSeat(seat), "zero".parse().unwrap())
    }
}

/// In which lists the one account stands: changed, unchanged.
fn named(log: &Log, through: Date) -> (bool, bool) {
    let due = log.ask(&Due { through });
    (!due.changed.is_empty(), !due.unchanged.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whoever_has_something_to_bill_is_named(steps in prop::collection::vec(step(), 1..10)) {
        let mut told = Told::new();
        for step in &steps {
            told.does(step);
            let log = told.log();
            if let Step::Bill { through } = step {
                let next = next_bill_date(&told.page());
                prop_assert!(next.is_none_or(|next| day(*through) < next), "due on {next:?} after {step:?}");
            }
            if let Some(due_on) = next_bill_date(&told.page()) {
                let (changed, unchanged) = named(&log, due_on);
                prop_assert!(changed != unchanged, "due on {due_on} after {step:?}");
            }
        }
    }
}

#[test]
fn a_customer_is_named_when_its_period_begins_and_not_before() {
    let mut told = Told::new();
    told.does(&Step::Subscribe { plan: 0, from: 0 });
    assert_eq!(named(&told.log(), date("2026-01-09")), (false, false));
    assert_eq!(named(&told.log(), date("2026-01-10")), (true, false), "it was never billed");
    told.does(&Step::Bill { through: 0 });
    assert_eq!(named(&told.log(), date("2026-02-09")), (false, false));
    assert_eq!(named(&told.log(), date("2026-02-10")), (false, true));
}

#[test]
fn a_change_is_named_in_the_list_that_comes_first() {
    let mut told = Told::new();
    told.does(&Step::Subscribe { plan: 2, from: 0 });
    told.does(&Step::Bill { through: 0 });
    told.does(&Step::Quantity { quantity: 3, from: 20 });
    assert_eq!(named(&told.log(), date("2026-01-29")), (false, false));
    assert_eq!(named(&told.log(), date("2026-01-30")), (true, false));
    told.does(&Step::Bill { through: 20 });
    assert_eq!(named(&told.log(), date("2026-04-09")), (false, false));
    assert_eq!(named(&told.log(), date("2026-04-10")), (false, true));
}

#[test]
fn arrears_are_named_when_the_period_is_over() {
    let mut told = Told::new();
    told.does(&Step::Subscribe { plan: 1, from: 0 });
    assert_eq!(named(&told.log(), date("2026-02-09")), (false, false));
    assert_eq!(named(&told.log(), date("2026-02-10")), (true, false));
    told.does(&Step::Cancel { from: 10 });
    assert_eq!(named(&told.log(), date("2026-01-20")), (true, false));
    told.does(&Step::Bill { through: 10 });
    assert_eq!(
        named(&told.log(), date("2027-01-01")),
        (false, false),
        "a cancelled customer leaves the index"
    );
}

#[test]
fn a_void_invoice_is_due_again() {
    let mut told = Told::new();
    told.does(&Step::Subscribe { plan: 0, from: 0 });
    told.does(&Step::Work { on: 3 });
    told.does(&Step::Bill { through: 5 });
    assert_eq!(named(&told.log(), date("2026-01-20")), (false, false));
    let invoice = told.invoices[0];
    let account = told.customer.account;
    let reason = "Wrong address".parse().unwrap();
    told.customer.does(VoidInvoice { account, invoice, on: date("2026-01-16"), reason });
    assert_eq!(named(&told.log(), date("2026-01-20")), (true, false), "what was voided is looked at first");
    told.log().assert_rows_do_not_depend_on_saves::<DueIndex>();
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let mut told = Told::new();
    told.does(&Step::Subscribe { plan: 0, from: 0 });
    let page =
        |after| told.log().ask(&DuePage { through: date("2026-01-10"), changed: true, after, limit: 1 });
    assert_eq!(page(None), [told.customer.account]);
    assert_eq!(page(Some(told.customer.account)), []);
}
