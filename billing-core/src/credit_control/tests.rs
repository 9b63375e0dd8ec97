//! Decisions of credit control, given / when / then.

use proptest::prelude::*;

use super::*;
use crate::book::{Event as Any, payload};
use crate::decision::{Command, Context};
use crate::kernel::ids::CommandId;
use crate::kernel::ids::{DisputeId, InvoiceId, MessageId, PromiseId};
use crate::kernel::timestamp::Timestamp;
use crate::policies::given::{Customer, customer, customer_under, date, money, words};
use crate::settings::{Disputed, Ladder, LadderStep, Policies, SetLadder};

fn chase(customer: &Customer, on: &str) -> Chase {
    Chase { account: customer.account, on: date(on) }
}

fn send(customer: &Customer, message: MessageId, on: &str) -> SendReminder {
    SendReminder { account: customer.account, message, on: date(on) }
}

fn close(customer: &Customer, on: &str) -> CloseDay {
    CloseDay { account: customer.account, on: date(on) }
}

fn dispute(customer: &Customer, invoice: InvoiceId, amount: Option<&str>) -> RaiseDispute {
    RaiseDispute {
        account: customer.account,
        invoice,
        amount: amount.map(money),
        reason: DisputeReason::ShortDelivery,
        on: date("2026-03-03"),
        note: None,
    }
}

fn resolve(customer: &Customer, dispute: DisputeId, outcome: DisputeOutcome) -> ResolveDispute {
    ResolveDispute { account: customer.account, dispute, outcome, on: date("2026-03-06") }
}

/// What a chase or a sending came to, an invoice a line, with invoices called by their place in `names`.
fn said(events: &[Any], names: &[InvoiceId]) -> Vec<String> {
    let name = |invoice: &InvoiceId| names.iter().position(|name| name == invoice).unwrap() + 1;
    let chased = |verb: &str, chased: &Chased| {
        format!("{verb} {} at {}: {}", name(&chased.invoice), chased.step, chased.amount)
    };
    let mut said = Vec::new();
    for event in events {
        if let Some(due) = payload::<ReminderDue>(event) {
            said.push(format!("{} on {}", due.template, due.due_on));
            said.extend(due.invoices.iter().map(|one| chased("due", one)));
        }
        if let Some(sent) = payload::<ReminderSent>(event) {
            said.extend(sent.invoices.iter().map(|one| chased("sent", one)));
        }
        if let Some(held) = payload::<ReminderSuppressed>(event) {
            said.push(format!("not {} at {}: {}", name(&held.invoice), held.step, held.reason));
        }
    }
    said
}

/// The first day from `from` on which a chase would record something, found by trying every day.
fn tried(customer: &Customer, from: &str) -> Option<crate::kernel::calendar::Date> {
    let books = customer.scenario.books(customer.account);
    let by = "user:tester".parse().unwrap();
    let ctx = Context::new(Timestamp::EPOCH, &by, CommandId::from_uuid(customer.account.uuid()));
    let mut days = date(from).iter_days().take(90);
    days.find(|day| !Chase { account: customer.account, on: *day }.decide(&books, &ctx).unwrap().is_empty())
}

/// One thing that happens to a customer.
#[derive(Debug, Clone)]
enum Step {
    Owes { due_in: u64 },
    Pays { pounds: u32 },
    Promises { within: u64 },
    Disputes { pounds: Option<u32> },
    IsChased { send: bool },
    ReleasesAll,
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..40).prop_map(|due_in| Step::Owes { due_in }),
        (1_u32..150).prop_map(|pounds| Step::Pays { pounds }),
        (0_u64..20).prop_map(|within| Step::Promises { within }),
        proptest::option::of(1_u32..120).prop_map(|pounds| Step::Disputes { pounds }),
        any::<bool>().prop_map(|send| Step::IsChased { send }),
        any::<bool>().prop_map(|send| Step::IsChased { send }),
        Just(Step::ReleasesAll),
    ]
}

