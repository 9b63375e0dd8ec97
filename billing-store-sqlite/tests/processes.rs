//! Eight processes on one file: nothing lost, nothing numbered twice, nobody left waiting.

mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use billing_core::log::Version;
use billing_core::store::{AppendError, Expect, Store};
use billing_store_sqlite::SqliteStore;
use common::{account, batch, book, series, verify};

const PROCESSES: u64 = 8;
const EACH: u64 = 100;
const SLOWEST: Duration = Duration::from_secs(2);

#[test]
fn eight_processes_count_on_one_stream_and_number_in_one_series() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    store.append(vec![batch(u128::MAX, &[(series(), Expect::NoStream)])]).remove(0).unwrap();
    let child = |number: u64| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_of_the_processes", "--ignored", "--nocapture"])
            .env("BOOKS", &path)
            .env("NUMBER", number.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..PROCESSES).map(child).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert_eq!(store.version(&book(), &account(1)), Ok(Version::from(PROCESSES * EACH)));
    assert_eq!(store.version(&book(), &series()), Ok(Version::from(1 + PROCESSES * EACH)));
    assert_eq!(verify(&store, &book()).unwrap(), store.head(&book()).unwrap());
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn one_of_the_processes() {
    let (Ok(path), Ok(number)) = (std::env::var("BOOKS"), std::env::var("NUMBER")) else { return };
    let number: u64 = number.parse().unwrap();
    let store = SqliteStore::open(path).unwrap();
    for index in 0..EACH {
        let begun = now();
        let command = u128::from(number * EACH + index);
        loop {
            let version = store.version(&book(), &account(1)).unwrap();
            let streams = [(account(1), Expect::Exactly(version)), (series(), Expect::Next)];
            match store.append(vec![batch(command, &streams)]).remove(0) {
                Ok(_) => break,
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(begun.elapsed() < SLOWEST, "command {command} took {:?}", begun.elapsed());
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures how long a caller waits")]
fn now() -> Instant {
    Instant::now()
}
