//! What a later decision can ask about usage: readings by day, and which keys were recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::{Event, UsageRecord, UsageRestated};
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            Event::UsageRestated(restated) => {
                let metrics = self.readings.get_mut(&restated.subscription);
                if let Some(days) = metrics.and_then(|metrics| metrics.get_mut(&restated.metric)) {
                    days.remove(&restated.on);
                }
                restated.records().for_each(|record| self.count(&record));
            }
        }
    }

    fn count(&mut self, record: &UsageRecord) {
        self.keys.insert(record.key_mark(), record.content_mark());
        let metrics = self.readings.entry(record.subscription).or_default();
        let days = metrics.entry(record.metric.clone()).or_default();
        days.entry(record.on).or_default().count(record);
    }

    /// Whether a day is what telling it anew would make it.
    pub(super) fn says(&self, restated: &UsageRestated) -> bool {
        let metrics = self.readings.get(&restated.subscription);
        let told = metrics.and_then(|metrics| metrics.get(&restated.metric)?.get(&restated.on));
        let mut anew: Option<Day> = None;
        restated.records().for_each(|record| anew.get_or_insert_default().count(&record));
        told == anew.as_ref() && restated.records().all(|record| self.keys.contains_key(&record.key_mark()))
    }
}

impl Day {
    fn count(&mut self, record: &UsageRecord) {
        // Checked when it was decided: all readings of a metric together can be written.
        self.sum = self.sum.plus(record.quantity).unwrap_or(self.sum);
        self.max = self.max.max(record.quantity);
        self.last = record.quantity;
        self.names.extend(record.name.as_ref().map(|name| Mark::of(name.as_str())));
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
