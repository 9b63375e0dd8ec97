//! Versions of a plan: when each is sold, whom it moves from when on, and who keeps what was agreed.

use super::*;
use crate::book::Event;
use crate::catalogue::{Alignment, Charge, Existing, Phase, PhaseKind, PublishPlan};
use crate::kernel::money::Money;

/// Basic at 35.00, and what becomes of those who have it.
fn dearer(existing: Existing) -> PublishPlan {
    PublishPlan { existing, ..plan("basic", Price::Flat(pounds("35.00"))) }
}

fn at_renewal(from: &str) -> Existing {
    Existing::MigrateAtRenewalFrom(date(from))
}

fn from(day: &str) -> Existing {
    Existing::MigrateFrom(date(day))
}

fn migrates(shop: &mut Shop, through: &str) -> Vec<String> {
    let events = shop.does(MigrateAccount { account: shop.account, through: date(through) });
    // Asked again, nothing is left to do.
    assert_eq!(shop.does(MigrateAccount { account: shop.account, through: date(through) }), []);
    events.iter().filter_map(payload::<SubscriptionMigrated>).map(said).collect()
}

/// "2026-03-01 basic v2", and the charges that come with it.
fn said(migrated: &SubscriptionMigrated) -> String {
    let agreed = migrated.agreed.iter().map(|one| format!("{} v{}", one.component, one.plan_version));
    format!("{} {}", migrated.from, agreed.collect::<Vec<_>>().join(", "))
}

fn fates(shop: &Shop) -> Vec<Fate> {
    let books = shop.books();
    let (catalogue, _) = books.catalogue().unwrap();
    let account = books.account(shop.account).unwrap();
    account.subscriptions.migrations(catalogue).unwrap().into_iter().map(|one| one.fate).collect()
}

/// A timeline with versions and prices: "2026-01-01 basic v1 GBP 30.00 flat x1".
fn versions(shop: &Shop, component: &str) -> Vec<String> {
    shop.look(|account| {
        let (_, _, timeline) =
            account.subscriptions.components().find(|(_, name, _)| name.as_str() == component).unwrap();
        let said = |segment: &Segment<'_>| match &segment.terms {
            Some(terms) => {
                let (from, version) = (segment.from, terms.agreed.plan_version);
                format!("{from} {} v{version} {} x{}", terms.plan(), terms.price, terms.quantity)
            }
            None => format!("{} none", segment.from),
        };
        timeline.segments().iter().map(said).collect()
    })
}

#[test]
fn an_announced_version_is_sold_from_its_day_on_and_the_one_before_until_then() {
    let mut shop = shop();
    shop.does(PublishPlan { effective_from: Some(date("2026-03-01")), ..dearer(Existing::Grandfathered) });
    let before = shop.subscribes("basic", 1, "2026-02-28");
    let after = shop.subscribes("basic", 1, "2026-03-01");
    let price = |shop: &Shop, id| {
        shop.look(|account| {
            let plan = account.subscriptions.subscription(id).unwrap().plan().unwrap();
            plan.terms_on(date("2026-03-01")).unwrap().price.clone()
        })
    };
    assert_eq!(price(&shop, before), Price::Flat(pounds("30.00")));
    assert_eq!(price(&shop, after), Price::Flat(pounds("35.00")));
    // Who asks for the plan anew gets what is sold then.
    shop.changes_plan(before, "basic", "2026-03-01");
    assert_eq!(price(&shop, before), Price::Flat(pounds("35.00")));

    shop.does(PublishPlan {
        effective_from: Some(date("2026-06-01")),
        ..plan("gold", Price::Flat(pounds("9.00")))
    });
    let early = Subscribe::new(shop.account, code("gold"), date("2026-05-31"));
    assert_eq!(shop.may_not(early), "gold is not sold yet on 2026-05-31");
    shop.subscribes("gold", 1, "2026-06-01");
}

