//! The named invariants: what must be true of every account and every book, worked out from the events alone and
//! held against the pages.

mod discounts;
mod documents;
mod line_credit;
mod money;
mod numbers;
mod passed_on;
mod quotes;
mod receipts;
mod sales;
mod service_days;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use super::reading::walk_facts;
use crate::book::{Account, Event};
use crate::kernel::ids::AccountId;
use crate::log::{Origin, StreamId};
use crate::store::{Store, StoreError};

/// Every invariant: its name, and what it says.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "control-account",
        "what is owed is what was charged, less what was credited, paid and passed on, plus what was paid back",
    ),
    (
        "funds-left",
        "what is left of a payment or credit note is what came in, less what was set against invoices or paid out",
    ),
    ("allocations-within-funds", "no more of a payment or credit note is used than there was"),
    ("invoice-open", "what is open on an invoice is its total less what was set against it"),
    ("allocations-within-invoice", "no more is set against an invoice than its total"),
    ("document-net", "the net of a document is the sum of its lines"),
    ("document-tax", "VAT by category adds up to the VAT of the document"),
    ("document-gross", "net plus VAT is gross"),
    ("document-due", "the parts due add up to gross"),
    ("service-days-once", "each day of a component is billed once at most, less what was given back"),
    ("credit-within-line", "what is given back of a line is never more than the line"),
    (
        "discount-within-limits",
        "a discount gives no more than was granted: in force, on each invoice, on how many, and in all",
    ),
    ("receipt-once", "each payment has one receipt, of its amount"),
    ("passed-on-is-owed", "what a parent owes for a child is what the child passed on to it"),
    (
        "quote-to-be-billed",
        "what was accepted of a quote is work to be billed, line by line, and nothing else is",
    ),
    ("sale-invoiced-once", "each sale made elsewhere has one invoice, which names it"),
    ("sale-paid", "what was paid with a sale came in, for its invoice"),
    ("numbered-once", "each document has one number, in a series of its kind, and each number a document"),
    ("series-gap-free", "a series begins by being opened, and its versions follow each other without gap"),
];

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant's name, one of [`INVARIANTS`].
    pub name: &'static str,
    /// The account that it does not hold of; none where it is about the whole book.
    pub account: Option<AccountId>,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.detail)?;
        self.account.iter().try_for_each(|account| write!(f, " ({account})"))
    }
}

/// Adds up the events of one account, apart from its page and by another way.
#[derive(Debug, Default)]
pub struct Tally {
    money: money::Ledger,
    days: service_days::Billed,
    lines: line_credit::Lines,
    discounts: discounts::Discounts,
    receipts: receipts::Receipts,
    quotes: quotes::Quotes,
    sales: sales::Sales,
    found: Vec<(&'static str, String)>,
}

impl Tally {
    /// Takes the account's next event.
    pub fn add(&mut self, event: &Event) {
        documents::check(event, &mut self.found);
        self.money.add(event);
        self.days.add(event);
        self.lines.add(event, &mut self.found);
        self.discounts.add(event, &mut self.found);
        self.receipts.add(event);
        self.quotes.add(event);
        self.sales.add(event);
    }

    /// What does not hold, of the events so far and of the account's page behind them.
    pub fn violations(&self, account: &Account) -> Vec<Violation> {
        let mut found = self.found.clone();
        self.money.check(&account.receivables, &mut found);
        self.days.check(&mut found);
        self.receipts.check(&mut found);
        self.quotes.check(&mut found);
        self.sales.check(&mut found);
        found
            .into_iter()
            .map(|(name, detail)| Violation { name, account: Some(account.id), detail })
            .collect()
    }
}

/// Checks an account's page against its events, which are all there are of its stream.
pub fn check_account<'a>(account: &Account, events: impl Iterator<Item = &'a Event>) -> Vec<Violation> {
    let mut tally = Tally::default();
    events.for_each(|event| tally.add(event));
    tally.violations(account)
}

/// Checks every account of a book, and its numbers. All pages are in memory together, and of every document its
/// number.
///
/// # Errors
/// [`StoreError`] when the log can't be read to its end.
pub fn check_book(store: &dyn Store, book: &Origin) -> Result<Vec<Violation>, StoreError> {
    let mut accounts: BTreeMap<AccountId, (Account, Tally)> = BTreeMap::new();
    let mut numbers = numbers::Numbers::default();
    let mut passed_on = passed_on::PassedOn::default();
    walk_facts(store, book, |fact| {
        numbers.add(&fact.stream, fact.version, &fact.event);
        passed_on.add(&fact.stream, &fact.event);
        if let StreamId::Account(id) = fact.stream {
            let (account, tally) = accounts.entry(id).or_insert_with(|| (Account::new(id), Tally::default()));
            account.evolve(&fact.event);
            tally.add(&fact.event);
        }
        Ok(())
    })?;
    let of_accounts = accounts.values().flat_map(|(account, tally)| tally.violations(account));
    let of_book = numbers.check().into_iter().chain(passed_on.check());
    let of_book = of_book.map(|(name, detail)| Violation { name, account: None, detail });
    Ok(of_accounts.chain(of_book).collect())
}
