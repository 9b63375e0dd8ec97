//! Stories over a whole engine, each under the laws of the house: previewed, given, given again, rebuilt.

#[path = "stories/firm.rs"]
mod firm;

#[path = "stories/a_month.rs"]
mod a_month;
#[path = "stories/account_managers.rs"]
mod account_managers;
#[path = "stories/bad_input.rs"]
mod bad_input;
#[path = "stories/changes.rs"]
mod changes;
#[path = "stories/counted.rs"]
mod counted;
#[path = "stories/faults.rs"]
mod faults;
#[path = "stories/known_then.rs"]
mod known_then;
#[path = "stories/late_work.rs"]
mod late_work;
#[path = "stories/laws_can_fail.rs"]
mod laws_can_fail;
#[path = "stories/many_at_once.rs"]
mod many_at_once;
#[path = "stories/never_chased.rs"]
mod never_chased;
#[path = "stories/new_prices.rs"]
mod new_prices;
#[path = "stories/newer.rs"]
mod newer;
#[path = "stories/numbers.rs"]
mod numbers;
#[path = "stories/one_payer.rs"]
mod one_payer;
#[path = "stories/own_fields.rs"]
mod own_fields;
#[path = "stories/review.rs"]
mod review;
#[path = "stories/runs.rs"]
mod runs;
#[path = "stories/what_is_sold.rs"]
mod what_is_sold;
