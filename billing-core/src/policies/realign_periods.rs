//! When an account is given another day of the month, its subscriptions that are on the account's day follow.

use super::{Happened, on_account};
use crate::accounts::AnchorDayGiven;
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::subscriptions::{self, PeriodsRealigned};

pub(super) fn realign_periods(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(given), Some(account)) = (payload::<AnchorDayGiven>(happened.event), happened.account) else {
        return Vec::new();
    };
    let AnchorDayGiven { day, from } = *given;
    let running = account.subscriptions.subscriptions().filter(|(_, subscription)| {
        subscription.follows_account() && subscription.cancelled_from().is_none_or(|end| from < end)
    });
    let follow = running
        .map(|(subscription, _)| subscriptions::Event::from(PeriodsRealigned { subscription, day, from }));
    on_account(account, follow.collect::<Vec<_>>())
}
