//! Civil dates and the rhythm of billing: intervals, and cycles whose boundaries tile the years.
//!
//! A civil date has no time and no zone; [`Zone`](super::zone::Zone) says when it begins.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU16};
use std::str::FromStr;

use chrono::Days;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use super::date::{Date, DateError};
use super::period::Period;
use super::text;
use super::wire;

/// The first year in which a boundary, a due date or any other computed date may lie.
pub const FIRST_YEAR: i32 = 1900;
/// The last such year.
pub const LAST_YEAR: i32 = 2200;

/// Why a date or an interval was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The date, or one computed from it, lies outside [`FIRST_YEAR`] to [`LAST_YEAR`].
    #[error("the date leaves the years 1900 to 2200: check the year and the number of days or months")]
    OutOfRange,
    /// A day of the month below 1 or above 31.
    #[error("{0} is not a day of the month: give 1 to 31 (31 means the last day in every month)")]
    DayOfMonth(u8),
    /// Not one of the spellings of [`Interval`].
    #[error("{0:?} is not an interval: write it like \"1 month\", \"3 months\", \"1 week\" or \"14 days\"")]
    Interval(String),
    /// A cycle read from a record whose base is not one of its own boundaries.
    #[error("the cycle starts on {base}, but its boundary in that month is {boundary}: start it there")]
    Base {
        /// The date that was given.
        base: Date,
        /// The boundary that the anchor day gives in the same month.
        boundary: Date,
    },
}

/// The date `days` later (earlier, when negative).
///
/// # Errors
/// [`CalendarError::OutOfRange`] when the result leaves the years 1900 to 2200.
///
/// ```
/// use billing_core::kernel::calendar::{Date, plus_days};
/// let issued: Date = "2028-02-28".parse().unwrap();
/// assert_eq!(plus_days(issued, 2).unwrap().to_string(), "2028-03-01");
/// ```
pub fn plus_days(date: Date, days: i64) -> Result<Date, CalendarError> {
    let distance = Days::new(days.unsigned_abs());
    let result = if days < 0 { date.checked_sub_days(distance) } else { date.checked_add_days(distance) };
    result.filter(|result| (FIRST_YEAR..=LAST_YEAR).contains(&result.year())).ok_or(CalendarError::OutOfRange)
}

/// The last day of the month in which `date` lies.
///
/// # Errors
/// [`CalendarError::OutOfRange`] when the year is not 1900 to 2200.
pub fn end_of_month(date: Date) -> Result<Date, CalendarError> {
    DayOfMonth::LAST.in_month(month_index(date))
}

/// Months since the (imaginary) January of year 0: a line on which months can be counted.
pub(crate) fn month_index(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month() - 1)
}

/// A day of the month, 1 to 31, that clamps to the month's last day and returns: 31 is 31 Jan, 28 Feb, 31
/// Mar.
///
/// ```
/// use billing_core::kernel::calendar::DayOfMonth;
/// assert!(DayOfMonth::new(31).is_ok());
/// assert!(DayOfMonth::new(0).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct DayOfMonth(NonZeroU8);

impl DayOfMonth {
    /// The first day of every month.
    pub const FIRST: DayOfMonth = DayOfMonth(NonZeroU8::MIN);
    /// The last day of every month, whatever its length.
    pub const LAST: DayOfMonth = DayOfMonth(NonZeroU8::new(31).unwrap());

    /// The day with this number.
    ///
    /// # Errors
    /// [`CalendarError::DayOfMonth`] below 1 or above 31.
    pub fn new(day: u8) -> Result<Self, CalendarError> {
        NonZeroU8::new(day).filter(|day| day.get() <= 31).map(Self).ok_or(CalendarError::DayOfMonth(day))
    }

    /// The number of the day, 1 to 31.
    pub fn get(self) -> u8 {
        self.0.get()
    }

    /// The first such day that is not before a date.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when it leaves the years 1900 to 2200.
    ///
    /// ```
    /// use billing_core::kernel::calendar::DayOfMonth;
    /// let last = DayOfMonth::LAST.on_or_after("2026-02-11".parse().unwrap());
    /// assert_eq!(last.unwrap().to_string(), "2026-02-28");
    /// ```
    pub fn on_or_after(self, date: Date) -> Result<Date, CalendarError> {
        let here = self.in_month(month_index(date))?;
        if here < date { self.in_month(month_index(date) + 1) } else { Ok(here) }
    }

