//! Changes the price of a plan: first looks at what that means for every customer of the book, before anything is
//! recorded; then, if asked to, makes it, moves who is to be moved, bills, and holds the bills to what was foreseen.
//!
//! Shows: versions of a plan that are sold from a day on, subscribers who move at once, with their next period, or
//! never, prices of a customer's own, a rehearsal of several commands over a whole book, runs, and the answer that a
//! command got, asked for again.
//!
//! ```text
//! cargo run --release -p billing-examples --example price_change -- [--make] [--existing keep|at-once|at-renewal]
//! ```

mod amounts;
mod foresee;
mod make;
mod sample;
mod sheet;
mod tables;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use billing_core::kernel::calendar::plus_days;
use billing_core::log::Origin;
use billing_core::prelude::*;
use billing_examples::args::{Accepts, Args, List};
use billing_examples::program::{self, Outcome};
use billing_store_sqlite::SqliteStore;
use sheet::Sheet;

const USAGE: &str = "\
Usage: price_change [--make] [options]

  --make            make the change, move who is to be moved, and bill; otherwise nothing is recorded
  --existing WORD   what becomes of existing subscribers: keep, at-once or at-renewal; at-renewal unless said
  --plan CODE       the plan or add-on; team unless said otherwise
  --price MONEY ... what it costs from then on, one amount a currency; \"GBP 14.00\" and \"EUR 16.00\" unless said
  --from DATE       the first day of the new price; 2026-07-01 unless said otherwise
  --through DATE    up to when it is billed; for a month unless said otherwise
  --db PATH         a file of books; otherwise a book of a dozen customers is made in memory
  --book ORIGIN     which of its books; needed where there are several
  --json            one JSON object instead of tables";

const ACCEPTS: Accepts = Accepts {
    words: &[],
    values: &["--existing", "--plan", "--price", "--from", "--through", "--db", "--book"],
    lists: &[List { name: "--price", fits: |text| text.parse::<Money>().is_ok() }],
    flags: &["--make", "--json"],
};

fn main() -> ExitCode {
    ExitCode::from(run(std::env::args().skip(1), &mut io::stdout().lock(), &mut io::stderr()))
}

/// The program: 0 done, 1 failed or billed otherwise than foreseen, 2 asked wrongly.
pub(crate) fn run(given: impl Iterator<Item = String>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    program::run(Wanted::read(given), USAGE, 1, err, |wanted, _| {
        let sheet = wanted.sheet()?;
        match wanted.json {
            true => writeln!(out, "{}", serde_json::to_string(&sheet)?)?,
            false => tables::print(out, &sheet)?,
        }
        Ok(u8::from(sheet.made.is_some_and(|made| !made.differing.is_empty())))
    })
}

/// What the arguments ask for.
struct Wanted {
    change: Change,
    file: Option<String>,
    book: Option<Origin>,
    make: bool,
    json: bool,
}

/// A change of a price.
pub(crate) struct Change {
    pub(crate) plan: Code,
    pub(crate) prices: Vec<Money>,
    pub(crate) from: Date,
    pub(crate) existing: Existing,
    /// Up to when it is billed, and the date on the bills.
    pub(crate) through: Date,
}

impl Wanted {
    fn read(given: impl Iterator<Item = String>) -> Result<Self, String> {
        let args = Args::read(ACCEPTS, given)?;
        let said = |why: &dyn std::fmt::Display| why.to_string();
        let from = match args.parsed("--from")? {
            Some(from) => from,
            None => "2026-07-01".parse().map_err(|why| said(&why))?,
        };
        let existing = match args.parsed::<String>("--existing")?.as_deref() {
            Some("keep") => Existing::Grandfathered,
            Some("at-once") => Existing::MigrateFrom(from),
            Some("at-renewal") | None => Existing::MigrateAtRenewalFrom(from),
            Some(other) => return Err(format!("--existing {other}: keep, at-once or at-renewal?")),
        };
        let mut prices = args.all("--price")?;
        if prices.is_empty() {
            prices = ["GBP 14.00", "EUR 16.00"]
                .into_iter()
                .map(|price| price.parse().map_err(|why| said(&why)))
                .collect::<Result<_, String>>()?;
        }
        let month = Interval::MONTHLY;
        let end =
            billing_core::kernel::calendar::Cycle::starting(from, month).and_then(|cycle| cycle.boundary(1));
        let through = match args.parsed("--through")? {
            Some(through) => through,
            None => end.and_then(|end| plus_days(end, -1)).map_err(|why| said(&why))?,
        };
        let plan = match args.parsed("--plan")? {
            Some(plan) => plan,
            None => "team".parse().map_err(|why| said(&why))?,
        };
        Ok(Wanted {
            change: Change { plan, prices, from, existing, through },
            file: args.parsed("--db")?,
            book: args.parsed("--book")?,
            make: args.has("--make"),
            json: args.has("--json"),
        })
    }

    fn sheet(&self) -> Outcome<Sheet> {
        let ann = Actor::owner("user:ann")?;
        match &self.file {
            None => self.of(&sample::book(&ann)?, &ann),
            Some(path) => self.of(&opened(path, self.book.clone())?, &ann),
        }
    }

    fn of<S: Store>(&self, book: &Engine<S>, ann: &Actor) -> Outcome<Sheet> {
        let (mut sheet, foreseen) = foresee::foresee(book, ann, &self.change)?;
        if self.make {
            sheet.made = Some(make::make(book, ann, &foreseen)?);
        }
        Ok(sheet)
    }
}

/// A book of a file of books; without a name, the only one.
fn opened(path: &str, book: Option<Origin>) -> Outcome<Engine<SqliteStore>> {
    if !Path::new(path).is_file() {
        return Err(format!("there is no file {path}").into());
    }
    let store = SqliteStore::open(path)?;
    let origin = match (book, store.books()?.as_slice()) {
        (Some(book), books) if books.contains(&book) => book,
        (None, [only]) => only.clone(),
        (Some(book), _) => return Err(format!("{path} holds no book {book}").into()),
        (None, books) => return Err(format!("which --book? {path} holds {}", books.len()).into()),
    };
    Ok(Engine::open(store, origin, SystemClock)?)
}
