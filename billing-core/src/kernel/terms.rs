//! Payment terms: when an invoice is due, in one amount or in instalments.

use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, Date, DayOfMonth, end_of_month, month_index, plus_days};
use super::money::{Money, MoneyError};
use super::split::split;

/// Why terms were refused or could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Fewer than 2 or more than 36 instalments.
    #[error("a plan has 2 to 36 instalments and this one has {0}: use other terms for a single payment")]
    Count(usize),
    /// The shares do not make up the whole.
    #[error("the shares of the instalments sum to {0} per cent: they must sum to 100")]
    Shares(u64),
    /// An instalment of no share.
    #[error("the instalment after {0} days has a share of 0 per cent: leave it out")]
    NoShare(u16),
    /// An instalment not later than the one before.
    #[error(
        "the instalment after {0} days is not later than the one before it: list instalments in order of time"
    )]
    Order(u16),
    /// A due date outside the years that are allowed.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The amount could not be divided.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// When an invoice is to be paid. On the wire `"on_receipt"`, `{"net_days":30}`, `{"end_of_month_plus":10}`,
/// `{"day_of_following_month":15}` or `{"instalments":[{"share":50,"days":0},{"share":50,"days":30}]}`.
///
/// ```
/// use billing_core::kernel::money::Money;
/// use billing_core::kernel::terms::PaymentTerms;
/// let total = Money::parse("GBP 119.00").unwrap();
/// let due = PaymentTerms::NetDays(30).due_dates("2026-11-30".parse().unwrap(), total).unwrap();
/// assert_eq!(due[0].date.to_string(), "2026-12-30");
/// assert_eq!(due[0].amount, total);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentTerms {
    /// On the day of issue.
    OnReceipt,
    /// So many days after the day of issue.
    NetDays(u16),
    /// So many days after the end of the month of issue.
    EndOfMonthPlus(u16),
    /// On this day of the month after the month of issue, or on that month's last day when it is shorter.
    DayOfFollowingMonth(DayOfMonth),
    /// In parts.
    Instalments(Instalments),
}

/// One part of a payment plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// Its share of the total, in per cent.
    pub share: u32,
    /// Days after the day of issue.
    pub days: u16,
}

/// 2 to 36 instalments in order of time, whose shares sum to 100 per cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Instalment>")]
pub struct Instalments(Vec<Instalment>);

impl Instalments {
    /// Checks a plan.
    ///
    /// # Errors
    /// [`TermsError`] names the rule that was broken.
    pub fn new(parts: Vec<Instalment>) -> Result<Self, TermsError> {
        if !(2..=36).contains(&parts.len()) {
            return Err(TermsError::Count(parts.len()));
        }
        if let Some(part) = parts.iter().find(|part| part.share == 0) {
            return Err(TermsError::NoShare(part.days));
        }
        if let Some(pair) = parts.windows(2).find(|pair| pair[0].days >= pair[1].days) {
            return Err(TermsError::Order(pair[1].days));
        }
        match parts.iter().map(|part| u64::from(part.share)).sum() {
            100 => Ok(Self(parts)),
            sum => Err(TermsError::Shares(sum)),
        }
    }

    /// The instalments in order of time.
    pub fn as_slice(&self) -> &[Instalment] {
        &self.0
    }
}

impl TryFrom<Vec<Instalment>> for Instalments {
    type Error = TermsError;

    fn try_from(parts: Vec<Instalment>) -> Result<Self, TermsError> {
        Self::new(parts)
    }
}

/// An amount and the last day on which it is paid in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// The due date.
    pub date: Date,
    /// What is due on it.
    pub amount: Money,
}

impl PaymentTerms {
    /// What is due when, in order of time; the amounts sum to `total`, whatever its sign.
    ///
    /// # Errors
    /// [`TermsError::Calendar`] when a due date leaves the years 1900 to 2200.
    pub fn due_dates(&self, issued: Date, total: Money) -> Result<Vec<Due>, TermsError> {
        let PaymentTerms::Instalments(plan) = self else {
            return Ok(vec![Due { date: self.last_due(issued)?, amount: total }]);
        };
        let shares: Vec<u64> = plan.0.iter().map(|part| part.share.into()).collect();
        let amounts = split(total, &shares)?;
        let due = |(part, amount): (&Instalment, Money)| {
            Ok(Due { date: plus_days(issued, part.days.into())?, amount })
        };
        plan.0.iter().zip(amounts).map(due).collect()
    }