#[test]
fn who_is_moved_on_a_day_is_billed_the_rest_of_the_period_anew() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    shop.bills("2026-01-01");
    shop.does(dearer(from("2026-01-16")));
    assert!(migrates(&mut shop, "2026-01-15").is_empty());
    assert_eq!(migrates(&mut shop, "2026-01-16"), ["2026-01-16 plan v2"]);
    // 16 of 31 days: 30.00 x 16/31 = 15.48, 35.00 x 16/31 = 18.06.
    assert_eq!(
        shop.bill("2026-01-16"),
        [
            "Unused: basic 2026-01-16 to 2026-01-31 16/31 GBP -15.48",
            "basic 2026-01-16 to 2026-01-31 16/31 GBP 18.06",
            "invoice GBP 2.58 + GBP 0.52 = GBP 3.10"
        ]
    );
    assert_eq!(shop.bill("2026-02-01")[0], "basic 2026-02-01 to 2026-02-28 GBP 35.00");
}

#[test]
fn who_is_moved_at_renewal_is_moved_with_the_first_period_that_begins_by_then_or_later() {
    for (started, day, moved) in [
        ("2026-01-15", "2026-03-01", "2026-03-15"),
        ("2026-01-15", "2026-03-15", "2026-03-15"),
        ("2026-01-31", "2026-02-28", "2026-02-28"),
        ("2028-01-31", "2028-02-10", "2028-02-29"),
        // Agreed on before the version was published, for a day after it moves people.
        ("2026-05-10", "2026-03-01", "2026-05-10"),
    ] {
        let mut shop = shop();
        shop.subscribes("basic", 1, started);
        shop.does(dearer(at_renewal(day)));
        assert_eq!(migrates(&mut shop, "2029-01-01"), [format!("{moved} plan v2")], "{started}, {day}");
    }
    let mut shop = shop();
    shop.subscribes("yearly", 1, "2025-06-01");
    shop.does(PublishPlan {
        existing: at_renewal("2026-01-01"),
        interval: crate::kernel::calendar::Interval::YEARLY,
        ..plan("yearly", Price::Flat(pounds("1500.00")))
    });
    assert!(migrates(&mut shop, "2026-05-31").is_empty());
    assert_eq!(migrates(&mut shop, "2026-06-01"), ["2026-06-01 plan v2"]);
}

#[test]
fn a_change_within_a_period_is_no_renewal_and_another_day_of_the_month_is() {
    let mut shop = shop();
    let subscription = shop.subscribes("pro", 1, "2026-01-01");
    shop.changes_plan(subscription, "basic", "2026-03-11");
    shop.does(dearer(at_renewal("2026-03-05")));
    assert_eq!(migrates(&mut shop, "2026-12-01"), ["2026-04-01 plan v2"]);

    let mut shop = super::shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    let day = crate::kernel::calendar::DayOfMonth::new(15).unwrap();
    shop.does(ChangeAnchor { account: shop.account, subscription, day, asked_on: date("2026-03-02") });
    shop.does(dearer(at_renewal("2026-03-05")));
    assert_eq!(migrates(&mut shop, "2026-12-01"), ["2026-03-15 plan v2"]);
    assert_eq!(shop.bill("2026-03-15").last().unwrap(), "invoice GBP 108.55 + GBP 21.71 = GBP 130.26");
    assert_eq!(shop.bill("2026-04-15")[0], "basic 2026-04-15 to 2026-05-14 GBP 35.00");
}

