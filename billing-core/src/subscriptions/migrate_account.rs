//! A customer's subscriptions move to the versions of their plans that existing subscribers move to.

use std::borrow::Cow;
use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::change;
use super::migration::{Fate, Migration};
use super::offer::Offer;
use super::page::belongs_to_plan;
use super::subscription::Subscription;
use super::{Agreed, Rejection, SubscriptionMigrated, Subscriptions};
use crate::book::{Account, Books};
use crate::catalogue::{self, Plan};
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::{Scope, Version};
use crate::settings;

/// Moves a customer's subscriptions to the versions that existing subscribers move to, as far as they do by a day: see
/// [`Existing`](crate::catalogue::Existing). Done for many customers by [`MigrationRun`](crate::runs::MigrationRun).
///
/// A move brings the new version's prices, charges and periods. What the version offers newcomers, its phases, set-up
/// fee and term, it does not bring; a trial or an introductory price that was agreed is kept to its end, and so is
/// what was planned for later. Who has a price of their own, or agreed for a term, stays:
/// [`State::migrations`](super::State::migrations) says who and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrateAccount {
    /// Whose.
    pub account: AccountId,
    /// The last day from which a move may count: that up to which periods are billed.
    pub through: Date,
}

impl Command for MigrateAccount {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.migrate_account";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let (catalogue, version) = books.catalogue()?;
        let desk = Desk { account, settings, catalogue, version };
        let mut facts = Vec::new();
        for (id, subscription) in account.subscriptions.subscriptions() {
            // Each move is decided on what the one before it leaves.
            let mut subscription = Cow::Borrowed(subscription);
            while let Some(next) = desk.next(id, &subscription, self.through)? {
                subscription.to_mut().migrate(next.from, &next.agreed);
                facts.push(account.record(next));
            }
        }
        Ok(facts)
    }
}

/// What moves are decided on.
struct Desk<'a> {
    account: &'a Account,
    settings: &'a settings::State,
    catalogue: &'a catalogue::State,
    version: Version,
}

impl Desk<'_> {
    /// The move of a subscription that counts first, if one counts by a day.
    fn next(
        &self,
        id: SubscriptionId,
        subscription: &Subscription,
        through: Date,
    ) -> Result<Option<SubscriptionMigrated>, Rejection> {
        let mut first: Option<(Date, Reverse<u32>, Migration)> = None;
        for component in subscription.heads() {
            for migration in subscription.migrations(id, &component, self.catalogue)? {
                let Fate::Moves { to, on } = migration.fate else { continue };
                let rank = (on, Reverse(to));
                if on <= through && first.as_ref().is_none_or(|(day, version, _)| rank < (*day, *version)) {
                    first = Some((on, Reverse(to), migration));
                }
            }
        }
        let Some((from, Reverse(to), migration)) = first else { return Ok(None) };
        let plan = self.catalogue.plan_version(&migration.plan, to);
        let plan = plan.ok_or_else(|| Rejection::UnknownPlan(migration.plan.clone()))?;
        let agreed = self.agreed(subscription, &migration, plan, from)?;
        Ok(Some(SubscriptionMigrated { subscription: id, from, agreed, catalogue: self.version }))
    }

    /// What counts from the day of a move on.
    fn agreed(
        &self,
        subscription: &Subscription,
        migration: &Migration,
        plan: &Plan,
        from: Date,
    ) -> Result<Vec<Agreed>, Rejection> {
        let before = change::terms_on(subscription, &migration.component, from)?;
        let plan = Plan { phases: Vec::new(), set_up: Vec::new(), term: None, ..plan.clone() };
        let of_plan = belongs_to_plan(&migration.component);
        let offer = Offer {
            plan: &plan,
            currency: self.account.accounts.currency(),
            from,
            counted_from: from,
            quantity: None,
            anchor_day: subscription.anchor_day(),
            subscription_paid: subscription.first_paid_day().filter(|paid| of_plan && *paid < from),
            account_day: self.account.accounts.anchor_day(),
            first_paid_day: self.account.subscriptions.first_paid_day(),
            trial_in_line: self.settings.policies().dialect.puts_trials_in_line(),
            anniversaries: self.settings.policies().dialect.keeps_anniversaries(),
            running: Some(before.cycle),
        };
        let mut agreed = match of_plan {
            true => offer.with_charges()?,
            false => vec![offer.agreed(migration.component.clone())?],
        };
        change::have_as_often_as_plan(&mut agreed, subscription, from, before.quantity);
        for one in &mut agreed {
            // A fee that was agreed is charged once, under whichever version its day lies.
            if let Ok(terms) = change::terms_on(subscription, &one.component, from) {
                one.fee = terms.agreed.fee;
            }
        }
        Ok(agreed)
    }
}
