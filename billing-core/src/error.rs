//! The one error of the door: opaque, with predicates, a stable code, and advice.

use std::fmt;

use crate::book::Rejection;
use crate::decision::Claim;
use crate::engine::plan::BatchError;
use crate::log::{ActorId, CommandKey, Head, Scope, StreamId};
use crate::projections::QueryError;
use crate::store::{AppendError, RestoreError, StoreError};

/// What went wrong, for whoever called the engine.
///
/// ```
/// use billing_core::Error;
/// fn status(error: &Error) -> u16 {
///     match () {
///         () if error.is_refusal() => 422,
///         () if error.is_not_found() => 404,
///         () if error.is_forbidden() => 403,
///         () if error.is_conflict() => 409,
///         () if error.is_retryable() => 503,
///         () => 500,
///     }
/// }
/// ```
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(transparent)]
    Refused(Rejection),
    #[error("{actor} may not do this: it takes the scope {scope:?}")]
    Forbidden { actor: ActorId, scope: Scope },
    #[error("there is nothing under {0}")]
    Absent(StreamId),
    #[error("{0} is there already")]
    Present(StreamId),
    #[error("{:?} ({}) is taken by {by}", claim.key, claim.space)]
    Claimed { claim: Claim, by: StreamId },
    #[error("command {0} was given before with another content")]
    DuplicateOther(CommandKey),
    #[error("{0} is being changed by others all the time")]
    Busy(StreamId),
    #[error("the answer holds no {0}: nothing of that kind was recorded")]
    NotInAnswer(&'static str),
    #[error("it is not known whether command {0} was recorded")]
    Unknown(CommandKey),
    #[error(transparent)]
    Store(StoreError),
    #[error("the book stands at {found}, but head {expected} was expected to be in it")]
    OtherHistory { expected: Head, found: Head },
    #[error(transparent)]
    Batch(BatchError),
    #[error(transparent)]
    Query(QueryError),
    #[error(transparent)]
    Restore(RestoreError),
}

impl Error {
    /// A rule said no; nothing was recorded.
    pub fn is_refusal(&self) -> bool {
        matches!(*self.0, Kind::Refused(_) | Kind::Present(_) | Kind::Claimed { .. } | Kind::Batch(_))
    }

    /// The actor lacks a scope.
    pub fn is_forbidden(&self) -> bool {
        matches!(*self.0, Kind::Forbidden { .. })
    }

    /// What the command names does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(*self.0, Kind::Absent(_))
    }

    /// Somebody else did something else first: another command under the same id, or too many at once.
    pub fn is_conflict(&self) -> bool {
        matches!(*self.0, Kind::DuplicateOther(_) | Kind::Busy(_) | Kind::OtherHistory { .. })
    }

    /// It is not known whether the command was recorded. Give it again, under the same id.
    pub fn is_unknown_outcome(&self) -> bool {
        matches!(*self.0, Kind::Unknown(_))
    }

    /// The same call may work later.
    pub fn is_retryable(&self) -> bool {
        matches!(
            *self.0,
            Kind::Busy(_) | Kind::Unknown(_) | Kind::Store(StoreError::Unavailable(_) | StoreError::Full(_))
        )
    }

    /// The stored log is damaged, or of a newer version.
    pub fn is_damage(&self) -> bool {
        matches!(*self.0, Kind::Store(StoreError::Corrupt { .. } | StoreError::NewerSchema { .. }))
    }

    /// Stable, for programs: `invoicing.customer_on_hold`, `store.full`.
    pub fn code(&self) -> &'static str {
        match &*self.0 {
            Kind::Refused(rule) => rule.code(),
            Kind::Forbidden { .. } => "engine.forbidden",
            Kind::Absent(_) => "engine.not_found",
            Kind::Present(_) => "engine.already_there",
            Kind::Claimed { .. } => "engine.taken",
            Kind::DuplicateOther(_) => "engine.command_id_used",
            Kind::NotInAnswer(_) => "engine.not_in_answer",
            Kind::Busy(_) => "engine.busy",
            Kind::Unknown(_) => "engine.outcome_unknown",
            Kind::Store(StoreError::Full(_)) => "store.full",
            Kind::Store(StoreError::Corrupt { .. }) => "store.damaged",
            Kind::Store(StoreError::NewerSchema { .. }) => "store.newer_version",
            Kind::Store(StoreError::Unavailable(_)) => "store.unavailable",
            Kind::OtherHistory { .. } => "engine.other_history",
            Kind::Batch(_) => "engine.too_long",
            Kind::Query(_) => "engine.question",
            Kind::Restore(_) => "engine.restore",
        }
    }

    /// For people: what to do now.
    pub fn advice(&self) -> &'static str {
        match &*self.0 {
            Kind::Refused(rule) => rule.advice(),
            Kind::Forbidden { .. } => "Ask somebody who holds that scope, or have it granted.",
            Kind::Absent(_) => "Check the id; an account must be registered, and a book opened, first.",
            Kind::Present(_) => "Use the one that is there, or choose another id.",
            Kind::Claimed { .. } => "Look the holder up, or choose another reference.",
            Kind::DuplicateOther(_) => "Give each command an id of its own; repeat one only word for word.",
            Kind::NotInAnswer(_) => "Look at what the answer holds; a command may have had nothing to do.",
            Kind::Busy(_) => "Try again in a moment.",
            Kind::Unknown(_) => "Give the same command again under the same id: it is recorded at most once.",
            Kind::Store(StoreError::Full(_)) => "Make room, then give the command again.",
            Kind::Store(StoreError::Corrupt { .. }) => {
                "Stop writing, keep the file, verify it, and restore from a backup or an export."
            }
            Kind::Store(StoreError::NewerSchema { .. }) => {
                "Open the book with the version that wrote it, or a newer one."
            }
            Kind::Store(StoreError::Unavailable(_)) => {
                "See that the file can be reached and nobody holds it, then try again."
            }
            Kind::OtherHistory { .. } => {
                "Do not go on with this file: it is older than what you have seen, or was rewritten."
            }
            Kind::Batch(_) => "Split the command into smaller ones.",
            Kind::Query(_) => "Ask for less, or delete the views file so that it is built anew.",
            Kind::Restore(_) => "Restore a whole, undamaged export into an empty book of the same origin.",
        }
    }

    /// The rule that said no, if one did.
    pub fn rejection(&self) -> Option<&Rejection> {
        if let Kind::Refused(rule) = &*self.0 { Some(rule) } else { None }
    }

    /// Who holds what was to be unique, if that is what went wrong.
    pub fn holder(&self) -> Option<&StreamId> {
        if let Kind::Claimed { by, .. } = &*self.0 { Some(by) } else { None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.0, self.code(), self.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Error(Box::new(kind))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Kind::Store(error).into()
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        Kind::Batch(error).into()
    }
}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Store(error) => Kind::Store(error).into(),
            other @ (QueryError::Row { .. } | QueryError::Money(_) | QueryError::Date(_)) => {
                Kind::Query(other).into()
            }
        }
    }
}

impl From<RestoreError> for Error {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Kind::Store(error).into(),
            other @ (RestoreError::NotEmpty(_) | RestoreError::Broken(_) | RestoreError::Claimed(_)) => {
                Kind::Restore(other).into()
            }
        }
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { stream, .. } => Kind::Busy(stream).into(),
            AppendError::Claimed { claim, by } => Kind::Claimed { claim, by }.into(),
            AppendError::DuplicateOther { key } => Kind::DuplicateOther(key).into(),
            AppendError::Unknown { key, .. } => Kind::Unknown(key).into(),
            AppendError::Store(error) => error.into(),
        }
    }
}
