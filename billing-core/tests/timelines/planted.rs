//! Each law is seen to be red where a defect is planted, and the timeline that shows it shrinks to a few steps.

use std::sync::atomic::{AtomicI64, Ordering};

use billing_core::book::{Account, Books, Event, Page};
use billing_core::decision::{Command, Context, Decision, Fact};
use billing_core::invoicing::{self, Invoicing, Line, Subject};
use billing_core::log::{Line as LogLine, StreamId};
use billing_core::prelude::*;
use billing_core::projections::Projection;
use billing_core::projections::receivables::Receivables;
use billing_core::store::Store;
use billing_core::testing::lying::{Lie, LyingStore};
use billing_core::testing::{invariants, laws};
use billing_store_memory::MemoryStore;
use proptest::test_runner::TestError;
use serde::{Deserialize, Serialize};

use crate::runner;
use crate::step::{self, Deed, Start, Step, Wish};
use crate::world::World;

/// What goes wrong with a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Defect {
    /// Service days are billed twice.
    Twice,
    /// The last line is left out.
    LeavesOut,
    /// A line is a cent too high, and with it all sums.
    ACentTooHigh,
    /// The gross is a cent above net and VAT.
    GrossTooHigh,
    /// Another amount each time.
    Fickle,
    /// It is right, and is issued without being looked at, whatever is otherwise on it.
    Unseen,
}

/// A bill that is drawn up with a defect.
#[derive(Serialize, Deserialize)]
pub(crate) struct Planted {
    pub(crate) bill: BillAccount,
    pub(crate) defect: Defect,
}

static CENTS: AtomicI64 = AtomicI64::new(1);

impl Command for Planted {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.planted";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let mut facts = self.bill.decide(books, ctx)?;
        for fact in &mut facts {
            if let invoicing::Event::InvoiceIssued(issued) = &mut fact.event {
                self.defect.spoil(issued);
            }
        }
        facts.retain(|fact: &Fact<invoicing::Event>| match &fact.event {
            invoicing::Event::InvoiceIssued(issued) => !issued.lines.is_empty(),
            invoicing::Event::CreditNoteIssued(_)
            | invoicing::Event::InvoiceVoided(_)
            | invoicing::Event::InvoiceBroughtForward(_)
            | invoicing::Event::ConsolidatedInvoiceIssued(_)
            | invoicing::Event::DebtPassedOn(_)
            | invoicing::Event::DebtTakenBack(_)
            | invoicing::Event::BillDrafted(_)
            | invoicing::Event::DraftApproved(_)
            | invoicing::Event::DraftWithdrawn(_)
            | invoicing::Event::SaleRecorded(_) => true,
        });
        Ok(facts)
    }
}

