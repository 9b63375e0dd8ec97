//! Whether what was asked for was billed, and nothing else: the service days of each component, held against the
//! documents. Worked out from what was agreed and from the lines alone, and not from what the bill reckons with.

mod billed;
mod minimum;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use billed::Billed;
use minimum::short_periods;

use super::reading::walk_facts;
use crate::accounts::AccountKind;
use crate::book::{Account, Event};
use crate::catalogue::{Price, Timing};
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::money::Money;
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Code;
use crate::log::{Origin, StreamId};
use crate::store::{Store, StoreError};
use crate::subscriptions::{Terms, Timeline};

/// Service days that are not billed as they were asked for. Shown, it is a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The account.
    pub account: AccountId,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The component: "plan", a charge of it, or an add-on.
    pub component: Code,
    /// The days.
    pub period: Period,
    /// What is wrong with them.
    #[serde(flatten)]
    pub kind: GapKind,
}

/// What is wrong with service days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GapKind {
    /// They were asked for and are due, and no document bills them.
    Missing,
    /// More than one line bills them.
    Twice,
    /// They are billed, and nobody asked for them.
    NotAskedFor,
    /// They are billed on other terms than those that were agreed.
    Otherwise {
        /// What was agreed.
        agreed: OnTerms,
        /// What stands on the document.
        billed: OnTerms,
    },
    /// With its true-up, a period comes to less than the minimum that was agreed for it.
    BelowMinimum {
        /// The minimum, or the part of it that falls on the days.
        minimum: Money,
        /// What they come to.
        billed: Money,
    },
    /// A true-up is more than a period is short of its minimum.
    AboveMinimum {
        /// The minimum, or the part of it that falls on the days.
        minimum: Money,
        /// What they come to without it.
        charged: Money,
        /// The true-up.
        true_up: Money,
    },
}

/// Terms on which days are billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnTerms {
    /// The plan, or the add-on.
    pub plan: Code,
    /// Its version.
    pub plan_version: u32,
    /// The price of a whole period.
    pub price: Price,
    /// How many; none where it is what was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
}

/// The service days of every account that are not billed as they were asked for, once all bills through a day were
/// made: accounts in order of their ids, within them component by component, in order of time.
///
/// Only service days are looked at, and whether they come to the minimum that was agreed for them: no set-up fees, no work, not how much was counted, and not what a line's price and
/// quantity come to, which the invariants of [`check_book`](super::check_book) hold. Changes that count from a later day
/// on are not looked at either. A trial account is not billed and has no gaps. All pages are in memory together.
///
/// # Errors
/// [`StoreError`] when the log can't be read to its end.
///
/// ```
/// # use billing_core::{audit, log::Origin};
/// # use billing_store_memory::MemoryStore;
/// # let store = MemoryStore::new();
/// let book: Origin = "acme".parse()?;
/// assert_eq!(audit::assurance(&store, &book, "2026-12-31".parse()?)?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn assurance(store: &dyn Store, book: &Origin, through: Date) -> Result<Vec<Gap>, StoreError> {
    let mut accounts: BTreeMap<AccountId, (Account, Billed)> = BTreeMap::new();
    walk_facts(store, book, |fact| {
        if let StreamId::Account(id) = fact.stream {
            let (account, billed) =
                accounts.entry(id).or_insert_with(|| (Account::new(id), Billed::default()));
            account.evolve(&fact.event);
            billed.add(&fact.event);
        }
        Ok(())
    })?;
    Ok(accounts.values().flat_map(|(account, billed)| gaps(account, billed, through)).collect())
}

/// The same for one account: its page, and its events, which are all there are of its stream.
pub fn assure_account<'a>(
    account: &Account,
    events: impl Iterator<Item = &'a Event>,
    through: Date,
) -> Vec<Gap> {
    let mut billed = Billed::default();
    events.for_each(|event| billed.add(event));
    gaps(account, &billed, through)
}

fn gaps(account: &Account, billed: &Billed, through: Date) -> Vec<Gap> {
    match account.accounts.kind() {
        AccountKind::Trial => return Vec::new(),
        AccountKind::Full => {}
    }
    let mut asked_for: BTreeMap<(SubscriptionId, Code), Timeline<'_>> = account
        .subscriptions
        .components()
        .map(|(subscription, component, timeline)| ((subscription, component.clone()), timeline))
        .collect();
    for component in billed.components() {
        asked_for.entry(component.clone()).or_default();
    }
    let found = asked_for.iter().flat_map(|((subscription, component), timeline)| {
        let of_component = of_component(timeline, billed, &(*subscription, component.clone()), through);
        let short = short_periods(timeline, billed, (*subscription, component), through);
        of_component.into_iter().chain(short).map(|(period, kind)| Gap {
            account: account.id,
            subscription: *subscription,
            component: component.clone(),
            period,
            kind,
        })
    });
    found.collect()
}

/// What was asked for on some days: nothing or some terms, and whether they are due.
struct Asked<'a> {
    period: Period,
    terms: Option<Terms<'a>>,
    due: bool,
}

