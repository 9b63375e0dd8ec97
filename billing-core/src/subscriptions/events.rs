//! What subscriptions record: what the customer asked for, and the date from which it counts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::agreed::Agreed;
use crate::catalogue::Price;
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::{Code, Note};
use crate::log::Version;

crate::events! {
    "subscriptions" {
        SubscriptionStarted = "subscription_started" 1;
        QuantityChanged = "quantity_changed" 1;
        PriceAgreed = "price_agreed" 1;
        PlanChanged = "plan_changed" 1;
        SubscriptionMigrated = "subscription_migrated" 1;
        AddOnAdded = "add_on_added" 1;
        AddOnRemoved = "add_on_removed" 1;
        AnchorDayChanged = "anchor_day_changed" 1;
        PeriodsRealigned = "periods_realigned" 1;
        BillingPaused = "billing_paused" 1;
        BillingResumed = "billing_resumed" 1;
        SubscriptionCancelled = "subscription_cancelled" 1;
        CancellationWithdrawn = "cancellation_withdrawn" 1;
        SubscriptionFieldsChanged = "subscription_fields_changed" 1;
    }
}

/// A customer subscribed to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionStarted {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day served.
    pub from: Date,
    /// What was agreed: the plan, its charges, and add-ons taken with it.
    pub agreed: Vec<Agreed>,
    /// The day of the month that was asked for, on which periods begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
    /// The version of the catalogue that was read.
    pub catalogue: Version,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

/// A customer asked for more or fewer of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityChanged {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The component: "plan", or the add-on.
    pub component: Code,
    /// How many from now on.
    pub quantity: u32,
    /// The first day on which that counts.
    pub from: Date,
}

/// A price of the customer's own was agreed for a component, for as long as it stays on that plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceAgreed {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The component: "plan", or the add-on.
    pub component: Code,
    /// The price of a whole period.
    pub price: Price,
    /// The first day on which it counts.
    pub from: Date,
}

/// A customer asked for another plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanChanged {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day on which it counts.
    pub from: Date,
    /// What was agreed: the plan and its charges.
    pub agreed: Vec<Agreed>,
    /// The day of the month that was asked for with it, on which periods begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
    /// The version of the catalogue that was read.
    pub catalogue: Version,
}

/// The seller moved a plan or an add-on of a subscription to another version. What was planned for later days stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionMigrated {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day on which the other version counts.
    pub from: Date,
    /// What counts from then on: the plan and its charges, or the add-on.
    pub agreed: Vec<Agreed>,
    /// The version of the catalogue that was read.
    pub catalogue: Version,
}

/// A customer asked for an add-on to a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddOnAdded {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day served.
    pub from: Date,
    /// What was agreed.
    pub agreed: Agreed,
    /// The version of the catalogue that was read.
    pub catalogue: Version,
}

/// A customer asked that periods begin on another day of the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorDayChanged {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The day of the month.
    pub day: DayOfMonth,
    /// The first such day: a period begins on it, and is billed ahead.
    pub from: Date,
}

/// Periods on the account's day of the month follow it: from that day on, at once. What is billed beyond the end of the
/// period that is running then is given back, and billed again when the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodsRealigned {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The day of the month.
    pub day: DayOfMonth,
    /// The day from which on it counts.
    pub from: Date,
}

/// A subscription rests: nothing is served and nothing billed for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingPaused {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day not served.
    pub from: Date,
    /// The first day that is served again, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A subscription that rested is served again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingResumed {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day that is served again.
    pub from: Date,
}

/// A customer no longer wants an add-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddOnRemoved {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The add-on.
    pub add_on: Code,
    /// The first day not served.
    pub from: Date,
}

/// A customer ended a subscription, with all its add-ons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionCancelled {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The first day not served.
    pub from: Date,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

/// A customer stays after all: the end of a subscription that was asked for does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancellationWithdrawn {
    /// The subscription.
    pub subscription: SubscriptionId,
}

/// The seller's own fields of a subscription are others now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionFieldsChanged {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// All of them, the unchanged ones too.
    pub custom_fields: CustomFields,
    /// The day.
    pub changed_on: Date,
}

/// `basic (5), with chat (1)`
struct Listed<'a>(&'a [Agreed]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, agreed) in self.0.iter().enumerate() {
            match (at, agreed.component == agreed.plan) {
                (0, _) => write!(f, "{}", agreed.plan)?,
                (_, true) => write!(f, ", with {}", agreed.plan)?,
                (_, false) => write!(f, ", with {} ({})", agreed.component, agreed.plan)?,
            }
            if let Some(quantity) = agreed.quantity {
                write!(f, " x {quantity}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for SubscriptionStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SubscriptionStarted { subscription, from, agreed, .. } = self;
        write!(f, "Subscription {subscription} to {} started from {from} on.", Listed(agreed))
    }
}

impl fmt::Display for QuantityChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QuantityChanged { subscription, component, quantity, from } = self;
        write!(
            f,
            "Quantity of {component} of subscription {subscription} changed to {quantity} from {from} on."
        )
    }
}

impl fmt::Display for PlanChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlanChanged { subscription, from, agreed, .. } = self;
        write!(f, "Subscription {subscription} changed to {} from {from} on.", Listed(agreed))
    }
}

impl fmt::Display for SubscriptionMigrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SubscriptionMigrated { subscription, from, agreed, .. } = self;
        let version = agreed.first().map_or(0, |agreed| agreed.plan_version);
        write!(
            f,
            "Subscription {subscription} moved to version {version} of {} from {from} on.",
            Listed(agreed)
        )
    }
}

impl fmt::Display for AddOnAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AddOnAdded { subscription, from, agreed, .. } = self;
        let add_on = Listed(std::slice::from_ref(agreed));
        write!(f, "Add-on {add_on} added to subscription {subscription} from {from} on.")
    }
}

impl fmt::Display for PriceAgreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PriceAgreed { subscription, component, price, from } = self;
        write!(f, "Price of {component} of subscription {subscription} agreed at {price} from {from} on.")
    }
}

impl fmt::Display for AnchorDayChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AnchorDayChanged { subscription, day, from } = self;
        write!(f, "Periods of subscription {subscription} begin on day {} from {from} on.", day.get())
    }
}

impl fmt::Display for PeriodsRealigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PeriodsRealigned { subscription, day, from } = self;
        write!(
            f,
            "Periods of subscription {subscription} follow the account's day {} from {from} on.",
            day.get()
        )
    }
}

impl fmt::Display for BillingPaused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription {} paused from {} on", self.subscription, self.from)?;
        match self.until {
            Some(until) => write!(f, ", until {until}."),
            None => f.write_str("."),
        }
    }
}

impl fmt::Display for BillingResumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription {} resumed from {} on.", self.subscription, self.from)
    }
}

impl fmt::Display for CancellationWithdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancellation of subscription {} withdrawn.", self.subscription)
    }
}

impl fmt::Display for AddOnRemoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AddOnRemoved { subscription, add_on, from } = self;
        write!(f, "Add-on {add_on} removed from subscription {subscription} from {from} on.")
    }
}

impl fmt::Display for SubscriptionCancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription {} cancelled from {} on", self.subscription, self.from)?;
        match &self.reason {
            Some(reason) => write!(f, ": {reason}."),
            None => f.write_str("."),
        }
    }
}

impl fmt::Display for SubscriptionFieldsChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields of subscription {} changed on {}.", self.subscription, self.changed_on)
    }
}
