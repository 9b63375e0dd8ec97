//! Subscriptions: what the customer has asked for, from which date on. Intent only: what is billed for it is
//! worked out by invoicing, so the same history can be billed again under another catalogue or policy.
//!
//! A subscription has a plan and any number of add-ons, its components. Each component has a timeline: the
//! terms asked for, and from which day on. A change day belongs to the new terms, a cancelled day is not
//! served.

mod add_add_on;
mod agreed;
mod bundle;
mod cancel;
mod change;
mod change_anchor;
mod change_plan;
mod change_price;
mod change_quantity;
mod change_subscription_fields;
mod events;
mod migrate_account;
mod migration;
mod offer;
mod page;
mod pause_billing;
mod rejection;
mod remove_add_on;
mod resume_billing;
mod state;
mod subscribe;
mod subscription;
#[cfg(test)]
mod tests;
mod timeline;
mod uncancel;
mod when;
mod wishes;

/// What tests of other departments build timelines with.
#[cfg(test)]
pub(crate) mod given {
    pub(crate) use super::timeline::Component;
}

pub use add_add_on::AddAddOn;
pub use agreed::{Agreed, Committed, Fee, Stage};
pub use cancel::Cancel;
pub use change_anchor::ChangeAnchor;
pub use change_plan::ChangePlan;
pub use change_price::ChangePrice;
pub use change_quantity::ChangeQuantity;
pub use change_subscription_fields::ChangeSubscriptionFields;
pub use events::{
    AddOnAdded, AddOnRemoved, AnchorDayChanged, BillingPaused, BillingResumed, CancellationWithdrawn, Event,
    PeriodsRealigned, PlanChanged, PriceAgreed, QuantityChanged, SubscriptionCancelled,
    SubscriptionFieldsChanged, SubscriptionMigrated, SubscriptionStarted,
};
pub use migrate_account::MigrateAccount;
pub use migration::{Fate, Migration};
pub use page::is_plan;
pub use pause_billing::PauseBilling;
pub use rejection::Rejection;
pub use remove_add_on::RemoveAddOn;
pub use resume_billing::ResumeBilling;
pub use state::State;
pub use subscribe::{AddOnAsked, Subscribe};
pub use subscription::Subscription;
pub use timeline::{Pause, Segment, Terms, Timeline};
pub use uncancel::Uncancel;
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
