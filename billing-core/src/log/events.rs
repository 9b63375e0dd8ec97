//! A department's events table: stored words, schema numbers, old readers; and reading them back.

use std::fmt;

use serde::Serialize;

/// The events of one department, as the log sees them. Written by [`events!`](crate::events), never by hand.
pub trait DepartmentEvent: Sized + fmt::Display + 'static {
    /// Every stored word of the department with its newest schema number.
    const WORDS: &'static [(&'static str, u32)];

    /// The stored word, with the department in front: `invoicing.invoice_issued`.
    fn event_type(&self) -> &'static str;

    /// The schema number under which this event is written.
    fn schema(&self) -> u32;

    /// The payload as one line of JSON.
    fn payload(&self) -> Result<String, serde_json::Error>;

    /// Reads a stored payload, of this or of an older schema.
    fn decode(event_type: &str, schema: u32, data: &str) -> Result<Self, DecodeError>;
}

/// One kind of event: the struct behind a stored word.
pub trait Payload: Serialize + Sized + 'static {
    /// The department's event type that wraps it.
    type Event: DepartmentEvent;
    /// Its stored word.
    const WORD: &'static str;

    /// The payload, if the event is of this kind.
    fn of(event: &Self::Event) -> Option<&Self>;
}

/// Why a stored event can't be read by this version of the library. Such an event is never skipped: the
/// book is refused for deciding, and stays readable as text.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A word that this version does not know.
    #[error("event type {0:?} is not known to this version; open the book with a newer one")]
    UnknownType(String),
    /// A known word, in a schema that came later.
    #[error("{event_type} has schema {found}, this version reads up to {newest}; use a newer one")]
    NewerSchema {
        /// The stored word.
        event_type: &'static str,
        /// The schema number found.
        found: u32,
        /// The newest one known here.
        newest: u32,
    },
    /// The payload is not what the word promises.
    #[error("the payload of {event_type} schema {schema} can't be read: {why}")]
    Payload {
        /// The stored word.
        event_type: &'static str,
        /// Its schema number.
        schema: u32,
        /// What serde found.
        why: serde_json::Error,
    },
}

impl DecodeError {
    /// Whether a newer version of the library may be able to read it.
    pub fn is_newer(&self) -> bool {
        match self {
            DecodeError::UnknownType(_) | DecodeError::NewerSchema { .. } => true,
            DecodeError::Payload { .. } => false,
        }
    }
}

