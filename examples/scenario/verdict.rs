//! What comes of a case: it passes, it differs, or it asks for something that this program does not know.

use std::fmt;

use serde::Serialize;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "why", rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Everything that it expects is so.
    Pass,
    /// Something is not as it expects.
    Differs(String),
    /// It can't be told, because a key or a verb is unknown here.
    Unsupported(String),
}

/// Why a case is not followed further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Expected one thing, got another.
    Differs(String),
    /// Not known here.
    Unsupported(String),
    /// The book said no.
    Refused(Refusal),
}

/// A no of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The stable code of the rule.
    pub(crate) code: String,
    /// The rule in words.
    pub(crate) words: String,
}

/// What may end a case early.
pub(crate) type Outcome<T = ()> = Result<T, Stop>;

impl Stop {
    pub(crate) fn differs(
        what: impl fmt::Display,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Stop {
        Stop::Differs(format!("{what} expected {expected}, got {got}"))
    }

    pub(crate) fn unsupported(what: impl fmt::Display) -> Stop {
        Stop::Unsupported(what.to_string())
    }
}

impl From<billing_core::Error> for Stop {
    fn from(error: billing_core::Error) -> Stop {
        match error.is_refusal() || error.is_not_found() {
            true => Stop::Refused(Refusal { code: error.code().to_owned(), words: error.to_string() }),
            false => Stop::Differs(format!("the engine fails: {error}")),
        }
    }
}

/// What the engine's words and amounts may refuse: a figure that no book can keep is none that the case can mean.
macro_rules! stops {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Stop {
            fn from(why: $error) -> Stop {
                Stop::Unsupported(why.to_string())
            }
        })+
    };
}

stops!(
    billing_core::kernel::calendar::CalendarError,
    billing_core::kernel::money::MoneyError,
    billing_core::kernel::period::NotForward,
    billing_core::kernel::text::TextError,
    billing_core::kernel::timestamp::TimestampError,
);

impl From<Stop> for Verdict {
    fn from(stop: Stop) -> Verdict {
        match stop {
            Stop::Differs(why) => Verdict::Differs(why),
            Stop::Unsupported(what) => Verdict::Unsupported(what),
            Stop::Refused(no) => {
                Verdict::Differs(format!("expected it to be done, got refused: {}", no.words))
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Pass => f.write_str("pass"),
            Verdict::Differs(why) => write!(f, "differs: {why}"),
            Verdict::Unsupported(what) => write!(f, "unsupported: {what}"),
        }
    }
}
