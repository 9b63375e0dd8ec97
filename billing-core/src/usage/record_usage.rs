//! A meter tells what a customer used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Event, Rejection, State, Usage, UsageRecord, UsageRecorded, UsageRestated};
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
pub(super) const RECORDS_AN_EVENT: usize = 250;

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
        let new = usage.new_records(&self.records)?;
        meters_count(account, &new)?;
        can_be_written(usage, None, &new)?;

        let chunks = new.chunks(RECORDS_AN_EVENT).map(|records| {
            let records = records.iter().copied().cloned().collect();
            Fact::on(StreamId::Usage(self.account), Event::from(UsageRecorded { records }))
        });
        Ok(chunks.collect())
    }
}

impl State {
    /// Those that were not recorded before, each once.
    pub(super) fn new_records<'a>(
        &self,
        records: &'a [UsageRecord],
    ) -> Result<Vec<&'a UsageRecord>, Rejection> {
        let mut given = BTreeMap::new();
        let mut new = Vec::new();
        for record in records {
            let (key, content) = (record.key_mark(), record.content_mark());
            match self.keys.get(&key).or_else(|| given.get(&key)) {
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
pub(super) fn meters_count(account: &Account, records: &[&UsageRecord]) -> Result<(), Rejection> {
    let mut meters: BTreeMap<(SubscriptionId, &Code), Vec<&Meter>> = BTreeMap::new();
    for UsageRecord { key, subscription, metric, name, .. } in records {
        let counting = match meters.get(&(*subscription, metric)) {
            Some(counting) => counting,
            None => {
                let counting = metered_by(account, *subscription, metric)?;
                meters.entry((*subscription, metric)).or_insert(counting)
            }
        };
        if name.is_none() && counting.iter().any(|meter| meter.aggregate == Aggregate::Unique) {
            return Err(Rejection::NameMissing { key: key.clone(), metric: metric.clone() });
        }
    }
    Ok(())
}

/// The meters of a subscription that count something; there is one.
pub(super) fn metered_by<'a>(
    account: &'a Account,
    id: SubscriptionId,
    metric: &Code,
) -> Result<Vec<&'a Meter>, Rejection> {
    let subscription = account.subscriptions.subscription(id).ok_or(Rejection::UnknownSubscription(id))?;
    let counting: Vec<&Meter> = subscription.meters().filter(|meter| meter.metric == *metric).collect();
    match counting.is_empty() {
        true => Err(Rejection::NotMetered { subscription: id, metric: metric.clone() }),
        false => Ok(counting),
    }
}

/// Whether all readings of each metric together stay a quantity, so that those of any days do. The day that is told
/// anew does not count.
pub(super) fn can_be_written(
    usage: &State,
    anew: Option<&UsageRestated>,
    records: &[&UsageRecord],
) -> Result<(), Rejection> {
    let always = Period::new(Date::MIN, Date::MAX).ok();
    let but_for = |on: Date| {
        let (before, rest) = always.map_or((None, None), |always| always.split_at(on));
        let after = rest.and_then(|rest| rest.split_at(on.succ_opt()?).1);
        [before, after].into_iter().flatten().collect::<Vec<Period>>()
    };
    let days = anew.map_or_else(|| always.into_iter().collect(), |anew| but_for(anew.on));
    let mut sums: BTreeMap<(SubscriptionId, &Code), Quantity> = BTreeMap::new();
    for UsageRecord { key, subscription, metric, quantity, .. } in records {
        let sum = sums.entry((*subscription, metric)).or_insert_with(|| {
            let meter = Meter::new((*metric).clone(), Aggregate::Sum);
            usage.quantity(*subscription, &meter, &days)
        });
        let more = sum.plus(*quantity);
        *sum = more.map_err(|_| Rejection::TooMuch { key: key.clone(), metric: metric.clone() })?;
    }
    Ok(())
}
