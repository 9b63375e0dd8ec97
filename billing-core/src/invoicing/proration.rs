//! What part of a period some days are, in the dialect of the book.

use super::coverage::Span;
use super::line::{Part, Seconds};
use crate::kernel::calendar::{CalendarError, Cycle, Date, Interval};
use crate::kernel::period::Period;
use crate::kernel::zone::Zone;
use crate::settings::Dialect;

/// Decimals to which Kill Bill rounds a ratio before it multiplies.
const KILL_BILL_DECIMALS: u8 = 9;

/// Days that are to be charged, and what they lie in.
pub(super) struct Days {
    /// The days.
    pub(super) period: Period,
    /// The whole period of the cycle that contains them.
    pub(super) full: Period,
    /// The days on which these terms count.
    pub(super) stretch: Period,
    pub(super) interval: Interval,
    /// The first of them that is not free.
    pub(super) free_until: Option<Date>,
}

/// The part of a whole period that they are; `None` where they are a whole one.
///
/// # Errors
/// [`CalendarError::OutOfRange`] when a period leaves the years 1900 to 2200.
pub(super) fn part(dialect: Dialect, days: &Days) -> Result<Option<Part>, CalendarError> {
    let Days { period, full, .. } = days;
    let free = days.free_until.and_then(|until| period.split_at(until).0).map_or(0, |free| free.days());
    if period == full && free == 0 {
        return Ok(None);
    }
    let exact = Part { days: period.days() - free, of: full.days(), decimals: None, seconds: None };
    Ok(Some(match (dialect, days.interval) {
        (Dialect::KillBill, Interval::Months(_)) => {
            Part { of: plain_period(days)?, decimals: Some(KILL_BILL_DECIMALS), ..exact }
        }
        (Dialect::KillBillFixed30, Interval::Months(months)) => Part {
            days: days_of_thirty(*period)?,
            of: u32::from(months.get()) * 30,
            decimals: Some(KILL_BILL_DECIMALS),
            seconds: None,
        },
        (Dialect::KillBill | Dialect::KillBillFixed30, Interval::Days(_) | Interval::Weeks(_)) => {
            Part { decimals: Some(KILL_BILL_DECIMALS), ..exact }
        }
        (
            Dialect::Own | Dialect::Lago | Dialect::Meteroid | Dialect::OpenMeter | Dialect::Flexprice,
            Interval::Days(_) | Interval::Weeks(_) | Interval::Months(_),
        ) => exact,
        (Dialect::BySecond(zone), Interval::Days(_) | Interval::Weeks(_) | Interval::Months(_)) => {
            let paid = days.free_until.map_or(Some(*period), |until| period.split_at(until).1);
            let billed = paid.map_or(Ok(0), |paid| seconds(zone, paid))?;
            Part { seconds: Some(Seconds { billed, of: seconds(zone, *full)? }), ..exact }
        }
    }))
}

/// The days of the period that Kill Bill measures a stub against: a plain one up to the boundary at its end, or from
/// the boundary at its beginning. It differs from the period of the cycle where that is clamped at a month's end.
fn plain_period(days: &Days) -> Result<u32, CalendarError> {
    let Days { period, full, stretch, interval, .. } = days;
    let plain = |from: Date, to: Date| Period::new(from, to).map(|plain| plain.days()).unwrap_or(full.days());
    if period.from() == stretch.from() && full.from() < period.from() {
        return Ok(plain(Cycle::starting(full.to(), *interval)?.boundary(-1)?, full.to()));
    }
    if period.from() == full.from() && period.to() == stretch.to() {
        return Ok(plain(full.from(), Cycle::starting(full.from(), *interval)?.boundary(1)?));
    }
    Ok(full.days())
}

/// The days of a period where each month has 30: the days of the calendar, less those that the month in which it
/// begins has more.
fn days_of_thirty(period: Period) -> Result<u32, CalendarError> {
    let (from, to) = (period.from(), period.to());
    if (from.year(), from.month()) == (to.year(), to.month()) {
        return Ok(period.days());
    }
    let longer = i64::from(crate::kernel::calendar::end_of_month(from)?.day()) - 30;
    u32::try_from(i64::from(period.days()) - longer).map_err(|_| CalendarError::OutOfRange)
}

fn seconds(zone: Zone, days: Period) -> Result<u32, CalendarError> {
    zone.seconds_of(days).map_err(|_| CalendarError::OutOfRange)
}

