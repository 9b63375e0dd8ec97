//! Drafts a bill, to be looked at before it is issued.

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::{BillDrafted, DraftWithdrawn, Event, Invoicing, Rejection, changes};
use crate::book::{Account, Books};
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DraftId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Makes out what [`BillAccount`](super::BillAccount) would issue, by the same code, and records it as a draft: it has
/// no number, nothing is owed on it, and nothing is billed by it.
///
/// An account has one open draft; a newer one takes its place. Drafted again with the same dates and the same outcome,
/// there is nothing to do; where nothing is due any more, the open draft is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftBill {
    /// Who would be billed.
    pub account: AccountId,
    /// The date on the documents.
    pub issue_on: Date,
    /// The day through which would be billed.
    pub through: Date,
}

impl Command for DraftBill {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.draft_bill";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let bill = Bill::made_out(books, self.account, self.issue_on, self.through, ctx)?;
        Ok(drafted(bill, self.issue_on, self.through, books.account(self.account)?, ctx)?)
    }
}

/// The facts that draft a bill.
pub(super) fn drafted(
    bill: Bill,
    issue_on: Date,
    through: Date,
    account: &Account,
    ctx: &Context<'_>,
) -> Result<Vec<Fact<Event>>, Rejection> {
    let open = account.invoicing.open_draft();
    let Some(comes_to) = bill.comes_to()? else {
        // What a draft through a later day holds may be due then.
        let stale = open.filter(|open| open.through <= through);
        let reason = Note::parse("Nothing is due any more").expect("it is a good note");
        let withdrawn = stale.map(|open| account.record(DraftWithdrawn { draft: open.draft, reason }));
        return Ok(withdrawn.into_iter().collect());
    };
    let dated = |open: &BillDrafted| (open.issue_on, open.through) == (issue_on, through);
    if open.is_some_and(|open| dated(open) && bill.agrees_with(&open.bill)) {
        return Ok(Vec::new());
    }
    let changes = changes(account, &bill, through);
    let draft = ctx.mint(DraftId::from_uuid);
    let replaces = open.map(|open| open.draft);
    Ok(vec![account.record(BillDrafted { draft, replaces, issue_on, through, comes_to, bill, changes })])
}
