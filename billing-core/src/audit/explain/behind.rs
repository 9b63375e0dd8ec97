//! The events behind a line: what was agreed, counted or done, each with its sentence.

use serde::Serialize;

use crate::book::{Event, payload};
use crate::discounts::DiscountGranted;
use crate::invoicing::{Line, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{DiscountId, SubscriptionId, WorkId};
use crate::kernel::period::Period;
use crate::kernel::text::Code;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, Position, Recorded};
use crate::subscriptions::{
    AddOnAdded, AddOnRemoved, Agreed, AnchorDayChanged, BillingPaused, BillingResumed, CancellationWithdrawn,
    PeriodsRealigned, PlanChanged, PriceAgreed, QuantityChanged, SubscriptionCancelled, SubscriptionMigrated,
    SubscriptionStarted,
};
use crate::usage::{UsageRecorded, UsageRestated};
use crate::work::WorkRecorded;

/// An event that set what is on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// Where it stands in the log.
    pub position: Position,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who asked.
    pub by: ActorId,
    /// What happened.
    pub sentence: String,
}

impl Behind {
    pub(super) fn of(recorded: &Recorded<Event>) -> Behind {
        Behind {
            position: recorded.position,
            at: recorded.at,
            by: recorded.by.clone(),
            sentence: recorded.event.to_string(),
        }
    }
}

/// What an account asked for, in the order in which it was recorded.
#[derive(Debug, Default)]
pub(super) struct Wishes(Vec<(Wish, Behind)>);

#[derive(Debug)]
enum Wish {
    /// Something about a subscription.
    Of { subscription: SubscriptionId, what: What, from: Option<Date>, until: Option<Date> },
    /// Something was counted: of which subscription, what, and on which day.
    Counted(Vec<(SubscriptionId, Code, Date)>),
    /// A piece of work.
    Work(WorkId),
    /// A discount granted.
    Discount(DiscountId),
}

#[derive(Debug)]
enum What {
    /// Terms: of which components, and whether they say how many.
    Terms(Vec<(Code, bool)>),
    /// Terms of another version, up to those that were planned for later: of which components.
    Version(Vec<Code>),
    Quantity(Code),
    Price(Code),
    /// Days of the month, of all components.
    Anchor,
    /// Whether it is served at all: of one component, or of all.
    Served(Option<Code>),
}

impl Wish {
    fn of(event: &Event) -> Option<Wish> {
        let wish = |subscription: SubscriptionId, what, from: Date| {
            Some(Wish::Of { subscription, what, from: Some(from), until: None })
        };
        let terms = |agreed: &[Agreed]| {
            What::Terms(agreed.iter().map(|one| (one.component.clone(), one.quantity.is_some())).collect())
        };
        if let Some(started) = payload::<SubscriptionStarted>(event) {
            return wish(started.subscription, terms(&started.agreed), started.from);
        }
        if let Some(changed) = payload::<PlanChanged>(event) {
            return wish(changed.subscription, terms(&changed.agreed), changed.from);
        }
        if let Some(migrated) = payload::<SubscriptionMigrated>(event) {
            let components = migrated.agreed.iter().map(|one| one.component.clone()).collect();
            return wish(migrated.subscription, What::Version(components), migrated.from);
        }
        if let Some(added) = payload::<AddOnAdded>(event) {
            return wish(added.subscription, terms(std::slice::from_ref(&added.agreed)), added.from);
        }
        if let Some(QuantityChanged { subscription, component, from, .. }) = payload(event) {
            return wish(*subscription, What::Quantity(component.clone()), *from);
        }
        if let Some(PriceAgreed { subscription, component, from, .. }) = payload(event) {
            return wish(*subscription, What::Price(component.clone()), *from);
        }
        if let Some(AnchorDayChanged { subscription, from, .. }) = payload(event) {
            return wish(*subscription, What::Anchor, *from);
        }
        if let Some(PeriodsRealigned { subscription, from, .. }) = payload(event) {
            return wish(*subscription, What::Anchor, *from);
        }
        if let Some(AddOnRemoved { subscription, add_on, from }) = payload(event) {
            return wish(*subscription, What::Served(Some(add_on.clone())), *from);
        }
        if let Some(BillingPaused { subscription, from, until }) = payload(event) {
            let (subscription, what) = (*subscription, What::Served(None));
            return Some(Wish::Of { subscription, what, from: Some(*from), until: *until });
        }
        if let Some(BillingResumed { subscription, from }) = payload(event) {
            return wish(*subscription, What::Served(None), *from);
        }
        if let Some(SubscriptionCancelled { subscription, from, .. }) = payload(event) {
            return wish(*subscription, What::Served(None), *from);
        }
        if let Some(CancellationWithdrawn { subscription }) = payload(event) {
            let (subscription, what) = (*subscription, What::Served(None));
            return Some(Wish::Of { subscription, what, from: None, until: None });
        }
        if let Some(UsageRecorded { records }) = payload(event) {
            let counted = records.iter().map(|one| (one.subscription, one.metric.clone(), one.on));
            return Some(Wish::Counted(counted.collect()));
        }
        if let Some(UsageRestated { subscription, metric, on, .. }) = payload(event) {
            return Some(Wish::Counted(vec![(*subscription, metric.clone(), *on)]));
        }
        if let Some(granted) = payload::<DiscountGranted>(event) {
            return Some(Wish::Discount(granted.discount));
        }
        payload::<WorkRecorded>(event).map(|work| Wish::Work(work.work))
    }
}

