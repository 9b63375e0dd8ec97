//! Withdraws a draft: it is not to be issued as it is.

use serde::{Deserialize, Serialize};

use super::{DraftWithdrawn, Invoicing, Rejection};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, DraftId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Takes an open draft out of the review queue. What it would have billed stays due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawDraft {
    /// Whose draft.
    pub account: AccountId,
    /// Which one.
    pub draft: DraftId,
    /// Why.
    pub reason: Note,
}

impl Command for WithdrawDraft {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.withdraw_draft";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Invoicing> {
        let account = books.account(self.account)?;
        if account.invoicing.withdrawn_draft == Some(self.draft) {
            return Ok(vec![]);
        }
        if account.invoicing.open_draft().is_none_or(|open| open.draft != self.draft) {
            return Err(Rejection::UnknownDraft(self.draft).into());
        }
        Ok(vec![account.record(DraftWithdrawn { draft: self.draft, reason: self.reason.clone() })])
    }
}
