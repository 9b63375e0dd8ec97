//! What other departments may ask about the catalogue.

use super::plan::{Item, Plan};
use super::state::State;
use super::tax::Tax;
use crate::kernel::calendar::Date;
use crate::kernel::text::Code;

impl State {
    /// The version of a plan or an add-on that was published last, also where it is not sold yet.
    pub fn plan(&self, code: &Code) -> Option<&Plan> {
        self.versions(code).last()
    }

    /// The version that an agreement counting from a day on is made on. A version takes the place of those before it
    /// from its own first day on.
    pub fn plan_on(&self, code: &Code, date: Date) -> Option<&Plan> {
        self.versions(code).iter().rfind(|plan| plan.effective_from.is_none_or(|from| from <= date))
    }

    /// Every version of a plan or an add-on, version 1 first; none of what was never published.
    pub fn versions(&self, code: &Code) -> &[Plan] {
        self.plans.get(code).map_or(&[], Vec::as_slice)
    }

    /// The newest version of every plan and add-on, in the order of their codes.
    pub fn newest(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values().filter_map(|versions| versions.last())
    }

    /// Sells nothing but these plans.
    #[cfg(test)]
    pub(crate) fn keep_only(&mut self, plans: &[Code]) {
        self.plans.retain(|code, _| plans.contains(code));
    }

    /// One version of a plan or an add-on.
    pub fn plan_version(&self, code: &Code, version: u32) -> Option<&Plan> {
        self.versions(code).iter().find(|plan| plan.version == version)
    }

    /// The newest version of an item.
    pub fn item(&self, code: &Code) -> Option<&Item> {
        self.items.get(code)
    }

    /// Whether a tax code has a meaning on any day.
    pub fn knows_tax_code(&self, code: &Code) -> bool {
        self.taxes.contains_key(code)
    }

    /// What a tax code means on a day; `None` for an unknown code, and before its first day.
    pub fn tax(&self, code: &Code, on: Date) -> Option<Tax> {
        self.taxes.get(code)?.range(..=on).next_back().map(|(_, tax)| *tax)
    }

    /// What a tax code was said to mean from just this day on.
    pub(super) fn tax_set_on(&self, code: &Code, from: Date) -> Option<Tax> {
        self.taxes.get(code)?.get(&from).copied()
    }
}
