//! A line that a newer version wrote, and one whose payload was garbled: named, never skipped, exported whole; and
//! the other accounts can be worked with.

use billing_core::audit::{Damage, export, verify};
use billing_core::credit_control::{HoldReason, PlaceHold, ReleaseHold};
use billing_core::engine::{Done, Options, TestClock, TestIds};
use billing_core::kernel::ids::AccountId;
use billing_core::log::{Actor, Digest, NewEvent, Position, StreamId};
use billing_core::store::{AppendBatch, Expect, NewCommand, Store};
use billing_core::{Engine, Error};
use billing_store_memory::MemoryStore;

use crate::firm::*;

/// A stored word, its schema number and its payload.
type Strange = (&'static str, u32, &'static str);

const NEWER: [Strange; 3] = [
    ("accounts.reputation_scored", 1, r#"{"score":7}"#),
    ("loans.loan_granted", 1, r#"{"amount":"GBP 7.00"}"#),
    ("accounts.owner_assigned", 2, r#"{"owners":["user:bo","user:cy"],"from":"2026-01-05"}"#),
];

const GARBLED: [Strange; 3] = [
    ("accounts.owner_assigned", 1, r#"{"owner":"user:b}"#),
    ("accounts.owner_assigned", 1, r#"{"owner":"user:bo","from":"2026-02-30"}"#),
    ("payments.payment_received", 1, "{}"),
];

/// A book with two customers, kept by an engine that has both their pages in memory. Its story is over before
/// anything strange comes, for a story holds its log to the laws.
struct Book {
    store: MemoryStore,
    engine: Engine<MemoryStore>,
    accounts: [AccountId; 2],
}

impl Book {
    fn of_two_customers() -> Book {
        let store = MemoryStore::new();
        let story = on(store.clone());
        let accounts = ["C-1", "C-2"].map(|reference| customer(&story, reference));
        let engine = story.engine.clone();
        accounts.iter().for_each(|&account| drop(hold(&engine, account).unwrap()));
        Book { store, engine, accounts }
    }

    /// Another engine on the same store, which has read nothing yet.
    fn opened_later(&self) -> Result<Engine<MemoryStore>, Error> {
        let clock = TestClock::at("2026-01-05T09:00:00.000Z").unwrap();
        let ids = TestIds::after(1_000_000);
        Engine::open_with(self.store.clone(), self.engine.book().clone(), clock, ids, Options::default())
    }

    /// Records a line, past the engine, as another program would that shares the store.
    fn put(&self, stream: impl Into<StreamId>, (event_type, schema, data): Strange) -> Position {
        let (stream, book) = (stream.into(), self.engine.book().clone());
        let version = self.store.version(&book, &stream).unwrap();
        let request = r#"{"command":"from.elsewhere","data":{}}"#.to_owned();
        let batch = AppendBatch {
            book,
            command: NewCommand {
                key: self.engine.new_command_id().into(),
                digest: Digest::of(request.as_bytes()),
                request,
                by: "user:elsewhere".parse().unwrap(),
                now: self.engine.now(),
            },
            guards: vec![(stream.clone(), Expect::Exactly(version))],
            claims: vec![],
            events: vec![NewEvent { stream, event_type, schema, data: data.to_owned(), cause: None }],
        };
        self.store.append(vec![batch]).remove(0).unwrap().last
    }
}

fn hold(engine: &Engine<MemoryStore>, account: AccountId) -> Result<Done, Error> {
    let owner = Actor::owner("user:ann").unwrap();
    engine.execute(&owner, PlaceHold { account, reason: HoldReason::Manual, on: date("2026-01-05") })
}

fn release(engine: &Engine<MemoryStore>, account: AccountId) -> Result<Done, Error> {
    engine.execute(&Actor::owner("user:ann").unwrap(), ReleaseHold { account, on: date("2026-01-05") })
}

/// Every way to read the strange line must end in this error, and no other line be in anybody's way.
fn refused(strange: Strange, code: &str) {
    let book = Book::of_two_customers();
    let [spoilt, other] = book.accounts;
    let position = book.put(spoilt, strange);
    let head = book.engine.head().unwrap();
    // The first engine has the page from before the line, the second has to read it.
    for engine in [book.engine.clone(), book.opened_later().unwrap()] {
        let errors = [
            hold(&engine, spoilt).unwrap_err(),
            release(&engine, spoilt).unwrap_err(),
            engine.account(spoilt).unwrap_err(),
            engine.ask(&aged("2026-01-05")).unwrap_err(),
            engine.every_view().unwrap_err(),
            engine.follow(Position::START, 1_000).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.code(), code, "{strange:?}");
            assert!(error.is_damage() && !error.is_refusal() && !error.is_retryable(), "{error}");
            assert!(error.to_string().contains(&format!("position {position} ")), "{error}");
        }
        let stands = book.store.version(engine.book(), &spoilt.into()).unwrap();
        assert_eq!(stands.get(), 4, "registered, given an owner, put on hold, and the strange line");
        assert!(engine.account(other).is_ok());
        assert_eq!(release(&engine, other).unwrap().events.len(), 1);
        assert_eq!(hold(&engine, other).unwrap().events.len(), 1);
    }
    assert_eq!(book.engine.head().unwrap().position.get(), head.position.get() + 4);
}

#[test]
fn a_line_of_a_newer_version_is_refused_for_deciding_and_the_other_accounts_go_on() {
    NEWER.into_iter().for_each(|strange| refused(strange, "store.newer_version"));
}

#[test]
fn a_garbled_payload_is_damage_at_its_position_and_the_other_accounts_go_on() {
    GARBLED.into_iter().for_each(|strange| refused(strange, "store.damaged"));
}

#[test]
fn what_cannot_be_read_is_exported_word_for_word_and_named_by_the_audit() {
    for strange in NEWER.into_iter().chain(GARBLED) {
        let (word, _, data) = strange;
        let book = Book::of_two_customers();
        let position = book.put(book.accounts[0], strange);
        let (store, origin) = (&book.store, book.engine.book());
        let mut file = Vec::new();
        let head = export(store, origin, &mut file).unwrap();
        assert_eq!(head, book.engine.head().unwrap());
        let text = String::from_utf8(file).unwrap();
        assert_eq!(u64::try_from(text.lines().count()).unwrap(), head.position.get());
        assert!(text.lines().last().unwrap().contains(data), "{strange:?}");

        let found = verify(store, origin, std::slice::from_ref(&head)).unwrap();
        let [Damage::Payload { position: named, why }] = found.damage.as_slice() else {
            panic!("{strange:?}: {:?}", found.damage)
        };
        assert_eq!(*named, position);
        assert!(why.contains(word), "{why}");
        // The chain stands: nothing was changed, it is only not understood.
        assert_eq!((found.lines, found.head), (head.position.get(), head));
    }
}

#[test]
fn a_book_whose_settings_are_of_a_newer_version_is_not_opened_and_no_refusal_is_given_on_them() {
    let book = Book::of_two_customers();
    book.put(StreamId::Book, ("settings.fiscal_year_chosen", 1, r#"{"begins":"04-01"}"#));
    let codes = [
        book.opened_later().err().unwrap().code(),
        // An engine that was open already finds out at the latest when it would say that there is nothing to do.
        hold(&book.engine, book.accounts[0]).unwrap_err().code(),
    ];
    assert_eq!(codes, ["store.newer_version"; 2]);
}
