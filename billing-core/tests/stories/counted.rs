//! Calls that are counted: told again and again by a busy meter, billed by a run, some of them late.

use std::ops::ControlFlow;

use billing_core::prelude::*;
use billing_core::runs::BillingRun;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::firm::*;

const CUSTOMERS: usize = 40;

/// Customers whose calls cost 10 pence each.
fn callers(story: &Story<MemoryStore>) -> Vec<(AccountId, SubscriptionId)> {
    story.give(PublishPlan {
        meter: Some(Meter::new("calls".parse().unwrap(), Aggregate::Sum)),
        ..PublishPlan::monthly(
            "calls".parse().unwrap(),
            "Calls".parse().unwrap(),
            Price::Each("GBP 0.10".parse().unwrap()),
            "standard".parse().unwrap(),
        )
    });
    let customers = (0..CUSTOMERS).map(|number| {
        let account = customer(story, &format!("C-{number:02}"));
        (account, subscribe(story, account, "calls", 1, "2026-01-01"))
    });
    customers.collect()
}

fn calls(subscription: SubscriptionId, key: &str, on: &str, quantity: &str) -> UsageRecord {
    UsageRecord {
        key: key.parse().unwrap(),
        subscription,
        metric: "calls".parse().unwrap(),
        on: date(on),
        quantity: quantity.parse().unwrap(),
        name: None,
    }
}

fn run(story: &Story<MemoryStore>, issue_on: &str, through: &str) -> usize {
    story.day(issue_on);
    let run = BillingRun { issue_on: date(issue_on), through: date(through) };
    let id = story.engine.new_command_id();
    let report = story.engine.run(id, &story.actor, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    report.recorded
}

#[test]
fn a_busy_meter_is_billed_by_the_run_and_its_late_calls_with_the_next_one() {
    let story = firm();
    let callers = callers(&story);
    let (account, subscription) = callers[0];
    let version = story.engine.account(account).unwrap().subscriptions.clone();
    // More than a snapshot's distance of events, under a meter's own rights, each told three times by the story.
    let meter = Actor::new("meter:7".parse().unwrap(), [Scope::Usage]);
    for hour in 0..80 {
        let record = calls(subscription, &format!("hour-{hour}"), "2026-01-05", "10");
        let tell = RecordUsage { account, records: vec![record] };
        assert!(!story.engine.execute(&meter, tell.clone()).unwrap().is_nothing());
        assert!(story.engine.execute(&meter, tell).unwrap().is_nothing());
    }
    for (account, subscription) in &callers[1..] {
        story.give(RecordUsage {
            account: *account,
            records: vec![calls(*subscription, "one", "2026-01-31", "25")],
        });
    }
    assert_eq!(
        story.engine.account(account).unwrap().subscriptions,
        version,
        "the account's page is untouched"
    );
    assert_eq!(run(&story, "2026-02-01", "2026-02-01"), 40);
    assert_eq!(run(&story, "2026-02-01", "2026-02-01"), 0);
    // 800 calls are 80.00, and 39 times 25 are 97.50; with VAT 213.00.
    assert_eq!(owed(&story, "2026-02-01"), "GBP 213.00");

    let late = calls(subscription, "late", "2026-01-06", "5");
    story.give(RecordUsage { account, records: vec![late, calls(subscription, "now", "2026-02-06", "1")] });
    assert_eq!(run(&story, "2026-03-01", "2026-03-01"), 40);
    let recorded = story.engine.account(account).unwrap();
    let newest = recorded.receivables.open_items().map(|(invoice, _)| invoice).last().unwrap();
    let document = DocumentId::Invoice(newest);
    let words = story.engine.ask(&DocumentById { document }).unwrap().value.unwrap().lines;
    let words: Vec<String> = words.iter().map(|line| line.how.clone()).collect();
    assert_eq!(
        words,
        [
            "2026-02-01 to 2026-02-28: GBP 0.10 x 1",
            "late usage 2026-01-01 to 2026-01-31: GBP 0.10 x 805 by what is known now, less what was billed"
        ]
    );
    let timeline = Timeline { account, after: Position::START, limit: 1_000 };
    let entries = story.engine.ask(&timeline).unwrap().value;
    let told = entries.iter().filter(|entry| entry.sentence.starts_with("Usage ")).count();
    assert_eq!(told, 81);
    // 0.60 more for this customer, with VAT 0.72.
    assert_eq!(owed(&story, "2026-03-01"), "GBP 213.72");
    let usage = story.engine.usage(account).unwrap();
    let meter = Meter::new("calls".parse().unwrap(), Aggregate::Sum);
    let january = Period::new(date("2026-01-01"), date("2026-02-01")).unwrap();
    assert_eq!(usage.quantity(subscription, &meter, &[january]).to_string(), "805");
}
