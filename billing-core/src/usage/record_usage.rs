//! A meter tells what a customer used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Event, Rejection, State, Usage, UsageRecord, UsageRecorded};
use crate::book::{Account, Books};
use crate::catalogue::{Aggregate, Meter};
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Code;
use crate::log::{Scope, StreamId};

/// So many records can be given at once.
pub(super) const MOST_RECORDS: usize = 5_000;

/// So many stand in one event, which stays below what an event may have, whatever they say.
const RECORDS_AN_EVENT: usize = 250;

/// Records usage. A record that was given before under the same key is passed over, so that a meter can tell
/// everything again when it does not know what has arrived. Usage of days on which nothing is served is kept, and
/// never billed.
///
/// ```
/// # use billing_core::usage::{RecordUsage, UsageRecord};
/// let calls = |key: &str, on: &str, quantity: &str| -> Result<UsageRecord, Box<dyn std::error::Error>> {
///     Ok(UsageRecord {
///         key: key.parse()?,
///         subscription: "sub_0123456789abcdef0123456789abcdef".parse()?,
///         metric: "calls".parse()?,
///         on: on.parse()?,
///         quantity: quantity.parse()?,
///         name: None,
///     })
/// };
/// let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let records = vec![calls("2026-01-05/7", "2026-01-05", "1200")?, calls("2026-01-06/7", "2026-01-06", "80")?];
/// let command = RecordUsage { account, records };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordUsage {
    /// Whose usage it is.
    pub account: AccountId,
    /// What was counted, 5,000 records at most.
    pub records: Vec<UsageRecord>,
}

impl Command for RecordUsage {
    type Department = Usage;
    const NAME: &'static str = "usage.record_usage";
    const SCOPE: Scope = Scope::Usage;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Usage> {
        let account = books.account(self.account)?;
        let usage = books.usage(self.account)?;
        if self.records.len() > MOST_RECORDS {
            return Err(Rejection::TooManyRecords(self.records.len()).into());
        }
        let new = self.new_records(usage)?;
        meters_count(account, &new)?;
        can_be_written(usage, &new)?;

        let chunks = new.chunks(RECORDS_AN_EVENT).map(|records| {
            let records = records.iter().copied().cloned().collect();
            Fact::on(StreamId::Usage(self.account), Event::from(UsageRecorded { records }))
        });
        Ok(chunks.collect())
    }
}

impl RecordUsage {
    /// Those that were not recorded before, each once.
    fn new_records(&self, usage: &State) -> Result<Vec<&UsageRecord>, Rejection> {
        let mut given = BTreeMap::new();
        let mut new = Vec::new();
        for record in &self.records {
            let (key, content) = (record.key_mark(), record.content_mark());
            match usage.keys.get(&key).or_else(|| given.get(&key)) {
                Some(known) if *known == content => {}
                Some(_) => return Err(Rejection::KeyReused(record.key.clone())),
                None => {
                    given.insert(key, content);
                    new.push(record);
                }
            }
        }
        Ok(new)
    }
}

/// Whether each record is counted by a meter of its subscription, and says what that counts.
fn meters_count(account: &Account, records: &[&UsageRecord]) -> Result<(), Rejection> {
    let mut meters: BTreeMap<SubscriptionId, Vec<&Meter>> = BTreeMap::new();
    for UsageRecord { key, subscription: id, metric, name, .. } in records {
        let meters = match meters.get(id) {
            Some(meters) => meters,
            None => {
                let subscription = account.subscriptions.subscription(*id);
                let subscription = subscription.ok_or(Rejection::UnknownSubscription(*id))?;
                meters.entry(*id).or_insert_with(|| subscription.meters().collect())
            }
        };
        let mut counting = meters.iter().filter(|meter| meter.metric == *metric).peekable();
        if counting.peek().is_none() {
            return Err(Rejection::NotMetered { subscription: *id, metric: metric.clone() });
        }
        if name.is_none() && counting.any(|meter| meter.aggregate == Aggregate::Unique) {
            return Err(Rejection::NameMissing { key: key.clone(), metric: metric.clone() });
        }
    }
    Ok(())
}

/// Whether all readings of each metric together stay a quantity, so that those of any days do.
fn can_be_written(usage: &State, records: &[&UsageRecord]) -> Result<(), Rejection> {
    let always = Period::new(Date::MIN, Date::MAX).ok();
    let mut sums: BTreeMap<(SubscriptionId, &Code), Quantity> = BTreeMap::new();
    for UsageRecord { key, subscription, metric, quantity, .. } in records {
        let sum = sums.entry((*subscription, metric)).or_insert_with(|| {
            let meter = Meter::new((*metric).clone(), Aggregate::Sum);
            usage.quantity(*subscription, &meter, always.as_slice())
        });
        let more = sum.plus(*quantity);
        *sum = more.map_err(|_| Rejection::TooMuch { key: key.clone(), metric: metric.clone() })?;
    }
    Ok(())
}
