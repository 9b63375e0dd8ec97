//! Subscriptions: what the customer has asked for, from which date on. Intent only: what is billed for it is
//! worked out by invoicing, so the same history can be billed again under another catalogue or policy.
//!
//! A subscription has a plan and any number of add-ons, its components. Each component has a timeline: the
//! terms asked for, and from which day on. A change day belongs to the new terms, a cancelled day is not
//! served.

mod add_add_on;
mod cancel;
mod change_plan;
mod change_quantity;
mod events;
mod offer;
mod page;
mod rejection;
mod remove_add_on;
mod state;
mod subscribe;
#[cfg(test)]
mod tests;
mod timeline;
mod when;

pub use add_add_on::AddAddOn;
pub use cancel::Cancel;
pub use change_plan::ChangePlan;
pub use change_quantity::ChangeQuantity;
pub use events::{
    AddOnAdded, AddOnRemoved, Event, PlanChanged, QuantityChanged, SubscriptionCancelled, SubscriptionStarted,
};
pub use rejection::Rejection;
pub use remove_add_on::RemoveAddOn;
pub use state::{State, Subscription};
pub use subscribe::Subscribe;
pub use timeline::{Segment, Terms, Timeline};
pub use when::When;

use crate::decision::Department;

/// The department that keeps what customers subscribed to.
#[derive(Debug)]
pub struct Subscriptions;

impl Department for Subscriptions {
    const NAME: &'static str = "subscriptions";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
