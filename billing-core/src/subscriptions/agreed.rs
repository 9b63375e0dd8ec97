//! What was agreed for a component: its stages with their dates, as they followed from the catalogue on the day.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Alignment, Meter, PhaseKind, Price, Timing};
use crate::kernel::calendar::{Cycle, Date};
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Label};

/// What was agreed for a component of a subscription, taken from one version of the catalogue. The phases of the
/// plan stand in it with their dates, so that nothing has to be looked up to bill it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// The component: "plan", "plan." and a charge of it, or the name of an add-on.
    pub component: Code,
    /// The plan, or the add-on.
    pub plan: Code,
    /// Which version of it: a later one does not change what was agreed.
    pub plan_version: u32,
    /// Its name as it stands on documents.
    pub name: Label,
    /// How many from then on; without it, as many as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Whether a period is billed before or after it was served. A trial is billed on its first day.
    pub timing: Timing,
    /// What its VAT follows from.
    pub tax_code: Code,
    /// What is counted to bill it; without it, the quantity that was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// At which price from which day on, in order of time. Before the first of them nothing is served.
    pub stages: Vec<Stage>,
    /// What is charged once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Fee>,
    /// The first day that is no longer served, where a term was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Where its periods begin. Those on the account's day follow it when it changes.
    #[serde(default, skip_serializing_if = "Alignment::is_account")]
    pub alignment: Alignment,
    /// What the charges of a whole period come to at least: where it is the plan's, with all beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Box<Committed>>,
}

/// A minimum commitment that was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    /// The words of the true-up on documents.
    pub name: Label,
    /// The minimum of a whole period, before discounts and tax.
    pub minimum: Money,
    /// What the true-up's VAT follows from.
    pub tax_code: Code,
}

/// A price from a day on, until the next stage begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its first day.
    pub from: Date,
    /// A trial, an introductory price, or the plan's own.
    #[serde(default, skip_serializing_if = "is_standing")]
    pub phase: PhaseKind,
    /// The price of a whole period.
    pub price: Price,
    /// When periods begin and end.
    pub cycle: Cycle,
    /// The first day that is not free, where days of a trial lie in the first period and cost nothing in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_until: Option<Date>,
}

/// Something that is charged once, if the component is served on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// The day.
    pub on: Date,
    /// How much.
    pub amount: Money,
}

fn is_standing(phase: &PhaseKind) -> bool {
    phase.is_standing()
}

impl Agreed {
    /// The first day that is paid for: the first that is not a trial.
    pub fn first_paid_day(&self) -> Option<Date> {
        let paid = self.stages.iter().find(|stage| stage.phase != PhaseKind::Trial);
        paid.map(|stage| stage.from).filter(|from| self.until.is_none_or(|until| *from < until))
    }
}
