//! How a policy asks for a message.

use std::fmt;

use super::Happened;
use crate::book::{Account, Event};
use crate::decision::Fact;
use crate::kernel::ids::MessageId;
use crate::kernel::text::{Code, Label};
use crate::messages::{self, MessageRequested, Recipient, about};

/// A request for a message of a kind, about these things, with a word on why. Kinds and words are written in the
/// policies; one that could not be kept would ask for nothing, which each policy's test would show.
pub(super) fn letter(
    happened: &Happened<'_>,
    account: &Account,
    to: Recipient,
    kind: &str,
    subjects: impl IntoIterator<Item: fmt::Display>,
    reason: Option<&str>,
) -> Vec<Fact<Event>> {
    let Ok(kind) = Code::parse(kind) else { return Vec::new() };
    let message = happened.ctx.mint(MessageId::from_uuid);
    let reason = reason.and_then(|reason| Label::parse(reason).ok());
    let requested = MessageRequested { message, to, kind, about: about(subjects), reason };
    vec![account.record(messages::Event::from(requested))]
}