/// Declares the events of a department: one line each, with its stored word and schema number.
///
/// ```text
/// events! {
///     "invoicing" {
///         InvoiceIssued = "invoice_issued" 2, was 1 InvoiceIssuedV1;
///         InvoiceVoided = "invoice_voided" 1;
///     }
/// }
/// ```
/// `was 1 InvoiceIssuedV1` keeps the reader of schema 1; a `From<InvoiceIssuedV1> for InvoiceIssued` says
/// what it means today. A stored word is never renamed and never removed.
#[macro_export]
macro_rules! events {
    ($department:literal { $($name:ident = $word:literal $schema:literal $(, was $old:literal $reader:ty)*;)+ }) => {
        /// What this department records.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event { $(#[doc = concat!("`", $department, ".", $word, "`")] $name($name)),+ }

        impl $crate::log::DepartmentEvent for Event {
            const WORDS: &'static [(&'static str, u32)] = &[$((concat!($department, ".", $word), $schema)),+];

            fn event_type(&self) -> &'static str {
                match self { $(Event::$name(_) => concat!($department, ".", $word)),+ }
            }

            fn schema(&self) -> u32 {
                match self { $(Event::$name(_) => $schema),+ }
            }

            fn payload(&self) -> Result<String, serde_json::Error> {
                match self { $(Event::$name(payload) => serde_json::to_string(payload)),+ }
            }

            fn decode(event_type: &str, schema: u32, data: &str) -> Result<Self, $crate::log::DecodeError> {
                use $crate::log::DecodeError;
                $(if event_type == concat!($department, ".", $word) {
                    const WORD: &str = concat!($department, ".", $word);
                    let unreadable = |why| DecodeError::Payload { event_type: WORD, schema, why };
                    return match schema {
                        $schema => serde_json::from_str::<$name>(data).map(Event::$name).map_err(unreadable),
                        $($old => serde_json::from_str::<$reader>(data)
                            .map(|old| Event::$name(old.into())).map_err(unreadable),)*
                        found => Err(DecodeError::NewerSchema { event_type: WORD, found, newest: $schema }),
                    };
                })+
                Err(DecodeError::UnknownType(event_type.to_owned()))
            }
        }

        impl std::fmt::Display for Event {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(Event::$name(payload) => payload.fmt(f)),+ }
            }
        }

        $(impl From<$name> for Event {
            fn from(payload: $name) -> Self { Event::$name(payload) }
        }

        impl $crate::log::Payload for $name {
            type Event = Event;
            const WORD: &'static str = concat!($department, ".", $word);

            #[allow(irrefutable_let_patterns, reason = "a department may have a single kind of event")]
            fn of(event: &Event) -> Option<&Self> {
                if let Event::$name(payload) = event { Some(payload) } else { None }
            }
        })+
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A department whose one letter has been written in three ways.
    #[allow(unreachable_pub, reason = "the table makes what a department shows; here nobody looks")]
    mod post {
        use std::fmt;

        use serde::{Deserialize, Serialize};

        crate::events! {
            "post" {
                LetterSent = "letter_sent" 3, was 1 LetterSentV1, was 2 LetterSentV2;
                LetterLost = "letter_lost" 1;
            }
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct LetterSent {
            pub to: Vec<String>,
            pub pages: u32,
            pub registered: bool,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct LetterLost {
            pub to: String,
        }

        /// One addressee, no page count: every letter had one page.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct LetterSentV1 {
            to: String,
        }

        /// One addressee.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct LetterSentV2 {
            to: String,
            pages: u32,
        }

        impl From<LetterSentV1> for LetterSent {
            fn from(old: LetterSentV1) -> Self {
                LetterSent { to: vec![old.to], pages: 1, registered: false }
            }
        }

        impl From<LetterSentV2> for LetterSent {
            fn from(old: LetterSentV2) -> Self {
                LetterSent { to: vec![old.to], pages: old.pages, registered: false }
            }
        }

        impl fmt::Display for LetterSent {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "A letter of {} page(s) sent to {}.", self.pages, self.to.join(" and "))
            }
        }

        impl fmt::Display for LetterLost {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "A letter to {} was lost.", self.to)
            }
        }
    }

    use post::{Event, LetterLost, LetterSent};

    fn sent(to: &[&str], pages: u32, registered: bool) -> Event {
        LetterSent { to: to.iter().map(|&to| to.to_owned()).collect(), pages, registered }.into()
    }

    fn refused(word: &str, schema: u32, data: &str) -> (bool, String) {
        let error = Event::decode(word, schema, data).unwrap_err();
        (error.is_newer(), error.to_string())
    }

    #[test]
    fn what_was_written_in_any_schema_is_read_as_what_it_means_today() {
        for (schema, data, event) in [
            (1, r#"{"to":"Ann"}"#, sent(&["Ann"], 1, false)),
            (2, r#"{"to":"Ann","pages":4}"#, sent(&["Ann"], 4, false)),
            (3, r#"{"to":["Ann","Bo"],"pages":4,"registered":true}"#, sent(&["Ann", "Bo"], 4, true)),
        ] {
            let read = Event::decode("post.letter_sent", schema, data).unwrap();
            assert_eq!(read, event, "schema {schema}");
            // What was read in an old schema is written in the newest, and then read as the same again.
            let written = read.payload().unwrap();
            assert_eq!(Event::decode(read.event_type(), read.schema(), &written).unwrap(), event);
        }
        let lost = Event::decode("post.letter_lost", 1, r#"{"to":"Ann"}"#).unwrap();
        assert_eq!(LetterLost::of(&lost), Some(&LetterLost { to: "Ann".to_owned() }));
        assert_eq!(LetterSent::of(&lost), None);
        assert_eq!(lost.to_string(), "A letter to Ann was lost.");
    }

    #[test]
    fn the_table_lists_every_word_with_its_newest_schema() {
        assert_eq!(Event::WORDS, [("post.letter_sent", 3), ("post.letter_lost", 1)]);
        let event = sent(&["Ann"], 1, false);
        assert_eq!((event.event_type(), event.schema()), ("post.letter_sent", 3));
    }

    #[test]
    fn unknown_words_and_newer_schemas_are_typed_and_ask_for_a_newer_version() {
        for word in ["post.letter_burnt", "post.letter_sent2", "letter_sent", "post.", "", "mail.letter_sent"]
        {
            let why =
                format!("event type {word:?} is not known to this version; open the book with a newer one");
            assert_eq!(refused(word, 1, "{}"), (true, why));
        }
        for (word, found, newest) in
            [("post.letter_sent", 4, 3), ("post.letter_sent", u32::MAX, 3), ("post.letter_lost", 2, 1)]
        {
            let why =
                format!("{word} has schema {found}, this version reads up to {newest}; use a newer one");
            assert_eq!(refused(word, found, r#"{"to":"Ann"}"#), (true, why));
        }
    }

    #[test]
    fn a_payload_that_is_not_what_its_schema_promises_is_damage_and_not_newer() {
        for (schema, data) in [
            (1, r#"{"to":"Ann","pages":4}"#),
            (2, r#"{"to":"Ann"}"#),
            (2, r#"{"to":"Ann","to":"Bo","pages":4}"#),
            (3, r#"{"to":["Ann"],"pages":4,"registered":true,"stamp":"red"}"#),
            (3, r#"{"to":["Ann"],"pages":4,"registered":tr"#),
            (3, ""),
        ] {
            let (newer, why) = refused("post.letter_sent", schema, data);
            assert!(!newer, "{data}");
            let begins = format!("the payload of post.letter_sent schema {schema} can't be read: ");
            assert!(why.starts_with(&begins), "{why}");
        }
    }
}