impl Step {
    /// Lets it happen, unless a rule says no.
    fn happen(&self, customer: &mut Customer, today: crate::kernel::calendar::Date) {
        let day = today.to_string();
        let open: Vec<_> = customer
            .look(|account, _| account.receivables.open_items().map(|(id, item)| (id, item.open)).collect());
        match self {
            Step::Owes { due_in } => {
                customer.owes(
                    "100.00",
                    &(today.checked_add_days(chrono::Days::new(*due_in)).unwrap()).to_string(),
                );
            }
            Step::Pays { pounds } => {
                customer.pays(&format!("{pounds}.00"), &day);
            }
            Step::Promises { within } if !open.is_empty() => {
                let pay_by = (today.checked_add_days(chrono::Days::new(*within)).unwrap()).to_string();
                customer.does(customer.promise("1.00", &day, &pay_by));
            }
            Step::Disputes { pounds } => {
                if let Some((invoice, _)) = open.first() {
                    let amount = pounds.map(|pounds| format!("{pounds}.00"));
                    let _ = customer.scenario.when(dispute(customer, *invoice, amount.as_deref()));
                }
            }
            Step::IsChased { send: sends } => {
                if let Some(message) = customer.chased(&day).filter(|_| *sends) {
                    customer.does(send(customer, message, &day));
                }
            }
            Step::ReleasesAll => {
                let links: Vec<_> = customer.look(|account, _| {
                    let funds: Vec<_> = open
                        .iter()
                        .flat_map(|(id, _)| account.payments.allocated_to(*id))
                        .map(|(funds, _)| funds)
                        .collect();
                    let links = funds
                        .into_iter()
                        .take(1)
                        .map(|funds| (funds, account.payments.allocations_of(funds)));
                    links
                        .flat_map(|(funds, links)| {
                            links.into_iter().map(move |(id, amount)| (funds, id, amount))
                        })
                        .collect()
                });
                for (funds, invoice, amount) in links {
                    let (account, on) = (customer.account, today);
                    customer.does(crate::payments::ReleaseAllocation { account, funds, invoice, amount, on });
                }
            }
            Step::Promises { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    // No one slips through the net: the day of the next action is the day that trying every day finds, whatever
    // happened before.
    #[test]
    fn the_next_action_is_on_the_first_day_on_which_a_chase_finds_something(
        steps in proptest::collection::vec((a_step(), 0_u64..6), 1..14),
        min_days in prop_oneof![Just(0_u16), 1_u16..9],
    ) {
        let mut customer = customer();
        let ladder = Ladder::default();
        let ladder = Ladder::new("tried".parse().unwrap(), ladder.steps().to_vec(), min_days).unwrap();
        customer.does(SetLadder { ladder });
        let mut today = date("2026-03-01");
        for (step, wait) in &steps {
            step.happen(&mut customer, today);
            let next = customer.look(|account, settings| next_action_on(account, settings, today));
            prop_assert_eq!(next, tried(&customer, &today.to_string()), "after {:?}", step);
            today = today.checked_add_days(chrono::Days::new(*wait)).unwrap();
        }
    }
}

#[test]
fn due_today_is_not_overdue_and_the_first_step_comes_three_days_later() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    for day in ["2026-03-01", "2026-03-02", "2026-03-03"] {
        assert_eq!(customer.does(chase(&customer, day)), [], "{day}");
    }
    let events = customer.does(chase(&customer, "2026-03-04"));
    assert_eq!(said(&events, &[invoice]), ["gentle_reminder on 2026-03-04", "due 1 at 3: GBP 100.00"]);
    assert_eq!(customer.does(chase(&customer, "2026-03-04")), []);
}

#[test]
fn a_missed_step_is_skipped_for_good_and_all_new_steps_stand_in_one_letter() {
    let mut customer = customer();
    let invoices = [customer.owes("100.00", "2026-03-10"), customer.owes("50.00", "2026-03-01")];
    let events = customer.does(chase(&customer, "2026-03-15"));
    assert_eq!(
        said(&events, &invoices),
        ["firm_reminder on 2026-03-15", "due 2 at 14: GBP 50.00", "due 1 at 3: GBP 100.00"]
    );
    let message = payload::<ReminderDue>(&events[0]).unwrap().message;
    let sent = customer.does(send(&customer, message, "2026-03-15"));
    assert_eq!(said(&sent, &invoices), ["sent 2 at 14: GBP 50.00", "sent 1 at 3: GBP 100.00"]);
    assert_eq!(customer.does(send(&customer, message, "2026-03-15")), []);
    customer.look(|account, settings| {
        assert_eq!(invoices.map(|invoice| account.credit_control.last_step(invoice)), [Some(3), Some(14)]);
        assert_eq!(next_action_on(account, settings, date("2026-03-15")), Some(date("2026-03-17")));
    });
    let events = customer.does(chase(&customer, "2026-03-31"));
    assert_eq!(
        said(&events, &invoices),
        ["final_demand on 2026-03-31", "due 2 at 30: GBP 50.00", "due 1 at 14: GBP 100.00"]
    );
}

#[test]
fn a_customer_who_paid_before_the_letter_went_is_not_chased() {
    let mut customer = customer();
    let invoices = [customer.owes("100.00", "2026-03-01"), customer.owes("50.00", "2026-03-02")];
    let message = customer.chased("2026-03-05").unwrap();
    customer.pays("120.00", "2026-03-05");
    let events = customer.does(send(&customer, message, "2026-03-05"));
    assert_eq!(said(&events, &invoices), ["not 1 at 3: nothing is open on it", "sent 2 at 3: GBP 30.00"]);

    let message = customer.chased("2026-03-09").unwrap();
    customer.pays("30.00", "2026-03-09");
    let events = customer.does(send(&customer, message, "2026-03-09"));
    assert_eq!(said(&events, &invoices), ["not 2 at 7: nothing is open on it"]);
    assert_eq!(customer.does(send(&customer, message, "2026-03-09")), []);
    assert_eq!(customer.chased("2026-05-01"), None);
}

// Kept promises stand until their days are over. Both orders of their ids are tried, for the one that runs counts in
// either.
#[test]
fn the_end_of_a_promise_counts_and_that_of_one_that_was_kept_does_not() {
    for (kept_at, running_at) in [("08:00", "09:00"), ("09:00", "08:00")] {
        let mut customer = customer();
        customer.owes("100.00", "2026-03-01");
        customer.is_at(&format!("2026-03-08T{kept_at}:00.000Z"));
        let kept = customer.promises("1.00", "2026-03-08", "2026-03-10");
        customer.pays("1.00", "2026-03-08");
        customer.is_at(&format!("2026-03-08T{running_at}:00.000Z"));
        let running = customer.promises("1.00", "2026-03-08", "2026-03-09");
        assert_eq!(kept < running, kept_at < running_at);
        customer.does(chase(&customer, "2026-03-08"));

        // The day after the 9th, though the one that was kept had until the 10th.
        let next = customer.look(|account, settings| next_action_on(account, settings, date("2026-03-08")));
        assert_eq!(next, Some(date("2026-03-10")));
        assert_eq!(tried(&customer, "2026-03-08"), next);
    }
}

// 1,200 paid on 1,000 leaves 200 unapplied; released money covers the oldest due first.
#[test]
fn unapplied_money_covers_the_oldest_due_first() {
    let mut customer = customer();
    let invoices = [customer.owes("100.00", "2026-03-01"), customer.owes("50.00", "2026-03-02")];
    let payment = customer.pays("130.00", "2026-03-03");
    for (invoice, amount) in [(invoices[0], "100.00"), (invoices[1], "20.00")] {
        customer.does(crate::payments::ReleaseAllocation {
            account: customer.account,
            funds: crate::kernel::funds::Funds::Payment(payment),
            invoice,
            amount: money(amount),
            on: date("2026-03-04"),
        });
    }
    // 130.00 less 100.00 and 20.00 leaves 10.00 set against the second; 120.00 cover 100.00 and 20.00 of 40.00.
    let events = customer.does(chase(&customer, "2026-03-05"));
    assert_eq!(
        said(&events, &invoices),
        [
            "not 1 at 3: unapplied money of the customer covers it",
            "gentle_reminder on 2026-03-05",
            "due 2 at 3: GBP 20.00",
        ]
    );
    assert_eq!(customer.does(chase(&customer, "2026-03-06")), []);
}

#[test]
fn a_disputed_part_is_not_chased_and_the_rest_is() {
    let mut customer = customer();
    let invoices = [customer.owes("100.00", "2026-03-01"), customer.owes("50.00", "2026-03-01")];
    customer.does(dispute(&customer, invoices[0], Some("30.00")));
    let raised = customer.does(dispute(&customer, invoices[1], None));
    customer.look(|account, _| {
        let credit_control = &account.credit_control;
        assert_eq!(
            invoices.map(|invoice| credit_control.disputed(invoice)),
            [Some(money("30.00")), Some(money("50.00"))]
        );
        assert_eq!(credit_control.disputed_total().of(money("0.00").currency()).to_string(), "GBP 80.00");
    });
    let events = customer.does(chase(&customer, "2026-03-04"));
    let held = "not 2 at 3: what is open on it is disputed";
    assert_eq!(said(&events, &invoices), [held, "gentle_reminder on 2026-03-04", "due 1 at 3: GBP 70.00"]);

    let disputed = payload::<DisputeRaised>(&raised[0]).unwrap().dispute;
    customer.does(resolve(&customer, disputed, DisputeOutcome::Rejected));
    let events = customer.does(chase(&customer, "2026-03-06"));
    assert_eq!(said(&events, &invoices), ["gentle_reminder on 2026-03-06", "due 2 at 3: GBP 50.00"]);
}

#[test]
fn a_book_can_chase_what_is_disputed() {
    let mut customer = customer_under(Policies { disputed: Disputed::Chase, ..Policies::default() });
    let invoice = customer.owes("100.00", "2026-03-01");
    customer.does(dispute(&customer, invoice, None));
    let events = customer.does(chase(&customer, "2026-03-04"));
    assert_eq!(said(&events, &[invoice])[1], "due 1 at 3: GBP 100.00");
}

#[test]
fn a_customer_is_left_alone_between_two_letters() {
    let mut customer = customer();
    let step = |days_overdue| LadderStep { days_overdue, template: "reminder".parse().unwrap() };
    let ladder = Ladder::new("patient".parse().unwrap(), vec![step(1), step(2), step(30)], 5).unwrap();
    customer.does(SetLadder { ladder });
    customer.owes("100.00", "2026-03-01");
    let message = customer.chased("2026-03-02").unwrap();
    assert_eq!(customer.chased("2026-03-03"), None, "one waits to be sent");
    customer.does(send(&customer, message, "2026-03-04"));
    customer.owes("50.00", "2026-03-05");
    let next = customer.look(|account, settings| next_action_on(account, settings, date("2026-03-05")));
    assert_eq!(next, Some(date("2026-03-09")));
    assert_eq!(customer.chased("2026-03-08"), None);
    assert!(customer.chased("2026-03-09").is_some());
}

#[test]
fn a_letter_that_nobody_sent_is_overtaken_by_the_next_step() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let first = customer.chased("2026-03-04").unwrap();
    let events = customer.does(chase(&customer, "2026-03-08"));
    assert_eq!(
        said(&events, &[invoice]),
        [
            "not 1 at 3: it reached a later step before the reminder was sent",
            "second_reminder on 2026-03-08",
            "due 1 at 7: GBP 100.00",
        ]
    );
    assert_eq!(customer.does(send(&customer, first, "2026-03-08")), []);
    assert_eq!(customer.look(|account, _| account.credit_control.waiting().count()), 1);
}

#[test]
fn the_chase_waits_for_a_promise_and_resumes_at_the_next_step() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let message = customer.chased("2026-03-04").unwrap();
    customer.does(send(&customer, message, "2026-03-04"));
    customer.promises("100.00", "2026-03-05", "2026-03-10");
    let events = customer.does(chase(&customer, "2026-03-08"));
    assert_eq!(said(&events, &[invoice]), ["not 1 at 7: a promise to pay it is running"]);
    assert_eq!(customer.does(chase(&customer, "2026-03-10")), []);
    let next = customer.look(|account, settings| next_action_on(account, settings, date("2026-03-10")));
    assert_eq!(next, Some(date("2026-03-11")));
    let events = customer.does(chase(&customer, "2026-03-11"));
    assert_eq!(said(&events, &[invoice]), ["second_reminder on 2026-03-11", "due 1 at 7: GBP 100.00"]);
}

