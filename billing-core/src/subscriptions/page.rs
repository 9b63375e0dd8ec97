//! What other departments may ask about subscriptions.

use std::sync::LazyLock;

use super::state::{State, Subscription};
use super::timeline::{Segment, Timeline};
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

static PLAN: LazyLock<Code> = LazyLock::new(|| Code::parse("plan").expect("it is spelt as a code"));

/// The name of the component that every subscription has; an add-on is named by its own code.
pub(super) fn plan_component() -> Code {
    PLAN.clone()
}

impl State {
    /// Every component with its timeline, ended ones too: which subscription, which component, the segments
    /// in order of time. The plan stands before its add-ons, as on the invoice.
    pub fn components(&self) -> impl Iterator<Item = (SubscriptionId, &Code, &[Segment])> {
        self.subscriptions.iter().flat_map(|(id, subscription)| {
            let is_plan = |component: &Code| *component == *PLAN;
            let plan = subscription.components.iter().filter(move |(component, _)| is_plan(component));
            let add_ons = subscription.components.iter().filter(move |(component, _)| !is_plan(component));
            plan.chain(add_ons).map(|(component, timeline)| (*id, component, timeline.segments()))
        })
    }

    /// A subscription.
    pub fn subscription(&self, id: SubscriptionId) -> Option<&Subscription> {
        self.subscriptions.get(&id)
    }

    /// Every subscription, ended ones too.
    pub fn subscriptions(&self) -> impl Iterator<Item = (SubscriptionId, &Subscription)> {
        self.subscriptions.iter().map(|(id, subscription)| (*id, subscription))
    }
}

impl Subscription {
    /// The timeline of its plan, which every subscription has.
    pub fn plan(&self) -> Option<&Timeline> {
        self.components.get(&*PLAN)
    }

    /// The timeline of a component: "plan", or an add-on's code.
    pub fn component(&self, component: &Code) -> Option<&Timeline> {
        self.components.get(component)
    }

    /// The first day served.
    pub fn started_on(&self) -> Option<Date> {
        self.plan().and_then(Timeline::first_day)
    }

    /// The first day that is no longer served, if the subscription was cancelled.
    pub fn cancelled_from(&self) -> Option<Date> {
        self.cancelled_from
    }
}
