//! The law of the view "receivables", over histories made up at random: on every day the aged debt, the status
//! board and the month's figures come to the balance that plain arithmetic over the events gives.

use proptest::prelude::*;

use super::aged_debt::{AgedDebt, Basis, Buckets};
use super::month_figures::MonthFigures;
use super::receivables::Receivables;
use super::status_board::StatusBoard;
use super::support::{Log, View, acc, inv, pay};
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::funds::Funds;
use crate::kernel::money::Money;

#[derive(Debug, Clone)]
struct Step {
    account: u128,
    invoice: i64,
    paid: i64,
    set: i64,
    released: bool,
    voided: bool,
    /// Whether the rest is passed on to a parent, and whether it is taken back.
    passed_on: (bool, bool),
    days: [u64; 5],
}

fn step() -> impl Strategy<Value = Step> {
    let days = prop::array::uniform5(0..60_u64);
    let amounts = prop::array::uniform3(1..500_i64);
    let passed_on = (prop::bool::weighted(0.3), any::<bool>());
    (0..3_u128, amounts, any::<bool>(), prop::bool::weighted(0.2), passed_on, days).prop_map(
        |(account, [invoice, paid, set], released, voided, passed_on, days)| Step {
            account,
            invoice,
            paid,
            set,
            released,
            voided,
            passed_on,
            days,
        },
    )
}

fn day(number: u64) -> Date {
    Date::from_ymd_opt(2026, 1, 1).unwrap().checked_add_days(chrono::Days::new(number)).unwrap()
}

fn pounds(minor: i64) -> Money {
    Money::new(minor, Currency::GBP).unwrap()
}

/// Each step: an invoice, a payment, a part of it set against the invoice, then perhaps released, then perhaps
/// the invoice voided. Business dates come in any order.
fn history(steps: &[Step]) -> (Log, Vec<(Date, i64)>) {
    let (mut log, mut moved) = (Log::default(), Vec::new());
    for (number, step) in (1..).zip(steps) {
        let [issued, due, received, effective, later] = step.days;
        let account = acc(step.account);
        let text = |day: Date| day.to_string();
        let gross = pounds(step.invoice).to_string();
        log.invoice(account, inv(number), &text(day(issued)), &text(day(issued + due)), &gross);
        moved.push((day(issued), step.invoice));
        log.paid(account, pay(number), &text(day(received)), &pounds(step.paid).to_string());
        moved.push((day(received), -step.paid));
        let set = pounds(step.set.min(step.invoice).min(step.paid)).to_string();
        let funds = Funds::Payment(pay(number));
        log.set(account, funds, inv(number), &text(day(effective)), &set);
        if step.released || step.voided {
            log.released(account, funds, inv(number), &text(day(effective + later)), &set);
        }
        if step.voided {
            log.voided(account, inv(number), &text(day(issued + later)));
            moved.push((day(issued + later), -step.invoice));
        }
        let rest = step.invoice - step.set.min(step.invoice).min(step.paid);
        let (passed_on, taken_back) = step.passed_on;
        if passed_on && rest > 0 && !step.released && !step.voided {
            let (consolidated, on) = (inv(1_000 + number), text(day(issued + later)));
            let rest = pounds(rest).to_string();
            log.passed_on((account, acc(9)), (inv(number), consolidated), &on, &rest);
            if taken_back {
                let on = text(day(issued + later + 3));
                log.taken_back((account, acc(9)), (inv(number), consolidated), &on, &rest);
            }
        }
    }
    (log, moved)
}

proptest! {
    #[test]
    fn every_report_comes_to_the_control_account(steps in prop::collection::vec(step(), 0..8), on in 0..130_u64) {
        let (log, moved) = history(&steps);
        let mut view = View::<Receivables>::default();
        for (index, event) in log.events.iter().enumerate() {
            view.watch(event);
            if index % 3 == 0 {
                view.save();
            }
        }
        let as_of = day(on);
        let control: i64 = moved.iter().filter(|(on, _)| *on <= as_of).map(|(_, amount)| amount).sum();
        let control = Balance::from_iter([pounds(control)]);

        for by in [Basis::DueDate, Basis::InvoiceDate] {
            let report = view.ask(&AgedDebt { as_of, by, buckets: Buckets::default(), account: None });
            let accounts: Balance = report.accounts.iter().map(|line| line.debt.total).collect();
            prop_assert_eq!(&accounts, &control);
            let totals: Balance = report.totals.iter().map(|total| total.total).collect();
            prop_assert_eq!(&totals, &control);
            for total in report.totals {
                let mut columns: Balance = total.columns.iter().map(|column| column.amount).collect();
                columns.extend(total.columns.iter().map(|column| column.disputed));
                columns.subtract(total.unapplied);
                prop_assert_eq!(columns, Balance::from_iter([total.total]));
            }
        }
        let mut board = Balance::default();
        for line in view.ask(&StatusBoard { as_of }) {
            let mut columns = line.not_due.clone();
            columns.add_balance(&line.overdue);
            columns.subtract_balance(&line.unapplied);
            prop_assert_eq!(&columns, &line.balance);
            board.add_balance(&line.balance);
        }
        prop_assert_eq!(&board, &control);
        let month = view.ask(&MonthFigures { on: as_of, currency: Currency::GBP });
        prop_assert_eq!(Balance::from_iter([month.closing]), control);
    }

    #[test]
    fn rows_do_not_depend_on_when_they_are_saved(steps in prop::collection::vec(step(), 0..6)) {
        history(&steps).0.assert_rows_do_not_depend_on_saves::<Receivables>();
    }
}