#[test]
fn a_promise_made_after_the_chase_stops_the_letter() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let message = customer.chased("2026-03-04").unwrap();
    customer.promises("100.00", "2026-03-04", "2026-03-10");
    let events = customer.does(send(&customer, message, "2026-03-04"));
    assert_eq!(said(&events, &[invoice]), ["not 1 at 3: a promise to pay it is running"]);
}

#[test]
fn a_promise_without_money_is_broken_at_the_close_of_the_day_after() {
    let mut customer = customer();
    customer.owes("100.00", "2026-03-01");
    let mut promise = customer.promise("100.00", "2026-03-05", "2026-03-10");
    promise.grace_days = Some(2);
    customer.does(promise);
    assert_eq!(customer.does(close(&customer, "2026-03-12")), []);
    let next = customer.look(|account, _| next_close_on(account));
    assert_eq!(next, Some(date("2026-03-13")));
    assert_eq!(words(&customer.does(close(&customer, "2026-03-13"))), ["credit_control.promise_broken"]);
    assert_eq!(customer.does(close(&customer, "2026-03-14")), []);
    assert_eq!(customer.look(|account, _| account.credit_control.broken_promises()), 1);
}

#[test]
fn a_promise_is_kept_by_money_that_comes_after_it_was_made() {
    let mut customer = customer();
    customer.owes("100.00", "2026-03-01");
    customer.pays("40.00", "2026-03-05");
    customer.promises("60.00", "2026-03-05", "2026-03-10");
    let part = customer.does(customer.payment("59.99", "2026-03-05"));
    assert!(!words(&part).contains(&"credit_control.promise_kept"));
    let rest = customer.does(customer.payment("0.01", "2026-03-10"));
    assert!(words(&rest).contains(&"credit_control.promise_kept"));
    assert_eq!(customer.does(close(&customer, "2026-03-11")), []);
    assert_eq!(customer.look(|account, _| next_close_on(account)), None);
}