    /// The day on which the whole is due.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when it leaves the years 1900 to 2200.
    pub fn last_due(&self, issued: Date) -> Result<Date, CalendarError> {
        match self {
            PaymentTerms::OnReceipt => plus_days(issued, 0),
            PaymentTerms::NetDays(days) => plus_days(issued, (*days).into()),
            PaymentTerms::EndOfMonthPlus(days) => plus_days(end_of_month(issued)?, (*days).into()),
            PaymentTerms::DayOfFollowingMonth(day) => day.in_month(month_index(issued) + 1),
            PaymentTerms::Instalments(plan) => {
                plus_days(issued, plan.0.last().map_or(0, |part| part.days.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    fn plan(parts: &[(u32, u16)]) -> Result<Instalments, TermsError> {
        Instalments::new(parts.iter().map(|&(share, days)| Instalment { share, days }).collect())
    }

    fn following(day: u8) -> PaymentTerms {
        PaymentTerms::DayOfFollowingMonth(DayOfMonth::new(day).unwrap())
    }

    #[test]
    fn each_kind_of_terms_has_its_day() {
        for (terms, issued, due) in [
            (PaymentTerms::OnReceipt, "2026-11-30", "2026-11-30"),
            (PaymentTerms::NetDays(0), "2026-11-30", "2026-11-30"),
            (PaymentTerms::NetDays(14), "2028-02-20", "2028-03-05"),
            (PaymentTerms::EndOfMonthPlus(0), "2028-02-03", "2028-02-29"),
            (PaymentTerms::EndOfMonthPlus(10), "2026-11-30", "2026-12-10"),
            (following(15), "2026-12-31", "2027-01-15"),
            (following(31), "2026-01-31", "2026-02-28"),
            (following(30), "2028-01-31", "2028-02-29"),
            (following(31), "2026-02-28", "2026-03-31"),
        ] {
            assert_eq!(terms.last_due(date(issued)), Ok(date(due)), "{terms:?}");
            let whole = vec![Due { date: date(due), amount: money("GBP 119.00") }];
            assert_eq!(terms.due_dates(date(issued), money("GBP 119.00")), Ok(whole));
        }
    }

    #[test]
    fn instalments_lose_no_cent_in_any_currency_or_sign() {
        let terms = PaymentTerms::Instalments(plan(&[(33, 0), (33, 30), (34, 60)]).unwrap());
        for (total, parts) in [
            ("GBP 100.01", ["GBP 33.00", "GBP 33.00", "GBP 34.01"]),
            ("GBP -100.00", ["GBP -33.00", "GBP -33.00", "GBP -34.00"]),
            ("JPY 200", ["JPY 66", "JPY 66", "JPY 68"]),
            ("KWD 0.000", ["KWD 0.000"; 3]),
        ] {
            let due = terms.due_dates(date("2028-01-30"), money(total)).unwrap();
            let dates = ["2028-01-30", "2028-02-29", "2028-03-30"];
            let expected: Vec<Due> = dates
                .into_iter()
                .zip(parts)
                .map(|(day, part)| Due { date: date(day), amount: money(part) })
                .collect();
            assert_eq!(due, expected);
        }
        assert_eq!(terms.last_due(date("2028-01-30")), Ok(date("2028-03-30")));
    }

    #[test]
    fn a_plan_that_breaks_a_rule_is_refused() {
        let said = [
            plan(&[(100, 0)]),
            plan(&[(50, 0), (49, 30)]),
            plan(&[(100, 0), (0, 30)]),
            plan(&[(50, 30), (50, 30)]),
        ];
        assert_eq!(
            said.map(|refused| refused.unwrap_err().to_string()),
            [
                "a plan has 2 to 36 instalments and this one has 1: use other terms for a single payment",
                "the shares of the instalments sum to 99 per cent: they must sum to 100",
                "the instalment after 30 days has a share of 0 per cent: leave it out",
                "the instalment after 30 days is not later than the one before it: list instalments in order of time",
            ]
        );
        let monthly: Vec<(u32, u16)> = (0..37).map(|n| (1, n)).collect();
        assert_eq!(plan(&monthly), Err(TermsError::Count(37)));
        assert_eq!(plan(&[(u32::MAX, 0), (u32::MAX, 1)]), Err(TermsError::Shares(8_589_934_590)));
    }

    #[test]
    fn a_due_date_beyond_the_years_is_refused() {
        for terms in [PaymentTerms::NetDays(u16::MAX), PaymentTerms::EndOfMonthPlus(1), following(1)] {
            let refused = terms.due_dates(date("2200-12-31"), money("GBP 1.00"));
            assert_eq!(refused, Err(TermsError::Calendar(CalendarError::OutOfRange)));
        }
    }

    #[test]
    fn terms_survive_the_wire_and_are_checked_on_it() {
        for wire in [
            r#""on_receipt""#,
            r#"{"net_days":30}"#,
            r#"{"end_of_month_plus":10}"#,
            r#"{"day_of_following_month":15}"#,
            r#"{"instalments":[{"share":50,"days":0},{"share":50,"days":30}]}"#,
        ] {
            let terms: PaymentTerms = serde_json::from_str(wire).unwrap();
            assert_eq!(serde_json::to_string(&terms).unwrap(), wire);
        }
        for wrong in [
            r#"{"net_days":-1}"#,
            r#"{"day_of_following_month":32}"#,
            r#"{"instalments":[{"share":50,"days":0},{"share":51,"days":30}]}"#,
        ] {
            assert!(serde_json::from_str::<PaymentTerms>(wrong).is_err(), "{wrong}");
        }
    }
}
