//! Aged debt: who owed what at the close of a day, and since when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::receivables::{Item, Receivables, Side, items_on};
use super::{Query, QueryError, RowReader};
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::AccountId;
use crate::kernel::money::MoneyError;

/// From which day an age is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// From the due date: each part of an invoice ages on its own. What is due today is not overdue.
    DueDate,
    /// From the date on the invoice.
    InvoiceDate,
}

/// The upper bounds of the columns, in days, both ends inclusive; what is older stands in one column more.
///
/// ```
/// use billing_core::projections::aged_debt::{Basis, Buckets};
/// let buckets = Buckets::default();
/// assert_eq!(buckets.labels(Basis::DueDate), ["not_due", "1-30", "31-60", "61-90", "91+"]);
/// assert_eq!(Buckets::new(vec![14])?.labels(Basis::InvoiceDate), ["0-14", "15+"]);
/// # Ok::<(), billing_core::projections::aged_debt::BucketsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
pub struct Buckets(Vec<u16>);

/// Bounds that make no columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} are no bounds of an aged debt report; give 1 to 12 rising numbers of days, the first at least 1"
)]
pub struct BucketsError(pub Vec<u16>);

impl Buckets {
    /// Columns with these upper bounds: 1 to 12 of them, rising, the first at least 1.
    pub fn new(bounds: Vec<u16>) -> Result<Self, BucketsError> {
        let rising = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        let fine = (1..=12).contains(&bounds.len()) && bounds[0] >= 1 && rising;
        if fine { Ok(Buckets(bounds)) } else { Err(BucketsError(bounds)) }
    }

    /// What stands above the columns.
    pub fn labels(&self, by: Basis) -> Vec<String> {
        let mut from = match by {
            Basis::DueDate => 1,
            Basis::InvoiceDate => 0,
        };
        let mut labels = Vec::from_iter((by == Basis::DueDate).then(|| "not_due".to_owned()));
        for bound in &self.0 {
            labels.push(format!("{from}-{bound}"));
            from = u32::from(*bound) + 1;
        }
        labels.push(format!("{from}+"));
        labels
    }

    /// The column of an age in days.
    pub(super) fn column(&self, by: Basis, age: i64) -> usize {
        let bucket = self.0.partition_point(|bound| i64::from(*bound) < age);
        match by {
            Basis::DueDate if age <= 0 => 0,
            Basis::DueDate => bucket + 1,
            Basis::InvoiceDate => bucket,
        }
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets(vec![30, 60, 90])
    }
}

impl TryFrom<Vec<u16>> for Buckets {
    type Error = BucketsError;

    fn try_from(bounds: Vec<u16>) -> Result<Self, BucketsError> {
        Buckets::new(bounds)
    }
}

impl From<Buckets> for Vec<u16> {
    fn from(buckets: Buckets) -> Self {
        buckets.0
    }
}

/// Asks who owed what at the close of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedDebt {
    /// The day. Whatever counts on it counts.
    pub as_of: Date,
    /// From which day an age is counted.
    pub by: Basis,
    /// The columns.
    pub buckets: Buckets,
    /// One account only.
    pub account: Option<AccountId>,
}

/// The aged debt of a day. The columns of each line add up to its total, and the lines to the totals: in each
/// currency that is the balance of the receivables control account on that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgedDebtReport {
    /// The close of which day.
    pub as_of: Date,
    /// From which day ages are counted.
    pub by: Basis,
    /// What stands above the columns.
    pub labels: Vec<String>,
    /// One line an account and currency, in the order of the accounts; none where nothing is open.
    pub accounts: Vec<AccountDebt>,
    /// One line a currency.
    pub totals: Vec<Debt>,
}

/// What one account owes in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountDebt {
    /// The account.
    pub account: AccountId,
    /// What it owes.
    #[serde(flatten)]
    pub debt: Debt,
}

/// Debt in one currency by age. `total` = all columns, disputed parts too, less what is unapplied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The currency.
    pub currency: Currency,
    /// By age, in the order of the labels.
    pub columns: Vec<Column>,
    /// How many invoices are disputed, in whole or in part.
    pub disputed_count: u64,
    /// What is disputed of all ages.
    pub disputed: Sum,
    /// Payments and credit notes not set against any invoice.
    pub unapplied: Sum,
    /// What is owed.
    pub total: Sum,
}