#[test]
fn a_promise_of_which_a_part_came_is_kept_in_part() {
    let mut customer = customer();
    customer.owes("100.00", "2026-03-01");
    customer.promises("60.00", "2026-03-05", "2026-03-10");
    customer.pays("59.99", "2026-03-10");
    customer.pays("0.01", "2026-03-11");
    let events = customer.does(close(&customer, "2026-03-11"));
    assert_eq!(payload::<PromisePartlyKept>(&events[0]).unwrap().paid, money("59.99"));
    assert_eq!(customer.look(|account, _| account.credit_control.broken_promises()), 0);
}

#[test]
fn a_payment_that_goes_back_in_time_breaks_a_promise_that_was_kept() {
    for (returned_on, verdict) in
        [("2026-03-10", vec!["credit_control.promise_broken"]), ("2026-03-11", vec![])]
    {
        let mut customer = customer();
        customer.owes("100.00", "2026-03-01");
        customer.promises("100.00", "2026-03-05", "2026-03-10");
        let payment = customer.pays("100.00", "2026-03-06");
        let reason = "Refer to payer".parse().unwrap();
        let (account, on) = (customer.account, date(returned_on));
        customer.does(crate::payments::ReturnPayment { account, payment, on, reason });
        assert_eq!(words(&customer.does(close(&customer, "2026-03-12"))), verdict, "{returned_on}");
    }
}

