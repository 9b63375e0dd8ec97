//! Runs over many accounts: changed first, stopped and resumed, repeated, previewed, and never stopped by one.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use billing_core::Error;
use billing_core::accounts::{AccountRegistered, RegisterAccount};
use billing_core::book::Books;
use billing_core::decision::{Command, Context, Decision};
use billing_core::engine::{Engine, Step, SystemClock};
use billing_core::invoicing::{BillAccount, Invoicing};
use billing_core::kernel::ids::AccountId;
use billing_core::log::Scope;
use billing_core::runs::{BillingRun, Group, Run, unwatched};
use billing_core::store::Store;
use billing_core::subscriptions::{ChangeQuantity, When};
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;
use serde::{Deserialize, Serialize};

use crate::firm::*;

fn january() -> BillingRun {
    BillingRun { issue_on: date("2025-12-31"), through: date("2026-01-01") }
}

fn february() -> BillingRun {
    BillingRun { issue_on: date("2026-01-30"), through: date("2026-02-01") }
}

fn crowd(size: usize) -> Story<MemoryStore> {
    let story = firm();
    for at in 0..size {
        let account = customer(&story, &format!("C-{at:04}"));
        subscribe(&story, account, "seats", 2, "2026-01-01");
    }
    story
}

#[test]
fn every_account_is_billed_once_and_a_repeated_run_does_nothing() {
    let story = crowd(300);
    let id = story.engine.new_command_id();
    let report = story.engine.run(id, &story.actor, &january(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((report.accounts, report.recorded, report.events), (300, 300, 900));
    let again = story.engine.run(id, &story.actor, &january(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((again.recorded, again.failed.len()), (0, 0));
    assert_eq!(again.head, report.head);
    assert_eq!(owed(&story, "2026-01-01"), "GBP 9000.00");
    story.laws();
}

#[test]
fn a_run_that_was_broken_off_goes_on_where_it_was() {
    let story = crowd(2_500);
    let id = story.engine.new_command_id();
    let stopped = story.engine.run(id, &story.actor, &january(), &mut |_| ControlFlow::Break(())).unwrap();
    assert!(stopped.stopped && stopped.recorded < 2_500, "{stopped:?}");
    let rest = story.engine.run(id, &story.actor, &january(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(stopped.recorded + rest.recorded, 2_500);
    assert_eq!(owed(&story, "2026-01-01"), "GBP 75000.00");

    // Who looks on goes down: the run ends, and what was handed on by then is recorded.
    let id = story.engine.new_command_id();
    let ran = catch_unwind(AssertUnwindSafe(|| {
        story.engine.run(id, &story.actor, &february(), &mut |_| panic!("planted")).map(drop)
    }));
    assert!(ran.is_err());
    let rest = story.engine.run(id, &story.actor, &february(), &mut unwatched).unwrap();
    assert!((1..2_500).contains(&rest.recorded), "{rest:?}");
    assert_eq!(owed(&story, "2026-02-01"), "GBP 150000.00");
    story.laws();
}

#[test]
fn the_changed_accounts_come_first_and_one_that_fails_stops_nobody() {
    let story = crowd(5);
    let mut listener = |_| ControlFlow::Continue(());
    story.engine.run(story.engine.new_command_id(), &story.actor, &january(), &mut listener).unwrap();
    let account = story.engine.account_by_reference(&"C-0003".parse().unwrap()).unwrap().unwrap();
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    let when = When::On(date("2026-02-01"));
    story.give(ChangeQuantity { account, subscription, component: None, quantity: 2, when });
    let order = RegisterAccount { purchase_order_required: true, ..registration("C-PO") };
    let poisoned = story.give(order).first::<AccountRegistered>().unwrap().account;
    subscribe(&story, poisoned, "basic", 1, "2026-02-01");

    let mut groups = Vec::new();
    let mut listen = |progress: billing_core::runs::Progress| {
        groups.push((progress.group, progress.done));
        ControlFlow::Continue(())
    };
    let report =
        story.engine.run(story.engine.new_command_id(), &story.actor, &february(), &mut listen).unwrap();
    assert_eq!(groups.first().unwrap().0, "changed since their last invoice");
    assert_eq!(groups.last().unwrap(), &("unchanged", 6));
    assert_eq!(report.recorded, 5);
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].0, poisoned);
    assert_eq!(report.failed[0].1.code(), "invoicing.purchase_order_missing");
    story.laws();
}

/// A customer's bill, decided by a program that has a mistake in it.
#[derive(Serialize, Deserialize)]
struct MistakenBill {
    #[serde(flatten)]
    bill: BillAccount,
    #[serde(skip)]
    mistake: bool,
}

impl Command for MistakenBill {
    type Department = Invoicing;
    const NAME: &'static str = BillAccount::NAME;
    const SCOPE: Scope = BillAccount::SCOPE;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let decision = self.bill.decide(books, ctx);
        assert!(!self.mistake, "divided the {} by nothing", "bill");
        decision
    }
}

struct MistakenRun {
    run: BillingRun,
    mistaken_about: Vec<AccountId>,
}

impl Run for MistakenRun {
    type Command = MistakenBill;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        self.run.accounts(engine)
    }

    fn command(&self, account: AccountId) -> MistakenBill {
        let mistake = self.mistaken_about.contains(&account);
        MistakenBill { bill: self.run.command(account), mistake }
    }
}

#[test]
fn a_decision_that_panics_is_its_own_accounts_failure_and_stops_nobody() {
    let story = crowd(300);
    let mut mistaken_about: Vec<AccountId> = ["C-0000", "C-0130", "C-0299"]
        .map(|reference| story.engine.account_by_reference(&reference.parse().unwrap()).unwrap().unwrap())
        .into();
    mistaken_about.sort_unstable();
    // An engine whose pages are in memory, and one that has to read them.
    let reopened = Engine::open(story.engine.store().clone(), story.engine.book().clone(), SystemClock);
    for (engine, run) in [(&story.engine, january()), (&reopened.unwrap(), february())] {
        let id = engine.new_command_id();
        let mistaken = MistakenRun { run, mistaken_about: mistaken_about.clone() };
        let report = engine.run(id, &story.actor, &mistaken, &mut unwatched).unwrap();
        assert_eq!((report.accounts, report.recorded), (300, 297));
        let mut failed = report.failed;
        failed.sort_by_key(|(account, _)| *account);
        assert_eq!(failed.iter().map(|(account, _)| *account).collect::<Vec<_>>(), mistaken_about);
        for (account, error) in failed {
            assert_eq!(error.code(), "engine.panicked");
            let said = format!(
                "deciding invoicing.bill_account for account/{account} panicked (divided the bill by nothing) (engine.panicked) "
            );
            assert!(error.to_string().starts_with(&said), "{error}");
        }
        // The mistake is mended, and the same run is begun again: it does what is left.
        let mended = engine.run(id, &story.actor, &run, &mut unwatched).unwrap();
        assert_eq!((mended.recorded, mended.failed.len()), (3, 0));
    }
    assert_eq!(owed(&story, "2026-02-01"), "GBP 18000.00");
    story.laws();
}

#[test]
fn a_single_command_that_panics_is_counted_as_an_error_of_its_step() {
    let story = crowd(1);
    let account = story.engine.account_by_reference(&"C-0000".parse().unwrap()).unwrap().unwrap();
    let mistaken = MistakenBill { bill: january().command(account), mistake: true };
    let before = story.engine.metrics();
    let given = || story.engine.execute(&story.actor, mistaken);
    assert!(catch_unwind(AssertUnwindSafe(given)).is_err());
    let after = story.engine.metrics();
    assert_eq!(after.errors.get(&Step::Decide), Some(&1));
    assert_eq!((after.commands, after.errors.len()), (before.commands, before.errors.len() + 1));
    story.laws();
}

#[test]
fn a_previewed_run_is_the_run() {
    let story = crowd(20);
    let head = story.engine.head().unwrap();
    let mut previewed = 0;
    let visit = |_, planned: Result<Vec<_>, _>| {
        previewed += planned.unwrap().len();
        ControlFlow::Continue(())
    };
    story.engine.preview_run(&story.actor, &january(), visit).unwrap();
    assert_eq!(story.engine.head().unwrap(), head, "a preview records nothing");
    let id = story.engine.new_command_id();
    let report = story.engine.run(id, &story.actor, &january(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(report.events, previewed);
}
