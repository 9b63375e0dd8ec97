//! The seller's own fields of what a line charges, as they were when its document was issued: the order of the log says
//! which those were, so that no line has to carry them.

use serde::{Deserialize, Serialize};

use super::Rows;
use crate::catalogue::Event as Catalogue;
use crate::invoicing::{Line, Subject};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;
use crate::subscriptions::Event as Subscriptions;

/// The seller's own fields of what a line charges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineFields {
    /// Of the subscription.
    #[serde(skip_serializing_if = "CustomFields::is_empty")]
    pub subscription: CustomFields,
    /// Of the version of the plan or add-on, or of the item as it was sold.
    #[serde(skip_serializing_if = "CustomFields::is_empty")]
    pub sold: CustomFields,
}

impl LineFields {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.subscription.is_empty() && self.sold.is_empty()
    }
}

/// There once the first field was given, so that a book without any is not searched for them line by line.
const ANY: &str = "fields/any";

pub(super) fn watch_subscriptions(event: &Subscriptions, rows: &mut Rows<'_>) {
    match event {
        Subscriptions::SubscriptionStarted(started) => {
            keep(subscription_key(started.subscription), &started.custom_fields, rows);
        }
        Subscriptions::SubscriptionFieldsChanged(changed) => {
            rows.remove(&subscription_key(changed.subscription));
            keep(subscription_key(changed.subscription), &changed.custom_fields, rows);
        }
        Subscriptions::QuantityChanged(_)
        | Subscriptions::PlanChanged(_)
        | Subscriptions::SubscriptionMigrated(_)
        | Subscriptions::PriceAgreed(_)
        | Subscriptions::AddOnAdded(_)
        | Subscriptions::AnchorDayChanged(_)
        | Subscriptions::PeriodsRealigned(_)
        | Subscriptions::BillingPaused(_)
        | Subscriptions::BillingResumed(_)
        | Subscriptions::CancellationWithdrawn(_)
        | Subscriptions::AddOnRemoved(_)
        | Subscriptions::SubscriptionCancelled(_) => {}
    }
}

pub(super) fn watch_catalogue(event: &Catalogue, rows: &mut Rows<'_>) {
    match event {
        Catalogue::PlanPublished(published) => {
            let plan = &published.plan;
            keep(plan_key(&plan.code, plan.version), &plan.custom_fields, rows);
        }
        Catalogue::ItemPublished(published) => {
            let item = &published.item;
            rows.remove(&item_key(&item.code));
            keep(item_key(&item.code), &item.custom_fields, rows);
        }
        Catalogue::TaxCodeSet(_) => {}
    }
}

fn keep(key: String, fields: &CustomFields, rows: &mut Rows<'_>) {
    if !fields.is_empty() {
        rows.put(ANY, &());
        rows.put(key, fields);
    }
}

/// Those of each line; nothing where no line has any.
pub(super) fn of(lines: &[Line], rows: &mut Rows<'_>) -> Vec<LineFields> {
    if rows.get::<()>(ANY).is_none() {
        return Vec::new();
    }
    let fields: Vec<LineFields> = lines.iter().map(|line| of_line(line, rows)).collect();
    if fields.iter().all(LineFields::is_empty) { Vec::new() } else { fields }
}

fn of_line(line: &Line, rows: &mut Rows<'_>) -> LineFields {
    let (subscription, sold) = match &line.subject {
        Subject::Service { subscription, plan, plan_version, .. }
        | Subject::Fee { subscription, plan, plan_version, .. } => {
            (Some(*subscription), Some(plan_key(plan, *plan_version)))
        }
        // They take back, or add to, what an earlier line charged: its version is on that line.
        Subject::Unused { subscription, .. }
        | Subject::LateUsage { subscription, .. }
        | Subject::InterimUsage { subscription, .. }
        | Subject::TrueUp { subscription, .. }
        | Subject::TrueUpTakenBack { subscription, .. } => (Some(*subscription), None),
        Subject::Item { item } => (None, Some(item_key(item))),
        Subject::Work { .. } | Subject::Correction { .. } => (None, None),
    };
    let mut of = |key: Option<String>| key.and_then(|key| rows.get(&key)).unwrap_or_default();
    LineFields { subscription: of(subscription.map(subscription_key)), sold: of(sold) }
}

fn subscription_key(subscription: SubscriptionId) -> String {
    format!("fields/sub/{subscription}")
}

fn plan_key(plan: &Code, version: u32) -> String {
    format!("fields/plan/{plan}/{version}")
}

fn item_key(item: &Code) -> String {
    format!("fields/item/{item}")
}
