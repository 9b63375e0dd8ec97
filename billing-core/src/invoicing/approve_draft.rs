//! Approves a draft: it is issued as it was looked at.

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::{DraftApproved, Invoicing, Rejection};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, DraftId};
use crate::log::Scope;

/// Issues the documents of an open draft, with the date and under the ids that they bear there. The bill is made out
/// once more: where anything but the version of the catalogue would be otherwise by now, it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApproveDraft {
    /// Who is billed.
    pub account: AccountId,
    /// The draft that was looked at.
    pub draft: DraftId,
}

impl Command for ApproveDraft {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.approve_draft";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let account = books.account(self.account)?;
        if account.invoicing.approved_draft == Some(self.draft) {
            return Ok(vec![]);
        }
        let Some(open) = account.invoicing.open_draft().filter(|open| open.draft == self.draft) else {
            return Err(Rejection::UnknownDraft(self.draft).into());
        };
        let bill = Bill::made_out(books, self.account, open.issue_on, open.through, ctx)?;
        if !bill.agrees_with(&open.bill) {
            return Err(Rejection::DraftOutOfDate(self.draft).into());
        }
        let mut facts = vec![account.record(DraftApproved { draft: self.draft })];
        facts.extend(bill.under_the_ids_of(&open.bill).issued(account));
        Ok(facts)
    }
}
