//! Whom a migration run has to visit: who ever agreed on an earlier version of a plan that moves subscribers.

use std::collections::BTreeSet;

use super::{Projection, Query, QueryError, RowReader, Rows, account_of};
use crate::book::{Event, payload};
use crate::catalogue::PlanPublished;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Recorded;
use crate::subscriptions::{AddOnAdded, Agreed, PlanChanged, SubscriptionStarted};

/// The view "migrations": `moves/PLAN` holds the versions of a plan that move existing subscribers, with the first day
/// on which they do; `agreed/PLAN/ACCOUNT` the lowest version that an account ever agreed on.
///
/// It may name an account that is not to be moved, because it was or because it stays; it never leaves one out.
#[derive(Debug)]
pub struct MigrationIndex;

impl Projection for MigrationIndex {
    const NAME: &'static str = "migrations";
    const FOLD: u32 = 1;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let event = &recorded.event;
        if let Some(PlanPublished { plan }) = payload(event) {
            if let Some(from) = plan.existing.first_day() {
                let key = format!("moves/{}", plan.code);
                let mut versions: Vec<(u32, Date)> = rows.get(&key).unwrap_or_default();
                versions.push((plan.version, from));
                rows.put(key, &versions);
            }
            return;
        }
        let Some(account) = account_of(recorded) else { return };
        if let Some(started) = payload::<SubscriptionStarted>(event) {
            started.agreed.iter().for_each(|agreed| agree(account, agreed, rows));
        } else if let Some(changed) = payload::<PlanChanged>(event) {
            changed.agreed.iter().for_each(|agreed| agree(account, agreed, rows));
        } else if let Some(added) = payload::<AddOnAdded>(event) {
            agree(account, &added.agreed, rows);
        }
    }
}

fn agree(account: AccountId, agreed: &Agreed, rows: &mut Rows<'_>) {
    let key = format!("agreed/{}/{account}", agreed.plan);
    if rows.get::<u32>(&key).is_none_or(|lowest| agreed.plan_version < lowest) {
        rows.put(key, &agreed.plan_version);
    }
}

/// Asks for the accounts that a plan's newer version may move by a day, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToMigrate {
    /// The day: see [`MigrateAccount`](crate::subscriptions::MigrateAccount).
    pub through: Date,
}

impl Query for ToMigrate {
    type View = MigrationIndex;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let mut moving: Vec<(String, u32)> = Vec::new();
        rows.prefixed("moves/", |key, versions: Vec<(u32, Date)>| {
            let due = versions.into_iter().filter(|(_, from)| *from <= self.through);
            let newest = due.map(|(version, _)| version).max();
            let plan = key.trim_start_matches("moves/");
            moving.extend(newest.map(|newest| (plan.to_owned(), newest)));
            Ok(())
        })?;
        let mut accounts = BTreeSet::new();
        for (plan, newest) in moving {
            let prefix = format!("agreed/{plan}/");
            rows.prefixed(&prefix, |key, lowest: u32| {
                let account = key.strip_prefix(&prefix).filter(|_| lowest < newest);
                accounts.extend(account.and_then(|account| account.parse::<AccountId>().ok()));
                Ok(())
            })?;
        }
        Ok(Vec::from_iter(accounts))
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::Log;
    use super::*;
    use crate::catalogue::{Existing, Price, PublishPlan};
    use crate::kernel::money::Money;
    use crate::policies::given::{Customer, customer, date, money};
    use crate::subscriptions::Subscribe;

    fn to_migrate(customer: &Customer, through: &str) -> Vec<AccountId> {
        let mut log = Log::default();
        for planned in customer.scenario.history() {
            log.record(planned.stream.clone(), planned.event.clone());
        }
        log.ask(&ToMigrate { through: date(through) })
    }

    fn version(price: Money, existing: Existing) -> PublishPlan {
        let (code, name) = ("basic".parse().unwrap(), "Basic plan".parse().unwrap());
        PublishPlan {
            existing,
            ..PublishPlan::monthly(code, name, Price::Flat(price), "zero".parse().unwrap())
        }
    }

    #[test]
    fn who_has_an_earlier_version_is_named_from_the_day_on_from_which_a_newer_one_moves_people() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (account, from) = (customer.account, date("2026-03-01"));
        customer.does(Subscribe::new(account, "basic".parse().unwrap(), from));
        customer.does(version(money("31.00"), Existing::Grandfathered));
        assert_eq!(to_migrate(&customer, "2027-01-01"), []);
        customer.does(version(money("32.00"), Existing::MigrateFrom(date("2026-05-01"))));
        assert_eq!(to_migrate(&customer, "2026-04-30"), []);
        assert_eq!(to_migrate(&customer, "2026-05-01"), [account]);
    }

    #[test]
    fn who_has_only_the_newest_is_not_named() {
        let mut customer = customer();
        customer.is_offered_goods();
        customer.does(version(money("32.00"), Existing::MigrateFrom(date("2026-05-01"))));
        customer.does(Subscribe::new(customer.account, "basic".parse().unwrap(), date("2026-03-01")));
        assert_eq!(to_migrate(&customer, "2027-01-01"), []);
    }
}
