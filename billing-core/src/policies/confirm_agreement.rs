//! When a subscription starts, the customer gets what was agreed in writing; when the seller moves it to another
//! version of its plan, what changes.

use super::Happened;
use super::letter::letter;
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::messages::{CustomerRole, Recipient};
use crate::subscriptions::{SubscriptionMigrated, SubscriptionStarted};

pub(super) fn confirm_agreement(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (kind, subscription) = if let Some(started) = payload::<SubscriptionStarted>(happened.event) {
        ("agreement_confirmed", started.subscription)
    } else if let Some(migrated) = payload::<SubscriptionMigrated>(happened.event) {
        ("terms_changed", migrated.subscription)
    } else {
        return Vec::new();
    };
    let Some(account) = happened.account else { return Vec::new() };
    letter(happened, account, Recipient::Customer(CustomerRole::Primary), kind, [subscription], None)
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Existing, Price, PublishPlan};
    use crate::policies::given::{customer, date, money};
    use crate::subscriptions::{MigrateAccount, Subscribe};

    #[test]
    fn a_new_subscription_is_confirmed_to_the_customer() {
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
        assert_eq!(events.len(), 2);
        let said = events[1].to_string();
        assert!(
            said.contains("(agreement_confirmed) requested to the customer's primary contact about sub_"),
            "{said}"
        );
    }
    #[test]
    fn who_is_moved_to_another_version_is_told() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (account, from) = (customer.account, date("2026-03-01"));
        customer.does(Subscribe::new(account, "basic".parse().unwrap(), from));
        let (code, name) = ("basic".parse().unwrap(), "Basic plan".parse().unwrap());
        let price = Price::Flat(money("35.00"));
        customer.does(PublishPlan {
            existing: Existing::MigrateFrom(from),
            ..PublishPlan::monthly(code, name, price, "zero".parse().unwrap())
        });
        let events = customer.does(MigrateAccount { account, through: from });
        let said: Vec<String> = events.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].ends_with("moved to version 2 of basic from 2026-03-01 on."), "{}", said[0]);
        assert!(
            said[1].contains("(terms_changed) requested to the customer's primary contact"),
            "{}",
            said[1]
        );
    }
}
