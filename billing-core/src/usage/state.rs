//! What a later decision can ask about usage: readings by day, and which keys were recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::{Event, UsageRecord};
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Code;

/// What was counted, day by day. Of a single record only its key stays, as a mark.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) readings: BTreeMap<SubscriptionId, BTreeMap<Code, BTreeMap<Date, Day>>>,
    /// What was recorded under which key.
    pub(super) keys: BTreeMap<Mark, Mark>,
}

/// The readings of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Day {
    pub(super) sum: Quantity,
    pub(super) max: Quantity,
    /// The one that was recorded last.
    pub(super) last: Quantity,
    /// The different names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) names: BTreeSet<Mark>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::UsageRecorded(recorded) => recorded.records.iter().for_each(|record| self.count(record)),
        }
    }

    fn count(&mut self, record: &UsageRecord) {
        self.keys.insert(record.key_mark(), record.content_mark());
        let metrics = self.readings.entry(record.subscription).or_default();
        let days = metrics.entry(record.metric.clone()).or_default();
        let none = Quantity::ZERO;
        let day =
            days.entry(record.on).or_insert(Day { sum: none, max: none, last: none, names: BTreeSet::new() });
        // Checked when it was decided: all readings of a metric together can be written.
        day.sum = day.sum.plus(record.quantity).unwrap_or(day.sum);
        day.max = day.max.max(record.quantity);
        day.last = record.quantity;
        day.names.extend(record.name.as_ref().map(|name| Mark::of(name.as_str())));
    }
}

impl UsageRecord {
    pub(super) fn key_mark(&self) -> Mark {
        Mark::of(self.key.as_str())
    }

    /// All but the key. The name may hold any letters and stands last, so that no two contents are written alike.
    pub(super) fn content_mark(&self) -> Mark {
        let UsageRecord { key: _, subscription, metric, on, quantity, name } = self;
        let name = name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        Mark::of(&format!("{subscription} {metric} {on} {quantity}{name}"))
    }
}
