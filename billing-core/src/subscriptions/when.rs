//! From when on a change counts: on a date, at the end of the period that is running, or of what is billed.

use serde::{Deserialize, Serialize};

use super::rejection::Rejection;
use crate::book::Account;
use crate::catalogue::Timing;
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;
use crate::settings;

/// When a change takes effect. On the wire `{"on":"2026-02-11"}`, `{"end_of_period":{"asked_on":"2026-02-11"}}` or
/// `{"end_of_billed":{"asked_on":"2026-02-11"}}`.
///
/// ```
/// use billing_core::subscriptions::When;
/// let asked_on = "2026-02-11".parse().unwrap();
/// let wire = serde_json::to_string(&When::EndOfPeriod { asked_on }).unwrap();
/// assert_eq!(wire, r#"{"end_of_period":{"asked_on":"2026-02-11"}}"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// On this day, which belongs to the new terms.
    On(Date),
    /// When the period ends in which it was asked for.
    EndOfPeriod {
        /// The day on which the customer asked.
        asked_on: Date,
    },
    /// When what is billed is used up: nothing is given back. Where nothing is billed yet, at once; where a period is
    /// billed after it was served, when it ends.
    EndOfBilled {
        /// The day on which the customer asked.
        asked_on: Date,
    },
}

impl When {
    /// The first day on which the change counts for a component of a subscription.
    pub(super) fn first_day(
        self,
        account: &Account,
        settings: &settings::State,
        id: SubscriptionId,
        component: &Code,
    ) -> Result<Date, Rejection> {
        let asked_on = match self {
            When::On(date) => return Ok(date),
            When::EndOfPeriod { asked_on } | When::EndOfBilled { asked_on } => asked_on,
        };
        let not_served = || Rejection::NotServed { component: component.clone() };
        let subscription =
            account.subscriptions.subscription(id).ok_or(Rejection::UnknownSubscription(id))?;
        let timeline = subscription.asked_for(component).ok_or_else(not_served)?;
        // Before the start, of the first period; after the end, when it ended.
        let served_on = timeline.first_day().map_or(asked_on, |first| asked_on.max(first));
        let Some(terms) = timeline.terms_on(served_on) else {
            return subscription.cancelled_from().ok_or_else(not_served);
        };
        let end_of_period = || terms.cycle.next_boundary_after(served_on).map_err(Rejection::from);
        match (self, terms.timing()) {
            (When::EndOfBilled { .. }, Timing::InAdvance) => {
                let billed = account.invoicing.billed_until(id, component);
                Ok(billed.map_or(asked_on, |billed| billed.max(asked_on)))
            }
            (When::EndOfBilled { .. }, Timing::InArrears)
                if settings.policies().dialect.ends_arrears_at_once() =>
            {
                Ok(asked_on)
            }
            (When::On(_) | When::EndOfPeriod { .. } | When::EndOfBilled { .. }, _) => end_of_period(),
        }
    }
}
