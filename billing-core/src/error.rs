//! The one error of the door: opaque, with predicates, a stable code, and advice.

use std::fmt;

use crate::audit::ExplainError;
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
    #[error("deciding {command} for {stream} panicked ({said})")]
    Panicked { command: &'static str, stream: StreamId, said: String },
    #[error("the book stands at {found}, but head {expected} was expected to be in it")]
    OtherHistory { expected: Head, found: Head },
    #[error(transparent)]
    Batch(BatchError),
    #[error(transparent)]
    Query(QueryError),
    #[error(transparent)]
    Explain(ExplainError),
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
        matches!(*self.0, Kind::Absent(_) | Kind::Explain(ExplainError::NotIssuedHere(_)))
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
            Kind::Panicked { .. } => "engine.panicked",
            Kind::OtherHistory { .. } => "engine.other_history",
            Kind::Batch(_) => "engine.too_long",
            Kind::Query(_) => "engine.question",
            Kind::Explain(ExplainError::NotIssuedHere(_)) => "engine.no_such_document",
            Kind::Explain(ExplainError::PassesOn { .. }) => "engine.passes_on",
            Kind::Explain(ExplainError::Amount { .. } | ExplainError::Store(_)) => "engine.not_explained",
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
            Kind::Panicked { .. } => {
                "It is a mistake in the program; the book is whole. Report these words, and repeat the command \
                 under the same id once it is mended."
            }
            Kind::OtherHistory { .. } => {
                "Do not go on with this file: it is older than what you have seen, or was rewritten."
            }
            Kind::Batch(_) => "Split the command into smaller ones.",
            Kind::Query(_) => "Ask for less, or delete the views file so that it is built anew.",
            Kind::Explain(ExplainError::PassesOn { .. }) => "Ask for those.",
            Kind::Explain(ExplainError::Amount { .. }) => "Verify the log.",
            Kind::Explain(ExplainError::NotIssuedHere(_) | ExplainError::Store(_)) => {
                "Ask for an invoice or a credit note that this book issued itself."
            }
            Kind::Restore(_) => "Restore a whole, undamaged export into an empty book of the same origin.",
        }
    }

    /// The rule that said no, if one did.
    pub fn rejection(&self) -> Option<&Rejection> {
        if let Kind::Refused(rule) = &*self.0 { Some(rule) } else { None }
    }

    /// The command whose outcome is not known (give it again, under this id), or whose id was used for another
    /// one before (give it another id).
    pub fn command(&self) -> Option<CommandKey> {
        if let Kind::Unknown(key) | Kind::DuplicateOther(key) = *self.0 { Some(key) } else { None }
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

impl From<ExplainError> for Error {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Store(error) => Kind::Store(error).into(),
            other @ (ExplainError::NotIssuedHere(_)
            | ExplainError::PassesOn { .. }
            | ExplainError::Amount { .. }) => Kind::Explain(other).into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::document::DocumentId;
    use crate::kernel::ids::{InvoiceId, TaskId};
    use crate::kernel::money::MoneyError;
    use crate::log::Position;
    use crate::log::chain::Broken;
    use crate::tasks;

    const NONE: &[&str] = &[];

    fn head(text: &str) -> Head {
        format!("{text}:{}", "0".repeat(64)).parse().unwrap()
    }

    fn key() -> CommandKey {
        "cmd_00000000000000000000000000000007".parse().unwrap()
    }

    fn invoice(number: u8) -> InvoiceId {
        format!("inv_{number:032}").parse().unwrap()
    }

    fn document() -> DocumentId {
        DocumentId::Invoice(invoice(7))
    }

    fn claim() -> Claim {
        Claim { space: "account.reference", key: "C-1".parse().unwrap() }
    }

    fn corrupt() -> StoreError {
        StoreError::Corrupt { position: Position::from(7), why: "cut off".to_owned() }
    }

    fn newer() -> StoreError {
        StoreError::NewerSchema { position: Position::from(7), why: "unknown".to_owned() }
    }

    fn no_such_task() -> Rejection {
        let task: TaskId = "tsk_00000000000000000000000000000007".parse().unwrap();
        tasks::Rejection::NoSuchTask { task }.into()
    }

    /// Every kind, with its code, what is true of it, and what it says.
    fn every_kind() -> Vec<(Kind, &'static str, &'static [&'static str], &'static str)> {
        let full = StoreError::Full("disk".to_owned());
        let away = StoreError::Unavailable("locked".to_owned());
        let long = BatchError::TooLong { event_type: "tasks.task_created", length: 300_000 };
        vec![
            (
                Kind::Refused(no_such_task()),
                "tasks.no_such_task",
                &["refusal"],
                "the account has no task tsk_00000000000000000000000000000007",
            ),
            (
                Kind::Forbidden { actor: "user:bo".parse().unwrap(), scope: Scope::Billing },
                "engine.forbidden",
                &["forbidden"],
                "user:bo may not do this: it takes the scope Billing",
            ),
            (
                Kind::Absent(StreamId::Catalogue),
                "engine.not_found",
                &["not found"],
                "there is nothing under catalogue",
            ),
            (
                Kind::Present(StreamId::Catalogue),
                "engine.already_there",
                &["refusal"],
                "catalogue is there already",
            ),
            (
                Kind::Claimed { claim: claim(), by: StreamId::Catalogue },
                "engine.taken",
                &["refusal"],
                "\"C-1\" (account.reference) is taken by catalogue",
            ),
            (
                Kind::DuplicateOther(key()),
                "engine.command_id_used",
                &["conflict"],
                "command cmd_00000000000000000000000000000007 was given before with another content",
            ),
            (
                Kind::Busy(StreamId::Book),
                "engine.busy",
                &["conflict", "retryable"],
                "book is being changed by others all the time",
            ),
            (
                Kind::NotInAnswer("tasks.task_created"),
                "engine.not_in_answer",
                NONE,
                "the answer holds no tasks.task_created: nothing of that kind was recorded",
            ),
            (
                Kind::Unknown(key()),
                "engine.outcome_unknown",
                &["unknown outcome", "retryable"],
                "it is not known whether command cmd_00000000000000000000000000000007 was recorded",
            ),
            (
                Kind::Store(full),
                "store.full",
                &["retryable"],
                "the store is full (disk); make room and try again",
            ),
            (
                Kind::Store(corrupt()),
                "store.damaged",
                &["damage"],
                "the line at position 7 is damaged: cut off",
            ),
            (
                Kind::Store(newer()),
                "store.newer_version",
                &["damage"],
                "position 7 was written by a newer version: unknown",
            ),
            (Kind::Store(away), "store.unavailable", &["retryable"], "the store can't be reached: locked"),
            (
                Kind::OtherHistory { expected: head("acme:9"), found: head("acme:3") },
                "engine.other_history",
                &["conflict"],
                "the book stands at acme:3:0000000000000000000000000000000000000000000000000000000000000000, \
                 but head acme:9:0000000000000000000000000000000000000000000000000000000000000000 was expected \
                 to be in it",
            ),
            (
                Kind::Batch(long),
                "engine.too_long",
                &["refusal"],
                "tasks.task_created would take 300000 bytes, more than the 262144 that one event may have",
            ),
            (
                Kind::Panicked {
                    command: "tasks.create_task",
                    stream: StreamId::Book,
                    said: "no such page".to_owned(),
                },
                "engine.panicked",
                NONE,
                "deciding tasks.create_task for book panicked (no such page)",
            ),
            (
                Kind::Query(QueryError::Date("+262142-12-31".to_owned())),
                "engine.question",
                NONE,
                "the question names a date that can't be reckoned with: +262142-12-31",
            ),
            (
                Kind::Restore(RestoreError::Broken(Broken::Prev { at: Position::from(3) })),
                "engine.restore",
                NONE,
                "line 3 does not follow from the line before it: one of the two was changed",
            ),
            (
                Kind::Explain(ExplainError::NotIssuedHere(document())),
                "engine.no_such_document",
                &["not found"],
                "this book issued no invoice or credit note inv_00000000000000000000000000000007; look its id up in the documents",
            ),
            (
                Kind::Explain(ExplainError::PassesOn {
                    document: document(),
                    invoices: vec![invoice(8), invoice(9)],
                }),
                "engine.passes_on",
                NONE,
                "inv_00000000000000000000000000000007 passes on what is open on invoices of children: \
                 inv_00000000000000000000000000000008, inv_00000000000000000000000000000009",
            ),
            (
                Kind::Explain(ExplainError::Amount { document: document(), why: MoneyError::NoDays }),
                "engine.not_explained",
                NONE,
                "inv_00000000000000000000000000000007 has an amount that can't be reckoned: an amount cannot be shared out over \
                 0 days: give the days of the full period; verify the log",
            ),
        ]
    }

    /// A kind that is not in the table does not compile here, or leaves a number out.
    fn number(kind: &Kind) -> usize {
        match kind {
            Kind::Refused(_) => 0,
            Kind::Forbidden { .. } => 1,
            Kind::Absent(_) => 2,
            Kind::Present(_) => 3,
            Kind::Claimed { .. } => 4,
            Kind::DuplicateOther(_) => 5,
            Kind::Busy(_) => 6,
            Kind::NotInAnswer(_) => 7,
            Kind::Unknown(_) => 8,
            Kind::Store(StoreError::Full(_)) => 9,
            Kind::Store(StoreError::Corrupt { .. }) => 10,
            Kind::Store(StoreError::NewerSchema { .. }) => 11,
            Kind::Store(StoreError::Unavailable(_)) => 12,
            Kind::OtherHistory { .. } => 13,
            Kind::Batch(_) => 14,
            Kind::Panicked { .. } => 15,
            Kind::Query(_) => 16,
            Kind::Restore(_) => 17,
            Kind::Explain(ExplainError::NotIssuedHere(_)) => 18,
            Kind::Explain(ExplainError::PassesOn { .. }) => 19,
            // One that can't be read is told as the store tells it.
            Kind::Explain(ExplainError::Amount { .. } | ExplainError::Store(_)) => 20,
        }
    }

    fn what_is_true_of(error: &Error) -> Vec<&'static str> {
        let answers = [
            (error.is_refusal(), "refusal"),
            (error.is_forbidden(), "forbidden"),
            (error.is_not_found(), "not found"),
            (error.is_conflict(), "conflict"),
            (error.is_unknown_outcome(), "unknown outcome"),
            (error.is_retryable(), "retryable"),
            (error.is_damage(), "damage"),
        ];
        answers.into_iter().filter_map(|(holds, name)| holds.then_some(name)).collect()
    }

    #[test]
    fn every_kind_has_its_code_its_predicates_its_message_and_advice() {
        let numbers: Vec<usize> = every_kind().iter().map(|(kind, ..)| number(kind)).collect();
        assert_eq!(numbers, (0..21).collect::<Vec<_>>());
        let mut codes = std::collections::BTreeSet::new();
        for (kind, code, predicates, message) in every_kind() {
            let error = Error::from(kind);
            assert_eq!(error.code(), code);
            assert!(codes.insert(code), "{code} stands for two things");
            assert_eq!(what_is_true_of(&error), predicates, "{code}");
            assert!(error.advice().ends_with('.') && error.advice().len() > 10, "{code}: {}", error.advice());
            assert_eq!(error.to_string(), format!("{message} ({code}) {}", error.advice()));
            assert_eq!(format!("{error:?}"), error.to_string(), "a test that fails reads as well as a log");
        }
    }

    #[test]
    fn a_rule_a_command_and_a_holder_can_be_asked_for() {
        let refused = Error::from(Kind::Refused(no_such_task()));
        assert_eq!((refused.rejection(), refused.holder()), (Some(&no_such_task()), None));
        assert_eq!(refused.command(), None);
        for kind in [Kind::Unknown(key()), Kind::DuplicateOther(key())] {
            assert_eq!(Error::from(kind).command(), Some(key()));
        }
        let claimed = Error::from(Kind::Claimed { claim: claim(), by: StreamId::Catalogue });
        assert_eq!((claimed.rejection(), claimed.holder()), (None, Some(&StreamId::Catalogue)));
    }

    #[test]
    fn what_a_store_answers_keeps_its_code_whichever_way_it_comes() {
        let key = key();
        let conflict = AppendError::Conflict { stream: StreamId::Book, found: 3.into() };
        let cases: [(Error, &str); 10] = [
            (conflict.into(), "engine.busy"),
            (AppendError::Claimed { claim: claim(), by: StreamId::Book }.into(), "engine.taken"),
            (AppendError::DuplicateOther { key }.into(), "engine.command_id_used"),
            (AppendError::Unknown { key, why: "no answer".to_owned() }.into(), "engine.outcome_unknown"),
            (AppendError::Store(newer()).into(), "store.newer_version"),
            (QueryError::Store(corrupt()).into(), "store.damaged"),
            (QueryError::Date("never".to_owned()).into(), "engine.question"),
            (RestoreError::Store(newer()).into(), "store.newer_version"),
            (RestoreError::Claimed(claim()).into(), "engine.restore"),
            (RestoreError::NotEmpty(7.into()).into(), "engine.restore"),
        ];
        for (error, code) in cases {
            assert_eq!(error.code(), code, "{error}");
        }
    }
}