/// Of which days of what the terms are asked for.
struct Days<'a> {
    subscription: SubscriptionId,
    component: &'a Code,
    period: Period,
}

impl Wishes {
    pub(super) fn add(&mut self, recorded: &Recorded<Event>) {
        self.0.extend(Wish::of(&recorded.event).map(|wish| (wish, Behind::of(recorded))));
    }

    /// What is behind a line; for one that takes off an earlier one, what came since that was issued.
    pub(super) fn behind(&self, line: &Line, earlier: Option<Position>) -> Vec<Behind> {
        let since = earlier.unwrap_or(Position::START);
        let found = match &line.subject {
            Subject::Service { subscription, component, period, meter, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                let mut found = self.terms(&days, line.part.is_some());
                if meter.is_some() {
                    found.extend(self.counted(&days, since));
                }
                found
            }
            Subject::Fee { subscription, component, on, .. } => {
                // The one day for which it was agreed.
                let Some(period) = crate::kernel::calendar::plus_days(*on, 1)
                    .ok()
                    .and_then(|next| Period::new(*on, next).ok())
                else {
                    return Vec::new();
                };
                self.terms(&Days { subscription: *subscription, component, period }, false)
            }
            Subject::Unused { subscription, component, period, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                self.0
                    .iter()
                    .filter(|(wish, behind)| behind.position > since && days.may_be_changed_by(wish))
                    .map(|(_, behind)| behind)
                    .collect()
            }
            Subject::TrueUp { subscription, component, period, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                self.terms(&days, line.part.is_some())
            }
            Subject::TrueUpTakenBack { subscription, component, period, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                let of_it = |wish: &Wish| match wish {
                    Wish::Of { .. } => days.may_be_changed_by(wish),
                    Wish::Counted(records) => {
                        records.iter().any(|(of, _, on)| of == subscription && period.contains(*on))
                    }
                    Wish::Work(_) | Wish::Discount(_) => false,
                };
                let later = self.0.iter().filter(|(wish, behind)| behind.position > since && of_it(wish));
                later.map(|(_, behind)| behind).collect()
            }
            Subject::LateUsage { subscription, component, period, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                self.counted(&days, since).collect()
            }
            Subject::InterimUsage { subscription, component, period, line: None, .. } => {
                let days = Days { subscription: *subscription, component, period: *period };
                let mut found = self.terms(&days, false);
                found.extend(self.counted(&days, since));
                found
            }
            Subject::Work { work } => {
                let done = |wish: &Wish| matches!(wish, Wish::Work(done) if done == work);
                self.0.iter().filter(|(wish, _)| done(wish)).map(|(_, behind)| behind).collect()
            }
            Subject::InterimUsage { .. } | Subject::Item { .. } | Subject::Correction { .. } => Vec::new(),
        };
        let given = |wish: &Wish| {
            line.discounts.iter().any(|one| matches!(wish, Wish::Discount(id) if *id == one.discount))
        };
        let granted = self.0.iter().filter(|(wish, _)| given(wish)).map(|(_, behind)| behind);
        let mut found: Vec<Behind> = found.into_iter().chain(granted).cloned().collect();
        found.sort_by_key(|behind| behind.position);
        found.dedup_by_key(|behind| behind.position);
        found
    }

