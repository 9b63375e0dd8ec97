//! What kind of revenue each line of a document is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::added;
use crate::invoicing::{Line, Subject};
use crate::kernel::balance::Sum;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::period::Period;
use crate::kernel::text::Code;

/// Why revenue was invoiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevenueKind {
    /// Service of a component that was never billed before.
    New,
    /// Further service of a component, usage of it that came late, and what it is short of a commitment.
    Recurring,
    /// Days billed anew for more than was given back for them.
    Expansion,
    /// Days billed anew for less than was given back for them.
    Contraction,
    /// Days given back and not billed anew.
    Churn,
    /// Work and one-off items.
    OneOff,
    /// Amounts taken off earlier lines.
    Correction,
}

/// The net of a document's lines by kind; the kinds add up to the net of the document. `is_new` tells whether
/// a component was never billed before.
pub(super) fn by_kind(
    lines: &[Line],
    mut is_new: impl FnMut(SubscriptionId, &Code) -> bool,
) -> BTreeMap<RevenueKind, Sum> {
    let mut changes: BTreeMap<(SubscriptionId, &Code), Sum> = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    for line in lines {
        let kind = match &line.subject {
            Subject::Service { subscription, component, period, .. } => {
                let new = is_new(*subscription, component);
                if unused(lines, *subscription, component, *period) {
                    count(&mut changes, (*subscription, component), line.net.into());
                    continue;
                }
                if new { RevenueKind::New } else { RevenueKind::Recurring }
            }
            Subject::Unused { subscription, component, period, .. } => {
                if service(lines, *subscription, component, *period) {
                    count(&mut changes, (*subscription, component), line.net.into());
                    continue;
                }
                RevenueKind::Churn
            }
            Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. } => RevenueKind::Recurring,
            Subject::Fee { .. } | Subject::Work { .. } | Subject::Item { .. } => RevenueKind::OneOff,
            Subject::Correction { .. } => RevenueKind::Correction,
        };
        count(&mut kinds, kind, line.net.into());
    }
    for change in changes.into_values().filter(|change| !change.is_zero()) {
        let kind = if change.is_positive() { RevenueKind::Expansion } else { RevenueKind::Contraction };
        count(&mut kinds, kind, change);
    }
    kinds
}

pub(super) fn count<K: Ord>(sums: &mut BTreeMap<K, Sum>, key: K, amount: Sum) {
    let sum = sums.entry(key).or_insert(Sum::zero(amount.currency()));
    *sum = added(*sum, amount);
}

/// Whether the document gives back days of the period.
fn unused(lines: &[Line], of: SubscriptionId, what: &Code, days: Period) -> bool {
    lines.iter().any(|line| match &line.subject {
        Subject::Unused { subscription, component, period, .. } => {
            *subscription == of && component == what && period.intersection(days).is_some()
        }
        Subject::Service { .. }
        | Subject::LateUsage { .. }
        | Subject::InterimUsage { .. }
        | Subject::TrueUp { .. }
        | Subject::TrueUpTakenBack { .. }
        | Subject::Fee { .. }
        | Subject::Work { .. }
        | Subject::Item { .. }
        | Subject::Correction { .. } => false,
    })
}

/// Whether the document charges days of the period.
fn service(lines: &[Line], of: SubscriptionId, what: &Code, days: Period) -> bool {
    lines.iter().any(|line| match &line.subject {
        Subject::Service { subscription, component, period, .. } => {
            *subscription == of && component == what && period.intersection(days).is_some()
        }
        Subject::Unused { .. }
        | Subject::LateUsage { .. }
        | Subject::InterimUsage { .. }
        | Subject::TrueUp { .. }
        | Subject::TrueUpTakenBack { .. }
        | Subject::Fee { .. }
        | Subject::Work { .. }
        | Subject::Item { .. }
        | Subject::Correction { .. } => false,
    })
}
