//! Which add-ons a subscription has, under which names, and how many of each it may have.

use super::Rejection;
use super::page::belongs_to_plan;
use super::subscription::Subscription;
use crate::catalogue::Plan;
use crate::kernel::calendar::Date;
use crate::kernel::text::Code;

/// The add-ons of a subscription: each component's name, its add-on, and how many.
#[derive(Debug, Default)]
pub(super) struct Bundle(Vec<(Code, Code, u32)>);

impl Bundle {
    /// What a subscription has on a day.
    pub(super) fn on(subscription: &Subscription, date: Date) -> Bundle {
        let add_ons = subscription.timelines().filter(|(component, _)| !belongs_to_plan(component));
        let served = add_ons.filter_map(|(component, timeline)| {
            let terms = timeline.terms_on(date)?;
            Some((component.clone(), terms.plan().clone(), terms.quantity))
        });
        Bundle(served.collect())
    }

    /// Takes one more, under a name of its own or that of the add-on.
    pub(super) fn take(
        &mut self,
        add_on: &Plan,
        name: Option<&Code>,
        quantity: u32,
    ) -> Result<Code, Rejection> {
        let component = name.unwrap_or(&add_on.code);
        if belongs_to_plan(component) {
            return Err(Rejection::ReservedName(component.clone()));
        }
        if self.0.iter().any(|(taken, _, _)| taken == component) {
            return Err(Rejection::AlreadyServed(component.clone()));
        }
        self.0.push((component.clone(), add_on.code.clone(), quantity));
        self.within_limit(add_on)?;
        Ok(component.clone())
    }

    /// Has another number of a component.
    pub(super) fn set(&mut self, component: &Code, quantity: u32) {
        let taken = self.0.iter_mut().filter(|(taken, _, _)| taken == component);
        taken.for_each(|(_, _, had)| *had = quantity);
    }

    /// Whether there are not more of an add-on than a subscription may have.
    pub(super) fn within_limit(&self, add_on: &Plan) -> Result<(), Rejection> {
        let Some(at_most) = add_on.at_most else { return Ok(()) };
        let had = self.0.iter().filter(|(_, code, _)| *code == add_on.code);
        let asked = had.fold(0, |sum: u32, (_, _, quantity)| sum.saturating_add(*quantity));
        if asked <= at_most {
            return Ok(());
        }
        Err(Rejection::AddOnLimit { add_on: add_on.code.clone(), at_most, asked })
    }

    /// The names, in the order in which they were taken.
    pub(super) fn components(&self) -> impl Iterator<Item = &Code> {
        self.0.iter().map(|(component, _, _)| component)
    }
}
