//! What people get wrong: each a rule with a code and advice, and the log unchanged.

use billing_core::accounts::RegisterAccount;
use billing_core::kernel::ids::AccountId;
use billing_core::log::{Actor, Scope};
use billing_core::payments::{Method, RecordPayment};
use billing_core::subscriptions::Subscribe;

use crate::firm::*;

fn payment(account: AccountId, amount: &str) -> RecordPayment {
    RecordPayment {
        account,
        amount: money(amount),
        received_on: date("2026-01-05"),
        method: Method::Cash,
        reference: None,
        source: Some("bank-1".parse().unwrap()),
        rate: None,
        pays: vec![],
    }
}

#[test]
fn money_of_another_currency_needs_a_rate() {
    let story = firm();
    let account = customer(&story, "C-1");
    assert_eq!(story.refused(payment(account, "EUR 10.00")), "payments.foreign_currency_without_rate");
    assert_eq!(story.refused(payment(account, "GBP 0.00")), "payments.amount_not_positive");
    assert_eq!(story.refused(payment(account, "GBP -1.00")), "payments.amount_not_positive");
    let done =
        story.give(RecordPayment { rate: Some("0.86".parse().unwrap()), ..payment(account, "EUR 10.00") });
    assert_eq!(done.first::<billing_core::payments::PaymentReceived>().unwrap().amount, money("GBP 8.60"));
}

#[test]
fn the_same_bank_line_is_taken_in_once() {
    let story = firm();
    let (one, two) = (customer(&story, "C-1"), customer(&story, "C-2"));
    story.give(payment(one, "GBP 5.00"));
    assert_eq!(story.refused(payment(two, "GBP 5.00")), "engine.taken");
}

#[test]
fn a_reference_is_of_one_customer_and_finds_it() {
    let story = firm();
    let account = customer(&story, "C-1");
    let taken = story.try_give(registration("C-1")).unwrap_err();
    assert_eq!(taken.code(), "engine.taken");
    assert_eq!(taken.holder(), Some(&billing_core::log::StreamId::Account(account)));
    assert_eq!(story.engine.account_by_reference(&"C-1".parse().unwrap()).unwrap(), Some(account));
    assert_eq!(story.engine.account_by_reference(&"C-2".parse().unwrap()).unwrap(), None);
}

#[test]
fn an_unknown_account_is_not_found_and_an_unknown_plan_is_refused() {
    let story = firm();
    let account = customer(&story, "C-1");
    let nobody: AccountId = "acc_00000000000000000000000000000007".parse().unwrap();
    let error = story.try_give(payment(nobody, "GBP 5.00")).unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let subscribe = |plan: &str, quantity| Subscribe {
        account,
        plan: plan.parse().unwrap(),
        quantity,
        from: date("2026-01-01"),
        anchor_day: None,
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    };
    assert!(story.refused(subscribe("gold", 1)).starts_with("subscriptions."));
    assert!(story.refused(subscribe("basic", 0)).starts_with("subscriptions."));
}

#[test]
fn an_actor_without_the_scope_is_turned_away() {
    let story = firm();
    let clerk = Actor::new("user:bo".parse().unwrap(), [Scope::Payments]);
    let error = story.engine.execute(&clerk, registration("C-9")).unwrap_err();
    assert!(error.is_forbidden() && error.to_string().contains("user:bo"), "{error}");
}

#[test]
fn a_command_id_is_of_one_command() {
    let story = firm();
    let account = customer(&story, "C-1");
    let id = story.engine.new_command_id();
    story.engine.execute_as(id, &story.actor, &payment(account, "GBP 5.00")).unwrap();
    let other = RecordPayment { source: None, ..payment(account, "GBP 6.00") };
    let error = story.engine.execute_as(id, &story.actor, &other).unwrap_err();
    assert_eq!(error.code(), "engine.command_id_used");
    assert!(error.is_conflict());
}

#[test]
fn commands_are_read_strictly() {
    let good = serde_json::to_value(registration("C-1")).unwrap();
    assert!(serde_json::from_value::<RegisterAccount>(good.clone()).is_ok());
    let mut unknown = good.clone();
    unknown["colour"] = "green".into();
    assert!(serde_json::from_value::<RegisterAccount>(unknown).is_err());
    let payment =
        serde_json::to_string(&payment("acc_00000000000000000000000000000007".parse().unwrap(), "GBP 5.00"))
            .unwrap();
    for (good, bad) in [
        ("\"GBP 5.00\"", "5.00"),
        ("GBP 5.00", "GBP 5.000"),
        ("GBP 5.00", "GBP 1e3"),
        ("GBP 5.00", "GBP 1_000.00"),
        ("GBP 5.00", "XXY 5.00"),
        ("2026-01-05", "2026-02-30"),
        ("acc_0", "inv_0"),
        ("\"cash\"", "\"barter\""),
        ("{\"account\"", "{\"account\":\"acc_00000000000000000000000000000007\",\"account\""),
    ] {
        let text = payment.replacen(good, bad, 1);
        assert_ne!(text, payment, "{good}");
        assert!(serde_json::from_str::<RecordPayment>(&text).is_err(), "{text}");
    }
}