/// The seconds of the full period in which a line billed days, or a part of which it billed: known where it was billed
/// by the second.
pub(super) fn full_seconds(dialect: Dialect, period: Period, part: Option<Part>) -> Option<u32> {
    let zone = dialect.by_second()?;
    match part {
        None => zone.seconds_of(period).ok(),
        Some(part) => part.seconds.map(|seconds| seconds.of),
    }
}

/// The part of what was billed that days given back are: of the price of a whole period, or of the line.
pub(super) enum Unused {
    /// This part of the price on the line.
    OfPrice(Option<Part>),
    /// This part of what the line was issued for.
    OfLine(Part),
}

/// What days give back of a line that billed `days_of_line`.
pub(super) fn unused(dialect: Dialect, span: &Span, days_of_line: u32) -> Unused {
    let days = span.period.days();
    let by_days = Part { days, of: span.of, decimals: None, seconds: None };
    match dialect {
        Dialect::KillBill | Dialect::KillBillFixed30 => {
            let decimals = Some(KILL_BILL_DECIMALS);
            Unused::OfLine(Part { days, of: days_of_line, decimals, seconds: None })
        }
        Dialect::Own | Dialect::Lago | Dialect::Meteroid | Dialect::OpenMeter | Dialect::Flexprice => {
            Unused::OfPrice((days != span.of).then_some(by_days))
        }
        Dialect::BySecond(zone) => {
            let seconds = span.of_seconds.zip(zone.seconds_of(span.period).ok());
            let seconds = seconds.map(|(of, billed)| Seconds { billed, of });
            Unused::OfPrice((days != span.of).then_some(Part { seconds, ..by_days }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoicing::given::date;

    fn period(from: &str, to: &str) -> Period {
        Period::new(date(from), date(to)).unwrap()
    }

    fn said(
        dialect: Dialect,
        days: (&str, &str),
        full: (&str, &str),
        stretch: (&str, &str),
    ) -> Option<(u32, u32)> {
        let days = Days {
            period: period(days.0, days.1),
            full: period(full.0, full.1),
            stretch: period(stretch.0, stretch.1),
            interval: Interval::MONTHLY,
            free_until: None,
        };
        part(dialect, &days).unwrap().map(|part| (part.days, part.of))
    }

    #[test]
    fn a_whole_period_is_no_part() {
        let month = ("2026-02-28", "2026-03-31");
        for dialect in [Dialect::Own, Dialect::KillBill, Dialect::KillBillFixed30] {
            assert_eq!(said(dialect, month, month, ("2026-02-28", "2027-01-01")), None);
        }
    }

    #[test]
    fn a_stub_in_front_of_a_clamped_boundary_is_measured_against_a_plain_month_by_kill_bill() {
        // Anchor 31: the cycle's period is 31 January to 28 February, 28 days. A plain month back from 28 February
        // begins on 28 January: 31 days.
        let stub = (("2026-02-10", "2026-02-28"), ("2026-01-31", "2026-02-28"), ("2026-02-10", "2027-01-01"));
        assert_eq!(said(Dialect::Own, stub.0, stub.1, stub.2), Some((18, 28)));
        assert_eq!(said(Dialect::KillBill, stub.0, stub.1, stub.2), Some((18, 31)));
        // 28 February to 31 March has 31 days; a plain month from 28 February on ends on 28 March: 28 days.
        let stub = (("2026-02-28", "2026-03-10"), ("2026-02-28", "2026-03-31"), ("2026-01-31", "2026-03-10"));
        assert_eq!(said(Dialect::Own, stub.0, stub.1, stub.2), Some((10, 31)));
        assert_eq!(said(Dialect::KillBill, stub.0, stub.1, stub.2), Some((10, 28)));
        // Days in the middle of a period that was billed in part.
        let middle =
            (("2026-03-05", "2026-03-10"), ("2026-02-28", "2026-03-31"), ("2026-01-31", "2026-03-10"));
        assert_eq!(said(Dialect::KillBill, middle.0, middle.1, middle.2), Some((5, 31)));
    }

    #[test]
    fn months_of_thirty_days_shorten_the_month_in_which_days_begin() {
        let fixed = |from, to| {
            said(
                Dialect::KillBillFixed30,
                (from, to),
                ("2026-01-01", "2026-04-01"),
                ("2025-01-01", "2027-01-01"),
            )
        };
        assert_eq!(fixed("2026-01-02", "2026-01-20"), Some((18, 30)));
        assert_eq!(fixed("2026-01-20", "2026-02-02"), Some((12, 30)));
        assert_eq!(fixed("2026-02-20", "2026-03-02"), Some((12, 30)));
    }
}