#[test]
fn who_has_an_own_price_or_agreed_for_a_term_or_leaves_stays_and_so_does_who_is_grandfathered() {
    let mut shop = shop();
    let own = shop.subscribes("basic", 1, "2026-01-01");
    shop.does(ChangePrice {
        account: shop.account,
        subscription: own,
        component: None,
        price: Price::Flat(pounds("25.00")),
        when: on("2026-05-01"),
    });
    let leaves = shop.subscribes("basic", 1, "2026-01-01");
    shop.cancels(leaves, "2026-03-01");
    shop.subscribes("pro", 1, "2026-01-01");
    shop.does(PublishPlan {
        term: Some("12 months".parse().unwrap()),
        ..plan("fixed", Price::Flat(pounds("9.00")))
    });
    shop.subscribes("fixed", 1, "2026-01-01");
    shop.does(dearer(from("2026-03-01")));
    shop.does(plan("pro", Price::Flat(pounds("60.00"))));
    shop.does(PublishPlan { existing: from("2026-03-01"), ..plan("fixed", Price::Flat(pounds("10.00"))) });
    let mut found = fates(&shop);
    found.sort_by_key(|fate| format!("{fate:?}"));
    assert_eq!(found, [Fate::Ends, Fate::Grandfathered, Fate::OwnPrice, Fate::Term(date("2027-01-01"))]);
    assert!(migrates(&mut shop, "2030-01-01").is_empty());
}

#[test]
fn a_trial_and_an_introductory_price_are_kept_to_their_end_and_the_set_up_fee_is_charged_once() {
    let mut shop = shop();
    let phase =
        |kind, lasts: &str, prices| Phase { kind, lasts: lasts.parse().unwrap(), prices, anchor_day: None };
    let first = PublishPlan {
        phases: vec![
            phase(PhaseKind::Trial, "14 days", vec![]),
            phase(PhaseKind::Introductory, "2 months", vec![Price::Flat(pounds("10.00"))]),
        ],
        set_up: vec![pounds("99.00")],
        alignment: Alignment::Subscription,
        ..plan("phased", Price::Flat(pounds("30.00")))
    };
    shop.does(first.clone());
    shop.subscribes("phased", 1, "2026-01-01");
    // The new version has no trial, and another fee.
    shop.does(PublishPlan {
        phases: vec![],
        set_up: vec![pounds("150.00")],
        prices: vec![Price::Flat(pounds("35.00"))],
        existing: from("2026-01-05"),
        ..first
    });
    assert_eq!(migrates(&mut shop, "2026-12-31"), ["2026-03-15 plan v2"]);
    assert_eq!(
        versions(&shop, "plan"),
        [
            "2026-01-01 phased v1 GBP 0.00 flat x1",
            "2026-01-15 phased v1 GBP 10.00 flat x1",
            "2026-03-15 phased v2 GBP 35.00 flat x1"
        ]
    );
    let lines = shop.bill("2026-04-15").join("\n");
    assert_eq!((lines.matches("99.00").count(), lines.matches("150.00").count()), (1, 0), "{lines}");
    assert!(lines.contains("2026-04-15 to 2026-05-14 GBP 35.00"), "{lines}");
}

#[test]
fn what_was_planned_for_later_stays() {
    let mut shop = shop();
    let charge = |name: &str, price: Money| Charge {
        code: code(name),
        name: name.parse().unwrap(),
        prices: vec![Price::Flat(price)],
        tax_code: code("standard"),
        meter: None,
        commitment: None,
    };
    let seats = |price: &str, charges| PublishPlan { charges, ..plan("team", Price::PerSeat(pounds(price))) };
    shop.does(seats("10.00", vec![charge("care", pounds("5.00"))]));
    let subscription = shop.subscribes("team", 3, "2026-01-01");
    shop.changes_quantity(subscription, 5, "2026-04-01");
    shop.changes_plan(subscription, "pro", "2026-06-01");
    let second = seats("12.00", vec![charge("lines", pounds("7.00"))]);
    shop.does(PublishPlan { existing: from("2026-03-01"), ..second });
    assert_eq!(migrates(&mut shop, "2026-12-31"), ["2026-03-01 plan v2, plan.lines v2"]);
    assert_eq!(
        versions(&shop, "plan"),
        [
            "2026-01-01 team v1 GBP 10.00 a seat x3",
            "2026-03-01 team v2 GBP 12.00 a seat x3",
            "2026-04-01 team v2 GBP 12.00 a seat x5",
            "2026-06-01 pro v1 GBP 50.00 flat x5"
        ]
    );
    assert_eq!(
        versions(&shop, "plan.care"),
        ["2026-01-01 team v1 GBP 5.00 flat x3", "2026-03-01 none", "2026-06-01 none"]
    );
    assert_eq!(versions(&shop, "plan.lines"), ["2026-03-01 team v2 GBP 7.00 flat x3", "2026-06-01 none"]);
}

