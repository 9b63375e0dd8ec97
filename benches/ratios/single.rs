//! One caller, one command a commit: what a command costs beside the commit that it needs in any case.

use billing_benches::measure::timed;
use billing_benches::table::{Figure, Target};
use billing_benches::{Outcome, firm};
use billing_core::prelude::*;

use crate::{Bench, Mirror};

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let (path, ann) = (bench.path("single"), firm::ann());
    let book = firm::open_hastily(&path)?;
    firm::found(&book)?;
    let accounts = firm::customers(&book, 200)?;
    book.store().close();
    let book = firm::open(&path)?;
    let mut mirror = Mirror::of(&book, &bench.path("floor"))?;
    let commands = bench.some(400);
    let mut one = Figure::new("one command a commit, one event", commands, Target::TimeAtMost(150));
    let mut receipt = Figure::new("one command a commit, money received", commands, Target::TimeAtMost(150));
    for round in 0..bench.rounds() {
        let turn = accounts.iter().cycle().take(commands);
        let ((), ours) = timed(|| {
            turn.clone().enumerate().try_for_each(|(index, account)| {
                let (reference, open) = (format!("{round}-{index}").parse()?, "GBP 119.00".parse()?);
                let day = firm::today();
                book.execute(
                    &ann,
                    BringForward { account: *account, reference, issued_on: day, due_on: day, open },
                )?;
                Ok(())
            })
        })?;
        one.round(ours, mirror.catch_up(&book, 1)?);
        let ((), ours) = timed(|| {
            turn.clone().try_for_each(|account| {
                book.execute(&ann, RecordPayment::new(*account, "GBP 119.00".parse()?, firm::today()))?;
                Ok(())
            })
        })?;
        receipt.round(ours, mirror.catch_up(&book, 1)?);
    }
    one.print();
    receipt.print();
    Ok(())
}
