//! The billing run from a cold start, at several sizes, and opening the book that it leaves behind.

use std::fs;
use std::path::Path;
use std::time::Duration;

use billing_benches::measure::{forget_peak, peak_kib, timed};
use billing_benches::table::{Figure, Target, print_flatness, print_told};
use billing_benches::{Outcome, firm};
use billing_core::kernel::calendar::Date;
use billing_core::prelude::*;
use billing_core::projections::due_index::Due;

use crate::{Bench, Mirror};

/// Accounts that the floor writes in one transaction: the size at which raw rusqlite is fastest.
pub(crate) const AT_ONCE: usize = 512;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let mut ratios = Vec::new();
    for (accounts, rounds) in [(10_000, 5), (100_000, 3), (300_000, 1)] {
        let (accounts, rounds) = (bench.some(accounts), if bench.quick { 1 } else { rounds });
        let mut billing = Figure::new(
            format!("billing run, {accounts} accounts, an account"),
            accounts,
            Target::TimeAtMost(200),
        );
        let mut index = Figure::new("  due index read from the log, an account", accounts, Target::Told);
        let mut opening =
            Figure::new("  opening the book afterwards", 1, Target::Within(Duration::from_secs(1)));
        let (mut memory, mut bytes, mut lines) = (0, 0, 0);
        for round in 0..rounds {
            let path = bench.path(&format!("run-{accounts}-{round}"));
            let book = firm::open_hastily(&path)?;
            firm::found(&book)?;
            firm::subscribers(&book, 0..accounts, firm::today())?;
            let (_, taken) = timed(|| Ok(book.ask(&Due { through: firm::today() })?))?;
            index.alone(taken);
            book.save_views()?;
            book.store().close();
            let ran = ran(&path, &bench.path("floor"), accounts, firm::today())?;
            billing.round(ran.ours, ran.floor);
            (memory, bytes) = (ran.peak_kib, ran.bytes);
            let (book, taken) = timed(|| firm::open(&path))?;
            lines = book.head()?.position.get();
            opening.alone(taken);
            book.store().close();
            remove(&path)?;
        }
        billing.print();
        ratios.extend(billing.ratio());
        index.print();
        opening.print();
        print_told("  events in the book then", &lines.to_string());
        print_told(
            "  bytes on disk for each account billed",
            &(bytes / u64::try_from(accounts)?).to_string(),
        );
        print_told("  most memory during the run", &format!("{} MiB", memory / 1024));
    }
    print_flatness("  flat from the smallest to the largest", &ratios);
    with_history(bench)
}

/// Customers who have been billed for two years, and whose pages are read from the log.
fn with_history(bench: &Bench) -> Outcome<()> {
    let accounts = bench.some(10_000);
    let mut billing = Figure::new(
        format!("billing run, {accounts} accounts, 24 months each"),
        accounts,
        Target::TimeAtMost(200),
    );
    let path = bench.path("history");
    let book = firm::open_hastily(&path)?;
    firm::found(&book)?;
    let month = |number: u32| -> Outcome<Date> {
        let (year, month) = (2024 + i32::try_from((number + 10) / 12)?, (number + 10) % 12 + 1);
        Ok(Date::from_ymd_opt(year, month, 1).ok_or("no such month")?)
    };
    firm::subscribers(&book, 0..accounts, month(0)?)?;
    for number in 0..24 {
        let run = BillingRun { issue_on: month(number)?, through: month(number)? };
        book.run(book.new_command_id(), &firm::ann(), &run, &mut unwatched)?;
    }
    book.ask(&Due { through: month(24)? })?;
    book.save_views()?;
    book.store().close();
    for number in 24..24 + if bench.quick { 1 } else { 3 } {
        let ran = ran(&path, &bench.path("floor"), accounts, month(number)?)?;
        billing.round(ran.ours, ran.floor);
    }
    billing.print();
    Ok(())
}

struct Ran {
    ours: Duration,
    floor: Duration,
    bytes: u64,
    peak_kib: u64,
}

/// Bills everybody who is due, on a book that was just opened, then writes the same rows without it.
fn ran(path: &Path, floor: &Path, accounts: usize, day: Date) -> Outcome<Ran> {
    let before = fs::metadata(path)?.len();
    let book = firm::open(path)?;
    let mut mirror = Mirror::of(&book, floor)?;
    book.store().close();
    forget_peak()?;
    let book = firm::open(path)?;
    let run = BillingRun { issue_on: day, through: day };
    let (report, ours) =
        timed(|| Ok(book.run(book.new_command_id(), &firm::ann(), &run, &mut unwatched)?))?;
    let peak_kib = peak_kib()?;
    if report.recorded != accounts {
        return Err(format!(
            "{} of {accounts} accounts were billed: {:?}",
            report.recorded,
            report.failed.first()
        )
        .into());
    }
    book.store().close();
    let bytes = fs::metadata(path)?.len() - before;
    let book = firm::open(path)?;
    let floor_took = mirror.catch_up(&book, AT_ONCE)?;
    drop(mirror);
    // What the next run would read from the log is read outside of it.
    book.ask(&Due { through: day })?;
    book.save_views()?;
    book.store().close();
    remove(floor)?;
    Ok(Ran { ours, floor: floor_took, bytes, peak_kib })
}

/// Removes a book and what stands beside it.
pub(crate) fn remove(path: &Path) -> Outcome<()> {
    for ending in ["", "-wal", "-shm", ".views", ".views-wal", ".views-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
