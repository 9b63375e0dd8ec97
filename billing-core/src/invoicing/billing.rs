//! The heart of billing: what the customer asked for, minus what was billed, gives what is due.
//!
//! A bill through a day settles every change that counts from that day or an earlier one, every period billed
//! in advance that has begun by then, and every period billed in arrears that is over by then. Nothing is
//! stored about it, so it does not matter in which order changes and bills come.

use super::coverage::{BilledTerms, Coverage, Span};
use super::line::Part;
use super::proration::{Days, part};
use crate::catalogue::Timing;
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::settings::Dialect;
use crate::subscriptions::{Fee, Terms, Timeline};

/// What is due for one component: what is given back first, then what is charged.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Due<'a> {
    pub(super) unused: Vec<Span>,
    /// What is charged once, and the terms that say so.
    pub(super) fees: Vec<(Fee, Terms<'a>)>,
    pub(super) service: Vec<Service<'a>>,
}

/// Days to be charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Service<'a> {
    pub(super) period: Period,
    /// The whole period of the cycle that contains them.
    pub(super) full: Period,
    /// The part of it that they are, where they are not a whole one.
    pub(super) part: Option<Part>,
    pub(super) terms: Terms<'a>,
    /// The first day through which a bill charges them.
    pub(super) due_on: Date,
}

/// What is due for a component through a day.
///
/// # Errors
/// [`CalendarError::OutOfRange`] when a period leaves the years 1900 to 2200.
pub(super) fn due<'a>(
    intended: &Timeline<'a>,
    billed: &Coverage,
    through: Date,
    dialect: Dialect,
) -> Result<Due<'a>, CalendarError> {
    let fees = intended.fees().filter(|(on, fee, _)| *on <= through && !billed.has_fee(fee.on));
    let fees = fees.map(|(_, fee, terms)| (fee, terms)).collect();
    let mut due = Due { fees, ..Due::default() };
    let all: Vec<Stretch<'a>> = stretches(intended).collect();
    let begun = all.iter().take_while(|stretch| stretch.period.from() <= through).count();
    let (begun, planned) = all.split_at(begun);
    for (at, stretch) in (1..).zip(begun) {
        let planned = if at == begun.len() { planned } else { &[] };
        let mut unused = stretch.unused(billed);
        if let Some(last) = unused.last() {
            unused.extend(stretch.goes_on(last.period.to(), planned, billed, dialect));
        }
        for span in unused {
            match due.unused.last_mut() {
                Some(last) if last.line == span.line && last.period.to() == span.period.from() => {
                    last.period = Period::new(last.period.from(), span.period.to()).unwrap_or(last.period);
                }
                Some(_) | None => due.unused.push(span),
            }
        }
        for gap in stretch.gaps(billed) {
            for service in stretch.services(gap, dialect) {
                let service = service?;
                if service.due_on > through {
                    break;
                }
                due.service.push(service);
            }
        }
    }
    Ok(due)
}

/// The days that are asked for, are not billed and lie in periods that have begun by a day: due or still running.
///
/// # Errors
/// [`CalendarError::OutOfRange`] when a period leaves the years 1900 to 2200.
pub(super) fn begun<'a>(
    intended: &Timeline<'a>,
    billed: &Coverage,
    on: Date,
    dialect: Dialect,
) -> Result<Vec<Service<'a>>, CalendarError> {
    let mut begun = Vec::new();
    for stretch in stretches(intended).take_while(|stretch| stretch.period.from() <= on) {
        for gap in stretch.gaps(billed) {
            for service in stretch.services(gap, dialect) {
                let service = service?;
                if service.period.from() > on {
                    break;
                }
                begun.push(service);
            }
        }
    }
    Ok(begun)
}

/// The first day through which a bill has something to do for a component.
///
/// # Errors
/// [`CalendarError::OutOfRange`] when a period leaves the years 1900 to 2200.
pub(super) fn first_due(intended: &Timeline<'_>, billed: &Coverage) -> Result<Option<Date>, CalendarError> {
    let fees = intended.fees().filter(|(_, fee, _)| !billed.has_fee(fee.on));
    let mut first = fees.map(|(on, _, _)| on).min();
    for stretch in stretches(intended) {
        if first.is_some_and(|first| first <= stretch.period.from()) {
            break;
        }
        let charged = match stretch.gaps(billed).first() {
            Some(gap) => stretch.due_on(gap.from())?,
            None => None,
        };
        let given_back = stretch.unused(billed).first().map(|_| stretch.period.from());
        first = [first, charged, given_back].into_iter().flatten().min();
    }
    Ok(first)
}

