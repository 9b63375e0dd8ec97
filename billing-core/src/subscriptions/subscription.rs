//! One subscription: what was asked for each of its components, and when nothing of it is served.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agreed::Agreed;
use super::page::{belongs_to_plan, plan_component};
use super::timeline::{Component, Pause};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::text::Code;

/// One subscription: its plan and its add-ons. What is large is boxed: a map has room for eleven, and most have one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    pub(super) components: BTreeMap<Code, Box<Component>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cancelled_from: Option<Date>,
    /// In order of time; none begins before the one before it is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<Pause>,
    /// The day of the month that was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anchor_day: Option<DayOfMonth>,
    /// The day on which its periods last followed the account's day of the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) realigned_on: Option<Date>,
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub(super) custom_fields: CustomFields,
}

impl Subscription {
    pub(super) fn agree(&mut self, from: Date, agreed: &Agreed) {
        let component = self.components.entry(agreed.component.clone()).or_default();
        component.agree(from, Some(agreed.clone()));
        if let Some(quantity) = agreed.quantity {
            component.set_quantity(from, quantity);
        }
    }

    /// Other versions count from a day on, up to the next agreement that was planned.
    pub(super) fn migrate(&mut self, from: Date, agreed: &[Agreed]) {
        let head = agreed.first().and_then(|head| self.components.get(&head.component));
        let next = head.and_then(|head| head.agreements().map(|(day, _)| day).find(|day| from < *day));
        for (code, component) in &mut self.components {
            let goes = belongs_to_plan(code) && agreed.iter().any(|one| belongs_to_plan(&one.component));
            if goes && agreed.iter().all(|one| one.component != *code) && component.agreed_on(from).is_some()
            {
                component.migrate(from, None);
            }
        }
        for one in agreed {
            let component = self.components.entry(one.component.clone()).or_default();
            component.migrate(from, Some(one.clone()));
            if let Some(quantity) = one.quantity {
                component.set_quantity(from, quantity);
            }
            // A charge that comes with the version goes where another plan was planned.
            if let Some(next) = next.filter(|next| component.agreements().all(|(day, _)| day != *next)) {
                component.migrate(next, None);
            }
        }
    }

    /// The pause in which a day lies ends on it, and those that were planned for later are not wanted any more.
    pub(super) fn resume(&mut self, from: Date) {
        self.pauses.retain(|pause| pause.from < from);
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.contains(from)) {
            pause.until = Some(from);
        }
    }

    /// The plan's own wishes, which every subscription has.
    pub(super) fn plan_component(&self) -> Option<&Component> {
        self.components.get(&plan_component()).map(Box::as_ref)
    }
}
