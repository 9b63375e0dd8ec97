//! Whom the runs of credit control have to visit: accounts with something overdue, and accounts with a promise
//! whose days are over.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::receivables::{Item, Receivables, Side, owner};
use super::standing::CLOSE;
use super::{Query, QueryError, RowReader};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;

/// Asks for the accounts that have an open invoice of which a part was due before a day, in the order of the
/// accounts. It may name one that is not to be chased; it never leaves one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToChase {
    /// The day of the chase.
    pub on: Date,
}

impl Query for ToChase {
    type View = Receivables;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let mut accounts: Vec<AccountId> = Vec::new();
        rows.prefixed("open/", |key, item: Item| {
            let overdue = item.side == Side::Owed && item.due.iter().any(|part| part.date < self.on);
            accounts.extend(owner(key).filter(|account| overdue && accounts.last() != Some(account)));
            Ok(())
        })?;
        Ok(accounts)
    }
}

/// Asks for the accounts with a promise whose last day lies before a day and that has no verdict yet, in the
/// order of the accounts. It may name one on which nothing is to be found; it never leaves one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToClose {
    /// The day that is closed.
    pub on: Date,
}

impl Query for ToClose {
    type View = Receivables;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let mut accounts = BTreeSet::new();
        rows.scan(CLOSE, &format!("{CLOSE}{}", self.on), |key, ()| {
            accounts.extend(owner(key));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Vec::from_iter(accounts))
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, inv, money, pay};
    use super::*;
    use crate::credit_control::{Event as CreditControl, PromiseBroken, PromiseKept, PromiseMade};
    use crate::kernel::funds::Funds;
    use crate::kernel::ids::PromiseId;

    fn to_chase(log: &Log, on: &str) -> Vec<AccountId> {
        log.ask(&ToChase { on: date(on) })
    }

    fn to_close(log: &Log, on: &str) -> Vec<AccountId> {
        log.ask(&ToClose { on: date(on) })
    }

    fn promise(number: u128) -> PromiseId {
        PromiseId::from_uuid(uuid::Uuid::from_u128(number))
    }

    /// To pay by 10 February, with two days of patience.
    fn promised(log: &mut Log, account: AccountId, number: u128) {
        let made = PromiseMade {
            promise: promise(number),
            amount: money("GBP 10.00"),
            invoices: vec![inv(number)],
            made_on: date("2026-02-01"),
            pay_by: date("2026-02-10"),
            grace_days: 2,
            paid_before: None,
        };
        log.on(account, CreditControl::from(made));
    }

    #[test]
    fn accounts_with_something_overdue_are_named_once_in_order() {
        let mut log = Log::default();
        log.invoice(acc(3), inv(1), "2026-01-01", "2026-01-31", "GBP 10.00");
        log.invoice(acc(1), inv(2), "2026-01-01", "2026-01-31", "GBP 10.00");
        log.invoice(acc(1), inv(3), "2026-01-01", "2026-01-15", "GBP 10.00");
        log.invoice(acc(2), inv(4), "2026-01-01", "2026-01-31", "GBP 10.00");
        log.settled(acc(2), pay(1), inv(4), "2026-01-20", "GBP 10.00");
        log.invoice(acc(4), inv(5), "2026-01-01", "2026-03-31", "GBP 10.00");
        log.paid(acc(5), pay(2), "2026-01-20", "GBP 10.00");
        assert_eq!(to_chase(&log, "2026-02-01"), [acc(1), acc(3)]);
        assert_eq!(to_chase(&log, "2026-01-31"), [acc(1)], "due today is not overdue");
    }

    #[test]
    fn a_payment_that_went_back_brings_the_account_back() {
        let mut log = Log::default();
        log.invoice(acc(2), inv(4), "2026-01-01", "2026-01-31", "GBP 10.00");
        log.settled(acc(2), pay(1), inv(4), "2026-01-20", "GBP 10.00");
        log.released(acc(2), Funds::Payment(pay(1)), inv(4), "2026-02-03", "GBP 10.00");
        log.returned(acc(2), pay(1), "2026-02-03", "GBP 10.00");
        assert_eq!(to_chase(&log, "2026-02-10"), [acc(2)]);
    }

    #[test]
    fn a_promise_is_closed_once_its_days_are_over() {
        let mut log = Log::default();
        promised(&mut log, acc(2), 1);
        promised(&mut log, acc(2), 2);
        promised(&mut log, acc(1), 3);
        assert_eq!(to_close(&log, "2026-02-12"), []);
        assert_eq!(to_close(&log, "2026-02-13"), [acc(1), acc(2)]);
        let broken = PromiseBroken { promise: promise(3), broken_on: date("2026-02-13") };
        log.on(acc(1), CreditControl::from(broken));
        assert_eq!(to_close(&log, "2026-02-14"), [acc(2)]);
    }

    #[test]
    fn a_kept_promise_is_looked_at_again_when_its_payment_went_back() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-01", "2026-01-31", "GBP 10.00");
        promised(&mut log, acc(1), 1);
        log.settled(acc(1), pay(1), inv(1), "2026-02-05", "GBP 10.00");
        log.on(acc(1), CreditControl::from(PromiseKept { promise: promise(1), kept_on: date("2026-02-05") }));
        assert_eq!(to_close(&log, "2026-02-20"), []);
        log.released(acc(1), Funds::Payment(pay(1)), inv(1), "2026-02-08", "GBP 10.00");
        log.returned(acc(1), pay(1), "2026-02-08", "GBP 10.00");
        assert_eq!(to_close(&log, "2026-02-20"), [acc(1)]);
    }
}
