//! Changing a customer's payment terms.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::TermsChanged;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::kernel::terms::PaymentTerms;
use crate::log::Scope;

/// Give invoices from a date on other terms. Terms that begin later stay as they were set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeTerms {
    /// The account.
    pub account: AccountId,
    /// Its own terms; none where the book's are to apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<PaymentTerms>,
    /// The first day of them.
    pub from: Date,
}

impl Command for ChangeTerms {
    type Department = Accounts;
    const NAME: &'static str = "accounts.change_terms";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.own_terms(self.from) == self.terms.as_ref() {
            return Ok(vec![]);
        }
        Ok(vec![account.record(TermsChanged { terms: self.terms.clone(), from: self.from })])
    }
}
