//! When a subscription starts, the customer gets what was agreed in writing.

use super::Happened;
use super::letter::letter;
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::messages::{CustomerRole, Recipient};
use crate::subscriptions::SubscriptionStarted;

pub(super) fn confirm_agreement(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(started), Some(account)) = (payload::<SubscriptionStarted>(happened.event), happened.account)
    else {
        return Vec::new();
    };
    let to = Recipient::Customer(CustomerRole::Primary);
    letter(happened, account, to, "agreement_confirmed", started.subscription, None)
}

#[cfg(test)]
mod tests {
    use crate::policies::given::{customer, date};
    use crate::subscriptions::Subscribe;

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
        });
        assert_eq!(events.len(), 2);
        let said = events[1].to_string();
        assert!(
            said.contains("(agreement_confirmed) requested to the customer's primary contact about sub_"),
            "{said}"
        );
    }
}
