//! What other departments may ask about usage.

use std::collections::BTreeSet;

use super::state::{Day, State};
use crate::catalogue::{Aggregate, Meter};
use crate::kernel::ids::SubscriptionId;
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;

impl State {
    /// What a meter of a subscription shows for some days, which are given in order of time; none where nothing was
    /// counted. The last reading of a day is the one that was recorded last.
    pub fn quantity(&self, subscription: SubscriptionId, meter: &Meter, days: &[Period]) -> Quantity {
        let metrics = self.readings.get(&subscription);
        let Some(readings) = metrics.and_then(|metrics| metrics.get(&meter.metric)) else {
            return Quantity::ZERO;
        };
        let mut read =
            days.iter().flat_map(|days| readings.range(days.from()..days.to())).map(|(_, day)| day);
        match meter.aggregate {
            Aggregate::Sum => read.fold(Quantity::ZERO, sum),
            Aggregate::Max => read.map(|day| day.max).max().unwrap_or(Quantity::ZERO),
            Aggregate::Last => read.next_back().map_or(Quantity::ZERO, |day| day.last),
            Aggregate::Unique => {
                let names: BTreeSet<_> = read.flat_map(|day| &day.names).collect();
                Quantity::whole(u64::try_from(names.len()).unwrap_or(u64::MAX))
            }
        }
    }
}

impl State {
    /// About how many bytes the page takes in memory.
    pub(crate) fn weight(&self) -> usize {
        let metrics = self.readings.values().flat_map(|metrics| metrics.values());
        let days = metrics.flat_map(|days| days.values());
        let days: usize = days.map(|day| 120_usize.saturating_add(day.names.len().saturating_mul(24))).sum();
        days.saturating_add(self.keys.len().saturating_mul(48)).saturating_add(500)
    }
}

/// All readings of a metric together can be written, so that those of some days can.
fn sum(sum: Quantity, day: &Day) -> Quantity {
    sum.plus(day.sum).unwrap_or(sum)
}
