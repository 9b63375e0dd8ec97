//! A host can look at what is sold, and have it looked over.

use billing_core::catalogue::lint::lint;
use billing_core::catalogue::{Price, PublishPlan, Tier, Tiers};

use crate::firm::firm;

#[test]
fn a_price_at_which_more_costs_less_is_found_in_the_catalogue_of_a_book() {
    let story = firm();
    assert_eq!(lint(&story.engine.catalogue().unwrap()), []);
    let tiers = Tiers::new(vec![
        Tier::each("GBP 2.00".parse().unwrap()).up_to("100".parse().unwrap()),
        Tier::each("GBP 1.00".parse().unwrap()),
    ]);
    let cliff = Price::Volume(tiers.unwrap());
    let plan = PublishPlan::monthly(
        "calls".parse().unwrap(),
        "Calls".parse().unwrap(),
        cliff,
        "standard".parse().unwrap(),
    );
    story.give(plan);
    let found = lint(&story.engine.catalogue().unwrap());
    // 100 at 2.00 are 200.00, 101 at 1.00 are 101.00.
    assert_eq!(found.len(), 1);
    assert!(found[0].to_string().contains("GBP 101.00"), "{}", found[0]);
    story.laws();
}
