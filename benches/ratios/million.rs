//! The billing run over a mixed book of up to a million subscriptions, of which one in ten was changed in the month.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use billing_benches::measure::{forget_peak, peak_kib, processor_time, timed};
use billing_benches::table::{Figure, Target, print_flatness, print_most, print_told};
use billing_benches::{Outcome, firm, mixed};
use billing_core::prelude::*;
use billing_core::projections::due_index::Due;

use crate::run::{AT_ONCE, remove};
use crate::{Bench, Mirror};

/// By which it is asked for.
pub(crate) const NAME: &str = "million";

/// The argument with which the bench calls itself for one run.
pub(crate) const ALONE: &str = "--bill-alone";

/// How many customers, and in how many rounds.
const SIZES: [(usize, usize); 3] = [(10_000, 5), (100_000, 3), (1_000_000, 1)];

/// The most memory of a run for each subscription, and the most disk for each account billed.
const MEMORY: u64 = 2_048;
const DISK: u64 = 3_072;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let mut ratios = Vec::new();
    for (accounts, rounds) in SIZES {
        let (accounts, rounds) = (bench.some(accounts), if bench.quick { 1 } else { rounds });
        let mut billing = Figure::new(
            format!("billing run, mixed, {accounts} accounts, an account"),
            accounts,
            Target::TimeAtMost(200),
        );
        let mut worked = Figure::new("  processor time of it, on two cores", accounts, Target::Told);
        let mut index = Figure::new("  due index of the month before, an account", accounts, Target::Told);
        let (made, ours, floor) = (bench.path("made"), bench.path("ours"), bench.path("floor"));
        let book = firm::open_hastily(&made)?;
        mixed::build(&book, accounts)?;
        let (_, taken) = timed(|| Ok(book.ask(&Due { through: firm::today() })?))?;
        index.alone(taken);
        book.save_views()?;
        book.store().close();
        let each = |all: u64| Ok::<u64, std::num::TryFromIntError>(all / u64::try_from(accounts)?);
        let (mut memory, mut disk, mut lines) = (Vec::new(), Vec::new(), 0);
        for round in 0..rounds {
            copy(&made, &floor)?;
            // The last round takes the book itself: one copy of a million less.
            for ending in ["", ".views"] {
                let (from, to) = (beside(&made, ending), beside(&ours, ending));
                if round + 1 == rounds { fs::rename(from, to)? } else { copy(&from, &to)? }
            }
            let mut mirror = Mirror::on_copy(&firm::open(&ours)?, &floor)?;
            let before = fs::metadata(&ours)?.len();
            let ran = Ran::of(&ours)?;
            let billed = u64::try_from(ran.recorded)?;
            if ran.failed > 0 || ran.recorded * 20 < accounts * 19 {
                return Err(
                    format!("{} of {accounts} were billed, {} failed", ran.recorded, ran.failed).into()
                );
            }
            memory.push(each(ran.peak_kib.saturating_sub(ran.before_kib) * 1_024)?);
            disk.push((fs::metadata(&ours)?.len() - before) / billed);
            let book = firm::open(&ours)?;
            worked.alone(ran.worked);
            billing.round(ran.took, mirror.catch_up(&book, AT_ONCE)?);
            lines = book.head()?.position.get();
            book.store().close();
            drop(mirror);
            remove(&ours)?;
            remove(&floor)?;
        }
        remove(&made)?;
        billing.print();
        ratios.extend(billing.ratio());
        worked.print();
        index.print();
        print_told("  events in the book then", &lines.to_string());
        print_most("  bytes of disk for each account billed", &disk, Some(DISK));
        // What a run takes whatever its size is not divided among a few.
        let target = (accounts == bench.some(SIZES[2].0)).then_some(MEMORY);
        print_most("  most bytes of memory of the run, a subscription", &memory, target);
    }
    print_flatness("  flat from the smallest to the largest", &ratios);
    Ok(())
}

/// What a run came to that a process of its own has told of.
struct Ran {
    took: Duration,
    worked: Duration,
    recorded: usize,
    failed: usize,
    /// The memory that the process had when the book was open, and the most that it had until the run was over.
    before_kib: u64,
    peak_kib: u64,
}

impl Ran {
    /// Has a process of its own bill November: what it takes of memory is not hidden in what the making of the book
    /// has left free.
    fn of(path: &Path) -> Outcome<Ran> {
        let done = Command::new(std::env::current_exe()?).arg(ALONE).arg(path).output()?;
        let said = String::from_utf8(done.stdout)?;
        let figures: Vec<u64> =
            said.split_whitespace().map(str::parse).collect::<Result<_, _>>().unwrap_or_default();
        let [nanos, worked, recorded, failed, before_kib, peak_kib] = figures[..] else {
            return Err(format!("the run ended with {said}{}", String::from_utf8_lossy(&done.stderr)).into());
        };
        Ok(Ran {
            took: Duration::from_nanos(nanos),
            worked: Duration::from_millis(worked),
            recorded: usize::try_from(recorded)?,
            failed: usize::try_from(failed)?,
            before_kib,
            peak_kib,
        })
    }
}

/// Opens a book, bills everybody who is due, and tells what [`Ran`] holds.
pub(crate) fn bill_alone(path: &Path) -> Outcome<()> {
    let book = firm::open(path)?;
    forget_peak()?;
    let before = peak_kib()?;
    let idle = processor_time()?;
    let run = BillingRun { issue_on: firm::today(), through: firm::today() };
    let (report, took) =
        timed(|| Ok(book.run(book.new_command_id(), &firm::ann(), &run, &mut unwatched)?))?;
    let (peak, nanos) = (peak_kib()?, u64::try_from(took.as_nanos())?);
    let worked = (processor_time()? - idle).as_millis();
    if let Some((account, why)) = report.failed.first() {
        eprintln!("{account}: {why}");
    }
    book.store().close();
    println!("{nanos} {worked} {} {} {before} {peak}", report.recorded, report.failed.len());
    Ok(())
}

fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies a file onto the disk, so that writing it is over when the clock starts.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::copy(from, to)?;
    Ok(fs::File::open(to)?.sync_all()?)
}
