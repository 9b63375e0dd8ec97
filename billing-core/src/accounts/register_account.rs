//! Registering a customer.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::{AccountRegistered, Event, OwnerAssigned};
use super::page::AccountKind;
use super::rejection::Rejection;
use super::state::State;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Missing};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::ids::AccountId;
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Reference;
use crate::log::{ActorId, Scope};

/// Register a customer. Its reference must be new in the book.
///
/// ```
/// use billing_core::accounts::{AccountKind, RegisterAccount};
/// use billing_core::kernel::sealed::Sealed;
/// let ada = Sealed::marked("Ada Lovelace")?;
/// let register = RegisterAccount {
///     owner: Some("user:ann".parse()?),
///     ..RegisterAccount::new("C-1007".parse()?, ada, "2026-11-30".parse()?)
/// };
/// assert_eq!(register.kind, AccountKind::Full);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterAccount {
    /// The account's id, where the host made one, as it must to seal the name under it; else it is minted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The seller's own number of the customer.
    pub reference: Reference,
    /// The customer's name.
    pub name: Sealed,
    /// A trial, or a full account.
    pub kind: AccountKind,
    /// The currency that it is billed in, for good; none for the book's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Its own terms; none where the book's apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<PaymentTerms>,
    /// Whether it is invoiced only against a purchase order.
    pub purchase_order_required: bool,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ActorId>,
    /// The day.
    pub registered_on: Date,
    /// The day of the month on which its subscriptions' periods begin; without it, that of the first day that it
    /// pays for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
}

impl Command for RegisterAccount {
    type Department = Accounts;
    const NAME: &'static str = "accounts.register_account";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Accounts> {
        let account = self.account.unwrap_or_else(|| ctx.mint(AccountId::from_uuid));
        let registered =
            self.registered(account, self.currency.unwrap_or(books.settings()?.profile().currency));
        if let Err(missing) = books.new_account(account) {
            return match missing {
                Missing::Present(_)
                    if self.is_as_registered(&books.account(account)?.accounts, &registered) =>
                {
                    Ok(vec![])
                }
                Missing::Present(_) => Err(Rejection::AlreadyRegistered { account }.into()),
                Missing::Need(_) | Missing::Absent(_) => Err(missing.into()),
            };
        }
        let fit = books.settings()?.fields_fit(FieldOwner::Account, &self.custom_fields, None);
        fit.map_err(Rejection::from)?;

        let owner = self.owner.clone().map(|owner| OwnerAssigned { owner, from: self.registered_on });
        let events = [Event::from(registered)].into_iter().chain(owner.map(Event::from));
        Ok(events.map(|event| Fact::on(account, event)).collect())
    }
}

impl RegisterAccount {
    /// A full account in the book's currency and on the book's terms, with an id of its own making.
    pub fn new(reference: Reference, name: Sealed, on: Date) -> RegisterAccount {
        RegisterAccount {
            account: None,
            reference,
            name,
            kind: AccountKind::Full,
            currency: None,
            terms: None,
            purchase_order_required: false,
            custom_fields: CustomFields::default(),
            owner: None,
            registered_on: on,
            anchor_day: None,
        }
    }

    fn registered(&self, account: AccountId, currency: Currency) -> AccountRegistered {
        AccountRegistered {
            account,
            reference: self.reference.clone(),
            name: self.name.clone(),
            kind: self.kind,
            currency,
            terms: self.terms.clone(),
            purchase_order_required: self.purchase_order_required,
            custom_fields: self.custom_fields.clone(),
            registered_on: self.registered_on,
            anchor_day: self.anchor_day,
        }
    }

    /// Whether the account is what registering it again would make it; contacts and the like may have been
    /// added since.
    fn is_as_registered(&self, page: &State, registered: &AccountRegistered) -> bool {
        let owner_is_same = self.owner.is_none() || page.owner(self.registered_on) == self.owner.as_ref();
        owner_is_same
            && page.registered_on() == Some(registered.registered_on)
            && page.reference() == Some(&registered.reference)
            && page.name() == Some(&registered.name)
            && page.kind() == registered.kind
            && page.currency() == registered.currency
            && page.own_terms(registered.registered_on) == registered.terms.as_ref()
            && page.purchase_order_required() == registered.purchase_order_required
            && *page.custom_fields() == registered.custom_fields
            && page.anchor_day() == registered.anchor_day
    }
}
