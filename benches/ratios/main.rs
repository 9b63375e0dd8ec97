//! Measures the engine beside its floor, in turns: `cargo bench -p billing-benches -- [--quick] [--only NAME] [--in FOLDER]`.

mod audit;
mod callers;
mod import;
mod long_account;
mod million;
mod run;
mod single;

use std::path::{Path, PathBuf};
use std::time::Duration;

use billing_benches::firm::Book;
use billing_benches::floor::{self, Commit, Floor};
use billing_benches::measure::timed;
use billing_benches::{Outcome, table};
use billing_core::log::Position;

/// Where and how thoroughly to measure.
pub(crate) struct Bench {
    folder: PathBuf,
    /// For a machine that only checks that it still runs: a tenth of the work, few rounds.
    quick: bool,
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The usual amount, or a tenth of it.
    fn some(&self, usual: usize) -> usize {
        if self.quick { usual.div_ceil(10) } else { usual }
    }

    /// How often a figure is measured.
    fn rounds(&self) -> usize {
        if self.quick { 3 } else { 11 }
    }
}

/// Measures some figures and prints them.
type Measure = fn(&Bench) -> Outcome<()>;

/// Everything that can be asked for by name. The last takes a quarter of an hour and 20 GB of disk, so that it has to be.
const FIGURES: [(&str, Measure); 7] = [
    ("single", single::measure),
    ("callers", callers::measure),
    ("long", long_account::measure),
    ("import", import::measure),
    ("audit", audit::measure),
    ("run", run::measure),
    (million::NAME, million::measure),
];

fn main() -> Outcome<()> {
    let (mut quick, mut only, mut folder) = (false, None, PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--only" => only = Some(arguments.next().ok_or("--only needs a name")?),
            "--in" => folder = arguments.next().ok_or("--in needs a folder")?.into(),
            // Said by the bench to itself: one run in a process of its own.
            million::ALONE => return million::bill_alone(arguments.next().ok_or("which book?")?.as_ref()),
            // What cargo itself says.
            "--bench" => {}
            other => return Err(format!("{other} is not known").into()),
        }
    }
    let names = FIGURES.map(|(name, _)| name);
    if let Some(only) = only.as_deref().filter(|only| !names.contains(only)) {
        return Err(format!("there is no figure {only}; there are {}", names.join(", ")).into());
    }
    table::print_header();
    for (name, measure) in FIGURES {
        if only.as_deref().map_or(name != million::NAME, |only| only == name) {
            let temporary = tempfile::tempdir_in(&folder)?;
            measure(&Bench { folder: temporary.path().to_owned(), quick })?;
        }
    }
    Ok(())
}

/// A book's mirror: what was recorded in the book is written into it once more, by raw rusqlite.
pub(crate) struct Mirror {
    floor: Floor,
    at: Position,
}

/// Lines that are in memory at once while a book is mirrored.
const LINES: usize = 65_536;

impl Mirror {
    /// A mirror of a book, with all that the book holds already.
    pub(crate) fn of(book: &Book, path: &Path) -> Outcome<Mirror> {
        let mut mirror = Mirror { floor: Floor::make(path, book.book())?, at: Position::START };
        mirror.catch_up(book, 512)?;
        mirror.floor.settle()?;
        Ok(mirror)
    }

    /// The same where a copy of the book's file, as it is now, stands on a path.
    pub(crate) fn on_copy(book: &Book, copy: &Path) -> Outcome<Mirror> {
        Ok(Mirror { floor: Floor::open(copy)?, at: book.head()?.position })
    }

    /// Writes what has been recorded since, so many commands a transaction; how long the writing took.
    pub(crate) fn catch_up(&mut self, book: &Book, at_once: usize) -> Outcome<Duration> {
        let mut taken = Duration::ZERO;
        loop {
            let commits: Vec<Commit> = floor::commits(book.store(), book.book(), self.at, LINES)?;
            let Some(last) = commits.last() else { return Ok(taken) };
            self.at = floor::last(last);
            let ((), wrote) =
                timed(|| commits.chunks(at_once).try_for_each(|group| self.floor.write(group)))?;
            taken += wrote;
        }
    }
}
