//! Runs billing cases from a file against the engine: each case is a book of its own, lived day by day through the
//! public commands, and what it expects is compared with what the book then says.
//!
//! Shows: pure prices of the catalogue, subscriptions and their bills, payments and what they settle, credit notes,
//! a fork of a book by export and restore.

pub(crate) mod compare;
pub(crate) mod coupons;
pub(crate) mod day;
pub(crate) mod desk;
pub(crate) mod facts;
pub(crate) mod firm;
pub(crate) mod form;
pub(crate) mod metered;
pub(crate) mod phases;
pub(crate) mod plans;
pub(crate) mod pure;
pub(crate) mod verbs;
pub(crate) mod verdict;
pub(crate) mod versions;

use std::io::{self, Write};
use std::process::ExitCode;

use billing_examples::args::{Accepts, Args};
use billing_examples::program::{self, Outcome};
use form::{Case, Label};
use serde::Serialize;
use serde_json::Value;
use verdict::Verdict;

const USAGE: &str = "\
Usage: scenario FILE [--only ID] [--json]

  FILE       billing cases: a JSON array
  --only ID  only the case of this id
  --json     one JSON object instead of lines";

const ACCEPTS: Accepts = Accepts { words: &["FILE"], values: &["--only"], lists: &[], flags: &["--json"] };

fn main() -> ExitCode {
    ExitCode::from(run(std::env::args().skip(1), &mut io::stdout().lock(), &mut io::stderr()))
}

/// The program: 0 where no case differs, 1 where one does or the file can't be read, 2 asked wrongly.
pub(crate) fn run(given: impl Iterator<Item = String>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    program::run(Wanted::read(given), USAGE, 1, err, |wanted, _| wanted.answer(out))
}

/// What the arguments ask for.
struct Wanted {
    file: String,
    only: Option<String>,
    json: bool,
}

/// What came of one case.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    label: Label,
    #[serde(flatten)]
    verdict: Verdict,
}

/// What came of all of them.
#[derive(Debug, Serialize)]
struct Report {
    cases: Vec<Told>,
    passed: usize,
    differ: usize,
    unsupported: usize,
}

impl Wanted {
    fn read(given: impl Iterator<Item = String>) -> Result<Self, String> {
        let args = Args::read(ACCEPTS, given)?;
        Ok(Wanted {
            file: args.word(0).ok_or("which FILE?")?.to_owned(),
            only: args.parsed("--only")?,
            json: args.has("--json"),
        })
    }

    fn answer(self, out: &mut dyn Write) -> Outcome<u8> {
        let text = std::fs::read_to_string(&self.file).map_err(|why| format!("{}: {why}", self.file))?;
        let cases: Vec<Value> = serde_json::from_str(&text).map_err(|why| format!("{}: {why}", self.file))?;
        let wanted = |label: &Label| self.only.as_ref().is_none_or(|only| *only == label.id);
        let told = cases.into_iter().map(|case| (Label::of(&case), case)).filter(|(label, _)| wanted(label));
        let told: Vec<Told> = told.map(|(label, case)| Told { label, verdict: verdict(case) }).collect();
        if told.is_empty() {
            return Err(format!("{}: there is no such case in it", self.file).into());
        }
        let count = |is: fn(&Verdict) -> bool| told.iter().filter(|told| is(&told.verdict)).count();
        let report = Report {
            passed: count(|verdict| matches!(verdict, Verdict::Pass)),
            differ: count(|verdict| matches!(verdict, Verdict::Differs(_))),
            unsupported: count(|verdict| matches!(verdict, Verdict::Unsupported(_))),
            cases: told,
        };
        match self.json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
            false => report.write(out)?,
        }
        Ok(u8::from(report.differ > 0))
    }
}

impl Report {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for Told { label, verdict } in &self.cases {
            writeln!(out, "{} {verdict}", label.id)?;
        }
        let Report { passed, differ, unsupported, .. } = self;
        writeln!(out, "cases: {passed} passed, {differ} differ, {unsupported} unsupported")
    }
}

/// What comes of one case.
pub(crate) fn verdict(case: Value) -> Verdict {
    match Case::read(case).and_then(|case| compare::case(&case)) {
        Ok(()) => Verdict::Pass,
        Err(stop) => Verdict::from(stop),
    }
}
