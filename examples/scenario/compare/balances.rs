//! Balances by name: of the account, of its credit, of an invoice.

use std::collections::BTreeMap;

use billing_core::prelude::*;

use crate::compare::figures::Checks;
use crate::facts::moment::Moment;
use crate::facts::standing::{balance, credit, open};
use crate::firm::Firm;
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// What a balance is of, and the moment at which it is asked for: `account_credit_after_2012-07-01`, or
/// `invoice1_balance_after_refund`, which is behind the last action of that name.
fn moment<'a, 'b>(name: &'a str, firm: &'b Firm<'_>) -> Option<(&'a str, &'b Moment)> {
    let (subject, when) = name.split_once("_after_")?;
    let lived = firm.desk.moments.iter();
    let found = match when.parse::<Date>() {
        Ok(day) => lived.rev().find(|moment| moment.on == day),
        Err(_) => {
            let stem = when.strip_suffix("ment").or(when.strip_suffix("ation")).unwrap_or(when);
            let stem = if when == "payment" { "pay" } else { stem };
            lived.rev().find(|moment| moment.action.as_ref().is_some_and(|verb| verb.contains(stem)))
        }
    };
    Some((subject, found?))
}

fn at_moment(subject: &str, moment: &Moment, firm: &Firm<'_>) -> Outcome<Option<Money>> {
    let open = |place: usize| moment.invoices.get(place).map(|(_, open, _)| *open);
    Ok(match subject {
        "account_balance" => Some(moment.account_balance),
        "account_credit" | "customer_credit" => Some(moment.account_credit),
        "invoice_balance" => match moment.touched {
            Some(touched) => moment.invoices.iter().find(|(id, ..)| *id == touched).map(|(_, open, _)| *open),
            None => moment.invoices.len().checked_sub(1).and_then(open),
        },
        _ => {
            let number = subject.strip_prefix("invoice").and_then(|rest| rest.strip_suffix("_balance"));
            let place = number.and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
            let books = firm.customer(0);
            let bill = place.and_then(|place| books.real_bills().nth(place)).and_then(|bill| bill.invoice);
            bill.and_then(|bill| moment.invoices.iter().find(|(id, ..)| *id == bill))
                .map(|(_, open, _)| *open)
        }
    })
}

/// Each named balance.
pub(crate) fn balances(expected: &BTreeMap<String, Figure>, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    expected.iter().try_for_each(|(name, figure)| checks.money(name, Some(figure), named(name, firm)?))
}

fn named(name: &str, firm: &Firm<'_>) -> Outcome<Money> {
    let currency = firm.case.given.currency;
    let page = firm.page(0)?;
    let unknown = || Stop::unsupported(format!("balances: {name}"));
    if let Some((subject, moment)) = moment(name, firm) {
        return at_moment(subject, moment, firm)?.ok_or_else(unknown);
    }
    match name {
        "account_balance_end" | "account_balance" => balance(&page, currency),
        "account_credit_end" | "account_credit" | "customer_credit" | "customer_credit_after" => {
            credit(&page, currency)
        }
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
