//! From when on a change counts: on a date, or at the end of the period that is running.

use serde::{Deserialize, Serialize};

use super::timeline::Timeline;
use crate::kernel::calendar::{CalendarError, Date};

/// When a change takes effect. On the wire `{"on":"2026-02-11"}` or
/// `{"end_of_period":{"asked_on":"2026-02-11"}}`.
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
}

impl When {
    /// The first day on which the change counts for a component: a boundary of the cycle that is in force on
    /// the day of asking, of its first one before the start. `None` if it is not served then.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when the boundary leaves the years 1900 to 2200.
    pub(super) fn first_day(self, timeline: &Timeline) -> Result<Option<Date>, CalendarError> {
        match self {
            When::On(date) => Ok(Some(date)),
            When::EndOfPeriod { asked_on } => {
                let served_on = timeline.first_day().map_or(asked_on, |first| asked_on.max(first));
                let terms = timeline.terms_on(served_on);
                terms.map(|terms| terms.cycle.next_boundary_after(served_on)).transpose()
            }
        }
    }
}
