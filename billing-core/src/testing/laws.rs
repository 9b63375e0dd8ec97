//! The laws that a scenario, a story and a timeline are held to, each a function: what does not hold panics.

use std::ops::RangeInclusive;

use crate::audit::{Explanation, assure_account};
use crate::book::{Account, Event, Page, snapshot};
use crate::invoicing::next_bill_date;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::log::StreamId;

/// What is in memory is what the log gives.
///
/// # Panics
/// If the page is not the fold of its events.
pub fn replayed<'a>(stream: &StreamId, page: &Page, events: impl IntoIterator<Item = &'a Event>) {
    let mut fold = Page::new(stream);
    events.into_iter().for_each(|event| fold.evolve(event));
    assert_eq!(text(page), text(&fold), "the page in memory is not the page after replay: {stream}");
}

/// A snapshot taken after so many events, and the events behind it, lead to the same page.
///
/// # Panics
/// If one of them leads to another page.
pub fn snapshots_replay(account: &Account, events: &[&Event], after: RangeInclusive<usize>) {
    let mut early = Account::new(account.id);
    let (before, rest) = events.split_at((*after.start()).min(events.len()));
    before.iter().for_each(|event| early.evolve(event));
    let now = json(account);
    for split in after {
        let stored = snapshot::write(&early).expect("a page can be kept");
        let mut read = snapshot::read(early.id, &stored).expect("a snapshot can be read");
        events.iter().skip(split).for_each(|event| read.evolve(event));
        assert_eq!(json(&read), now, "a snapshot at {split} changes the page");
        if let Some(next) = rest.get(split.saturating_sub(before.len())) {
            early.evolve(next);
        }
    }
}

/// Right after a bill through a day, each service day that was asked for and is due is billed once and on the terms
/// agreed, none besides, and nothing is left to be billed through that day.
///
/// # Panics
/// If a day is billed otherwise, or something is left.
pub fn billed_as_asked<'a>(account: &Account, events: impl Iterator<Item = &'a Event>, through: Date) {
    let gaps: Vec<String> =
        assure_account(account, events, through).iter().map(ToString::to_string).collect();
    assert!(gaps.is_empty(), "not billed as asked, through {through}: {}", gaps.join(" "));
    let next = next_bill_date(account);
    assert!(next.is_none_or(|next| through < next), "billed through {through}, and still due on {next:?}");
}

/// Each figure of each document comes out when it is reckoned again.
///
/// # Panics
/// If one does not; the message shows its tree.
pub fn explained(documents: &[Explanation]) {
    for document in documents {
        document.check().unwrap_or_else(|why| panic!("not explained: {why}\n{document}"));
    }
}

/// A report comes to what all accounts owe together.
///
/// # Panics
/// If it comes to anything else.
pub fn conserved(report: &str, says: &Balance, owed: &Balance) {
    assert_eq!(says, owed, "{report} does not come to what the accounts owe");
}

fn text(page: &Page) -> String {
    match page {
        Page::Settings(state) => json(state),
        Page::Catalogue(state) => json(state),
        Page::Account(account) => json(account),
        Page::Usage(state) => json(state),
        Page::Series => String::new(),
    }
}

fn json(page: &impl serde::Serialize) -> String {
    serde_json::to_string(page).expect("a page is JSON")
}
