//! What must hold for arbitrary bytes: called by the fuzzer's targets, and by a plain test over their corpus.
//!
//! Nothing may panic; and what is read must be written again as it was.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::book::Event;
use crate::kernel::calendar::{Cycle, Interval};
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::Money;
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::rate::Rate;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Label, Note, Reference};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::unit_price::UnitPrice;
use crate::log::{ActorId, Head, Line, Link, StreamId};

/// A target: a name, and what is done with the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 5] =
    [("money", money), ("line", line), ("log", log), ("event", event), ("words", words)];

/// Amounts, prices, rates, quantities: read strictly, written in one spelling.
pub fn money(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    one_spelling(text, Money::parse);
    one_spelling(text, str::parse::<Rate>);
    one_spelling(text, str::parse::<Quantity>);
    one_spelling(text, str::parse::<UnitPrice>);
    let currency = crate::kernel::currency::Currency::GBP;
    if let Ok(amount) = Money::from_major(text, currency) {
        assert_eq!(Money::from_major(&amount.major(), currency), Ok(amount));
    }
}

/// A line that can be read has all its words inside the bytes, and one spelling.
pub fn line(bytes: &[u8]) {
    if let Ok(line) = Line::parse(bytes) {
        assert!(line.data.len() < bytes.len());
        assert!(line.data.starts_with('{') && line.data.ends_with('}'));
        assert!(line.stream_id().map_or(true, |stream| stream.to_string() == line.stream));
    }
}

/// A log cut into lines: accepted lines follow from each other.
pub fn log(bytes: &[u8]) {
    let Ok(origin) = "fuzz".parse() else { return };
    let mut link = Link::after(Head::empty(origin));
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if link.accept(line).is_err() {
            return;
        }
        assert_eq!(link.head().position.get(), u64::try_from(index).unwrap_or(u64::MAX) + 1);
    }
}

/// `TYPE SCHEMA PAYLOAD`: what can be decoded is encoded, decoded and said without a panic.
pub fn event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parts = text.splitn(3, ' ');
    let (Some(word), Some(schema), Some(data)) = (parts.next(), parts.next(), parts.next()) else { return };
    let Ok(schema) = schema.parse() else { return };
    let Ok(event) = Event::decode(word, schema, data) else { return };
    let written = event.payload().expect("a decoded event can be written");
    let again =
        Event::decode(event.event_type(), event.schema(), &written).expect("a written event can be read");
    assert_eq!(again, event);
    assert!(!event.to_string().is_empty());
    let mut account = crate::book::Account::new(AccountId::from_uuid(uuid::Uuid::nil()));
    account.evolve(&event);
    account.evolve(&event);
}

/// Every other word of the wire.
pub fn words(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    one_spelling(text, str::parse::<InvoiceId>);
    one_spelling(text, str::parse::<Timestamp>);
    one_spelling(text, str::parse::<Interval>);
    one_spelling(text, str::parse::<Reference>);
    one_spelling(text, str::parse::<Label>);
    one_spelling(text, str::parse::<Code>);
    one_spelling(text, str::parse::<Note>);
    one_spelling(text, str::parse::<ActorId>);
    one_spelling(text, str::parse::<StreamId>);
    one_spelling(text, str::parse::<Head>);
    survives::<Period>(text);
    survives::<Cycle>(text);
    survives::<PaymentTerms>(text);
}

fn one_spelling<T: ToString, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) {
    if let Ok(read) = parse(text) {
        assert_eq!(read.to_string(), text, "two spellings of one word");
    }
}

fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    if let Ok(read) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&read).expect("what was read can be written");
        assert_eq!(serde_json::from_str::<T>(&written).ok(), Some(read));
    }
}
