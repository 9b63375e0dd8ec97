//! Assigning the account that pays for another one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::events::{ChildAssigned, ChildLeft, Event, ParentAssigned};
use super::{Accounts, Rejection, State};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Lets a parent account pay the invoices of a child that are dated from a day on, or lets the child pay itself again.
/// What was said for that day and later ones counts no more; what was passed on stays with the parent that owes it.
///
/// The child is billed as ever, on its own stream. What it owes reaches the parent with
/// [`ConsolidateInvoices`](crate::invoicing::ConsolidateInvoices); an invoice from the time with a parent is that
/// parent's to pay, also when the child has left since.
///
/// ```
/// use billing_core::accounts::AssignParent;
/// use billing_core::decision::Command;
/// let assign = AssignParent {
///     account: "acc_0123456789abcdef0123456789abcdef".parse()?,
///     parent: Some("acc_fedcba9876543210fedcba9876543210".parse()?),
///     from: "2026-01-01".parse()?,
/// };
/// assert_eq!(AssignParent::NAME, "accounts.assign_parent");
/// assert!(serde_json::to_string(&assign)?.ends_with(r#""from":"2026-01-01"}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignParent {
    /// The child.
    pub account: AccountId,
    /// Who pays; none where it pays itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AccountId>,
    /// The first date of such invoices.
    pub from: Date,
}

impl Command for AssignParent {
    type Department = Accounts;
    const NAME: &'static str = "accounts.assign_parent";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let child = books.account(self.account)?;
        if self.parent == Some(self.account) {
            return Err(Rejection::OwnParent { account: self.account }.into());
        }
        let parent = self.parent.map(|parent| books.account(parent)).transpose()?;
        if let Some(parent) = parent {
            self.may_pay(parent.id, &parent.accounts, &child.accounts)?;
        }
        if child.accounts.parents.since(self.from).all(|payer| payer == self.parent) {
            return Ok(vec![]);
        }
        let former: BTreeSet<AccountId> = child.accounts.parents.since(self.from).flatten().collect();
        let (id, from) = (child.id, self.from);
        let mut facts = vec![child.record(ParentAssigned { parent: self.parent, from })];
        for former in former.into_iter().filter(|former| Some(*former) != self.parent) {
            facts.push(books.account(former)?.record(ChildLeft { child: id, from }));
        }
        facts.extend(parent.map(|parent| parent.record::<Event>(ChildAssigned { child: id, from })));
        Ok(facts)
    }
}

impl AssignParent {
    /// Whether one may pay for the other from that day on.
    fn may_pay(&self, parent: AccountId, theirs: &State, own: &State) -> Result<(), Rejection> {
        if theirs.is_trial() {
            return Err(Rejection::ParentOnTrial { parent });
        }
        if theirs.currency() != own.currency() {
            let (theirs, own) = (theirs.currency(), own.currency());
            return Err(Rejection::ParentInOtherCurrency { parent, theirs, own });
        }
        if let Some(grandparent) = theirs.parents.since(self.from).flatten().next() {
            return Err(Rejection::ParentIsChild { parent, grandparent });
        }
        match own.pays_for_from(self.from).next() {
            Some(child) => Err(Rejection::HasChildren { child }),
            None => Ok(()),
        }
    }
}

impl State {
    /// For whom it pays on a day or a later one.
    fn pays_for_from(&self, from: Date) -> impl Iterator<Item = AccountId> {
        let paid = self.children.iter().filter(move |(_, left)| left.is_none_or(|left| from < left));
        paid.map(|(child, _)| *child)
    }
}
