//! A receivables ledger entered by one clerk: 2,466 invoices of a hundred customers, 567 disputed, all paid.

use billing_benches::firm::Book;
use billing_benches::measure::timed;
use billing_benches::table::{Figure, Target};
use billing_benches::{Outcome, firm};
use billing_core::invoicing::InvoiceBroughtForward;
use billing_core::prelude::*;

use crate::{Bench, Mirror};

const CUSTOMERS: usize = 100;
const INVOICES: usize = 2_466;
const DISPUTES: usize = 567;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let invoices = bench.some(INVOICES);
    let disputes = bench.some(DISPUTES);
    let commands = CUSTOMERS + 2 * invoices + disputes;
    let mut import =
        Figure::new("import of a receivables ledger, a command", commands, Target::TimeAtMost(200));
    for round in 0..bench.rounds().min(5) {
        let book = firm::open(&bench.path(&format!("import-{round}")))?;
        firm::found(&book)?;
        let mut mirror = Mirror::of(&book, &bench.path(&format!("floor-{round}")))?;
        let ((), ours) = timed(|| enter(&book, invoices, disputes))?;
        import.round(ours, mirror.catch_up(&book, 1)?);
    }
    import.print();
    Ok(())
}

/// Invoices come in order; each is paid thirty invoices later, and every so often one is disputed.
fn enter(book: &Book, invoices: usize, disputes: usize) -> Outcome<()> {
    let (ann, day) = (firm::ann(), firm::today());
    let customers = firm::customers(book, CUSTOMERS)?;
    let amount = |number: usize| format!("GBP {}.{:02}", 20 + number % 80, number % 100).parse::<Money>();
    let mut open: Vec<(AccountId, InvoiceId, usize)> = Vec::new();
    for (number, account) in customers.iter().copied().cycle().take(invoices).enumerate() {
        let reference = format!("I-{number}").parse()?;
        let command = BringForward { account, reference, issued_on: day, due_on: day, open: amount(number)? };
        let done = book.execute(&ann, command)?;
        let invoice = done.first::<InvoiceBroughtForward>().ok_or("nothing was brought forward")?.invoice;
        if number * disputes / invoices != (number + 1) * disputes / invoices {
            let reason = DisputeReason::Other;
            book.execute(&ann, RaiseDispute { account, invoice, amount: None, reason, on: day, note: None })?;
        }
        open.push((account, invoice, number));
        if open.len() > 30 {
            pay(book, open.remove(0), amount)?;
        }
    }
    open.into_iter().try_for_each(|item| pay(book, item, amount))
}

fn pay<E: std::error::Error + 'static>(
    book: &Book,
    (account, invoice, number): (AccountId, InvoiceId, usize),
    amount: impl Fn(usize) -> Result<Money, E>,
) -> Outcome<()> {
    let payment = RecordPayment::new(account, amount(number)?, firm::today());
    book.execute(&firm::ann(), RecordPayment { pays: vec![invoice], ..payment })?;
    Ok(())
}