fn of_component(
    timeline: &Timeline<'_>,
    billed: &Billed,
    component: &(SubscriptionId, Code),
    through: Date,
) -> Vec<(Period, GapKind)> {
    let asked = asked(timeline, through);
    let lines = billed.of(component);
    let edges = asked.iter().map(|asked| asked.period).chain(lines.iter().flat_map(|line| line.edges()));
    let edges: BTreeSet<Date> = edges.flat_map(|period| [period.from(), period.to()]).collect();
    let mut found: Vec<(Period, GapKind)> = Vec::new();
    for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
        let Ok(period) = Period::new(*from, *to) else { continue };
        let Some(asked) = asked.iter().find(|asked| asked.period.contains(*from)) else { continue };
        let on_day: Vec<_> = lines.iter().filter(|line| line.bills(*from)).collect();
        let for_money: Vec<_> = on_day.iter().filter(|line| !line.free).collect();
        let kind = match (asked.terms, for_money.as_slice()) {
            (_, [_, _, ..]) => GapKind::Twice,
            (None, [_]) => GapKind::NotAskedFor,
            (Some(terms), [line]) if !agree(&terms, &line.terms) => {
                GapKind::Otherwise { agreed: on_terms(&terms), billed: line.terms.clone() }
            }
            (Some(terms), []) if asked.due && !on_day.iter().any(|line| agree(&terms, &line.terms)) => {
                GapKind::Missing
            }
            (Some(_), [] | [_]) | (None, []) => continue,
        };
        match found.last_mut() {
            Some((last, same)) if last.to() == *from && *same == kind => {
                *last = Period::new(last.from(), *to).unwrap_or(*last);
            }
            Some(_) | None => found.push((period, kind)),
        }
    }
    found
}

/// All days up to the first change that counts from after a day.
fn asked<'a>(timeline: &Timeline<'a>, through: Date) -> Vec<Asked<'a>> {
    let segments = timeline.segments();
    let first = segments.first().map_or(Date::MAX, |segment| segment.from);
    let mut asked: Vec<Asked<'a>> = Vec::new();
    asked.extend(Period::new(Date::MIN, first).ok().map(|period| Asked { period, terms: None, due: false }));
    for (at, segment) in segments.iter().enumerate().take_while(|(_, segment)| segment.from <= through) {
        let to = segments.get(at + 1).map_or(Date::MAX, |next| next.from);
        let Ok(whole) = Period::new(segment.from, to) else { continue };
        let due_until = segment.terms.and_then(|terms| due_until(&terms, whole, through).ok());
        let due_until = due_until.unwrap_or(whole.from());
        let (due, rest) = whole.split_at(due_until);
        asked.extend(due.map(|period| Asked { period, terms: segment.terms, due: true }));
        asked.extend(rest.map(|period| Asked { period, terms: segment.terms, due: false }));
    }
    asked
}

/// The first of some days that is not due by a day: in advance a period is due when it begins, in arrears when it is
/// over, or when the terms change.
fn due_until(terms: &Terms<'_>, days: Period, through: Date) -> Result<Date, CalendarError> {
    let mut from = days.from();
    while from < days.to() {
        let to = terms.cycle.period_containing(from)?.to().min(days.to());
        let due_on = match terms.timing() {
            Timing::InAdvance => from,
            Timing::InArrears => to,
        };
        if through < due_on {
            break;
        }
        from = to;
    }
    Ok(from)
}

fn agree(terms: &Terms<'_>, billed: &OnTerms) -> bool {
    let OnTerms { plan, plan_version, price, quantity } = on_terms(terms);
    let same_quantity = quantity.is_none() || quantity == billed.quantity;
    plan == billed.plan && plan_version == billed.plan_version && price == billed.price && same_quantity
}

fn on_terms(terms: &Terms<'_>) -> OnTerms {
    OnTerms {
        plan: terms.plan().clone(),
        plan_version: terms.agreed.plan_version,
        price: terms.price.clone(),
        quantity: terms.meter().is_none().then(|| Quantity::whole(terms.quantity.into())),
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gap { account, subscription, component, period, kind } = self;
        write!(f, "{component} of {subscription}, {period}: {kind} ({account}).")
    }
}

impl fmt::Display for GapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GapKind::Missing => f.write_str("asked for and not billed"),
            GapKind::Twice => f.write_str("billed more than once"),
            GapKind::NotAskedFor => f.write_str("billed and not asked for"),
            GapKind::BelowMinimum { minimum, billed } => {
                write!(f, "they come to {billed}, and at least {minimum} was agreed")
            }
            GapKind::AboveMinimum { minimum, charged, true_up } => {
                write!(
                    f,
                    "{true_up} charged up to a minimum of {minimum}, of which {charged} was charged already"
                )
            }
            GapKind::Otherwise { agreed, billed } => write!(f, "billed as {billed}, agreed was {agreed}"),
        }
    }
}

impl fmt::Display for OnTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.quantity.map_or(Ok(()), |quantity| write!(f, "{quantity} x "))?;
        write!(f, "{} (version {}) at {}", self.plan, self.plan_version, self.price)
    }
}