#[test]
fn a_new_promise_takes_the_place_of_one_on_the_same_invoice() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let old = customer.promises("100.00", "2026-03-05", "2026-03-10");
    assert_eq!(customer.does(customer.promise("100.00", "2026-03-05", "2026-03-10")), [], "asked twice");
    let events = customer.does(customer.promise("100.00", "2026-03-06", "2026-03-20"));
    let withdrawn = payload::<PromiseWithdrawn>(&events[0]).unwrap();
    let made = payload::<PromiseMade>(&events[1]).unwrap();
    assert_eq!((withdrawn.promise, withdrawn.replaced_by), (old, Some(made.promise)));
    customer.look(|account, _| {
        let running = account.credit_control.running_promise(invoice, date("2026-03-20")).unwrap();
        assert_eq!(running.0, made.promise);
    });
    let withdraw = |customer: &Customer, promise: PromiseId| WithdrawPromise {
        account: customer.account,
        promise,
        on: date("2026-03-07"),
    };
    assert_eq!(
        words(&customer.does(withdraw(&customer, made.promise))),
        ["credit_control.promise_withdrawn"]
    );
    assert_eq!(customer.does(withdraw(&customer, made.promise)), []);
    let unknown = PromiseId::from_uuid(invoice.uuid());
    assert_eq!(
        customer.may_not(withdraw(&customer, unknown)),
        format!("{unknown} is not a running promise of this account")
    );
}

