//! Work that nobody billed is told to the owner of its account, once a piece, however often anybody looks.

use billing_core::prelude::*;
use billing_core::projections::late_work::ToNoteLate;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::firm::*;

fn works<S: Store>(story: &Story<S>, account: AccountId, done_on: &str) {
    story.give(RecordWork {
        account,
        description: "Set-up".parse().unwrap(),
        done_on: date(done_on),
        quantity: "2".parse().unwrap(),
        unit_price: "GBP 40.00".parse().unwrap(),
        tax_code: "standard".parse().unwrap(),
        evidence: None,
        done_by: None,
    });
}

fn looks(story: &Story<MemoryStore>, id: CommandId, on: &str) -> (usize, usize) {
    story.day(on);
    let run = LateWorkRun { on: date(on) };
    let report = story.engine.run(id, &story.actor, &run, &mut unwatched).unwrap();
    assert!(report.failed.is_empty());
    (report.accounts, report.events)
}

/// The messages about late work, and the open tasks.
fn told(story: &Story<MemoryStore>) -> (usize, usize) {
    let outgoing = story.engine.follow(Position::START, 1_000).unwrap();
    let messages = outgoing.iter().filter(|outgoing| outgoing.kind.as_str() == "late_work").count();
    let accounts: std::collections::BTreeSet<AccountId> =
        outgoing.iter().map(|outgoing| outgoing.account).collect();
    let open = accounts.into_iter().map(|id| story.engine.account(id).unwrap().tasks.open().count());
    (messages, open.sum())
}

#[test]
fn forgotten_work_is_told_once_and_gone_when_it_is_billed() {
    let story = firm();
    let [one, two, three] = ["C-1", "C-2", "C-3"].map(|reference| customer(&story, reference));
    works(&story, one, "2026-01-05");
    works(&story, one, "2026-01-07");
    works(&story, two, "2026-01-09");
    works(&story, three, "2026-02-20");
    let id = || story.engine.new_command_id();
    let tuesday = id();
    // 35 days and a day after 5 and 7 January it is the 10th and the 12th of February.
    assert_eq!(looks(&story, id(), "2026-02-09"), (0, 0));
    assert_eq!(looks(&story, tuesday, "2026-02-12"), (1, 3));
    assert_eq!(told(&story), (1, 1));
    let head = story.engine.head().unwrap();
    assert_eq!(looks(&story, tuesday, "2026-02-12"), (0, 0), "the same run again");
    assert_eq!(looks(&story, id(), "2026-02-13"), (0, 0), "and the next day");
    assert_eq!(story.engine.head().unwrap(), head);
    assert_eq!(looks(&story, id(), "2026-02-27"), (1, 3));
    assert_eq!(told(&story), (2, 2));

    let run = BillingRun { issue_on: date("2026-02-28"), through: date("2026-02-28") };
    story.engine.run(id(), &story.actor, &run, &mut unwatched).unwrap();
    assert_eq!(told(&story), (2, 0));
    assert_eq!(looks(&story, id(), "2026-06-30"), (0, 0));
    let all = ToNoteLate { done_before: date("2026-06-30") };
    assert_eq!(story.engine.ask(&all).unwrap().value, []);
    story.laws();
}
