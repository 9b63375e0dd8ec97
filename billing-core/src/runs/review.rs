//! The billing run with review: whose bill is not the last one again is drafted and looked at, everybody else is billed;
//! then the drafts that were looked at are released.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{BillingRun, Group, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::invoicing::{ApproveDraft, BillOrDraft};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DraftId};
use crate::projections::review_queue::InReview;
use crate::store::Store;

/// As [`BillingRun`], but for accounts whose bill is not the last one again a draft is made out (see
/// [`Change`](crate::invoicing::Change)), which waits in the [`ReviewQueue`](crate::projections::review_queue::ReviewQueue).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewedRun {
    /// The date on the invoices.
    pub issue_on: Date,
    /// Up to which day periods are billed: for next month's, its first day.
    pub through: Date,
}

impl Run for ReviewedRun {
    type Command = BillOrDraft;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        BillingRun { issue_on: self.issue_on, through: self.through }.accounts(engine)
    }

    fn command(&self, account: AccountId) -> BillOrDraft {
        BillOrDraft { account, issue_on: self.issue_on, through: self.through }
    }
}

/// Approves drafts together. It names each draft, so that one that was made since is not released unseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseDrafts {
    /// Which draft of which account.
    pub drafts: BTreeMap<AccountId, DraftId>,
}

impl ReleaseDrafts {
    /// Releases these entries of the review queue: all that it gave, or those that were chosen.
    pub fn of<'a>(reviewed: impl IntoIterator<Item = &'a InReview>) -> ReleaseDrafts {
        let drafts = reviewed.into_iter().map(|review| (review.account, review.draft));
        ReleaseDrafts { drafts: drafts.collect() }
    }
}

impl Run for ReleaseDrafts {
    type Command = ApproveDraft;

    fn accounts<S: Store>(&self, _: &Engine<S>) -> Result<Vec<Group>, Error> {
        Ok(vec![Group { name: "looked at", accounts: self.drafts.keys().copied().collect() }])
    }

    fn command(&self, account: AccountId) -> ApproveDraft {
        // An account that the run does not name has no such draft, and is refused.
        let nobodys = DraftId::from_uuid(Uuid::nil());
        ApproveDraft { account, draft: self.drafts.get(&account).copied().unwrap_or(nobodys) }
    }
}
