//! A day of a meter had been told wrongly, and is told anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::record_usage::{RECORDS_AN_EVENT, can_be_written, metered_by, meters_count};
use super::{Event, Reading, Rejection, Usage, UsageRecord, UsageRestated};
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::{Code, Note};
use crate::log::{Scope, StreamId};

/// Says anew all that was counted on a day, in place of what was recorded for it before: for a meter that had told too
/// much, and so that nothing is told where nothing is left. The invoice of the days stays as it is; what they come to
/// now is charged or given back as late usage is, by the seller's policy for that.
///
/// A reading that was right keeps its key. One that is corrected gets a new key, since a key names one record for ever:
/// a meter that tells the wrong one again is passed over.
///
/// ```
/// # use billing_core::usage::{Reading, RestateUsage};
/// let right = Reading { key: "2026-01-05/7/corrected".parse()?, quantity: "1200".parse()?, name: None };
/// let command = RestateUsage {
///     account: "acc_0123456789abcdef0123456789abcdef".parse()?,
///     subscription: "sub_0123456789abcdef0123456789abcdef".parse()?,
///     metric: "calls".parse()?,
///     on: "2026-01-05".parse()?,
///     readings: vec![right],
///     reason: "The meter had told milliseconds".parse()?,
/// };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestateUsage {
    /// Whose usage it is.
    pub account: AccountId,
    /// The subscription that was used.
    pub subscription: SubscriptionId,
    /// What was counted.
    pub metric: Code,
    /// The day.
    pub on: Date,
    /// All that was counted of it on that day, 250 readings at most; none where nothing was.
    pub readings: Vec<Reading>,
    /// Why.
    pub reason: Note,
}

impl Command for RestateUsage {
    type Department = Usage;
    const NAME: &'static str = "usage.restate_usage";
    const SCOPE: Scope = Scope::Usage;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Usage> {
        let account = books.account(self.account)?;
        let usage = books.usage(self.account)?;
        if self.readings.len() > RECORDS_AN_EVENT {
            return Err(Rejection::TooManyReadings(self.readings.len()).into());
        }
        let mut restated = UsageRestated {
            subscription: self.subscription,
            metric: self.metric.clone(),
            on: self.on,
            readings: self.readings.clone(),
            reason: self.reason.clone(),
        };
        usage.new_records(&restated.records().collect::<Vec<_>>())?;
        let mut keys = BTreeSet::new();
        restated.readings.retain(|reading| keys.insert(reading.key.clone()));
        let records: Vec<UsageRecord> = restated.records().collect();
        metered_by(account, self.subscription, &self.metric)?;
        let all: Vec<&UsageRecord> = records.iter().collect();
        meters_count(account, &all)?;
        if usage.says(&restated) {
            return Ok(vec![]);
        }
        can_be_written(usage, Some(&restated), &all)?;
        Ok(vec![Fact::on(StreamId::Usage(self.account), Event::from(restated))])
    }
}
