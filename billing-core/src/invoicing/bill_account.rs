//! Bills a customer for all that is due through a day: the command that a billing run gives once an account.

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::{DraftWithdrawn, Event, Invoicing};
use crate::book::{Account, Books};
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::kernel::text::Note;
use crate::log::Scope;

/// Bills what is due: subscriptions as far as they are not billed, unused days that were, and work; less the discounts
/// in force on the date of the bill.
///
/// One invoice; where more is to be given back than is charged, an invoice with what is charged, if any, and a credit
/// note with what is given back, which settles it first. Nothing is due twice: billed again for the same day, there is nothing to do.
/// A trial account is not billed; what it was served meanwhile is due once it is a full account. An open draft is
/// withdrawn: what it was made of is billed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillAccount {
    /// Who is billed.
    pub account: AccountId,
    /// The date on the documents, which is the tax point of what they charge.
    pub issue_on: Date,
    /// The day through which is billed: periods in advance that have begun by then, periods in arrears that are
    /// over by then, changes and work up to then.
    pub through: Date,
}

impl Command for BillAccount {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.bill_account";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let bill = Bill::made_out(books, self.account, self.issue_on, self.through, ctx)?;
        Ok(issued_at_once(bill, books.account(self.account)?))
    }
}

/// The facts that issue a bill that nobody looked at before.
pub(super) fn issued_at_once(bill: Bill, account: &Account) -> Vec<Fact<Event>> {
    let mut facts = bill.issued(account);
    if let Some(open) = account.invoicing.open_draft().filter(|_| !facts.is_empty()) {
        let reason = Note::parse("Billed without it").expect("it is a good note");
        facts.push(account.record(DraftWithdrawn { draft: open.draft, reason }));
    }
    facts
}
