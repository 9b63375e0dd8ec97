//! Whom the run that looks for late work has to visit.

use super::receivables::owner;
use super::work_book::{Piece, WorkBook};
use super::{Query, QueryError, RowReader};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;

/// Asks for the accounts with work that was done before a day, is neither billed nor written off, and was not noted as
/// late yet, in the order of the accounts. It may name one on which nothing is to be noted, as a trial; it never leaves
/// one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToNoteLate {
    /// The day: see [`LateWork::done_before`](crate::settings::LateWork::done_before).
    pub done_before: Date,
}

impl Query for ToNoteLate {
    type View = WorkBook;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let mut accounts: Vec<AccountId> = Vec::new();
        rows.prefixed("open/", |key, piece: Piece| {
            let is_late = piece.done_on < self.done_before && !piece.noted_late;
            accounts.extend(owner(key).filter(|account| is_late && accounts.last() != Some(account)));
            Ok(())
        })?;
        Ok(accounts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, done, inv, work, work_invoiced};
    use super::*;
    use crate::work::{Event as Work, LateWorkNoted};

    fn to_note(log: &Log) -> Vec<AccountId> {
        log.ask(&ToNoteLate { done_before: date("2026-02-10") })
    }

    #[test]
    fn accounts_with_old_work_are_named_once_until_it_was_noted() {
        let mut log = Log::default();
        done(&mut log, acc(3), 1, "2026-02-03", "GBP 60.00");
        done(&mut log, acc(3), 2, "2026-02-04", "GBP 60.00");
        done(&mut log, acc(1), 3, "2026-02-09", "GBP 60.00");
        done(&mut log, acc(2), 4, "2026-02-10", "GBP 60.00");
        assert_eq!(to_note(&log), [acc(1), acc(3)]);
        let (done_before, noted_on) = (date("2026-02-10"), date("2026-03-17"));
        log.on(acc(3), Work::from(LateWorkNoted { work: vec![work(1), work(2)], done_before, noted_on }));
        assert_eq!(to_note(&log), [acc(1)]);
        work_invoiced(&mut log, acc(1), inv(1), "2026-03-18", &[3]);
        work_invoiced(&mut log, acc(3), inv(2), "2026-03-18", &[1]);
        assert_eq!(to_note(&log), []);
        // What was billed by mistake is to be billed again; what was noted is not noted again.
        log.voided(acc(1), inv(1), "2026-03-19");
        log.voided(acc(3), inv(2), "2026-03-19");
        assert_eq!(to_note(&log), [acc(1)]);
        log.assert_rows_do_not_depend_on_saves::<WorkBook>();
    }
}
