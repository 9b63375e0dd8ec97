//! Unbilled work: what was done for customers and is not on an invoice yet, by age, and the proof that none slipped
//! through.

use std::collections::BTreeMap;

use serde::Serialize;

use super::aged_debt::{Basis, Buckets};
use super::work_book::{Fate, Piece, WorkBook, pieces};
use super::{Query, QueryError, RowReader};
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::{AccountId, WorkId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::text::Label;

/// Asks what was done and not billed at the close of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbilledWork {
    /// The day.
    pub as_of: Date,
    /// The columns, by days since the work was done.
    pub buckets: Buckets,
    /// Work that was done more days ago than this is late to be billed.
    pub late_after: u16,
}

/// The unbilled work of a day. Values are what the work was recorded for, before discounts and tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnbilledWorkReport {
    /// The close of which day.
    pub as_of: Date,
    /// What stands above the columns.
    pub labels: Vec<String>,
    /// One line a currency.
    pub totals: Vec<WorkTotals>,
    /// Each piece, the oldest first.
    pub pieces: Vec<UnbilledPiece>,
}

/// The work in one currency. `recorded = billed + written_off + unbilled`, and `unbilled` is the sum of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkTotals {
    /// The currency.
    pub currency: Currency,
    /// All that was done up to the day.
    pub recorded: Pieces,
    /// What of it is on invoices that stand.
    pub billed: Pieces,
    /// What of it will not be billed.
    pub written_off: Pieces,
    /// What of it is to be billed.
    pub unbilled: Pieces,
    /// What is to be billed by age, in the order of the labels.
    pub columns: Vec<Pieces>,
    /// What of it is late.
    pub late: Pieces,
}

/// How many pieces of work, and what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pieces {
    /// How many.
    pub count: u64,
    /// What they were recorded for.
    pub value: Sum,
}

/// A piece of work that is to be billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnbilledPiece {
    /// For whom it was done.
    pub account: AccountId,
    /// The record of it.
    pub work: WorkId,
    /// What it was.
    pub description: Label,
    /// When.
    pub done_on: Date,
    /// How many days ago.
    pub age: i64,
    /// What it was recorded for.
    pub value: Money,
    /// Whether it is late to be billed.
    pub late: bool,
}

impl Query for UnbilledWork {
    type View = WorkBook;
    type Answer = UnbilledWorkReport;

    fn answer(&self, rows: &RowReader<'_>) -> Result<UnbilledWorkReport, QueryError> {
        let labels = self.buckets.labels(Basis::InvoiceDate);
        let mut totals: BTreeMap<Currency, WorkTotals> = BTreeMap::new();
        let mut unbilled = Vec::new();
        pieces(rows, |account, work, piece| {
            let Some(fate) = piece.fate_on(self.as_of) else { return Ok(()) };
            let currency = piece.value.currency();
            let line = totals.entry(currency).or_insert_with(|| WorkTotals::nothing(currency, labels.len()));
            self.add(line, fate, &piece)?;
            if fate == Fate::Unbilled {
                let (age, Piece { description, done_on, value, .. }) = (self.age(&piece), piece);
                let late = self.is_late(age);
                unbilled.push(UnbilledPiece { account, work, description, done_on, age, value, late });
            }
            Ok(())
        })?;
        unbilled.sort_by_key(|piece| (piece.done_on, piece.account, piece.work));
        let totals = totals.into_values().collect();
        Ok(UnbilledWorkReport { as_of: self.as_of, labels, totals, pieces: unbilled })
    }
}

impl UnbilledWork {
    fn age(&self, piece: &Piece) -> i64 {
        self.as_of.days_since(piece.done_on)
    }

    fn is_late(&self, age: i64) -> bool {
        i64::from(self.late_after) < age
    }

    fn add(&self, line: &mut WorkTotals, fate: Fate, piece: &Piece) -> Result<(), MoneyError> {
        line.recorded.add(piece.value)?;
        match fate {
            Fate::Billed => line.billed.add(piece.value),
            Fate::WrittenOff => line.written_off.add(piece.value),
            Fate::Unbilled => {
                let age = self.age(piece);
                line.unbilled.add(piece.value)?;
                line.columns[self.buckets.column(Basis::InvoiceDate, age)].add(piece.value)?;
                if self.is_late(age) { line.late.add(piece.value) } else { Ok(()) }
            }
        }
    }
}

impl WorkTotals {
    fn nothing(currency: Currency, columns: usize) -> Self {
        let none = Pieces { count: 0, value: Sum::zero(currency) };
        let (recorded, billed, written_off, unbilled, late) = (none, none, none, none, none);
        WorkTotals { currency, recorded, billed, written_off, unbilled, columns: vec![none; columns], late }
    }
}

