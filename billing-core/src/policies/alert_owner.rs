//! When a customer changes what it has subscribed to, or who it is and how it is reached, the owner of the account
//! is told. An account without an owner tells nobody.

use super::Happened;
use super::letter::letter;
use crate::accounts;
use crate::book::Event;
use crate::decision::Fact;
use crate::messages::Recipient;
use crate::subscriptions;

pub(super) fn alert_owner(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some((subject, reason)), Some(account)) = (change(happened.event), happened.account) else {
        return Vec::new();
    };
    let today = happened.ctx.now.date_in(&happened.settings.profile().zone);
    if account.accounts.owner(today).is_none() {
        return Vec::new();
    }
    let subject = subject.unwrap_or_else(|| account.id.to_string());
    letter(happened, account, Recipient::Owner, "owner_alert", [subject], Some(reason))
}

/// What was changed, if it is not the account itself, and how.
fn change(event: &Event) -> Option<(Option<String>, &'static str)> {
    match event {
        Event::Subscriptions(event) => subscription_change(event).map(|(subject, how)| (Some(subject), how)),
        Event::Accounts(event) => details_change(event).map(|how| (None, how)),
        Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Usage(_)
        | Event::Work(_)
        | Event::Quotes(_)
        | Event::Discounts(_)
        | Event::Invoicing(_)
        | Event::Payments(_)
        | Event::CreditControl(_) => None,
    }
}

fn subscription_change(event: &subscriptions::Event) -> Option<(String, &'static str)> {
    use subscriptions::Event as Change;
    let (subscription, how) = match event {
        Change::QuantityChanged(changed) => (changed.subscription, "the quantity was changed"),
        Change::PlanChanged(changed) => (changed.subscription, "the plan was changed"),
        Change::PriceAgreed(agreed) => (agreed.subscription, "a price was agreed"),
        Change::AnchorDayChanged(changed) => (changed.subscription, "the day of the month was changed"),
        Change::PeriodsRealigned(realigned) => (realigned.subscription, "the day of the month was changed"),
        Change::BillingPaused(paused) => (paused.subscription, "the subscription was paused"),
        Change::BillingResumed(resumed) => (resumed.subscription, "the subscription was resumed"),
        Change::CancellationWithdrawn(withdrawn) => {
            (withdrawn.subscription, "the cancellation was withdrawn")
        }
        Change::SubscriptionFieldsChanged(changed) => (changed.subscription, "the fields were changed"),
        Change::AddOnAdded(added) => (added.subscription, "an add-on was added"),
        Change::AddOnRemoved(removed) => (removed.subscription, "an add-on was removed"),
        Change::SubscriptionCancelled(cancelled) => {
            (cancelled.subscription, "the subscription was cancelled")
        }
        // A new subscription is confirmed to the customer, and is what the owner worked for; a new version is the
        // seller's own doing, for everybody at once.
        Change::SubscriptionStarted(_) | Change::SubscriptionMigrated(_) => return None,
    };
    Some((subscription.to_string(), how))
}

fn details_change(event: &accounts::Event) -> Option<&'static str> {
    use accounts::Event as Change;
    match event {
        Change::DetailsChanged(_) => Some("the details were changed"),
        Change::ContactAdded(_) => Some("a contact was added"),
        Change::ContactChanged(_) => Some("a contact was changed"),
        Change::ContactRemoved(_) => Some("a contact was removed"),
        Change::AccountRegistered(_)
        | Change::TermsChanged(_)
        | Change::PurchaseOrderRequirementSet(_)
        | Change::PurchaseOrderGiven(_)
        // Each subscription that follows it is told.
        | Change::AnchorDayGiven(_)
        | Change::OwnerAssigned(_)
        | Change::ConvertedToFull(_)
        | Change::ParentAssigned(_)
        | Change::ChildAssigned(_)
        | Change::ChildLeft(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::accounts::AccountKind;
    use crate::accounts::{AddContact, Contact};
    use crate::book::payload;
    use crate::kernel::sealed::Sealed;
    use crate::policies::given::{customer, customer_of, date, words};
    use crate::settings::Policies;
    use crate::subscriptions::{ChangeQuantity, Subscribe, SubscriptionStarted, When};

    #[test]
    fn a_changed_subscription_is_told_to_the_owner() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (account, from) = (customer.account, date("2026-03-01"));
        let plan = "basic".parse().unwrap();
        let events = customer.does(Subscribe {
            account,
            plan,
            quantity: 1,
            from,
            anchor_day: None,
            add_ons: Vec::new(),
            custom_fields: Default::default(),
        });
        let subscription = payload::<SubscriptionStarted>(&events[0]).unwrap().subscription;
        let when = When::On(date("2026-03-10"));
        let events =
            customer.does(ChangeQuantity { account, subscription, component: None, quantity: 2, when });
        assert_eq!(words(&events), ["subscriptions.quantity_changed", "messages.message_requested"]);
        let said = events[1].to_string();
        let end = format!(
            "(owner_alert) requested to the owner of the account about {subscription}: the quantity was changed."
        );
        assert!(said.ends_with(&end), "{said}");
    }

    #[test]
    fn a_new_contact_is_told_to_the_owner_where_there_is_one() {
        for (owner, told) in [(Some("user:ann"), 1), (None, 0)] {
            let mut customer = customer_of(Policies::default(), AccountKind::Full, owner);
            let sealed = |text| Sealed::marked(text).unwrap();
            let (name, email) = (sealed("Bo"), Some(sealed("bo@example.com")));
            let details = Contact { name, email, phone: None, roles: [].into() };
            let events = customer.does(AddContact { account: customer.account, contact: None, details });
            assert_eq!(events.len(), 1 + told);
        }
    }
}