/// What is of one age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// How many invoices have a part of this age.
    pub count: u64,
    /// How much of it is undisputed.
    pub amount: Sum,
    /// How much of it is disputed: of an invoice in parts, the parts that are due first.
    pub disputed: Sum,
}

impl Query for AgedDebt {
    type View = Receivables;
    type Answer = AgedDebtReport;

    fn answer(&self, rows: &RowReader<'_>) -> Result<AgedDebtReport, QueryError> {
        let labels = self.buckets.labels(self.by);
        let mut accounts: BTreeMap<(AccountId, Currency), Debt> = BTreeMap::new();
        let mut totals: BTreeMap<Currency, Debt> = BTreeMap::new();
        items_on(rows, self.as_of, self.account, |account, item| {
            let currency = item.total.currency();
            let line = accounts.entry((account, currency));
            self.age(item, line.or_insert_with(|| Debt::nothing(currency, labels.len())))?;
            let total = totals.entry(currency);
            self.age(item, total.or_insert_with(|| Debt::nothing(currency, labels.len())))?;
            Ok(())
        })?;
        let line = |((account, _), debt)| AccountDebt { account, debt };
        Ok(AgedDebtReport {
            as_of: self.as_of,
            by: self.by,
            labels,
            accounts: accounts.into_iter().map(line).collect(),
            totals: totals.into_values().collect(),
        })
    }
}

impl AgedDebt {
    /// Adds an item to a line.
    fn age(&self, item: &Item, debt: &mut Debt) -> Result<(), MoneyError> {
        let open = item.open_on(self.as_of)?;
        match item.side {
            Side::Held => {
                debt.unapplied = debt.unapplied.plus(open)?;
                debt.total = debt.total.minus(open)?;
                return Ok(());
            }
            Side::Owed => debt.total = debt.total.plus(open)?,
        }
        let parts = match self.by {
            Basis::DueDate => item.parts_on(self.as_of)?,
            Basis::InvoiceDate => vec![(item.since, open)],
        };
        let mut disputed = item.disputed_on(self.as_of)?;
        debt.disputed = debt.disputed.plus(disputed)?;
        debt.disputed_count += u64::from(!disputed.is_zero());
        let mut counted = None;
        for (date, part) in parts.into_iter().filter(|(_, part)| !part.is_zero()) {
            let age = self.as_of.days_since(date);
            let at = self.buckets.column(self.by, age);
            let column = &mut debt.columns[at];
            // Parts stand in order of time, so those of one column stand together.
            if counted.replace(at) != Some(at) {
                column.count += 1;
            }
            let apart = if part.minor() < disputed.minor() { part } else { disputed };
            disputed = disputed.minus(apart)?;
            column.disputed = column.disputed.plus(apart)?;
            column.amount = column.amount.plus(part.minus(apart)?)?;
        }
        Ok(())
    }
}

impl Debt {
    fn nothing(currency: Currency, columns: usize) -> Self {
        let zero = Sum::zero(currency);
        let column = Column { count: 0, amount: zero, disputed: zero };
        let columns = vec![column; columns];
        Debt { currency, columns, disputed_count: 0, disputed: zero, unapplied: zero, total: zero }
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, crn, date, dsp, inv, money, pay};
    use super::*;
    use crate::credit_control::{
        DisputeOutcome, DisputeRaised, DisputeReason, DisputeResolved, Event as CreditControl,
    };
    use crate::kernel::funds::Funds;

    fn report(log: &Log, as_of: &str, by: Basis) -> AgedDebtReport {
        log.ask(&AgedDebt { as_of: date(as_of), by, buckets: Buckets::default(), account: None })
    }

    /// The totals of the one currency: columns as "count amount", then disputed, unapplied, total.
    fn totals(report: &AgedDebtReport) -> String {
        let [total] = report.totals.as_slice() else { return String::new() };
        let major = |sum: Sum| sum.to_money().unwrap().major();
        let columns = total.columns.iter().map(|column| format!("{} {}", column.count, major(column.amount)));
        let columns: Vec<String> = columns.collect();
        let rest = [total.disputed, total.unapplied, total.total].map(major);
        format!("{} | {}", columns.join(" | "), rest.join(" | "))
    }

    fn by_due(log: &Log, as_of: &str) -> String {
        totals(&report(log, as_of, Basis::DueDate))
    }

