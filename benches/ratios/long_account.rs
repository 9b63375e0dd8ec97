//! A customer of many years: a command on ten thousand events, in memory and from the snapshot.

use std::time::Duration;

use billing_benches::firm::Book;
use billing_benches::measure::timed;
use billing_benches::table::{Figure, Target};
use billing_benches::{Outcome, firm};
use billing_core::log::{StreamId, Version};
use billing_core::prelude::*;

use crate::Bench;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let path = bench.path("long");
    let book = firm::open_hastily(&path)?;
    firm::found(&book)?;
    let (old, young) = (firm::register(&book, 1)?, firm::register(&book, 2)?);
    let events = u64::try_from(bench.some(10_000))?;
    let version = |book: &Book| book.store().version(book.book(), &StreamId::Account(old));
    let mut number = 0;
    while version(&book)? < Version::from(events) {
        number += 1;
        settled(&book, old, number)?;
    }
    book.store().close();
    let book = firm::open(&path)?;
    let mut warm =
        Figure::new(format!("command on {events} events beside one on few"), 2, Target::TimeAtMost(120));
    settled(&book, old, 0)?;
    settled(&book, young, 0)?;
    // A command at a time in turns, so that both meet the same machine.
    for _ in 0..bench.some(100) {
        number += 1;
        let ((), ours) = timed(|| settled(&book, old, number))?;
        let ((), floor) = timed(|| settled(&book, young, number))?;
        warm.round(ours, floor);
    }
    warm.print();
    book.store().close();
    let mut cold = Figure::new(
        "  first command after opening, from the snapshot",
        1,
        Target::Within(Duration::from_millis(5)),
    );
    let mut first = Figure::new("  first command on the young one after opening", 1, Target::Told);
    for _ in 0..bench.rounds() {
        for (account, figure) in [(old, &mut cold), (young, &mut first)] {
            let book = firm::open(&path)?;
            // The store's connections are there already when a customer calls.
            book.head()?;
            number += 1;
            let ((), taken) = timed(|| owe(&book, account, number).map(drop))?;
            figure.alone(taken);
            book.store().close();
        }
    }
    cold.print();
    first.print();
    Ok(())
}

/// An invoice, and the money for it.
fn settled(book: &Book, account: AccountId, number: usize) -> Outcome<()> {
    let invoice = owe(book, account, number)?;
    let payment = RecordPayment::new(account, "GBP 119.00".parse()?, firm::today());
    book.execute(&firm::ann(), RecordPayment { pays: vec![invoice], ..payment })?;
    Ok(())
}

fn owe(book: &Book, account: AccountId, number: usize) -> Outcome<InvoiceId> {
    let (reference, open, day) =
        (format!("{account}-{number}").parse()?, "GBP 119.00".parse()?, firm::today());
    let done =
        book.execute(&firm::ann(), BringForward { account, reference, issued_on: day, due_on: day, open })?;
    Ok(done
        .first::<billing_core::invoicing::InvoiceBroughtForward>()
        .ok_or("nothing was brought forward")?
        .invoice)
}