/// The days from one change up to the next, and what is asked for on them.
struct Stretch<'a> {
    period: Period,
    terms: Option<Terms<'a>>,
    /// Where periods were realigned, the end of the one that was running: what was billed before it stands up to it only.
    realigned: Option<Date>,
}

/// All days from the beginning of time to its end, each in one stretch.
fn stretches<'a>(intended: &Timeline<'a>) -> impl Iterator<Item = Stretch<'a>> {
    let segments = intended.segments();
    let first = segments.first().map_or(Date::MAX, |segment| segment.from);
    let before = Period::new(Date::MIN, first).ok();
    let before = before.map(|period| Stretch { period, terms: None, realigned: None });
    let asked_for = segments.iter().enumerate().filter_map(|(at, segment)| {
        let to = segments.get(at + 1).map_or(Date::MAX, |next| next.from);
        // A period beyond the calendar is refused when it is billed.
        let ends = |terms: Terms<'a>| terms.cycle.next_boundary_after(intended.realigned_on()?).ok();
        let (period, terms) = (Period::new(segment.from, to).ok()?, segment.terms);
        Some(Stretch { period, terms, realigned: terms.and_then(ends) })
    });
    before.into_iter().chain(asked_for)
}

impl<'a> Stretch<'a> {
    /// Its days that are billed on other terms than those asked for, or in periods that are not those any more. Days that
    /// cost nothing are not given back.
    fn unused(&self, billed: &Coverage) -> Vec<Span> {
        let stands = self.standing(billed);
        let gone = |span: &Span| match stands.contains(&span.terms) {
            true => span.period.split_at(self.stands_until(span)).1,
            false => Some(span.period),
        };
        let spans = billed.spans_in(self.period).iter().filter(|span| !span.free);
        let gone = spans.filter_map(|span| Some(Span { period: gone(span)?, ..*span }));
        gone.filter_map(|span| self.within(&span)).collect()
    }

    /// The first day of a span on the terms asked for that does not stand.
    fn stands_until(&self, span: &Span) -> Date {
        let ends = self.realigned.filter(|ends| span.period.from() < *ends);
        ends.map_or(span.period.to(), |ends| span.period.to().min(ends))
    }

    fn within(&self, span: &Span) -> Option<Span> {
        Some(Span { period: span.period.intersection(self.period)?, ..*span })
    }

    /// Days behind it that are given back with its own, in one run: what is planned for later does not keep days on
    /// terms that nobody asks for any more. Kill Bill gives back what follows on a rest, too, and charges it again.
    fn goes_on(
        &self,
        mut end: Date,
        planned: &[Stretch<'_>],
        billed: &Coverage,
        dialect: Dialect,
    ) -> Vec<Span> {
        let mut run = Vec::new();
        let rests = self.terms.is_none() && dialect.rests_without_end();
        for stretch in planned {
            let days = if rests { stretch.billed(billed) } else { stretch.unused(billed) };
            for span in days {
                if end != span.period.from() {
                    return run;
                }
                end = span.period.to();
                run.push(span);
            }
        }
        run
    }

    /// Its days that are billed for money.
    fn billed(&self, billed: &Coverage) -> Vec<Span> {
        let spans = billed.spans_in(self.period).iter().filter(|span| !span.free);
        spans.filter_map(|span| self.within(span)).collect()
    }

    /// Its days that are asked for and are not billed on these terms.
    fn gaps(&self, billed: &Coverage) -> Vec<Period> {
        if self.terms.is_none() {
            return Vec::new();
        }
        let stands = self.standing(billed);
        let mut gaps = Vec::new();
        let mut from = self.period.from();
        for span in billed.spans_in(self.period).iter().filter(|span| stands.contains(&span.terms)) {
            gaps.extend(Period::new(from, span.period.from()).ok());
            from = from.max(self.stands_until(span));
        }
        gaps.extend(Period::new(from, self.period.to()).ok());
        gaps
    }

    /// The places of the billed terms that agree with those asked for.
    fn standing(&self, billed: &Coverage) -> Vec<usize> {
        let Some(terms) = self.terms else { return Vec::new() };
        let places = billed.terms().iter().enumerate();
        places.filter(|(_, billed)| agrees(billed, &terms)).map(|(place, _)| place).collect()
    }

    /// What is to be charged in a gap, period by period; without an end where the gap has none.
    fn services(
        &self,
        gap: Period,
        dialect: Dialect,
    ) -> impl Iterator<Item = Result<Service<'a>, CalendarError>> {
        let mut from = Some(gap.from());
        std::iter::from_fn(move || {
            let service = self.service(from.take()?, gap, dialect).transpose()?;
            let next = service.as_ref().ok().map(|service| service.period.to());
            from = next.filter(|next| *next < gap.to());
            Some(service)
        })
    }

