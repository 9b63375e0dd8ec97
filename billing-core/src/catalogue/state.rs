//! What a decision can ask about the catalogue: every version of every plan and item, and all tax rates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::Event;
use super::plan::{Item, Plan};
use super::tax::Tax;
use crate::kernel::calendar::Date;
use crate::kernel::text::Code;

/// The catalogue's page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Each tax code's meanings, by their first day.
    pub(super) taxes: BTreeMap<Code, BTreeMap<Date, Tax>>,
    /// Each plan's versions; version 1 is the first.
    pub(super) plans: BTreeMap<Code, Vec<Plan>>,
    /// Each item's newest version.
    pub(super) items: BTreeMap<Code, Item>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::TaxCodeSet(set) => {
                let tax = Tax { category: set.category, rate: set.rate };
                self.taxes.entry(set.code.clone()).or_default().insert(set.from, tax);
            }
            Event::PlanPublished(published) => {
                let plan = &published.plan;
                self.plans.entry(plan.code.clone()).or_default().push(plan.clone());
            }
            Event::ItemPublished(published) => {
                self.items.insert(published.item.code.clone(), published.item.clone());
            }
        }
    }
}