#[test]
fn promises_have_rules() {
    let mut customer = customer();
    assert_eq!(
        customer.may_not(customer.promise("1.00", "2026-03-05", "2026-03-10")),
        "nothing is open on these invoices"
    );
    let invoice = customer.owes("100.00", "2026-03-01");
    let refused = |customer: &mut Customer, amount: &str, pay_by: &str| {
        customer.may_not(customer.promise(amount, "2026-03-05", pay_by))
    };
    assert_eq!(refused(&mut customer, "0.00", "2026-03-10"), "GBP 0.00 is not above zero");
    assert_eq!(
        refused(&mut customer, "EUR 1.00", "2026-03-10"),
        "EUR 1.00 is not in GBP, in which the account is kept"
    );
    assert_eq!(
        refused(&mut customer, "100.01", "2026-03-10"),
        "GBP 100.01 is more than is open on these invoices: GBP 100.00"
    );
    assert_eq!(
        refused(&mut customer, "1.00", "2026-03-04"),
        "a promise made on 2026-03-05 can't be to pay by 2026-03-04"
    );
    let unknown = InvoiceId::from_uuid(customer.account.uuid());
    let mut promise = customer.promise("1.00", "2026-03-05", "2026-03-10");
    promise.invoices = vec![invoice, unknown];
    assert_eq!(
        customer.may_not(promise),
        format!("{unknown} is not an invoice of this account, or it was voided")
    );
    for _ in 0..MOST_BROKEN {
        customer.promises("1.00", "2026-03-05", "2026-03-10");
        customer.does(close(&customer, "2026-03-11"));
    }
    assert_eq!(
        refused(&mut customer, "1.00", "2026-03-10"),
        "the customer broke 3 promises, and after 3 no other is taken"
    );
}

#[test]
fn disputes_have_rules() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let unknown = InvoiceId::from_uuid(customer.account.uuid());
    assert_eq!(
        customer.may_not(dispute(&customer, unknown, None)),
        format!("{unknown} is not an invoice of this account, or it was voided")
    );
    assert_eq!(customer.may_not(dispute(&customer, invoice, Some("0.00"))), "GBP 0.00 is not above zero");
    assert_eq!(
        customer.may_not(dispute(&customer, invoice, Some("EUR 1.00"))),
        "EUR 1.00 is not in GBP, in which the account is kept"
    );
    let raised = customer.does(dispute(&customer, invoice, Some("60.00")));
    let raised = payload::<DisputeRaised>(&raised[0]).unwrap().dispute;
    assert_eq!(customer.does(dispute(&customer, invoice, Some("60.00"))), [], "asked twice");
    assert_eq!(
        customer.may_not(dispute(&customer, invoice, Some("40.01"))),
        format!("GBP 40.01 is more than is open and not disputed on invoice {invoice}: GBP 40.00")
    );
    customer.does(dispute(&customer, invoice, None));
    assert_eq!(
        customer.may_not(dispute(&customer, invoice, Some("1.00"))),
        format!("nothing is open on invoice {invoice} that is not disputed yet")
    );
    customer.does(resolve(&customer, raised, DisputeOutcome::Withdrawn));
    assert_eq!(customer.does(resolve(&customer, raised, DisputeOutcome::Withdrawn)), []);
    assert_eq!(
        customer.may_not(resolve(&customer, raised, DisputeOutcome::Credited)),
        format!("dispute {raised} has ended: withdrawn by the customer")
    );
    let unknown = DisputeId::from_uuid(invoice.uuid());
    assert_eq!(
        customer.may_not(resolve(&customer, unknown, DisputeOutcome::Credited)),
        format!("{unknown} is not a dispute of this account")
    );
}

#[test]
fn an_account_is_on_hold_while_there_is_a_reason() {
    let mut customer = customer();
    customer.is_held_for(HoldReason::Arrears, "2026-03-01");
    let said = customer.scenario.history().last().unwrap().event.to_string();
    assert_eq!(said, "Account put on hold on 2026-03-01 for arrears.");
    let place = PlaceHold { account: customer.account, reason: HoldReason::Arrears, on: date("2026-03-02") };
    assert_eq!(customer.does(place), []);
    customer.is_held_for(HoldReason::Manual, "2026-03-03");
    assert!(customer.look(|account, _| account.credit_control.on_hold()));
    let release = ReleaseHold { account: customer.account, on: date("2026-03-04") };
    let said: Vec<_> = customer.does(release.clone()).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "Account released on 2026-03-04 from the hold for arrears.",
            "Account released on 2026-03-04 from the hold for a reason of our own.",
        ]
    );
    assert!(!customer.look(|account, _| account.credit_control.on_hold()));
    assert_eq!(customer.does(release), []);
}
