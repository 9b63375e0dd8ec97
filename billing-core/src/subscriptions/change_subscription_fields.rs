//! The seller's own fields of a subscription change.

use serde::{Deserialize, Serialize};

use super::change;
use super::{Rejection, SubscriptionFieldsChanged, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::Scope;

/// Changes the seller's own fields of a subscription: all of them, the unchanged ones too. They must fit what is defined
/// ([`DefineCustomField`](crate::settings::DefineCustomField)).
///
/// ```
/// use billing_core::prelude::*;
/// let mut custom_fields = CustomFields::default();
/// custom_fields.insert("project".parse()?, CustomValue::Text("P-77".parse()?))?;
/// let change = ChangeSubscriptionFields {
///     account: "acc_0123456789abcdef0123456789abcdef".parse()?,
///     subscription: "sub_0123456789abcdef0123456789abcdef".parse()?,
///     custom_fields,
///     on: "2026-11-30".parse()?,
/// };
/// # let _ = change;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSubscriptionFields {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// All fields, the unchanged ones too.
    pub custom_fields: CustomFields,
    /// The day.
    pub on: Date,
}

impl Command for ChangeSubscriptionFields {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_subscription_fields";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let had = change::subscription(account, self.subscription)?.custom_fields();
        if *had == self.custom_fields {
            return Ok(vec![]);
        }
        let fit = books.settings()?.fields_fit(FieldOwner::Subscription, &self.custom_fields, Some(had));
        fit.map_err(Rejection::from)?;
        Ok(vec![account.record(SubscriptionFieldsChanged {
            subscription: self.subscription,
            custom_fields: self.custom_fields.clone(),
            changed_on: self.on,
        })])
    }
}
