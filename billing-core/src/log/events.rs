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
