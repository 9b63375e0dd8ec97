//! What the firm of the timelines sells: a plan of each kind, and add-ons.

use billing_core::catalogue::{Package, Tier, Tiers};
use billing_core::prelude::*;

/// The plans, of which a step takes one by its place.
pub(crate) const PLANS: [&str; 18] = [
    "basic",
    "plus",
    "seats",
    "arrears",
    "calls",
    "trial",
    "intro",
    "weekly",
    "quarterly",
    "yearly",
    "term",
    "devices",
    "paid-trial",
    "storage",
    "free",
    "committed",
    "committed-calls",
    "committed-seats",
];

/// The add-ons, likewise.
pub(crate) const ADD_ONS: [&str; 5] = ["chatbot", "extra", "texts", "support", "yearly-report"];

/// Prices that a customer may agree for itself, in place of a plan's own.
pub(crate) fn own_price(which: u8, currency: Currency) -> Price {
    match which % 4 {
        0 => Price::Flat(amount("27.00", currency)),
        1 => Price::PerSeat(amount("9.99", currency)),
        2 => Price::Flat(Money::zero(currency)),
        _ => Price::Each(unit(currency)),
    }
}

/// An amount in pounds, or a hundred times that in yen.
pub(crate) fn amount(pounds: &str, currency: Currency) -> Money {
    Money::new(Money::from_major(pounds, Currency::GBP).unwrap().minor(), currency).unwrap()
}

fn both(price: impl Fn(Currency) -> Price) -> Vec<Price> {
    vec![price(Currency::GBP), price(Currency::JPY)]
}

fn flat(pounds: &str) -> Vec<Price> {
    both(|currency| Price::Flat(amount(pounds, currency)))
}

fn seat(pounds: &str) -> Vec<Price> {
    both(|currency| Price::PerSeat(amount(pounds, currency)))
}

fn unit(currency: Currency) -> UnitPrice {
    UnitPrice::from_major(if currency == Currency::JPY { "0.75" } else { "0.075" }, currency).unwrap()
}

fn tiers(currency: Currency) -> Tiers {
    let first = Tier::each(unit(currency)).up_to(Quantity::whole(50));
    Tiers::new(vec![first, Tier::each(unit(currency)).plus(amount("1.25", currency))]).unwrap()
}

fn plan(code: &str, prices: Vec<Price>) -> PublishPlan {
    PublishPlan {
        prices: prices.clone(),
        ..PublishPlan::monthly(
            code.parse().unwrap(),
            format!("Plan {code}").parse().unwrap(),
            prices[0].clone(),
            "standard".parse().unwrap(),
        )
    }
}

fn add_on(code: &str, prices: Vec<Price>) -> PublishPlan {
    PublishPlan { kind: PlanKind::AddOn, ..plan(code, prices) }
}

fn phase(kind: PhaseKind, lasts: &str, prices: Vec<Price>) -> Phase {
    Phase { kind, lasts: lasts.parse().unwrap(), prices, anchor_day: None }
}

/// Counted, and billed ahead once it is worth GBP 5.00.
fn meter(metric: &str, aggregate: Aggregate) -> Option<Meter> {
    let threshold = Some(amount("5.00", Currency::GBP));
    Some(Meter { threshold, ..Meter::new(metric.parse().unwrap(), aggregate) })
}

fn set_up(pounds: &str) -> Vec<Money> {
    [Currency::GBP, Currency::JPY].map(|currency| amount(pounds, currency)).to_vec()
}

fn charge(code: &str, prices: Vec<Price>, meter: Option<Meter>) -> Charge {
    let name = format!("Charge {code}").parse().unwrap();
    Charge {
        code: code.parse().unwrap(),
        name,
        prices,
        tax_code: "reduced".parse().unwrap(),
        meter,
        commitment: None,
    }
}

fn at_least(pounds: &str) -> Option<Commitment> {
    let minimums = [Currency::GBP, Currency::JPY].map(|currency| amount(pounds, currency)).to_vec();
    Some(Commitment { name: "Minimum".parse().unwrap(), minimums, tax_code: "standard".parse().unwrap() })
}

