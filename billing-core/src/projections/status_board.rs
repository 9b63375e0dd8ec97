//! The payment status board: one line an account, what it owes, what it promised, and what is to be done next.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::receivables::{Item, Receivables, Side, items_on};
pub use super::standing::LastPayment;
use super::standing::{self, Standing};
use super::{Query, QueryError, RowReader};
use crate::accounts::Parents;
use crate::credit_control::HoldReason;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, MessageId};
use crate::kernel::money::MoneyError;
use crate::kernel::text::Reference;

/// Asks how every account stood at the close of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusBoard {
    /// The day: money, promises and holds count by their own dates. The last payment and the reminder that is
    /// to be sent are the latest known.
    pub as_of: Date,
}

/// One account. `balance = not_due + overdue - unapplied`; promised and disputed are parts of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountStatus {
    /// The account.
    pub account: AccountId,
    /// The seller's own number of the customer.
    pub reference: Option<Reference>,
    /// What it owes; below zero, what it has in credit.
    pub balance: Balance,
    /// What is not due yet, or due on the day itself.
    pub not_due: Balance,
    /// What was due before the day.
    pub overdue: Balance,
    /// Payments and credit notes not set against any invoice.
    pub unapplied: Balance,
    /// What it has promised to pay.
    pub promised: Balance,
    /// What it disputes.
    pub disputed: Balance,
    /// Its latest payment.
    pub last_payment: Option<LastPayment>,
    /// Why it gets no more credit, if so.
    pub hold: Option<HoldReason>,
    /// The account that pays its invoices of the day, where that is not itself.
    pub paid_by: Option<AccountId>,
    /// What is to be done next.
    pub next_action: NextAction,
}

/// What is to be done about an account: the first of these that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Settle the dispute: the customer waits for an answer.
    ResolveDispute,
    /// Hand over the reminder that is due.
    SendReminder(MessageId),
    /// Set money that came in against what is open.
    SetAgainstInvoices,
    /// Wait for the day by which the customer promised to pay.
    AwaitPromise(Date),
    /// Issue the consolidated invoice of this parent, which pays what is overdue.
    Consolidate(AccountId),
    /// Remind the customer: something is overdue since this day.
    Chase(Date),
    /// Nothing.
    Nothing,
}

impl fmt::Display for NextAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NextAction::ResolveDispute => f.write_str("resolve the dispute"),
            NextAction::SendReminder(_) => f.write_str("send the reminder"),
            NextAction::SetAgainstInvoices => f.write_str("set money against invoices"),
            NextAction::AwaitPromise(by) => write!(f, "await the money promised by {by}"),
            NextAction::Consolidate(parent) => write!(f, "pass on to parent {parent}"),
            NextAction::Chase(since) => write!(f, "chase: late since {since}"),
            NextAction::Nothing => f.write_str("nothing"),
        }
    }
}

impl Query for StatusBoard {
    type View = Receivables;
    type Answer = Vec<AccountStatus>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountStatus>, QueryError> {
        let mut accounts: BTreeMap<AccountId, (Standing, AccountMoney)> = BTreeMap::new();
        rows.prefixed(standing::PREFIX, |key, standing: Standing| {
            if let Some(Ok(account)) = key.strip_prefix(standing::PREFIX).map(str::parse) {
                accounts.insert(account, (standing, AccountMoney::default()));
            }
            Ok(())
        })?;
        // An account without a row has nothing but open items; it stands where its id puts it.
        items_on(rows, self.as_of, None, |account, item| {
            let (standing, money) = accounts.entry(account).or_default();
            Ok(money.add(item, &standing.parents, self.as_of)?)
        })?;
        let line =
            |(account, (standing, money)): (_, (_, AccountMoney))| money.with(account, standing, self.as_of);
        Ok(accounts.into_iter().map(line).collect())
    }
}

#[derive(Default)]
struct AccountMoney {
    not_due: Balance,
    overdue: Balance,
    unapplied: Balance,
    disputed: Balance,
    /// Since when something is overdue that the account pays itself.
    overdue_since: Option<Date>,
    /// Who pays what is overdue besides.
    payer: Option<AccountId>,
}

impl AccountMoney {
    fn add(&mut self, item: &Item, parents: &Parents, day: Date) -> Result<(), MoneyError> {
        if item.side == Side::Held {
            self.unapplied.add(item.open_on(day)?);
            return Ok(());
        }
        self.disputed.add(item.disputed_on(day)?);
        for (due, part) in item.parts_on(day)?.into_iter().filter(|(_, part)| !part.is_zero()) {
            if due < day {
                self.overdue.add(part);
                match parents.on(item.since) {
                    Some(parent) => self.payer = Some(parent),
                    None => {
                        self.overdue_since = Some(self.overdue_since.map_or(due, |since| since.min(due)));
                    }
                }
            } else {
                self.not_due.add(part);
            }
        }
        Ok(())
    }

