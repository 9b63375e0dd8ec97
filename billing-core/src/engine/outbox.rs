//! The outbox: messages to customers and staff, read off the log with a cursor.

use std::ops::ControlFlow;

use super::load;
use crate::book::{Event, payload};
use crate::credit_control::ReminderDue;
use crate::error::Error;
use crate::kernel::ids::{AccountId, MessageId};
use crate::kernel::text::Code;
use crate::log::{Origin, Position, Recorded, StreamId};
use crate::messages::{MessageRequested, Recipient};
use crate::store::Store;

/// A message that is to be handed over. Its id is the mailer's key against sending it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The message.
    pub message: MessageId,
    /// The account that it is about.
    pub account: AccountId,
    /// To whom.
    pub to: Recipient,
    /// What it says, for the host's templates: `invoice_issued`, `receipt`, a ladder's `gentle_reminder`.
    pub kind: Code,
    /// Whether it chases. Then it is only *due*: give `SendReminder` as you hand it over, and send it only if
    /// the answer is `ReminderSent`.
    pub chases: bool,
    /// What was recorded; its position is the cursor.
    pub recorded: Recorded<Event>,
}

/// The messages behind a position, oldest first.
pub(crate) fn follow<S: Store>(
    store: &S,
    book: &Origin,
    after: Position,
    at_most: usize,
) -> Result<Vec<Outgoing>, Error> {
    let mut found = Vec::new();
    if at_most == 0 {
        return Ok(found);
    }
    load::walk(store, book, after, |recorded| {
        found.extend(outgoing(recorded));
        Ok(if found.len() < at_most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(found)
}

fn outgoing(recorded: Recorded<Event>) -> Option<Outgoing> {
    let StreamId::Account(account) = recorded.stream else { return None };
    let requested = payload::<MessageRequested>(&recorded.event);
    let requested = requested.map(|asked| (asked.message, asked.to, asked.kind.clone(), false));
    let due = || {
        payload::<ReminderDue>(&recorded.event).map(|due| (due.message, due.to, due.template.clone(), true))
    };
    let (message, to, kind, chases) = requested.or_else(due)?;
    Some(Outgoing { message, account, to, kind, chases, recorded })
}
