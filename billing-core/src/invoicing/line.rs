//! One line of a document: what it is for, how its amount was reached, and its tax.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Meter, PhaseKind, Price, TaxCategory, Working};
use crate::discounts::Off;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{DiscountId, InvoiceId, SubscriptionId, WorkId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::rate::Rate;
use crate::kernel::text::{Code, Label};

/// One line. Its net is `price x quantity`, times `days / of days` where a part of a period is billed, rounded
/// once, less its discounts. What was counted is never reckoned in parts. Where it gives back, its net is negative and
/// never more than is left on the line that it gives back; of a line with discounts it gives back as much as was
/// charged of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The words on the document.
    pub text: Label,
    /// What it is for.
    pub subject: Subject,
    /// The price that was agreed when it was billed.
    pub price: Price,
    /// How many.
    pub quantity: Quantity,
    /// The part of a period, where not a whole one is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What was taken off it, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<LineDiscount>,
    /// What it comes to, after discounts and before tax.
    pub net: Money,
    /// Its tax category, from the catalogue.
    pub tax: TaxCategory,
    /// Its tax rate, from the catalogue.
    pub rate: Rate,
}

impl Line {
    /// How its price, quantity, part and share are reckoned: what it comes to, rounded once, before discounts, and
    /// before what earlier lines leave of what it rates again or gives back.
    pub fn working(&self) -> Working {
        let share = match &self.subject {
            Subject::Unused { share, .. } | Subject::TrueUpTakenBack { share, .. } => *share,
            Subject::TrueUp { .. }
            | Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => None,
        };
        working(&self.price, self.quantity, self.part, share)
    }

    /// What it came to before discounts.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum can't be written, or a discount is in another currency.
    pub fn before_discounts(&self) -> Result<Money, MoneyError> {
        let discounts = self.discounts.iter().map(|discount| discount.amount);
        Money::sum(self.net.currency(), discounts.chain([self.net]))
    }

    /// The plan, add-on or item that it charges; none where it charges work, and where it gives back.
    pub fn sold(&self) -> Option<&Code> {
        match &self.subject {
            Subject::Service { plan, .. } | Subject::Fee { plan, .. } | Subject::TrueUp { plan, .. } => {
                Some(plan)
            }
            Subject::LateUsage { plan, .. } | Subject::InterimUsage { plan, .. } => Some(plan),
            Subject::Item { item } => Some(item),
            Subject::Work { .. }
            | Subject::Unused { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Correction { .. } => None,
        }
    }

    /// Whether it takes back what an earlier line charged.
    pub fn gives_back(&self) -> bool {
        match &self.subject {
            Subject::Unused { .. } | Subject::TrueUpTakenBack { .. } | Subject::Correction { .. } => true,
            Subject::LateUsage { rated, .. } => rated.is_some() || self.net.is_negative(),
            Subject::InterimUsage { .. } => self.net.is_negative(),
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::TrueUp { .. }
            | Subject::Work { .. }
            | Subject::Item { .. } => false,
        }
    }

    /// Whether discounts are taken off it. Usage that is billed before its period is over is on account: discounts
    /// are given on the whole of it, on the bill of the period.
    pub fn takes_discounts(&self) -> bool {
        match &self.subject {
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::TrueUp { .. }
            | Subject::Work { .. }
            | Subject::Item { .. } => true,
            Subject::LateUsage { .. } => !self.gives_back(),
            Subject::Unused { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::InterimUsage { .. }
            | Subject::Correction { .. } => false,
        }
    }

    /// By how much it changes what metered days are rated at, before discounts: what it charges, or, below zero, what
    /// it takes off.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum can't be written, or a discount is in another currency.
    pub fn rated(&self) -> Result<Money, MoneyError> {
        match &self.subject {
            Subject::Unused { rated: Some(rated), .. } | Subject::LateUsage { rated: Some(rated), .. } => {
                Ok(*rated)
            }
            Subject::Unused { .. }
            | Subject::LateUsage { .. }
            | Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::InterimUsage { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => self.before_discounts(),
        }
    }
}

/// How the price of a quantity is reckoned, or the part of it that falls on some days, or as much of that as was
/// charged.
pub(super) fn working(
    price: &Price,
    quantity: Quantity,
    part: Option<Part>,
    share: Option<Share>,
) -> Working {
    let whole = price.working(quantity);
    let working = match part {
        Some(Part { seconds: Some(Seconds { billed, of }), .. }) => whole.part_by_second(billed, of),
        Some(Part { days, of, decimals, seconds: None }) => whole.part(days, of, decimals),
        None => whole,
    };
    match share {
        Some(Share { net, before }) => working.share(net, before),
        None => working,
    }
}

/// What a discount takes off a line: its part of what the discount takes off the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineDiscount {
    /// The discount.
    pub discount: DiscountId,
    /// Its words.
    pub name: Label,
    /// How much it takes off an invoice.
    pub off: Off,
    /// What it takes off this line; above zero.
    pub amount: Money,
}

/// What a line with discounts came to, out of what it came to before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// After discounts.
    pub net: Money,
    /// Before discounts.
    pub before: Money,
}

/// `days` of the `of` days of the full period that contains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Days billed.
    pub days: u32,
    /// Days of the full period.
    pub of: u32,
    /// Where the ratio is rounded, half up, before the price is multiplied with it: to how many decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Where it is reckoned by the second, that the days are so many seconds of so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Seconds>,
}

