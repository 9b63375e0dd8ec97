//! Bills who changed nothing, and drafts for who did: the command of a billing run with review.

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::bill_account::issued_at_once;
use super::draft_bill::drafted;
use super::{Invoicing, changed_since_last_bill};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Does what [`BillAccount`](super::BillAccount) does for a customer whose subscriptions are what they were when it was
/// last billed, and what [`DraftBill`](super::DraftBill) does for one that has changed something since, or was never
/// billed. It looks at the account's page in the same commit, so that each is either billed or drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillOrDraft {
    /// Who is billed.
    pub account: AccountId,
    /// The date on the documents.
    pub issue_on: Date,
    /// The day through which is billed.
    pub through: Date,
}

impl Command for BillOrDraft {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.bill_or_draft";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let bill = Bill::made_out(books, self.account, self.issue_on, self.through, ctx)?;
        let account = books.account(self.account)?;
        if changed_since_last_bill(account) {
            return Ok(drafted(bill, self.issue_on, self.through, account, ctx)?);
        }
        Ok(issued_at_once(bill, account))
    }
}