impl Defect {
    fn spoil(self, issued: &mut InvoiceIssued) {
        let more = |amount: &mut Money, by: i64| {
            *amount = Money::new(amount.minor() + by, amount.currency()).unwrap();
        };
        match self {
            Defect::Twice => {
                let service = |line: &&Line| matches!(line.subject, Subject::Service { .. });
                let again: Vec<Line> = issued.lines.iter().filter(service).cloned().collect();
                issued.lines.extend(again);
            }
            Defect::LeavesOut => drop(issued.lines.pop()),
            Defect::ACentTooHigh => {
                more(&mut issued.lines[0].net, 1);
                let of = (issued.lines[0].tax, issued.lines[0].rate);
                let total = issued.taxes.iter_mut().find(|total| (total.category, total.rate) == of).unwrap();
                more(&mut total.base, 1);
                more(&mut issued.net, 1);
                more(&mut issued.gross, 1);
                more(&mut issued.due[0].amount, 1);
            }
            Defect::GrossTooHigh => {
                more(&mut issued.gross, 1);
                more(&mut issued.due[0].amount, 1);
            }
            Defect::Unseen => {}
            Defect::Fickle => more(&mut issued.gross, CENTS.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// Lives timelines with a defect until a law sees it: what the law says, and the steps that are left.
fn seen(defect: Defect) -> (String, Vec<Step>) {
    let lived = runner(2_000, 0).run(&(step::start(), step::steps(false)), |(start, steps)| {
        let mut world = World::begin(MemoryStore::new(), Dialect::Own, start);
        world.defect = Some(defect);
        for step in &steps {
            world.lives(step);
        }
        Ok(())
    });
    match lived {
        Err(TestError::Fail(why, (_, steps))) => (why.to_string(), steps),
        Err(TestError::Abort(why)) => panic!("{why}"),
        Ok(()) => panic!("{defect:?} was not seen"),
    }
}

/// The defect is seen by this law; a subscription and two bills, or fewer, are enough to show it.
fn is_seen(defect: Defect, law: &str) {
    let (why, steps) = seen(defect);
    assert!(why.contains(law), "{why}");
    assert!(steps.len() <= 3, "{why}: {steps:#?}");
}

#[test]
fn a_day_that_is_billed_twice_is_seen() {
    is_seen(Defect::Twice, "billed more than once");
}

#[test]
fn a_day_that_is_not_billed_is_seen() {
    is_seen(Defect::LeavesOut, "asked for and not billed");
}

#[test]
fn a_line_that_is_a_cent_off_is_seen() {
    is_seen(Defect::ACentTooHigh, "not explained: ");
}

#[test]
fn a_gross_that_is_a_cent_off_is_seen() {
    is_seen(Defect::GrossTooHigh, "document-gross");
}

#[test]
fn a_bill_that_was_previewed_otherwise_is_seen() {
    is_seen(Defect::Fickle, "the preview differs from what was recorded");
}

#[test]
#[should_panic(expected = "and not as last time")]
fn a_discount_that_nobody_looked_at_is_seen() {
    let start = Start { yen: false, anchor: 1, day: 0, policies: [0; 4] };
    let mut world = World::begin(MemoryStore::new(), Dialect::Own, start);
    world.defect = Some(Defect::Unseen);
    for (after, deed) in [
        (0, Deed::Subscribe { plan: 0, quantity: 1, day: 0, anchor: 0, add_on: None }),
        (0, Deed::Bill { through: 0 }),
        // The first of February: as last time.
        (30, Deed::BillOrDraft { through: 0 }),
        (20, Deed::Discount { off: 1, only: 0, bills: 0, day: 0, days: 0 }),
        (10, Deed::BillOrDraft { through: 0 }),
    ] {
        world.lives(&Step { after, deed });
    }
}

/// A customer with a bill, a payment of half of it, and another bill that was void.
fn a_life<S: Store>(store: S) -> World<S> {
    let start = Start { yen: false, anchor: 0, day: 0, policies: [0; 4] };
    let mut world = World::begin(store, Dialect::Own, start);
    for (after, deed) in [
        (0, Deed::Subscribe { plan: 0, quantity: 1, day: 0, anchor: 0, add_on: None }),
        (0, Deed::Bill { through: 0 }),
        (5, Deed::Pay { percent: 50, of: 0 }),
        (5, Deed::ChangePlan { of: 0, plan: 1, quantity: 0, wish: Wish::In(0), anchor: 0 }),
        (0, Deed::Bill { through: 0 }),
        (0, Deed::Void { of: 0 }),
    ] {
        world.lives(&Step { after, deed });
    }
    world
}

/// What is recorded of the customer, and its page by a fold that leaves out one kind of fact.
fn forgetful(world: &World<MemoryStore>, forgets: &str) -> (Vec<Event>, Account) {
    let (store, book) = (world.story.engine.store(), world.story.engine.book());
    let (mut events, mut page) = (Vec::new(), Account::new(world.account));
    let stream = StreamId::Account(world.account);
    let read = store.read_stream(book, &stream, billing_core::log::Version::NONE, &mut |row| {
        let line = LogLine::parse(row.line).unwrap();
        let event = Event::decode(line.event_type, line.schema.get(), line.data).unwrap();
        if line.event_type != forgets {
            page.evolve(&event);
        }
        events.push(event);
        std::ops::ControlFlow::Continue(())
    });
    read.unwrap();
    (events, page)
}

#[test]
#[should_panic(expected = "control-account")]
fn a_void_that_is_forgotten_is_seen_in_the_balances() {
    let (events, page) = forgetful(&a_life(MemoryStore::new()), "invoicing.invoice_voided");
    invariants::check(&page, events.iter());
}

#[test]
#[should_panic(expected = "is not the page after replay")]
fn a_page_that_the_log_does_not_give_is_seen() {
    let (events, page) = forgetful(&a_life(MemoryStore::new()), "subscriptions.plan_changed");
    let stream = StreamId::Account(page.id);
    laws::replayed(&stream, &Page::Account(Box::new(page)), &events);
}

#[test]
#[should_panic(expected = "a snapshot at 3 changes the page")]
fn a_page_that_no_snapshot_leads_to_is_seen() {
    let (events, page) = forgetful(&a_life(MemoryStore::new()), "payments.funds_allocated");
    laws::snapshots_replay(&page, &events.iter().collect::<Vec<_>>(), 3..=3);
}

#[test]
#[should_panic(expected = "the status board does not come to what the accounts owe")]
fn a_report_that_lost_an_item_is_seen() {
    let world = a_life(MemoryStore::new());
    world.story.laws();
    world.story.engine.save_views().unwrap();
    let (rows, book) = (world.story.engine.store().rows(), world.story.engine.book());
    let checkpoint = rows.checkpoint(book, Receivables::NAME).unwrap().unwrap();
    let kept = world.story.engine.rows::<Receivables>().unwrap();
    let items = kept.keys().filter(|key| key.contains("inv_")).map(|key| (key.as_str(), None));
    rows.save(book, Receivables::NAME, &checkpoint, &mut items.collect::<Vec<_>>().into_iter()).unwrap();
    world.story.laws();
}

#[test]
#[should_panic(expected = "is answered otherwise when it is repeated")]
fn a_command_that_is_taken_for_a_new_one_is_seen() {
    let store = LyingStore::new(MemoryStore::new());
    let mut world = a_life(store.clone());
    store.tell(Lie::ForgetsCommands);
    world.lives(&Step { after: 0, deed: Deed::Pay { percent: 10, of: 0 } });
}

#[test]
fn an_honest_life_is_clean() {
    let world = a_life(MemoryStore::new());
    let (events, page) = forgetful(&world, "nothing");
    invariants::check(&page, events.iter());
    laws::snapshots_replay(&page, &events.iter().collect::<Vec<_>>(), 0..=events.len());
    laws::replayed(&StreamId::Account(page.id), &Page::Account(Box::new(page)), &events);
}
