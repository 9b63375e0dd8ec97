//! A finding, as data and as a sentence.

use std::fmt;

use serde::Serialize;

use crate::kernel::calendar::Interval;
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Code;

/// Something in the catalogue that is surely not meant. Shown, it is a sentence.
///
/// As data `{"plan":"team","version":2,"place":"plan","currency":"GBP","kind":"price_falls","at":"100", …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The plan, or the add-on.
    pub plan: Code,
    /// Its version, the newest.
    pub version: u32,
    /// Where in it.
    pub place: Place,
    /// In which currency; none where it is so in all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What it is, and its figures.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Where in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The plan itself, and its own price.
    Plan,
    /// The price of a phase.
    Phase {
        /// Which one; the first is 1.
        number: u32,
    },
    /// The price of a charge beside the plan's.
    Charge {
        /// Its code.
        charge: Code,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// More of it costs less in total.
    PriceFalls {
        /// So many are dearer,
        at: Quantity,
        /// at this amount,
        costs: Money,
        /// than so many,
        next: Quantity,
        /// at this one.
        next_costs: Money,
        /// The first whole quantity behind it that costs as much again; none where no quantity does.
        again_at: Option<Quantity>,
    },
    /// No quantity that can be ordered lies in a tier.
    TierNeverHolds {
        /// Which tier; the first is 1.
        tier: u32,
    },
    /// Wherever the last unit lies in a tier, the price is its limit, so that the tier's own price is never asked.
    TierBeyondLimit {
        /// Which tier; the first is 1.
        tier: u32,
        /// The limit.
        at_most: Money,
    },
    /// A tier costs what the one before it costs.
    TierWithoutEffect {
        /// Which tier; the first is 1.
        tier: u32,
    },
    /// The most that it costs is not more than the least that it could cost.
    AlwaysTheMost {
        /// The most.
        at_most: Money,
    },
    /// An introductory price is dearer than the one that follows.
    PhaseDearer {
        /// For so many.
        quantity: Quantity,
        /// What a period costs in the phase.
        costs: Money,
        /// What it costs afterwards.
        own: Money,
    },
    /// A day of the trial is dearer than one after it.
    TrialDearer {
        /// For so many.
        quantity: Quantity,
        /// What the trial costs.
        costs: Money,
        /// How long it lasts.
        lasts: Interval,
        /// What a period costs afterwards.
        own: Money,
        /// How long that is.
        interval: Interval,
    },
    /// The plan ends before its own price begins.
    OwnPriceNeverAsked {
        /// How long it is served after its trial.
        term: Interval,
    },
    /// An add-on of which a subscription may have none.
    NobodyCanTake,
    /// A limit that counts for add-ons only.
    LimitIgnored {
        /// The limit.
        at_most: u32,
    },
    /// Whatever is ordered or counted is free, but to begin costs something.
    FreeWithSetUp {
        /// The set-up fee.
        fee: Money,
    },
    /// A set-up fee in a currency in which it isn't sold, or a second one in a currency.
    SetUpNeverCharged {
        /// The amount.
        amount: Money,
    },
    /// A currency in which there is no set-up fee, though there is one in another.
    SetUpMissing {
        /// The currency without.
        currency: Currency,
        /// The fee in another one.
        elsewhere: Money,
    },
    /// A threshold of usage in a currency in which it isn't sold.
    ThresholdNeverReached {
        /// The threshold.
        threshold: Money,
    },
    /// A minimum commitment in a currency in which it isn't sold.
    MinimumNeverAsked {
        /// The minimum.
        minimum: Money,
    },
    /// A minimum that whatever is ordered or counted comes to.
    MinimumAlwaysMet {
        /// The minimum.
        minimum: Money,
        /// The least that a period costs.
        least: Money,
    },
    /// A minimum that nothing that can be ordered or counted goes beyond.
    MinimumIsThePrice {
        /// The minimum.
        minimum: Money,
        /// The most that a period costs.
        most: Money,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (version {}", self.plan, self.version)?;
        self.currency.map_or(Ok(()), |currency| write!(f, ", {currency}"))?;
        match &self.place {
            Place::Plan => {}
            Place::Phase { number } => write!(f, ", phase {number}")?,
            Place::Charge { charge } => write!(f, ", charge {charge}")?,
        }
        write!(f, "): {}.", self.kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::PriceFalls { at, costs, next, next_costs, again_at } => {
                write!(f, "{at} cost {costs}, but {next} cost only {next_costs}, ")?;
                match again_at {
                    Some(again) => write!(f, "and it takes {again} to cost that much again"),
                    None => write!(f, "and no larger quantity costs that much again"),
                }
            }
            Kind::TierNeverHolds { tier } => {
                write!(f, "nothing that can be ordered lies in tier {tier}: no whole number does")
            }
            Kind::TierBeyondLimit { tier, at_most } => {
                write!(
                    f,
                    "the price of tier {tier} is never asked, because all of it costs {at_most} at most"
                )
            }
            Kind::TierWithoutEffect { tier } => {
                write!(f, "tier {tier} costs the same as tier {}: one tier would do", tier - 1)
            }
            Kind::AlwaysTheMost { at_most } => {
                write!(
                    f,
                    "it costs {at_most} whatever the quantity, for that is the most and it never comes to less"
                )
            }
            Kind::PhaseDearer { quantity, costs, own } => {
                write!(f, "for {quantity} the introductory price is {costs}, dearer than the {own} after it")
            }
            Kind::TrialDearer { quantity, costs, lasts, own, interval } => write!(
                f,
                "for {quantity} a trial of {lasts} costs {costs}, dearer by the day than {own} for {interval} after it"
            ),
            Kind::OwnPriceNeverAsked { term } => {
                write!(
                    f,
                    "it ends after {term}, before its introductory prices do: its own price is never asked"
                )
            }
            Kind::NobodyCanTake => {
                f.write_str("a subscription may have 0 of this add-on, so nobody can take it")
            }
            Kind::LimitIgnored { at_most } => {
                write!(f, "at most {at_most} has no effect on a plan: only add-ons are limited")
            }
            Kind::FreeWithSetUp { fee } => write!(f, "it is free for ever, but {fee} to set up"),
            Kind::SetUpNeverCharged { amount } => write!(
                f,
                "the set-up fee of {amount} is never charged: it isn't sold in {0}, or another fee in {0} comes first",
                amount.currency()
            ),
            Kind::SetUpMissing { currency, elsewhere } => {
                write!(f, "who pays in {currency} has no set-up fee, while others pay {elsewhere}")
            }
            Kind::MinimumNeverAsked { minimum } => {
                write!(f, "nobody commits to {minimum}, because it isn't sold in {}", minimum.currency())
            }
            Kind::MinimumAlwaysMet { minimum, least } => {
                write!(f, "the minimum of {minimum} has no effect: a period never comes to less than {least}")
            }
            Kind::MinimumIsThePrice { minimum, most } => write!(
                f,
                "a period always comes to the minimum of {minimum}, for its price never goes beyond {most}"
            ),
            Kind::ThresholdNeverReached { threshold } => write!(
                f,
                "usage worth {threshold} is never billed early, because it isn't sold in {}",
                threshold.currency()
            ),
        }
    }
}