    /// This day in the month with this [`month_index`], or that month's last day when it is shorter.
    pub(crate) fn in_month(self, month: i64) -> Result<Date, CalendarError> {
        let year = i32::try_from(month.div_euclid(12)).map_err(|_| CalendarError::OutOfRange)?;
        let month = u32::try_from(month.rem_euclid(12) + 1).map_err(|_| CalendarError::OutOfRange)?;
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(CalendarError::OutOfRange);
        }
        (1..=u32::from(self.get()))
            .rev()
            .find_map(|day| Date::from_ymd_opt(year, month, day))
            .ok_or(CalendarError::OutOfRange)
    }

    /// The day of the month of a date.
    ///
    /// # Errors
    /// None that a date can give; the type allows for them.
    pub fn of(date: Date) -> Result<Self, CalendarError> {
        u8::try_from(date.day()).map_err(|_| CalendarError::OutOfRange).and_then(Self::new)
    }
}

impl TryFrom<u8> for DayOfMonth {
    type Error = CalendarError;

    fn try_from(day: u8) -> Result<Self, CalendarError> {
        Self::new(day)
    }
}

impl From<DayOfMonth> for u8 {
    fn from(day: DayOfMonth) -> u8 {
        day.get()
    }
}

/// How often something is billed. On the wire `"1 month"`, `"3 months"`, `"1 week"`, `"14 days"`; a year is
/// `"12 months"`.
///
/// ```
/// use billing_core::kernel::calendar::Interval;
/// assert_eq!("3 months".parse(), Ok(Interval::QUARTERLY));
/// assert_eq!(Interval::MONTHLY.to_string(), "1 month");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interval {
    /// Every so many days, from the base.
    Days(NonZeroU16),
    /// Every so many weeks, from the base.
    Weeks(NonZeroU16),
    /// Every so many months, on the anchor day.
    Months(NonZeroU16),
}

impl Interval {
    /// Each month.
    pub const MONTHLY: Interval = Interval::Months(NonZeroU16::MIN);
    /// Every three months.
    pub const QUARTERLY: Interval = Interval::Months(NonZeroU16::new(3).unwrap());
    /// Every twelve months.
    pub const YEARLY: Interval = Interval::Months(NonZeroU16::new(12).unwrap());

