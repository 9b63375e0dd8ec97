//! In which overdue state an account is, by a policy that is data.

use billing_core::prelude::*;

use crate::form::given::Stage;
use crate::verdict::Outcome;

/// The state where no stage holds.
pub(crate) const CLEAR: &str = "CLEAR";

/// An invoice that is not paid: since when, and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unpaid {
    pub(crate) since: Date,
    pub(crate) open: Money,
}

/// The last stage of which all conditions hold.
pub(crate) fn stage<'a>(
    policy: &'a [Stage],
    unpaid: &[Unpaid],
    currency: Currency,
    on: Date,
) -> Outcome<Option<&'a Stage>> {
    let oldest = unpaid.iter().map(|unpaid| unpaid.since).min();
    let owed = Money::sum(currency, unpaid.iter().map(|unpaid| unpaid.open))?;
    let mut found = None;
    for stage in policy {
        let aged = match (stage.days_since_earliest_unpaid, oldest) {
            (None, _) => true,
            (Some(days), Some(oldest)) => on.days_since(oldest) >= days,
            (Some(_), None) => false,
        };
        let many = stage.unpaid_count.is_none_or(|count| unpaid.len() >= count);
        let much = match &stage.unpaid_balance {
            None => true,
            Some(balance) => !owed.minus(balance.money(currency)?)?.is_negative(),
        };
        if aged && many && much {
            found = Some(stage);
        }
    }
    Ok(found)
}

impl Stage {
    /// Whether nothing is billed in it.
    pub(crate) fn blocks_billing(&self) -> bool {
        self.blocks.contains("billing")
    }

    /// Whether plans can't be changed in it.
    pub(crate) fn blocks_changes(&self) -> bool {
        self.blocks.contains("change") || self.blocks.contains("entitlement")
    }
}
