//! The same work on cqrs-es with sqlite-es: `cargo run --release --manifest-path benches/peers/Cargo.toml`.
//!
//! One caller, one event a command, on two hundred aggregates in turn, with `synchronous=FULL` as our store
//! has it; and the load of one aggregate of ten thousand events.

use std::error::Error;
use std::time::{Duration, Instant};

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{Aggregate, CqrsFramework, DomainEvent};
use serde::{Deserialize, Serialize};
use sqlite_es::{SqliteCqrs, SqliteEventRepository};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

const ROUNDS: usize = 11;
const COMMANDS: usize = 400;
const AGGREGATES: usize = 200;
const LONG: usize = 10_000;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Account {
    open: Vec<BroughtForward>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BroughtForward {
    invoice: String,
    reference: String,
    issued_on: String,
    due_on: String,
    open: String,
}

impl DomainEvent for BroughtForward {
    fn event_type(&self) -> String {
        "invoicing.invoice_brought_forward".into()
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is on the account already")
    }
}

impl Error for Refused {}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = BroughtForward;
    type Event = BroughtForward;
    type Error = Refused;
    type Services = ();

    async fn handle(
        &mut self,
        command: BroughtForward,
        _: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refused> {
        if self.open.last().is_some_and(|last| last.reference == command.reference) {
            return Err(Refused);
        }
        sink.write(command, self).await;
        Ok(())
    }

    fn apply(&mut self, event: BroughtForward) {
        self.open.push(event);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or_else(|| ".".into()))?;
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("peer.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    sqlx::query(EVENTS).execute(&pool).await?;
    let store = PersistedEventStore::new_event_store(SqliteEventRepository::new(pool.clone()));
    let book: SqliteCqrs<Account> = CqrsFramework::new(store, vec![], ());
    let mut number = 0;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for index in 0..COMMANDS {
            number += 1;
            book.execute(&format!("acc_{:032x}", index % AGGREGATES), brought_forward(number)).await?;
        }
        rounds.push(begun.elapsed() / u32::try_from(COMMANDS)?);
    }
    print("one command a commit, one event", rounds);
    // The long one is written beside the framework, which would take minutes: each command loads all before it.
    let mut transaction = pool.begin().await?;
    for sequence in 1..=LONG {
        let payload = serde_json::to_string(&brought_forward(sequence))?;
        let sql = "INSERT INTO events VALUES ('account', 'long', ?1, 'invoicing.invoice_brought_forward', '1', ?2, '{}')";
        sqlx::query(sql).bind(i64::try_from(sequence)?).bind(payload).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        book.execute("long", brought_forward(LONG + round)).await?;
        rounds.push(begun.elapsed());
    }
    print("command on an aggregate of 10,000 events", rounds);
    Ok(())
}

const EVENTS: &str = "CREATE TABLE events (
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    sequence integer CHECK (sequence >= 0) NOT NULL,
    event_type text NOT NULL,
    event_version text NOT NULL,
    payload text NOT NULL,
    metadata text NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT";

fn brought_forward(number: usize) -> BroughtForward {
    BroughtForward {
        invoice: format!("inv_{number:032x}"),
        reference: format!("R-{number}"),
        issued_on: "2026-11-01".into(),
        due_on: "2026-11-01".into(),
        open: "GBP 119.00".into(),
    }
}

fn print(what: &str, mut rounds: Vec<Duration>) {
    rounds.sort_unstable();
    let (least, middle, most) = (rounds[0], rounds[rounds.len() / 2], rounds[rounds.len() - 1]);
    println!("{what}: {middle:.0?} ({least:.0?}..{most:.0?})");
}
