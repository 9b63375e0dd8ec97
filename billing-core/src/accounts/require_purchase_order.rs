//! Requiring purchase orders.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::PurchaseOrderRequirementSet;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Invoice the customer only against a purchase order from now on, or without one again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirePurchaseOrder {
    /// The account.
    pub account: AccountId,
    /// Whether an order is required.
    pub required: bool,
}

impl Command for RequirePurchaseOrder {
    type Department = Accounts;
    const NAME: &'static str = "accounts.require_purchase_order";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.purchase_order_required() == self.required {
            return Ok(vec![]);
        }
        Ok(vec![account.record(PurchaseOrderRequirementSet { required: self.required })])
    }
}
