//! When the revenue of a line is earned: straight line by day, rounded cumulatively, so that the months of a
//! line always add up to it.

use serde::{Deserialize, Serialize};

use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::proration::prorate;
use crate::kernel::rounding::Rounding;

/// The service days of a line, and what they bring.
///
/// Recognised up to a day is `round(net x days elapsed / days)`, half up. Nothing is recognised before the
/// document is issued: what was served before is recognised on the day of issue, so that a month that is over
/// does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) issued_on: Date,
    pub(super) period: Period,
    pub(super) net: Money,
    /// For days given back: the line that billed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<Billed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) voided_on: Option<Date>,
}

/// A line that billed service days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Billed {
    pub(super) period: Period,
    pub(super) net: Money,
}

impl Schedule {
    /// The day from which nothing changes any more.
    pub(super) fn until(&self) -> Date {
        self.voided_on.unwrap_or_else(|| self.period.last_day().max(self.issued_on))
    }

    /// What was invoiced with it up to the close of a day.
    pub(super) fn invoiced(&self, day: Date) -> Sum {
        if self.counts(day) { Sum::from(self.net) } else { Sum::zero(self.net.currency()) }
    }

    /// What of it was recognised up to the close of a day.
    ///
    /// Days given back take off, day by day, exactly what the line that billed them recognises: from the first
    /// of them on the two come to nothing. What a rounding leaves between them is recognised on that day.
    pub(super) fn recognised(&self, day: Date) -> Result<Sum, MoneyError> {
        if !self.counts(day) || day < self.period.from() {
            return Ok(Sum::zero(self.net.currency()));
        }
        let Some(billed) = self.of else { return Ok(earned(self.net, self.period, day)?.into()) };
        let last_day = self.period.last_day();
        let taken = |up_to: Date| -> Result<Sum, MoneyError> {
            let before = match self.period.from().pred_opt() {
                Some(before) => earned(billed.net, billed.period, before)?,
                None => Money::zero(billed.net.currency()),
            };
            Sum::from(before).minus(earned(billed.net, billed.period, up_to)?)
        };
        let left_by_rounding = Sum::from(self.net).minus(taken(last_day)?)?;
        left_by_rounding.plus(taken(day.min(last_day))?)
    }

    fn counts(&self, day: Date) -> bool {
        self.issued_on <= day && self.voided_on.is_none_or(|voided| day < voided)
    }
}

/// What of an amount for the days of a period was earned up to the close of a day.
fn earned(net: Money, period: Period, day: Date) -> Result<Money, MoneyError> {
    match period.split_at(day.succ_opt().unwrap_or(day)).0 {
        Some(elapsed) => prorate(net, elapsed.days(), period.days(), Rounding::HalfUp),
        None => Ok(Money::zero(net.currency())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{date, money};
    use super::*;
    use crate::kernel::calendar::end_of_month;

    fn schedule(net: &str, from: &str, to: &str) -> Schedule {
        let period = Period::new(date(from), date(to)).unwrap();
        Schedule { issued_on: date(from), period, net: money(net), of: None, voided_on: None }
    }

    /// What is recognised in each month from the first day on.
    fn months(schedules: &[Schedule]) -> Vec<String> {
        let (mut end, mut before) = (end_of_month(schedules[0].period.from()).unwrap(), 0);
        let mut months = Vec::new();
        loop {
            let sums = schedules.iter().map(|schedule| schedule.recognised(end).unwrap().minor());
            let sum: i128 = sums.sum();
            months.push(format!("{}.{:02}", (sum - before) / 100, (sum - before) % 100));
            if schedules.iter().all(|schedule| schedule.until() <= end) {
                return months;
            }
            before = sum;
            end = end_of_month(end.succ_opt().unwrap()).unwrap();
        }
    }

    #[test]
    fn a_year_from_mid_january() {
        assert_eq!(
            months(&[schedule("GBP 1200.00", "2026-01-15", "2027-01-15")]),
            [
                "55.89", "92.06", "101.91", "98.63", "101.92", "98.63", "101.92", "101.92", "98.63",
                "101.91", "98.63", "101.92", "46.03"
            ]
        );
    }

    #[test]
    fn a_quarter_of_a_leap_year_and_a_broken_one() {
        let quarter = schedule("GBP 100.00", "2024-01-01", "2024-04-01");
        assert_eq!(months(&[quarter]), ["34.07", "31.86", "34.07"]);
        let broken = schedule("GBP 99.99", "2026-02-10", "2026-05-10");
        assert_eq!(months(&[broken]), ["21.35", "34.82", "33.71", "10.11"]);
    }

    #[test]
    fn a_cancelled_rest_leaves_nothing_deferred() {
        let year = schedule("GBP 1200.00", "2026-01-15", "2027-01-15");
        let rest = Schedule {
            issued_on: date("2026-03-31"),
            of: Some(Billed { period: year.period, net: year.net }),
            ..schedule("GBP -950.14", "2026-04-01", "2027-01-15")
        };
        let mut day = date("2026-03-31");
        while day <= date("2027-01-31") {
            let recognised = year.recognised(day).unwrap().plus(rest.recognised(day).unwrap()).unwrap();
            assert_eq!(recognised, money("GBP 249.86").into(), "{day}");
            day = day.succ_opt().unwrap();
        }
        assert_eq!(rest.recognised(date("2026-03-30")), Ok(Sum::zero(year.net.currency())));
    }

    #[test]
    fn what_was_served_before_is_recognised_with_the_document() {
        let late =
            Schedule { issued_on: date("2026-03-10"), ..schedule("GBP 31.00", "2026-01-01", "2026-02-01") };
        assert_eq!(late.recognised(date("2026-03-09")), Ok(Sum::parse("GBP 0.00").unwrap()));
        assert_eq!(late.recognised(date("2026-03-10")), Ok(Sum::parse("GBP 31.00").unwrap()));
        assert_eq!(late.until(), date("2026-03-10"));
    }

    #[test]
    fn a_void_takes_all_of_it_back() {
        let void = Schedule {
            voided_on: Some(date("2026-01-10")),
            ..schedule("GBP 31.00", "2026-01-01", "2026-02-01")
        };
        let on = |day: &str| (void.invoiced(date(day)), void.recognised(date(day)).unwrap());
        assert_eq!(on("2026-01-09"), (money("GBP 31.00").into(), money("GBP 9.00").into()));
        assert_eq!(on("2026-01-10"), (money("GBP 0.00").into(), money("GBP 0.00").into()));
    }
}
