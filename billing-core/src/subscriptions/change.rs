//! What a change is made to: the subscription, the day on which it counts, and the terms that were asked for then.

use super::agreed::Agreed;
use super::rejection::Rejection;
use super::subscription::Subscription;
use super::timeline::Terms;
use super::when::When;
use crate::book::{Account, Books};
use crate::decision::Stop;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::settings;

/// A component of a subscription, on the day from which something else is wanted.
pub(super) struct Change<'a> {
    pub(super) account: &'a Account,
    pub(super) settings: &'a settings::State,
    pub(super) subscription: &'a Subscription,
    /// The first day on which it counts.
    pub(super) from: Date,
    /// What was asked for that day before, whether it is served or rests.
    pub(super) terms: Terms<'a>,
}

impl<'a> Change<'a> {
    /// What a change of a component would be made to.
    pub(super) fn of(
        books: &'a Books,
        account: AccountId,
        id: SubscriptionId,
        component: &Code,
        when: When,
    ) -> Result<Change<'a>, Stop<Rejection>> {
        let account = books.account(account)?;
        let settings = books.settings()?;
        let subscription = subscription(account, id)?;
        let from = when.first_day(account, settings, id, component)?;
        changeable(subscription, from)?;
        let terms = terms_on(subscription, component, from)?;
        Ok(Change { account, settings, subscription, from, terms })
    }
}

/// A subscription of an account.
pub(super) fn subscription(account: &Account, id: SubscriptionId) -> Result<&Subscription, Rejection> {
    account.subscriptions.subscription(id).ok_or(Rejection::UnknownSubscription(id))
}

/// Whether something else may still be wanted of a subscription from a day on.
pub(super) fn changeable(subscription: &Subscription, from: Date) -> Result<(), Rejection> {
    match (subscription.started_on(), subscription.cancelled_from()) {
        (Some(start), _) if from < start => Err(Rejection::BeforeStart { from, start }),
        (_, Some(end)) if end <= from => Err(Rejection::Cancelled(end)),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// What is asked for a component on a day.
pub(super) fn terms_on<'a>(
    subscription: &'a Subscription,
    component: &Code,
    from: Date,
) -> Result<Terms<'a>, Rejection> {
    let terms = subscription.asked_for(component).and_then(|timeline| timeline.terms_on(from));
    terms.ok_or_else(|| Rejection::NotServed { component: component.clone() })
}

/// A charge that a subscription does not have yet on a day is had as often as its plan.
pub(super) fn have_as_often_as_plan(
    agreed: &mut [Agreed],
    subscription: &Subscription,
    from: Date,
    quantity: u32,
) {
    let is_new = |one: &Agreed| terms_on(subscription, &one.component, from).is_err();
    for one in agreed.iter_mut().filter(|one| one.quantity.is_none() && is_new(one)) {
        one.quantity = Some(quantity);
    }
}