/// Seconds of days, and of the full period that contains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seconds {
    /// Seconds billed.
    pub billed: u32,
    /// Seconds of the full period.
    pub of: u32,
}

impl Part {
    /// What it is of a whole period: so many of so many.
    pub fn ratio(&self) -> (u32, u32) {
        self.seconds.map_or((self.days, self.of), |Seconds { billed, of }| (billed, of))
    }
}

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Subject {
    /// Service days of a subscription's component.
    Service {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component: the plan, or an add-on.
        component: Code,
        /// The plan that was in force.
        plan: Code,
        /// Which version of it.
        plan_version: u32,
        /// The service days.
        period: Period,
        /// A trial, an introductory price, or the plan's own.
        #[serde(default, skip_serializing_if = "is_standing")]
        phase: PhaseKind,
        /// What was counted, where the quantity is not the one that was ordered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        meter: Option<Meter>,
        /// Whether it counts towards a minimum commitment.
        #[serde(default, skip_serializing_if = "is_not")]
        committed: bool,
    },
    /// What the charges of some days are short of the minimum that was agreed for them. Its price is the minimum of a
    /// whole period, and its net the part of it that falls on the days, less what they were charged at.
    TrueUp {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component that agrees on the minimum: where it is the plan, all that is beside it counts.
        component: Code,
        /// The plan that was in force.
        plan: Code,
        /// Which version of it.
        plan_version: u32,
        /// The service days.
        period: Period,
        /// What they came to before discounts, with earlier true-ups.
        charged: Money,
    },
    /// As much of a true-up as is not missing any more: more was charged since, or the days are not served.
    TrueUpTakenBack {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
        /// The plan that had agreed on the minimum.
        plan: Code,
        /// The service days.
        period: Period,
        /// The true-up.
        line: LineRef,
        /// As much of it as was charged, where discounts had been taken off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
    },
    /// What a plan or an add-on charges once.
    Fee {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component: the plan, or an add-on.
        component: Code,
        /// The plan that charges it.
        plan: Code,
        /// Which version of it.
        plan_version: u32,
        /// The day for which it was agreed.
        on: Date,
    },
    /// Service days that were billed and are given back.
    Unused {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
        /// The plan that had been billed.
        plan: Code,
        /// The service days given back.
        period: Period,
        /// The line that billed them.
        line: LineRef,
        /// As much of the price as was charged, where discounts had been taken off that line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
        /// Of metered days, what their rating is lowered by, where that is not what is given back, because discounts
        /// had been taken off: below zero.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rated: Option<Money>,
    },
    /// What days that were billed come to with usage that became known later, less what they were billed for. Its
    /// quantity is all that is known by now.
    LateUsage {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
        /// The plan that had been billed.
        plan: Code,
        /// The service days.
        period: Period,
        /// The line that billed them; where the amount is below zero, the line that it is taken off.
        line: LineRef,
        /// Where it is taken off a line from which discounts had been taken: what the rating of the days is lowered
        /// by, below zero.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rated: Option<Money>,
    },
    /// Usage of a running period that is billed before it is over; below zero on the bill of the whole period, of which
    /// it is a part.
    InterimUsage {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
        /// The plan that is in force.
        plan: Code,
        /// The service days so far.
        period: Period,
        /// Where the amount is below zero, the line that had billed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<LineRef>,
    },
    /// Work done for the customer.
    Work {
        /// The record of the work.
        work: WorkId,
    },
    /// A one-off item of the catalogue.
    Item {
        /// The item.
        item: Code,
    },
    /// An amount taken off another line.
    Correction {
        /// The line that is corrected.
        line: LineRef,
    },
}

fn is_not(committed: &bool) -> bool {
    !committed
}

fn is_standing(phase: &PhaseKind) -> bool {
    phase.is_standing()
}

/// A line of an issued invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRef {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Which line, from 1.
    pub line: u32,
}

/// VAT of one category and rate on one document, rounded once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxTotal {
    /// The category.
    pub category: TaxCategory,
    /// The rate.
    pub rate: Rate,
    /// Sum of the lines in it.
    pub base: Money,
    /// The VAT on that sum.
    pub tax: Money,
}
