//! Invoice lag: how long after work was done its invoice went out. Who is billed while the work is fresh in mind pays
//! sooner.

use serde::Serialize;

use super::ratio::Ratio;
use super::work_book::{WorkBook, billed_between};
use super::{Query, QueryError, RowReader};
use crate::kernel::calendar::Date;

/// Asks about the work on the invoices of a span of days, both ends inclusive. Invoices that were voided since do not
/// count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoiceLag {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Days from the work to its invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct InvoiceLagReport {
    /// How many pieces of work were billed.
    pub pieces: u64,
    /// The mean; none where nothing was billed.
    pub mean: Option<Ratio>,
    /// 95 of 100 pieces took as many days or fewer, by nearest rank.
    pub p95: Option<i64>,
    /// The longest.
    pub longest: Option<i64>,
}

impl Query for InvoiceLag {
    type View = WorkBook;
    type Answer = InvoiceLagReport;

    fn answer(&self, rows: &RowReader<'_>) -> Result<InvoiceLagReport, QueryError> {
        let mut lags = Vec::new();
        billed_between(rows, self.from, self.to, |on, piece| lags.push(on.days_since(piece.done_on)))?;
        lags.sort_unstable();
        let count = u64::try_from(lags.len()).unwrap_or(u64::MAX);
        let sum = lags.iter().map(|lag| i128::from(*lag)).sum();
        // The nearest rank: the first of which no fewer than 95 in 100 are as short or shorter.
        let rank = lags.len().saturating_mul(95).div_ceil(100);
        Ok(InvoiceLagReport {
            pieces: count,
            mean: Ratio::of(sum, count.into()),
            p95: rank.checked_sub(1).and_then(|at| lags.get(at)).copied(),
            longest: lags.last().copied(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, done, inv, work_invoiced};
    use super::*;

    fn asked(log: &Log, from: &str, to: &str) -> InvoiceLagReport {
        log.ask(&InvoiceLag { from: date(from), to: date(to) })
    }

    #[test]
    fn the_lag_runs_from_the_work_to_its_invoice() {
        let mut log = Log::default();
        done(&mut log, acc(1), 1, "2026-02-03", "GBP 60.00");
        done(&mut log, acc(1), 2, "2026-02-20", "GBP 15.50");
        done(&mut log, acc(2), 3, "2026-02-26", "GBP 15.50");
        done(&mut log, acc(2), 4, "2026-02-26", "GBP 15.50");
        assert_eq!(asked(&log, "2026-01-01", "2026-12-31").mean, None, "nothing is billed yet");
        work_invoiced(&mut log, acc(1), inv(1), "2026-02-27", &[1, 2]);
        work_invoiced(&mut log, acc(2), inv(2), "2026-02-28", &[3]);
        work_invoiced(&mut log, acc(2), inv(3), "2026-03-02", &[4]);
        // 24, 7 and 2 days: 33 / 3.
        let february = asked(&log, "2026-02-01", "2026-02-28");
        assert_eq!((february.pieces, february.mean), (3, Ratio::of(11, 1)));
        assert_eq!((february.p95, february.longest), (Some(24), Some(24)));
        log.voided(acc(1), inv(1), "2026-03-03");
        assert_eq!(asked(&log, "2026-02-01", "2026-02-28").mean, Ratio::of(2, 1));
        assert_eq!(asked(&log, "2026-02-28", "2026-03-02").mean, Ratio::of(3, 1), "2 and 4 days");
    }

    #[test]
    fn the_nearest_rank_of_twenty_is_the_nineteenth() {
        let mut log = Log::default();
        for day in 1..=20 {
            done(&mut log, acc(1), day, &format!("2026-02-{day:02}"), "GBP 1.00");
        }
        work_invoiced(&mut log, acc(1), inv(1), "2026-02-20", &Vec::from_iter(1..=20));
        let report = asked(&log, "2026-02-20", "2026-02-20");
        assert_eq!((report.pieces, report.p95, report.longest), (20, Some(18), Some(19)));
        assert_eq!(report.mean.unwrap().to_string(), "9.5000");
    }
}
