//! Changing a customer's name or custom fields.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::DetailsChanged;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::ids::AccountId;
use crate::kernel::sealed::Sealed;
use crate::log::Scope;

/// Change name or custom fields; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeDetails {
    /// The account.
    pub account: AccountId,
    /// The customer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    /// All custom fields, the unchanged ones too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<CustomFields>,
    /// The day.
    pub on: Date,
}

impl Command for ChangeDetails {
    type Department = Accounts;
    const NAME: &'static str = "accounts.change_details";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        let page = &account.accounts;
        let name = self.name.clone().filter(|name| page.name() != Some(name));
        let custom_fields = self.custom_fields.clone().filter(|fields| page.custom_fields() != fields);
        if name.is_none() && custom_fields.is_none() {
            return Ok(vec![]);
        }
        if let Some(given) = &custom_fields {
            let fit = books.settings()?.fields_fit(FieldOwner::Account, given, Some(page.custom_fields()));
            fit.map_err(Rejection::from)?;
        }
        Ok(vec![account.record(DetailsChanged { name, custom_fields, changed_on: self.on })])
    }
}