    fn with(self, account: AccountId, standing: Standing, day: Date) -> AccountStatus {
        let mut balance = self.not_due.clone();
        balance.add_balance(&self.overdue);
        balance.subtract_balance(&self.unapplied);
        let open = !(self.not_due.is_zero() && self.overdue.is_zero());
        let pay_by = standing.promises_on(day).map(|promise| promise.pay_by).min();
        let next_action = match (standing.reminder(), pay_by, self.overdue_since) {
            _ if !self.disputed.is_zero() => NextAction::ResolveDispute,
            (Some(message), _, _) => NextAction::SendReminder(message),
            _ if open && !self.unapplied.is_zero() => NextAction::SetAgainstInvoices,
            (None, Some(pay_by), _) => NextAction::AwaitPromise(pay_by),
            (None, None, Some(since)) => NextAction::Chase(since),
            (None, None, None) => self.payer.map_or(NextAction::Nothing, NextAction::Consolidate),
        };
        AccountStatus {
            account,
            balance,
            promised: standing.promises_on(day).map(|promise| promise.amount).collect(),
            hold: standing.hold_on(day),
            last_payment: standing.last_payment,
            reference: standing.reference,
            not_due: self.not_due,
            overdue: self.overdue,
            unapplied: self.unapplied,
            disputed: self.disputed,
            paid_by: standing.parents.on(day),
            next_action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date, inv, money, pay};
    use super::*;
    use crate::credit_control::{Event as CreditControl, HoldPlaced, HoldReleased, PromiseMade, ReminderDue};
    use crate::kernel::ids::PromiseId;

    fn board(log: &Log, as_of: &str) -> Vec<AccountStatus> {
        log.ask(&StatusBoard { as_of: date(as_of) })
    }

    fn action(log: &Log, as_of: &str) -> NextAction {
        board(log, as_of)[0].next_action
    }

    #[test]
    fn an_account_in_one_line() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-01", "2026-01-31", "GBP 100.00");
        log.invoice(acc(1), inv(2), "2026-02-01", "2026-03-03", "GBP 50.00");
        log.paid(acc(1), pay(1), "2026-02-05", "GBP 30.00");
        let line = &board(&log, "2026-02-10")[0];
        let sums = [&line.balance, &line.not_due, &line.overdue, &line.unapplied].map(Balance::to_string);
        assert_eq!(sums, ["GBP 120.00", "GBP 50.00", "GBP 100.00", "GBP 30.00"]);
        let last = LastPayment { on: date("2026-02-05"), amount: money("GBP 30.00") };
        assert_eq!(line.last_payment, Some(last));
        assert_eq!(line.next_action, NextAction::SetAgainstInvoices);
    }

    #[test]
    fn the_next_action_is_the_first_that_applies() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-01", "2026-01-31", "GBP 100.00");
        assert_eq!(action(&log, "2026-01-31"), NextAction::Nothing);
        assert_eq!(action(&log, "2026-02-01"), NextAction::Chase(date("2026-01-31")));
        let promise = PromiseMade {
            promise: PromiseId::from_uuid(uuid::Uuid::from_u128(1)),
            amount: money("GBP 60.00"),
            invoices: vec![inv(1)],
            made_on: date("2026-02-02"),
            pay_by: date("2026-02-20"),
            grace_days: 0,
            paid_before: None,
        };
        log.on(acc(1), CreditControl::from(promise));
        assert_eq!(action(&log, "2026-02-03"), NextAction::AwaitPromise(date("2026-02-20")));
        assert_eq!(board(&log, "2026-02-03")[0].promised, Balance::from_iter([money("GBP 60.00")]));
        let message = MessageId::from_uuid(uuid::Uuid::from_u128(7));
        let reminder = ReminderDue {
            message,
            due_on: date("2026-02-21"),
            to: crate::messages::Recipient::Owner,
            template: "second".parse().unwrap(),
            invoices: Vec::new(),
        };
        log.on(acc(1), CreditControl::from(reminder));
        assert_eq!(action(&log, "2026-02-21"), NextAction::SendReminder(message));
    }

    #[test]
    fn a_hold_counts_from_its_day_to_its_release() {
        let mut log = Log::default();
        let placed = HoldPlaced { reason: HoldReason::Arrears, placed_on: date("2026-02-10") };
        log.on(acc(1), CreditControl::from(placed));
        log.on(
            acc(1),
            CreditControl::from(HoldReleased {
                reason: HoldReason::Arrears,
                released_on: date("2026-02-20"),
            }),
        );
        let held = ["2026-02-09", "2026-02-10", "2026-02-20"].map(|day| board(&log, day)[0].hold);
        assert_eq!(held, [None, Some(HoldReason::Arrears), None]);
        log.assert_rows_do_not_depend_on_saves::<Receivables>();
    }
}