    fn credited(log: &mut Log, number: u128, on: &str, credit: &str) -> Funds {
        let wire = serde_json::json!({
            "credit_note": crn(number), "issued_on": on, "lines": [], "taxes": [], "reason": "Goodwill",
            "net": money(credit).negated(), "tax": "GBP 0.00", "credit": credit,
            "line_rounding": "half_up", "tax_rounding": "half_up",
        });
        let note: crate::invoicing::CreditNoteIssued = serde_json::from_value(wire).unwrap();
        log.on(acc(1), crate::invoicing::Event::from(note));
        Funds::CreditNote(crn(number))
    }

    #[test]
    fn due_today_is_not_overdue_and_both_ends_of_a_column_belong_to_it() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-01", "2026-01-31", "GBP 100.00");
        for (day, column) in
            [("01-31", 0), ("02-01", 1), ("03-02", 1), ("03-03", 2), ("04-01", 2), ("05-02", 4)]
        {
            let report = report(&log, &format!("2026-{day}"), Basis::DueDate);
            let filled = report.totals[0].columns.iter().position(|column| column.count == 1);
            assert_eq!(filled, Some(column), "{day}");
        }
        assert_eq!(report(&log, "2025-12-31", Basis::DueDate).totals, [], "not issued yet");
    }

    #[test]
    fn ages_count_from_the_invoice_date_too() {
        let mut log = Log::default();
        log.invoice_in_parts(
            acc(1),
            inv(1),
            "2026-01-01",
            &[("2026-01-31", "GBP 60.00"), ("2026-04-30", "GBP 40.00")],
            "GBP 100.00",
        );
        let on = |day: &str| totals(&report(&log, day, Basis::InvoiceDate));
        assert_eq!(on("2026-01-01"), "1 100.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 100.00");
        assert_eq!(on("2026-01-31"), "1 100.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 100.00");
        assert_eq!(on("2026-02-01"), "0 0.00 | 1 100.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 100.00");
    }

    #[test]
    fn instalments_age_apart_and_money_fills_the_earliest() {
        let mut log = Log::default();
        let parts = [("2026-01-31", "GBP 30.00"), ("2026-02-28", "GBP 50.00"), ("2026-03-31", "GBP 20.00")];
        log.invoice_in_parts(acc(1), inv(1), "2026-01-01", &parts, "GBP 100.00");
        log.settled(acc(1), pay(1), inv(1), "2026-02-10", "GBP 40.00");
        // 0, 40 of 50, 20.
        assert_eq!(
            by_due(&log, "2026-03-10"),
            "1 20.00 | 1 40.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 60.00"
        );
        // Before the money came: 30 and 50 and 20.
        assert_eq!(
            by_due(&log, "2026-02-09"),
            "1 70.00 | 1 30.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 100.00"
        );
    }

    #[test]
    fn a_credit_note_fills_the_earliest_part_too() {
        let mut log = Log::default();
        let parts = [("2026-01-31", "GBP 60.00"), ("2026-02-28", "GBP 100.00"), ("2026-03-31", "GBP 40.00")];
        log.invoice_in_parts(acc(1), inv(1), "2026-01-01", &parts, "GBP 200.00");
        log.settled(acc(1), pay(1), inv(1), "2026-01-20", "GBP 40.00");
        let note = credited(&mut log, 1, "2026-02-01", "GBP 100.00");
        log.set(acc(1), note, inv(1), "2026-02-01", "GBP 100.00");
        assert_eq!(
            by_due(&log, "2026-03-10"),
            "1 40.00 | 1 20.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 60.00"
        );
    }

    #[test]
    fn a_payment_that_went_back_leaves_the_debt_as_old_as_it_was() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-05", "2026-02-05", "GBP 500.00");
        log.settled(acc(1), pay(1), inv(1), "2026-02-10", "GBP 500.00");
        assert_eq!(by_due(&log, "2026-02-12"), "");
        log.released(acc(1), Funds::Payment(pay(1)), inv(1), "2026-02-14", "GBP 500.00");
        log.returned(acc(1), pay(1), "2026-02-14", "GBP 500.00");
        assert_eq!(by_due(&log, "2026-02-12"), "", "what is known later does not change that day");
        assert_eq!(
            by_due(&log, "2026-02-15"),
            "0 0.00 | 1 500.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 500.00"
        );
        // Paid again: as if it had been paid once.
        log.settled(acc(1), pay(2), inv(1), "2026-02-20", "GBP 500.00");
        assert_eq!(by_due(&log, "2026-02-20"), "");
        assert_eq!(
            by_due(&log, "2026-02-19"),
            "0 0.00 | 1 500.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 500.00"
        );
        log.assert_rows_do_not_depend_on_saves::<Receivables>();
    }

    #[test]
    fn disputed_and_unapplied_stand_apart() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-05", "2026-02-05", "GBP 500.00");
        let raised = DisputeRaised {
            dispute: dsp(1),
            invoice: inv(1),
            amount: money("GBP 120.00"),
            reason: DisputeReason::Quality,
            raised_on: date("2026-02-10"),
            note: None,
        };
        log.on(acc(1), CreditControl::from(raised));
        log.paid(acc(1), pay(1), "2026-02-12", "GBP 70.00");
        let resolved = DisputeResolved {
            dispute: dsp(1),
            outcome: DisputeOutcome::Rejected,
            resolved_on: date("2026-03-01"),
        };
        log.on(acc(1), CreditControl::from(resolved));
        let on = |day: &str| by_due(&log, day);
        assert_eq!(on("2026-02-09"), "0 0.00 | 1 500.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 500.00");
        assert_eq!(
            on("2026-02-12"),
            "0 0.00 | 1 380.00 | 0 0.00 | 0 0.00 | 0 0.00 | 120.00 | 70.00 | 430.00"
        );
        assert_eq!(on("2026-03-01"), "0 0.00 | 1 500.00 | 0 0.00 | 0 0.00 | 0 0.00 | 0.00 | 70.00 | 430.00");
        let february = report(&log, "2026-02-12", Basis::DueDate);
        assert_eq!(february.accounts[0].debt.columns[1].disputed, Sum::parse("GBP 120.00").unwrap());
        let disputed_on = |day: &str| report(&log, day, Basis::DueDate).totals[0].disputed_count;
        assert_eq!(["2026-02-09", "2026-02-12", "2026-03-01"].map(disputed_on), [0, 1, 0]);
    }

    #[test]
    fn a_void_invoice_and_a_brought_forward_one() {
        let mut log = Log::default();
        log.brought(acc(1), inv(1), "2025-11-01", "2025-12-01", "GBP 80.00");
        log.invoice(acc(2), inv(2), "2026-01-01", "2026-01-31", "GBP 20.00");
        log.voided(acc(2), inv(2), "2026-01-15");
        assert_eq!(
            by_due(&log, "2026-01-14"),
            "1 20.00 | 0 0.00 | 1 80.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 100.00"
        );
        assert_eq!(
            by_due(&log, "2026-01-15"),
            "0 0.00 | 0 0.00 | 1 80.00 | 0 0.00 | 0 0.00 | 0.00 | 0.00 | 80.00"
        );
    }

    #[test]
    fn one_account_and_two_currencies() {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-01", "2026-01-31", "GBP 10.00");
        log.invoice(acc(2), inv(2), "2026-01-01", "2026-01-31", "EUR 20.00");
        log.settled(acc(1), pay(9), inv(1), "2026-01-10", "GBP 1.00");
        let buckets = Buckets::new(vec![14]).unwrap();
        let ask = |account| {
            log.ask(&AgedDebt {
                as_of: date("2026-02-01"),
                by: Basis::DueDate,
                buckets: buckets.clone(),
                account,
            })
        };
        let all = ask(None);
        assert_eq!(
            all.totals.iter().map(|debt| debt.total.to_string()).collect::<Vec<_>>(),
            ["EUR 20.00", "GBP 9.00"]
        );
        assert_eq!(all.labels, ["not_due", "1-14", "15+"]);
        let one = ask(Some(acc(1)));
        assert_eq!(one.accounts, all.accounts[..1]);
        assert_eq!(ask(Some(acc(3))).accounts, []);
    }

    #[test]
    fn bounds_must_rise() {
        for wrong in [vec![], vec![0], vec![30, 30], vec![60, 30], vec![1; 13]] {
            assert!(Buckets::new(wrong).is_err());
        }
        assert_eq!(
            Buckets::new(vec![60, 30]).unwrap_err().to_string(),
            "[60, 30] are no bounds of an aged debt report; give 1 to 12 rising numbers of days, the first at \
             least 1"
        );
        assert!(serde_json::from_str::<Buckets>("[30,60,90]").is_ok());
    }
}