#[test]
fn an_agreement_that_is_planned_for_later_moves_too() {
    let mut shop = shop();
    let subscription = shop.subscribes("pro", 1, "2026-01-01");
    shop.changes_plan(subscription, "basic", "2026-06-01");
    shop.does(dearer(from("2026-03-01")));
    assert_eq!(migrates(&mut shop, "2026-06-01"), ["2026-06-01 plan v2"]);
    assert_eq!(
        versions(&shop, "plan"),
        ["2026-01-01 pro v1 GBP 50.00 flat x1", "2026-06-01 basic v2 GBP 35.00 flat x1"]
    );
}

#[test]
fn several_versions_move_one_after_the_other_and_of_two_for_one_day_the_newer_does() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    let version =
        |price: &str, existing| PublishPlan { existing, ..plan("basic", Price::Flat(pounds(price))) };
    let sold_from = |day: &str, plan| PublishPlan { effective_from: Some(date(day)), ..plan };
    shop.does(sold_from("2026-03-01", version("35.00", at_renewal("2026-03-01"))));
    shop.does(sold_from("2026-06-01", version("40.00", at_renewal("2026-06-02"))));
    shop.does(sold_from("2026-06-10", version("41.00", at_renewal("2026-06-10"))));
    // Only for newcomers, and nobody who has an earlier one is passed over for it.
    shop.does(sold_from("2026-09-01", version("50.00", Existing::Grandfathered)));
    assert_eq!(migrates(&mut shop, "2026-12-31"), ["2026-03-01 plan v2", "2026-07-01 plan v4"]);
    assert_eq!(fates(&shop), [Fate::Ends, Fate::Ends, Fate::Grandfathered]);
}

#[test]
fn a_version_that_another_one_replaced_before_it_counted_moves_nobody() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    shop.does(dearer(from("2026-03-01")));
    shop.does(plan("basic", Price::Flat(pounds("30.00"))));
    assert!(migrates(&mut shop, "2026-12-31").is_empty());
}

#[test]
fn an_add_on_moves_by_itself() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    let chat = add(&shop, subscription, "chat", on("2026-01-01"));
    shop.does(chat);
    let dearer =
        PublishPlan { kind: crate::catalogue::PlanKind::AddOn, ..plan("chat", Price::Flat(pounds("12.00"))) };
    shop.does(PublishPlan { existing: at_renewal("2026-01-20"), ..dearer });
    assert_eq!(migrates(&mut shop, "2026-02-01"), ["2026-02-01 chat v2"]);
    assert_eq!(shop.bill("2026-02-01").last().unwrap(), "invoice GBP 82.00 + GBP 16.40 = GBP 98.40");
}

#[test]
fn a_version_without_the_customers_currency_moves_it_nowhere_and_says_so() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    let abroad = plan("basic", Price::Flat(Money::parse("EUR 35.00").unwrap()));
    shop.does(PublishPlan { existing: from("2026-02-01"), ..abroad });
    let migrate = MigrateAccount { account: shop.account, through: date("2026-02-01") };
    assert_eq!(shop.may_not(migrate), "basic has no price in GBP, the currency of the account");
}

#[test]
fn a_move_is_said_in_a_sentence_and_its_event_names_its_version() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.does(dearer(from("2026-02-01")));
    let events = shop.does(MigrateAccount { account: shop.account, through: date("2026-02-01") });
    let Some(Event::Subscriptions(event)) = events.first() else { panic!("{events:?}") };
    assert_eq!(
        event.to_string(),
        format!("Subscription {subscription} moved to version 2 of basic from 2026-02-01 on.")
    );
}