impl Pieces {
    fn add(&mut self, value: Money) -> Result<(), MoneyError> {
        self.count += 1;
        self.value = self.value.plus(value)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::support::{Log, acc, date, done, inv, money, work, work_invoiced};
    use super::*;

    fn asked(log: &Log, as_of: &str) -> UnbilledWorkReport {
        let buckets = Buckets::new(vec![7, 30]).unwrap();
        log.ask(&UnbilledWork { as_of: date(as_of), buckets, late_after: 14 })
    }

    fn pieces(count: u64, value: &str) -> Pieces {
        Pieces { count, value: money(value).into() }
    }

    /// Three pieces of 3 and 20 February and 1 March; the first is billed on 27 February, that invoice is voided on
    /// 5 March; the second is written off on 6 March.
    fn three() -> Log {
        let mut log = Log::default();
        done(&mut log, acc(1), 1, "2026-02-03", "GBP 60.00");
        done(&mut log, acc(1), 2, "2026-02-20", "GBP 15.50");
        work_invoiced(&mut log, acc(1), inv(1), "2026-02-27", &[1]);
        done(&mut log, acc(2), 3, "2026-03-01", "GBP 7.00");
        log.voided(acc(1), inv(1), "2026-03-05");
        log.written_off(acc(1), 2, "2026-03-06");
        log
    }

    #[test]
    fn what_is_not_billed_stands_by_its_age() {
        let report = asked(&three(), "2026-02-25");
        assert_eq!(report.labels, ["0-7", "8-30", "31+"]);
        let total = &report.totals[0];
        assert_eq!((total.recorded, total.billed), (pieces(2, "GBP 75.50"), pieces(0, "GBP 0.00")));
        assert_eq!(
            total.columns,
            [pieces(1, "GBP 15.50"), pieces(1, "GBP 60.00"), pieces(0, "GBP 0.00")],
            "five and 22 days old"
        );
        assert_eq!(total.late, pieces(1, "GBP 60.00"));
        let first = &report.pieces[0];
        assert_eq!((first.work, first.age, first.late), (work(1), 22, true));
    }

    #[test]
    fn a_voided_invoice_brings_its_work_back() {
        let log = three();
        let billed = asked(&log, "2026-03-04");
        assert_eq!(billed.totals[0].billed, pieces(1, "GBP 60.00"));
        let back = asked(&log, "2026-03-05");
        assert_eq!(back.totals[0].billed, pieces(0, "GBP 0.00"));
        let open: Vec<WorkId> = back.pieces.iter().map(|piece| piece.work).collect();
        assert_eq!(open, [work(1), work(2), work(3)]);
        let end = asked(&log, "2026-03-31");
        assert_eq!(end.totals[0].written_off, pieces(1, "GBP 15.50"));
        assert_eq!(end.totals[0].unbilled, pieces(2, "GBP 67.00"));
        log.assert_rows_do_not_depend_on_saves::<WorkBook>();
    }

    proptest! {
        /// Nothing slips through: on any day, recorded = billed + written off + unbilled.
        #[test]
        fn recorded_is_billed_and_written_off_and_unbilled(
            steps in prop::collection::vec((0..4_u8, 1..9_u128, 1..28_u8), 1..40), as_of in 1..29_u8
        ) {
            let mut log = Log::default();
            // What became of each piece: none was recorded under a number that is not in it.
            let mut model: BTreeMap<u128, (u8, Fate, Option<u128>)> = BTreeMap::new();
            let mut today = 1;
            for (number, (what, piece, day)) in (100..).zip(steps) {
                today = today.max(day);
                let on = format!("2026-02-{today:02}");
                match (what, model.get(&piece).copied()) {
                    (0, None) => {
                        done(&mut log, acc(piece % 3), piece, &on, &format!("GBP {piece}.25"));
                        model.insert(piece, (today, Fate::Unbilled, None));
                    }
                    (1, Some((since, Fate::Unbilled, _))) => {
                        work_invoiced(&mut log, acc(piece % 3), inv(number), &on, &[piece]);
                        model.insert(piece, (since, Fate::Billed, Some(number)));
                    }
                    (2, Some((since, Fate::Unbilled, _))) => {
                        log.written_off(acc(piece % 3), piece, &on);
                        model.insert(piece, (since, Fate::WrittenOff, None));
                    }
                    (3, Some((since, Fate::Billed, Some(invoice)))) => {
                        log.voided(acc(piece % 3), inv(invoice), &on);
                        model.insert(piece, (since, Fate::Unbilled, None));
                    }
                    _ => {}
                }
            }
            log.assert_rows_do_not_depend_on_saves::<WorkBook>();
            for total in asked(&log, &format!("2026-02-{as_of:02}")).totals {
                let parts = [total.billed, total.written_off, total.unbilled];
                prop_assert_eq!(total.recorded.count, parts.iter().map(|part| part.count).sum::<u64>());
                let minor = |pieces: &[Pieces]| pieces.iter().map(|part| part.value.minor()).sum::<i128>();
                prop_assert_eq!(total.recorded.value.minor(), minor(&parts));
                prop_assert_eq!(total.unbilled.value.minor(), minor(&total.columns));
            }
            let last = asked(&log, "2026-02-28");
            let open: Vec<u128> = last.pieces.iter().map(|piece| piece.work.uuid().as_u128()).collect();
            let still = model.iter().filter(|(_, (_, fate, _))| *fate == Fate::Unbilled);
            let mut still: Vec<(u8, u128, u128)> = still.map(|(work, (since, ..))| (*since, work % 3, *work)).collect();
            still.sort_unstable();
            prop_assert_eq!(open, still.into_iter().map(|(_, _, work)| work).collect::<Vec<_>>());
        }
    }
}
