//! A dunning campaign over debts in several currencies: the runner's own business, not the book's.

use billing_core::prelude::*;

use crate::desk::CampaignRun;
use crate::firm::Firm;
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// Another invoice is overdue.
pub(crate) fn owe(firm: &mut Firm<'_>, currency: &str, amount: &Figure) -> Outcome {
    firm.desk.dunning.owed.push(amount.money(Currency::parse(currency)?)?);
    Ok(())
}

/// Asks for payment in each currency in which enough is owed, enough days have passed, and attempts are left.
pub(crate) fn run(firm: &mut Firm<'_>) -> Outcome {
    let case = firm.case;
    let policy =
        case.given.keys.dunning.as_ref().ok_or_else(|| Stop::unsupported("run_dunning: no campaign"))?;
    let today = firm.desk.today;
    let campaign = &mut firm.desk.dunning;
    let mut thresholds: Vec<(Currency, &Figure)> = Vec::new();
    match (&policy.thresholds, &policy.threshold) {
        (Some(by_currency), _) => {
            for (code, threshold) in by_currency {
                thresholds.push((Currency::parse(code)?, threshold));
            }
        }
        (None, Some(threshold)) => {
            for owed in &campaign.owed {
                if thresholds.iter().all(|(known, _)| *known != owed.currency()) {
                    thresholds.push((owed.currency(), threshold));
                }
            }
        }
        (None, None) => return Err(Stop::unsupported("dunning: no threshold")),
    }
    for (currency, threshold) in &thresholds {
        let owed = campaign.owed.iter().copied().filter(|owed| owed.currency() == *currency);
        let owed = Money::sum(*currency, owed)?;
        let enough = owed.is_positive() && !owed.minus(threshold.money(*currency)?)?.is_negative();
        let tried = campaign.attempts.get(currency).copied().unwrap_or(0);
        // So many whole days lie between two attempts.
        let waited = campaign
            .last
            .get(currency)
            .is_none_or(|last| today.days_since(*last) > policy.days_between_attempts);
        if enough && waited && tried < policy.max_attempts {
            campaign.attempts.insert(*currency, tried.saturating_add(1));
            campaign.last.insert(*currency, today);
            campaign.requests = campaign.requests.saturating_add(1);
        }
    }
    let used_up = |currency: &Currency| campaign.attempts.get(currency) == Some(&policy.max_attempts);
    let finished = !campaign.finished && thresholds.iter().all(|(currency, _)| used_up(currency));
    campaign.finished |= finished;
    campaign.runs.push(CampaignRun { on: today, attempts: campaign.attempts.clone(), finished });
    Ok(())
}