    /// What set the terms of the first of some days, and what bounds them.
    fn terms(&self, days: &Days<'_>, is_part: bool) -> Vec<&Behind> {
        let (first, end) = (days.period.from(), days.period.to());
        let [mut agreed, mut quantity, mut price, mut anchor] = [None::<&Behind>; 4];
        let mut agreed_from = Date::MIN;
        let mut bounds: Vec<&Behind> = Vec::new();
        for (wish, behind) in &self.0 {
            let Wish::Of { subscription, what, from: Some(from), until } = wish else { continue };
            if *subscription != days.subscription || !days.is_of(what) {
                continue;
            }
            // A wish replaces those of its kind that were planned for its day or a later one.
            let counts = *from <= first;
            match what {
                What::Terms(components) if counts => {
                    (agreed, price, anchor, agreed_from) = (Some(behind), None, None, *from);
                    if components.iter().any(|(code, how_many)| code == days.component && *how_many) {
                        quantity = Some(behind);
                    }
                }
                What::Version(_) if counts && agreed_from <= *from => {
                    (agreed, agreed_from) = (Some(behind), *from);
                }
                What::Quantity(_) if counts => quantity = Some(behind),
                What::Price(_) if counts => price = Some(behind),
                What::Anchor if counts => anchor = Some(behind),
                What::Served(_) if *from == first || *until == Some(first) => bounds.push(behind),
                What::Terms(_)
                | What::Version(_)
                | What::Quantity(_)
                | What::Price(_)
                | What::Anchor
                | What::Served(_) => {}
            }
            if is_part && (*from == end) {
                bounds.push(behind);
            }
        }
        [agreed, quantity, price, anchor].into_iter().flatten().chain(bounds).collect()
    }

    /// What was counted on some days, as far as it was recorded behind a position.
    fn counted(&self, days: &Days<'_>, since: Position) -> impl Iterator<Item = &Behind> {
        let (subscription, period) = (days.subscription, days.period);
        let of_it = move |wish: &Wish| match wish {
            Wish::Counted(records) => {
                records.iter().any(|(of, _, on)| *of == subscription && period.contains(*on))
            }
            Wish::Of { .. } | Wish::Work(_) | Wish::Discount(_) => false,
        };
        self.0
            .iter()
            .filter(move |(wish, behind)| behind.position > since && of_it(wish))
            .map(|(_, behind)| behind)
    }
}

impl Days<'_> {
    fn is_of(&self, what: &What) -> bool {
        match what {
            What::Terms(components) => components.iter().any(|(code, _)| code == self.component),
            What::Version(components) => components.contains(self.component),
            What::Quantity(code) | What::Price(code) | What::Served(Some(code)) => code == self.component,
            What::Anchor | What::Served(None) => true,
        }
    }

    /// Whether a later wish may be why they are given back: it counts before they are over.
    fn may_be_changed_by(&self, wish: &Wish) -> bool {
        match wish {
            Wish::Of { subscription, from, .. } => {
                *subscription == self.subscription && from.is_none_or(|from| from < self.period.to())
            }
            Wish::Counted(_) | Wish::Work(_) | Wish::Discount(_) => false,
        }
    }
}
