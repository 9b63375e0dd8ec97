//! Bills whose bill is the last one again, and drafts for everybody else: the command of a billing run with review.

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::bill_account::issued_at_once;
use super::draft_bill::drafted;
use super::{Invoicing, changes};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Does what [`BillAccount`](super::BillAccount) does for a customer whose bill is the last one but for its period, its
/// dates and its number, and what [`DraftBill`](super::DraftBill) does for everybody else: [`Change`](super::Change)
/// names what can be otherwise. It looks at the account's page in the same commit, so that each is either billed or
/// drafted.
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
        // Where nothing is due any more, an open draft is withdrawn.
        if bill.is_empty() || !changes(account, &bill, self.through).is_empty() {
            return Ok(drafted(bill, self.issue_on, self.through, account, ctx)?);
        }
        Ok(issued_at_once(bill, account))
    }
}