/// Everything that is published.
pub(crate) fn published() -> Vec<PublishPlan> {
    let reduced: Code = "reduced".parse().unwrap();
    vec![
        plan("basic", flat("30.00")),
        PublishPlan { alignment: Alignment::Subscription, ..plan("plus", flat("50.00")) },
        PublishPlan { set_up: set_up("19.00"), ..plan("seats", seat("12.50")) },
        PublishPlan { timing: Timing::InArrears, ..plan("arrears", flat("31.00")) },
        PublishPlan {
            meter: meter("calls", Aggregate::Sum),
            ..plan("calls", both(|currency| Price::Graduated(tiers(currency))))
        },
        PublishPlan {
            phases: vec![phase(PhaseKind::Trial, "14 days", vec![])],
            alignment: Alignment::Subscription,
            set_up: set_up("99.00"),
            charges: vec![charge(
                "calls",
                both(|currency| Price::Each(unit(currency))),
                meter("calls", Aggregate::Sum),
            )],
            ..plan("trial", flat("40.00"))
        },
        PublishPlan {
            phases: vec![phase(PhaseKind::Introductory, "2 months", flat("15.00"))],
            charges: vec![charge("seats", seat("3.33"), None)],
            ..plan("intro", flat("25.00"))
        },
        PublishPlan {
            interval: "1 week".parse().unwrap(),
            alignment: Alignment::Calendar,
            ..plan("weekly", seat("7.77"))
        },
        PublishPlan {
            interval: Interval::QUARTERLY,
            alignment: Alignment::Calendar,
            tax_code: reduced.clone(),
            ..plan("quarterly", flat("91.00"))
        },
        PublishPlan {
            interval: Interval::YEARLY,
            alignment: Alignment::Day(DayOfMonth::LAST),
            ..plan("yearly", seat("365.00"))
        },
        PublishPlan {
            term: Some("3 months".parse().unwrap()),
            interval: "10 days".parse().unwrap(),
            ..plan("term", flat("10.00"))
        },
        PublishPlan {
            meter: meter("devices", Aggregate::Unique),
            ..plan("devices", both(|currency| Price::Volume(tiers(currency))))
        },
        PublishPlan {
            phases: vec![
                phase(PhaseKind::Trial, "1 week", flat("1.00")),
                phase(PhaseKind::Introductory, "1 month", flat("5.00")),
            ],
            timing: Timing::InArrears,
            ..plan("paid-trial", flat("45.00"))
        },
        PublishPlan {
            meter: meter("storage", Aggregate::Max),
            ..plan(
                "storage",
                both(|currency| {
                    Price::Package(Package { size: Quantity::whole(10), price: amount("2.00", currency) })
                }),
            )
        },
        plan("free", flat("0.00")),
        PublishPlan { commitment: at_least("45.00"), ..plan("committed", flat("31.00")) },
        PublishPlan {
            timing: Timing::InArrears,
            charges: vec![Charge {
                commitment: at_least("9.99"),
                ..charge(
                    "calls",
                    both(|currency| Price::Each(unit(currency))),
                    meter("calls", Aggregate::Sum),
                )
            }],
            commitment: at_least("25.00"),
            ..plan("committed-calls", flat("10.00"))
        },
        PublishPlan {
            phases: vec![
                phase(PhaseKind::Trial, "14 days", vec![]),
                phase(PhaseKind::Introductory, "2 months", seat("5.55")),
            ],
            alignment: Alignment::Calendar,
            interval: Interval::QUARTERLY,
            commitment: at_least("100.00"),
            ..plan("committed-seats", seat("33.33"))
        },
        add_on("chatbot", flat("10.00")),
        PublishPlan {
            at_most: Some(5),
            tax_code: reduced,
            set_up: set_up("4.50"),
            ..add_on("extra", seat("2.49"))
        },
        PublishPlan {
            meter: meter("texts", Aggregate::Sum),
            ..add_on("texts", both(|currency| Price::Each(unit(currency))))
        },
        PublishPlan {
            timing: Timing::InArrears,
            phases: vec![phase(PhaseKind::Trial, "10 days", vec![])],
            ..add_on("support", flat("8.00"))
        },
        PublishPlan {
            interval: Interval::YEARLY,
            alignment: Alignment::Subscription,
            ..add_on("yearly-report", flat("60.00"))
        },
    ]
}
