//! Billing periods in words: `monthly`, `every 30 days`, `usage in arrears, monthly`.

use std::num::NonZeroU16;

use billing_core::kernel::calendar::Interval;

use crate::verdict::{Outcome, Stop};

/// The interval that the words mean.
pub(crate) fn interval(words: &str) -> Outcome<Interval> {
    named(words)
        .or_else(|| counted(words))
        .ok_or_else(|| Stop::unsupported(format!("billing period {words:?}")))
}

fn named(words: &str) -> Option<Interval> {
    Some(match words.to_ascii_lowercase().as_str() {
        "daily" => days(1)?,
        "weekly" => weeks(1)?,
        "biweekly" => weeks(2)?,
        "thirty_days" | "thirty days" => days(30)?,
        "monthly" => months(1)?,
        "bimonthly" => months(2)?,
        "quarterly" => months(3)?,
        "semiannual" | "biannual" | "half-yearly" => months(6)?,
        "annual" | "yearly" | "annually" => months(12)?,
        "biennial" => months(24)?,
        "triennial" => months(36)?,
        _ => return None,
    })
}

fn counted(words: &str) -> Option<Interval> {
    let (count, unit) = words.strip_prefix("every ")?.split_once(' ')?;
    let count: u16 = count.parse().ok()?;
    match unit.trim_end_matches('s') {
        "day" => days(count),
        "week" => weeks(count),
        "month" => months(count),
        "quarter" => months(count.checked_mul(3)?),
        "year" => months(count.checked_mul(12)?),
        _ => None,
    }
}

/// So many days.
pub(crate) fn days(count: u16) -> Option<Interval> {
    NonZeroU16::new(count).map(Interval::Days)
}

fn weeks(count: u16) -> Option<Interval> {
    NonZeroU16::new(count).map(Interval::Weeks)
}

/// So many months.
pub(crate) fn months(count: u16) -> Option<Interval> {
    NonZeroU16::new(count).map(Interval::Months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_an_interval() {
        for (words, means) in [
            ("monthly", "1 month"),
            ("every 30 days", "30 days"),
            ("annual", "12 months"),
            ("every 2 years", "24 months"),
            ("weekly", "1 week"),
        ] {
            assert_eq!(interval(words).unwrap().to_string(), means);
        }
        assert!(interval("every now and then").is_err());
        assert!(interval("every 0 days").is_err());
    }
}
