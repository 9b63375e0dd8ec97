//! The chapters of the guide in `docs/guide`, so that their code runs with the tests.

#[doc = include_str!("../../docs/guide/price-models.md")]
mod price_models {}

#[doc = include_str!("../../docs/guide/changing-plans.md")]
mod changing_plans {}

#[doc = include_str!("../../docs/guide/month-ends-and-time-zones.md")]
mod month_ends_and_time_zones {}

#[doc = include_str!("../../docs/guide/one-payer.md")]
mod one_payer {}

#[doc = include_str!("../../docs/guide/moving-in.md")]
mod moving_in {}
