//! Balances by name: of the account, of its credit, of an invoice.

use std::collections::BTreeMap;

use billing_core::prelude::*;

use crate::compare::figures::Checks;
use crate::facts::standing::{balance, credit, open};
use crate::firm::Firm;
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// Each named balance.
pub(crate) fn balances(expected: &BTreeMap<String, Figure>, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    expected.iter().try_for_each(|(name, figure)| checks.money(name, Some(figure), named(name, firm)?))
}

fn named(name: &str, firm: &Firm<'_>) -> Outcome<Money> {
    let currency = firm.case.given.currency;
    let page = firm.page(0)?;
    let unknown = || Stop::unsupported(format!("balances: {name}"));
    if let Some(day) = name.strip_prefix("account_credit_after_").and_then(|day| day.parse::<Date>().ok()) {
        let moment = firm.desk.moments.iter().rfind(|moment| moment.on == day);
        return moment.map(|moment| moment.account_credit).ok_or_else(unknown);
    }
    if let Some(day) = name.strip_prefix("account_balance_after_").and_then(|day| day.parse::<Date>().ok()) {
        let moment = firm.desk.moments.iter().rfind(|moment| moment.on == day);
        return moment.map(|moment| moment.account_balance).ok_or_else(unknown);
    }
    match name {
        "account_balance_end" | "account_balance" => balance(&page, currency),
        "account_credit_end"
        | "account_credit"
        | "account_credit_after_adjustment"
        | "customer_credit"
        | "customer_credit_after" => credit(&page, currency),
        "customer_credit_before" => match &firm.case.given.keys.customer_credit {
            Some(credit) => credit.money(currency),
            None => Ok(Money::zero(currency)),
        },
        "invoice_balance_end" | "invoice_balance" => {
            let last = firm.customer(0).real_bills().last();
            last.map(|bill| open(&page, bill)).ok_or_else(|| Stop::differs(name, "an invoice", "none"))
        }
        _ => {
            let number = name.strip_prefix("invoice").ok_or_else(unknown)?;
            let number = number
                .strip_suffix("_balance_end")
                .or(number.strip_suffix("_balance"))
                .ok_or_else(unknown)?;
            let number: usize = number.parse().map_err(|_| unknown())?;
            let bill = number.checked_sub(1).and_then(|place| firm.customer(0).real_bills().nth(place));
            bill.map(|bill| open(&page, bill)).ok_or_else(|| Stop::differs(name, "an invoice", "none"))
        }
    }
}
