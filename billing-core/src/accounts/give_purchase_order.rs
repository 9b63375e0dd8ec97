//! Giving a purchase order.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::PurchaseOrderGiven;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::kernel::text::Reference;
use crate::log::Scope;

/// Note the customer's purchase order, which stands on its invoices from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivePurchaseOrder {
    /// The account.
    pub account: AccountId,
    /// The order's number.
    pub number: Reference,
    /// The day on which the customer gave it.
    pub on: Date,
}

impl Command for GivePurchaseOrder {
    type Department = Accounts;
    const NAME: &'static str = "accounts.give_purchase_order";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.purchase_order() == Some(&self.number) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(PurchaseOrderGiven { number: self.number.clone(), given_on: self.on })])
    }
}
