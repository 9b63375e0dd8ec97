//! `kill -9` in the middle of the work: what was acknowledged is there, what was in doubt is cleared by its id.
//!
//! 300 cycles, or as many as `KILL_CYCLES` says. This shows that the store never acknowledges before it
//! commits, and recovers; that a commit is on the disk is something only a loss of power can show.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use billing_core::log::{Head, Line, Link};
use billing_core::store::{Expect, Store};
use billing_store_sqlite::SqliteStore;
use common::{account, batch, book, key, series, verify};

const THREADS: u64 = 3;

#[test]
fn what_was_acknowledged_survives_and_what_was_in_doubt_is_cleared() {
    let cycles = std::env::var("KILL_CYCLES").map_or(300, |cycles| cycles.parse().unwrap());
    let mut harness = Harness::new();
    for cycle in 0..cycles {
        harness.cycle(cycle, false).unwrap_or_else(|lost| panic!("cycle {cycle}: {lost}"));
    }
    let store = SqliteStore::open(harness.path()).unwrap();
    assert_eq!(verify(&store, &book()).unwrap(), harness.head);
    assert!(harness.in_doubt > 0, "no kill came between asking and the answer");
}

#[test]
fn the_harness_sees_an_answer_that_comes_before_the_commit() {
    let mut harness = Harness::new();
    let seen = (0..100).any(|cycle| harness.cycle(cycle, true).is_err());
    assert!(seen, "a store that acknowledges too early passes: the harness is worth nothing");
}

struct Harness {
    folder: tempfile::TempDir,
    head: Head,
    in_doubt: u64,
}

impl Harness {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("books.db")).unwrap();
        let opened = store.append(vec![batch(u128::MAX, &[(series(), Expect::NoStream)])]).remove(0).unwrap();
        Harness { folder, head: opened.head, in_doubt: 0 }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("books.db")
    }

    /// Lets a child write, kills it, and looks what is there.
    fn cycle(&mut self, cycle: u64, too_early: bool) -> Result<(), String> {
        let (asked, acknowledged) = kill_a_child(&self.path(), cycle, too_early);
        let store = SqliteStore::open(self.path()).map_err(|error| error.to_string())?;
        for number in &acknowledged {
            let found = store.command(&book(), &key(*number)).map_err(|error| error.to_string())?;
            if found.is_none() {
                return Err(format!("command {number} was acknowledged and is lost"));
            }
        }
        for number in asked.difference(&acknowledged) {
            self.in_doubt += 1;
            let recorded =
                store.command(&book(), &key(*number)).map_err(|error| error.to_string())?.is_some();
            let again = store.append(vec![count(*number)]).remove(0).map_err(|error| error.to_string())?;
            if again.repeated != recorded {
                return Err(format!("command {number} was repeated and is there twice, or not at all"));
            }
        }
        // Behind the head of the last cycle stands each command that was asked for, once, and nothing else.
        let (head, lines) = walk(&store, &self.head)?;
        let whole: BTreeMap<u128, usize> = asked.iter().map(|number| (*number, 2)).collect();
        if lines != whole {
            return Err(format!("{lines:?} instead of {whole:?}"));
        }
        self.head = head;
        Ok(())
    }
}

/// The head behind all lines after `head`, and how many of them each command has.
fn walk(store: &SqliteStore, head: &Head) -> Result<(Head, BTreeMap<u128, usize>), String> {
    let mut link = Link::after(head.clone());
    let mut lines = BTreeMap::new();
    let mut broken = None;
    let walked = store.read_log(&book(), head.position, &mut |row| match link.accept(row.line) {
        Ok(Line { command, .. }) => {
            *lines.entry(command.id.uuid().as_u128()).or_insert(0) += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            broken = Some(error.to_string());
            ControlFlow::Break(())
        }
    });
    walked.map_err(|error| error.to_string())?;
    let stored = store.head(&book()).map_err(|error| error.to_string())?;
    match broken {
        Some(broken) => Err(broken),
        None if stored != *link.head() => Err(format!("the head says {stored}, the lines {}", link.head())),
        None => Ok((stored, lines)),
    }
}

/// One line on an account of its own, one in the series.
fn count(number: u128) -> billing_core::store::AppendBatch {
    batch(number, &[(account(number), Expect::NoStream), (series(), Expect::Next)])
}

/// Starts a child, kills it after some answers and some microseconds more, and gives what it has said.
fn kill_a_child(path: &Path, cycle: u64, too_early: bool) -> (BTreeSet<u128>, BTreeSet<u128>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--ignored", "--nocapture"])
        .env("BOOKS", path)
        .env("CYCLE", cycle.to_string())
        .env("TOO_EARLY", if too_early { "1" } else { "" })
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut asked, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
    let mut note = |line: &str| match line.split_once(' ') {
        Some(("asked", number)) => drop(asked.insert(number.parse().unwrap())),
        Some(("acknowledged", number)) => drop(acknowledged.insert(number.parse().unwrap())),
        Some(_) | None => {}
    };
    let answers = cycle * 7 % 23 + 1;
    let mut seen = 0;
    while seen < answers {
        let line = said.next().expect("the child goes on until it is killed").unwrap();
        seen += u64::from(line.starts_with("acknowledged"));
        note(&line);
    }
    std::thread::sleep(Duration::from_micros(cycle * 37 % 400));
    kill(&mut child);
    // A line that was cut off by the kill was not said.
    let rest: Vec<String> = said.map_while(Result::ok).collect();
    rest.iter().for_each(|line| note(line));
    (asked, acknowledged)
}

/// On Unix this is `kill -9`.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[ignore = "started by the tests above, in a process of its own"]
fn the_child() {
    let (Ok(path), Ok(cycle)) = (std::env::var("BOOKS"), std::env::var("CYCLE")) else { return };
    let cycle: u64 = cycle.parse().unwrap();
    let too_early = std::env::var("TOO_EARLY") == Ok("1".into());
    let store = SqliteStore::open(path).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for index in 0..u64::MAX {
                    let number = u128::from(cycle * 1_000_000 + thread * 100_000 + index + 1);
                    say(&format!("asked {number}\n"));
                    if too_early {
                        say(&format!("acknowledged {number}\n"));
                    }
                    store.append(vec![count(number)]).remove(0).unwrap();
                    if !too_early {
                        say(&format!("acknowledged {number}\n"));
                    }
                }
            });
        }
    });
}

/// One write for a line, so that a kill can't cut it in two.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