    /// What is to be charged from a day on: up to the end of its period, or of the gap if that comes first.
    fn service(
        &self,
        from: Date,
        gap: Period,
        dialect: Dialect,
    ) -> Result<Option<Service<'a>>, CalendarError> {
        let (Some(terms), Some(due_on)) = (self.terms, self.due_on(from)?) else { return Ok(None) };
        let full = terms.cycle.period_containing(from)?;
        let Ok(period) = Period::new(from, full.to().min(gap.to())) else { return Ok(None) };
        let (interval, free_until) = (terms.cycle.interval(), terms.free_until);
        let days = Days { period, full, stretch: self.period, interval, free_until };
        Ok(Some(Service { period, full, part: part(dialect, &days)?, terms, due_on }))
    }

    /// The first day through which a bill charges a day.
    fn due_on(&self, day: Date) -> Result<Option<Date>, CalendarError> {
        let Some(terms) = self.terms else { return Ok(None) };
        let full = terms.cycle.period_containing(day)?;
        Ok(Some(match terms.timing() {
            Timing::InAdvance => full.from().max(self.period.from()),
            Timing::InArrears => full.to().min(self.period.to()),
        }))
    }
}

/// Whether days are billed on the terms asked for.
pub(super) fn agrees(billed: &BilledTerms, asked_for: &Terms<'_>) -> bool {
    let same_quantity =
        || asked_for.meter().is_some() || billed.quantity == Quantity::whole(asked_for.quantity.into());
    billed.plan == *asked_for.plan()
        && billed.plan_version == asked_for.agreed.plan_version
        && billed.price == *asked_for.price
        && same_quantity()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::{Alignment, PhaseKind, Price};
    use crate::invoicing::given::{code, date, pounds};
    use crate::invoicing::line::LineRef;
    use crate::kernel::calendar::{Cycle, Interval};
    use crate::kernel::ids::InvoiceId;
    use crate::subscriptions::given::Component;
    use crate::subscriptions::{Agreed, Stage};

    const DAYS: u64 = 100;

    fn day(n: u64) -> Date {
        date("2028-01-31").checked_add_days(chrono::Days::new(n)).unwrap()
    }

    /// Four agreements: two months in advance, a month in arrears, and a fortnight in advance.
    fn agreed(which: u32) -> Agreed {
        Agreed {
            component: code("plan"),
            plan: code("plan"),
            plan_version: 1,
            name: "Plan".parse().unwrap(),
            quantity: Some(which + 1),
            timing: if which == 2 { Timing::InArrears } else { Timing::InAdvance },
            tax_code: code("standard"),
            meter: None,
            stages: vec![Stage {
                from: day(0),
                phase: PhaseKind::Standing,
                price: Price::Flat(pounds("30.00")),
                cycle: cycle(which),
                free_until: None,
            }],
            fee: None,
            until: None,
            alignment: Alignment::Account,
            commitment: None,
        }
    }

    fn cycle(which: u32) -> Cycle {
        let interval = if which == 3 { "14 days".parse().unwrap() } else { Interval::MONTHLY };
        Cycle::starting(day(0), interval).unwrap()
    }

    fn segments(asked_for: &AskedFor) -> Component {
        let mut component = Component::default();
        for (from, which) in asked_for {
            component.agree(day(*from), which.map(agreed));
            which.iter().for_each(|which| component.set_quantity(day(*from), which + 1));
        }
        component
    }

    /// Which agreement is asked for from which day on; none where nothing is.
    type AskedFor = BTreeMap<u64, Option<u32>>;

    /// What is asked for on a day, and the first day of that.
    fn asked_on(asked_for: &AskedFor, n: u64) -> (Option<u32>, Date) {
        let found = asked_for.range(..=n).next_back();
        found.map_or((None, Date::MIN), |(from, which)| (*which, day(*from)))
    }

    /// Bills each day by itself: on which agreement each is billed afterwards.
    fn day_by_day(asked_for: &AskedFor, before: &BTreeMap<u64, u32>, through: Date) -> BTreeMap<u64, u32> {
        let mut after = BTreeMap::new();
        for n in 0..DAYS {
            let billed = before.get(&n).copied();
            let (asked, since) = asked_on(asked_for, n);
            if through < since {
                // Days that nobody asks for any more go with those of today's change, in one run up to here.
                let begun = asked_for.range(..=n).rfind(|(from, _)| day(**from) <= through);
                let (today, since) = begun.map_or((None, Date::MIN), |(from, which)| (*which, day(*from)));
                let until = asked_for.keys().find(|from| through < day(**from)).copied().unwrap_or(n);
                let goes = |n: u64| {
                    let billed = before.get(&n);
                    let wish = if n < until { today } else { asked_on(asked_for, n).0 };
                    billed.is_some() && billed.copied() != wish
                };
                let in_one_run = until > 0 && day(until - 1) >= since && (until - 1..=n).all(goes);
                after.extend(billed.filter(|_| !in_one_run).map(|billed| (n, billed)));
                continue;
            }
            let Some(asked) = asked else { continue };
            let full = cycle(asked).period_containing(day(n)).unwrap();
            // What is served up to a change is billed with it.
            let over =
                asked_for.range(n + 1..).next().map_or(full.to(), |(from, _)| full.to().min(day(*from)));
            let due = match agreed(asked).timing {
                Timing::InAdvance => full.from().max(since) <= through,
                Timing::InArrears => over <= through,
            };
            if due || billed == Some(asked) {
                after.insert(n, asked);
            }
        }
        after
    }

    /// On which agreement each day is billed; a day that is billed twice fails.
    fn billed_days(billed: &Coverage) -> BTreeMap<u64, u32> {
        let mut days = BTreeMap::new();
        for span in billed.spans() {
            let quantity: u32 = billed.terms_of(span).unwrap().quantity.to_string().parse().unwrap();
            for n in (0..DAYS).filter(|n| span.period.contains(day(*n))) {
                assert_eq!(days.insert(n, quantity - 1), None, "day {n} is billed twice");
            }
        }
        days
    }

    fn apply(billed: &mut Coverage, due: &Due<'_>, invoice: InvoiceId) {
        for span in &due.unused {
            assert_eq!(billed.give_back(span.period, span.line).len(), 1);
        }
        for (line, service) in (1..).zip(&due.service) {
            let terms = BilledTerms {
                plan: service.terms.plan().clone(),
                plan_version: service.terms.agreed.plan_version,
                text: service.terms.name().clone(),
                price: service.terms.price.clone(),
                quantity: Quantity::whole(service.terms.quantity.into()),
                meter: None,
            };
            let line = LineRef { invoice, line };
            billed.bill(
                Span {
                    period: service.period,
                    of: service.full.days(),
                    of_seconds: None,
                    line,
                    terms: 0,
                    free: false,
                },
                terms,
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn each_bill_leaves_the_days_billed_that_counting_day_by_day_leaves(
            rounds in prop::collection::vec(
                (prop::collection::btree_map(0..60_u64, prop::option::weighted(0.8, 0..4_u32), 0..5), 0..70_u64),
                1..5,
            )
        ) {
            let mut billed = Coverage::default();
            let mut days = BTreeMap::new();
            for (number, (asked_for, through)) in (1_u128..).zip(&rounds) {
                let component = segments(asked_for);
                let intended = component.timeline(&[], None);
                let due = due(&intended, &billed, day(*through), Dialect::Own).unwrap();
                apply(&mut billed, &due, InvoiceId::from_uuid(uuid::Uuid::from_u128(number)));
                days = day_by_day(asked_for, &days, day(*through));
                let found: BTreeMap<u64, u32> = billed_days(&billed);
                prop_assert_eq!(&found, &days);
                let again = super::due(&intended, &billed, day(*through), Dialect::Own).unwrap();
                prop_assert_eq!(again, Due::default());
                prop_assert!(first_due(&intended, &billed).unwrap().is_none_or(|next| day(*through) < next));
            }
        }
    }
}