    fn count_and_unit(self) -> (u16, &'static str) {
        match self {
            Interval::Days(n) => (n.get(), "day"),
            Interval::Weeks(n) => (n.get(), "week"),
            Interval::Months(n) => (n.get(), "month"),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = self.count_and_unit();
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

impl FromStr for Interval {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let read = || {
            let (count, unit) = text.split_once(' ')?;
            let count = count.parse().ok()?;
            let interval = match unit {
                "day" | "days" => Interval::Days(count),
                "week" | "weeks" => Interval::Weeks(count),
                "month" | "months" => Interval::Months(count),
                _ => return None,
            };
            // One spelling only: what is not written back letter for letter ("01 month", "1 months") is
            // refused.
            (interval.to_string() == text).then_some(interval)
        };
        read().ok_or_else(|| CalendarError::Interval(text::shown(text)))
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::text(deserializer, "an interval such as \"1 month\"")
    }
}

/// The boundaries of a series of periods: an interval, the date of boundary 0, and for months the anchor day.
///
/// The anchor clamps and returns, so a cycle started on 31 January turns on 28 February and again on 31
/// March. Every date lies in exactly one period of a cycle, before its base too.
///
/// ```
/// use billing_core::kernel::calendar::{Cycle, Date, Interval};
/// let cycle = Cycle::starting("2026-01-31".parse().unwrap(), Interval::MONTHLY).unwrap();
/// assert_eq!(cycle.boundary(1).unwrap().to_string(), "2026-02-28");
/// assert_eq!(cycle.boundary(2).unwrap().to_string(), "2026-03-31");
/// let period = cycle.period_containing("2026-03-01".parse().unwrap()).unwrap();
/// assert_eq!(period.to_string(), "2026-02-28 to 2026-03-30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "CycleWire")]
pub struct Cycle {
    interval: Interval,
    base: Date,
    anchor_day: DayOfMonth,
}

impl Cycle {
    /// The cycle whose boundary 0 is `date` and, for months, whose anchor is that date's day.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when the year is not 1900 to 2200.
    pub fn starting(date: Date, interval: Interval) -> Result<Self, CalendarError> {
        Self::anchored(interval, date, DayOfMonth::of(date)?)
    }

    /// The cycle whose boundary 0 is the anchor day in the month of `in_month`.
    ///
    /// Days and weeks are counted from that boundary; only months come back to the anchor day.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when the year is not 1900 to 2200.
    pub fn anchored(
        interval: Interval,
        in_month: Date,
        anchor_day: DayOfMonth,
    ) -> Result<Self, CalendarError> {
        let base = anchor_day.in_month(month_index(in_month))?;
        Ok(match interval {
            Interval::Months(_) => Self { interval, base, anchor_day },
            Interval::Days(_) | Interval::Weeks(_) => {
                Self { interval, base, anchor_day: DayOfMonth::of(base)? }
            }
        })
    }

    /// The cycle that goes with the calendar: periods of months are counted from January, whole weeks begin on
    /// Mondays, and days are counted from `date`.
    ///
    /// ```
    /// use billing_core::kernel::calendar::{Cycle, Interval};
    /// let quarters = Cycle::calendar(Interval::QUARTERLY, "2026-02-11".parse().unwrap()).unwrap();
    /// let quarter = quarters.period_containing("2026-02-11".parse().unwrap()).unwrap();
    /// assert_eq!(quarter.to_string(), "2026-01-01 to 2026-03-31");
    /// ```
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when the year is not 1900 to 2200.
    pub fn calendar(interval: Interval, date: Date) -> Result<Self, CalendarError> {
        match interval {
            Interval::Months(_) => {
                let january = Date::from_ymd_opt(date.year(), 1, 1).ok_or(CalendarError::OutOfRange)?;
                Cycle::anchored(interval, january, DayOfMonth::FIRST)
            }
            Interval::Weeks(_) => {
                let days = i64::from(date.weekday().num_days_from_monday());
                Cycle::starting(plus_days(date, -days)?, interval)
            }
            Interval::Days(_) => Cycle::starting(date, interval),
        }
    }

    /// The interval between two boundaries.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The date of boundary 0.
    pub fn base(&self) -> Date {
        self.base
    }

    /// The day of the month on which a cycle of months turns.
    pub fn anchor_day(&self) -> DayOfMonth {
        self.anchor_day
    }

    /// The date of boundary `k`: `k` intervals after the base, before it when negative.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when that leaves the years 1900 to 2200.
    pub fn boundary(&self, k: i32) -> Result<Date, CalendarError> {
        let k = i64::from(k);
        match self.interval {
            Interval::Days(n) => plus_days(self.base, k * i64::from(n.get())),
            Interval::Weeks(n) => plus_days(self.base, k * i64::from(n.get()) * 7),
            Interval::Months(n) => self.anchor_day.in_month(month_index(self.base) + k * i64::from(n.get())),
        }
    }

    /// The period from boundary `k` to the next one.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when either end leaves the years 1900 to 2200.
    pub fn period(&self, k: i32) -> Result<Period, CalendarError> {
        let next = k.checked_add(1).ok_or(CalendarError::OutOfRange)?;
        Period::new(self.boundary(k)?, self.boundary(next)?).map_err(|_| CalendarError::OutOfRange)
    }

    /// The number of the period in which `date` lies: the `k` with `boundary(k) <= date < boundary(k + 1)`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when the boundary before `date` leaves the years 1900 to 2200.
    pub fn number_at(&self, date: Date) -> Result<i32, CalendarError> {
        let days = date.days_since(self.base);
        let months = month_index(date) - month_index(self.base);
        let k = match self.interval {
            Interval::Days(n) => days.div_euclid(i64::from(n.get())),
            Interval::Weeks(n) => days.div_euclid(i64::from(n.get()) * 7),
            Interval::Months(n) => months.div_euclid(i64::from(n.get())),
        };
        let k = i32::try_from(k).map_err(|_| CalendarError::OutOfRange)?;
        // Counting months alone lands in the right month, but the anchor may still lie ahead in it.
        Ok(if self.boundary(k)? > date { k - 1 } else { k })
    }

    /// The one period of this cycle that contains `date`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when either end leaves the years 1900 to 2200.
    pub fn period_containing(&self, date: Date) -> Result<Period, CalendarError> {
        self.period(self.number_at(date)?)
    }

    /// The first boundary later than `date`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when it leaves the years 1900 to 2200.
    pub fn next_boundary_after(&self, date: Date) -> Result<Date, CalendarError> {
        self.period_containing(date).map(|period| period.to())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CycleWire {
    interval: Interval,
    base: Date,
    anchor_day: DayOfMonth,
}

impl TryFrom<CycleWire> for Cycle {
    type Error = CalendarError;

    fn try_from(wire: CycleWire) -> Result<Self, CalendarError> {
        let cycle = Cycle::anchored(wire.interval, wire.base, wire.anchor_day)?;
        if cycle.base != wire.base {
            return Err(CalendarError::Base { base: wire.base, boundary: cycle.base });
        }
        Ok(cycle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn months(n: u16) -> Interval {
        Interval::Months(NonZeroU16::new(n).unwrap())
    }

    #[test]
    fn the_anchor_clamps_and_returns() {
        let cycle = Cycle::starting(date("2027-12-31"), Interval::MONTHLY).unwrap();
        let first: Vec<_> = (0..5).map(|k| cycle.boundary(k).unwrap().to_string()).collect();
        assert_eq!(first, ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]);
        assert_eq!(cycle.boundary(-1), Ok(date("2027-11-30")));
    }

    /// An independent rule for the boundaries: a date is one if it is the anchor day, or the last day of a
    /// month too short for it, and its month is a whole number of intervals away.
    fn is_boundary(day: Date, base: Date, anchor: u32, n: i64) -> bool {
        let last_of_month = day.succ_opt().unwrap().day() == 1;
        let on_anchor = day.day() == anchor || (last_of_month && day.day() < anchor);
        on_anchor && (month_index(day) - month_index(base)).rem_euclid(n) == 0
    }

    #[test]
    fn periods_of_months_tile_the_line_for_every_anchor_and_start_month() {
        for (year, anchor, n) in [2026, 2027, 2028]
            .into_iter()
            .flat_map(|y| (1..=31).flat_map(move |a| [1, 3, 12].map(|n| (y, a, n))))
        {
            for month in 1..=12 {
                let in_month = Date::from_ymd_opt(year, month, 1).unwrap();
                let anchor_day = DayOfMonth::new(u8::try_from(anchor).unwrap()).unwrap();
                let cycle = Cycle::anchored(months(n), in_month, anchor_day).unwrap();
                let mut expected_from = cycle.boundary(-14).unwrap();
                for k in -14..14 {
                    let period = cycle.period(k).unwrap();
                    assert_eq!(period.from(), expected_from);
                    assert!(is_boundary(period.from(), in_month, anchor, i64::from(n)));
                    expected_from = period.to();
                    for inside in [period.from(), period.last_day()] {
                        assert_eq!(cycle.period_containing(inside), Ok(period));
                        assert_eq!(cycle.number_at(inside), Ok(k));
                        assert_eq!(cycle.next_boundary_after(inside), Ok(period.to()));
                    }
                }
            }
        }
    }

    #[test]
    fn every_day_of_five_years_lies_in_the_period_between_the_boundaries_around_it() {
        for anchor in 1..=31 {
            let base = date("2027-02-01");
            let day_of_month = DayOfMonth::new(u8::try_from(anchor).unwrap()).unwrap();
            let cycle = Cycle::anchored(Interval::MONTHLY, base, day_of_month).unwrap();
            let mut from = cycle.period_containing(date("2025-01-01")).unwrap().from();
            for day in date("2025-01-01").iter_days().take(365 * 5) {
                if is_boundary(day, base, anchor, 1) {
                    from = day;
                }
                assert_eq!(cycle.period_containing(day).unwrap().from(), from, "anchor {anchor}, {day}");
            }
        }
    }

    #[test]
    fn days_and_weeks_tile_from_the_base() {
        for (interval, length) in [("1 day", 1), ("14 days", 14), ("1 week", 7), ("4 weeks", 28)] {
            let cycle = Cycle::starting(date("2028-02-29"), interval.parse().unwrap()).unwrap();
            let day_after = cycle.boundary(-10).unwrap();
            for (offset, day) in (0_i32..).zip(day_after.iter_days().take(20 * 28)) {
                let period = cycle.period_containing(day).unwrap();
                assert_eq!(period.days(), u32::try_from(length).unwrap());
                assert_eq!(cycle.number_at(day), Ok(offset / length - 10));
            }
        }
    }

    #[test]
    fn an_interval_has_one_spelling() {
        for text in ["1 month", "3 months", "12 months", "1 week", "2 weeks", "1 day", "14 days"] {
            let interval: Interval = text.parse().unwrap();
            assert_eq!(interval.to_string(), text);
            assert_eq!(serde_json::to_string(&interval).unwrap(), format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Interval>(&format!("{text:?}")).unwrap(), interval);
        }
        for wrong in [
            "",
            "month",
            "0 months",
            "1 months",
            "3 month",
            "03 months",
            "+3 months",
            "3  months",
            "1 year",
            "70000 days",
        ] {
            assert!(wrong.parse::<Interval>().is_err(), "{wrong:?}");
        }
        assert_eq!(
            "1 year".parse::<Interval>().unwrap_err().to_string(),
            "\"1 year\" is not an interval: write it like \"1 month\", \"3 months\", \"1 week\" or \"14 days\""
        );
    }

    #[test]
    fn dates_beyond_the_years_are_refused_and_say_so() {
        let cycle = Cycle::starting(date("2200-12-15"), Interval::MONTHLY).unwrap();
        assert_eq!(cycle.period_containing(date("2200-12-20")), Err(CalendarError::OutOfRange));
        for k in [i32::MIN, -3_612, 1, i32::MAX] {
            assert_eq!(cycle.boundary(k), Err(CalendarError::OutOfRange));
        }
        assert_eq!(cycle.number_at(Date::MAX), Err(CalendarError::OutOfRange));
        assert_eq!(cycle.number_at(Date::MIN), Err(CalendarError::OutOfRange));
        assert!(Cycle::starting(date("2201-01-01"), Interval::MONTHLY).is_err());
        assert!(Cycle::starting(date("1899-12-31"), Interval::MONTHLY).is_err());
        assert_eq!(plus_days(date("1900-01-01"), -1), Err(CalendarError::OutOfRange));
        assert_eq!(plus_days(date("2026-01-01"), i64::MAX), Err(CalendarError::OutOfRange));
        assert_eq!(
            CalendarError::OutOfRange.to_string(),
            "the date leaves the years 1900 to 2200: check the year and the number of days or months"
        );
    }

    #[test]
    fn a_day_of_the_month_is_1_to_31() {
        for day in 0..=u8::MAX {
            assert_eq!(DayOfMonth::new(day).is_ok(), (1..=31).contains(&day));
        }
        assert_eq!(
            DayOfMonth::new(32).unwrap_err().to_string(),
            "32 is not a day of the month: give 1 to 31 (31 means the last day in every month)"
        );
        assert_eq!(end_of_month(date("2028-02-03")), Ok(date("2028-02-29")));
    }

    #[test]
    fn a_cycle_survives_the_wire_and_a_base_off_its_anchor_is_refused() {
        let cycle =
            Cycle::anchored(Interval::MONTHLY, date("2026-02-01"), DayOfMonth::new(30).unwrap()).unwrap();
        let wire = r#"{"interval":"1 month","base":"2026-02-28","anchor_day":30}"#;
        assert_eq!(serde_json::to_string(&cycle).unwrap(), wire);
        assert_eq!(serde_json::from_str::<Cycle>(wire).unwrap(), cycle);
        let wrong = serde_json::from_str::<Cycle>(&wire.replace("-28", "-27")).unwrap_err().to_string();
        assert!(wrong.starts_with(
            "the cycle starts on 2026-02-27, but its boundary in that month is 2026-02-28: start it there"
        ));
    }
}
