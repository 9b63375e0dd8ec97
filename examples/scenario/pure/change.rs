//! A change inside a period, given in words: `2 x 50.00 (100.00 paid)` becomes `1 x 30.00`.

use billing_core::kernel::proration::prorate;
use billing_core::prelude::*;

use crate::form::Case;
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// What a change gives back and what it charges; nothing where there is no such side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) credit: Option<Money>,
    pub(crate) charge: Option<Money>,
    pub(crate) net: Money,
}

/// One side of it.
struct Side {
    amount: Money,
    /// What was paid of it; all of it, where nothing is said.
    paid: Money,
}

/// The amounts of the only action of a case that is about such a change; nothing where a case is not.
pub(crate) fn amounts(case: &Case) -> Outcome<Option<Amounts>> {
    let keys = &case.given.keys;
    let (Some(period), [action]) = (&keys.period, case.actions.as_slice()) else { return Ok(None) };
    let old = keys.old.as_ref().or(keys.price_old.as_ref());
    let new = keys.new.as_ref().or(keys.price_new.as_ref());
    if old.is_none() && new.is_none() {
        return Ok(None);
    }
    let currency = case.given.currency;
    let full = period.days()?;
    let days = Period::new(action.on, full.to())?.days();
    let part = |amount| prorate(amount, days, full.days(), Rounding::HalfUp);
    let sum = |amounts: Vec<Money>| Money::sum(currency, amounts);
    // Each of several prices is a line of its own, rounded once.
    let credit = sides(old, currency)?.map(|old| {
        let each = old.iter().map(|old| Ok::<_, Stop>(part(old.amount)?.at_most(old.paid)?.negated()));
        Ok::<_, Stop>(sum(each.collect::<Outcome<_>>()?)?)
    });
    let charge = sides(new, currency)?.map(|new| {
        let each = new.iter().map(|new| part(new.amount)).collect::<Result<_, _>>()?;
        Ok::<_, Stop>(sum(each)?)
    });
    let (credit, charge) = (credit.transpose()?, charge.transpose()?);
    let net = Money::sum(currency, credit.into_iter().chain(charge))?;
    Ok(Some(Amounts { credit, charge, net }))
}

/// The prices of a side, `29.00 + 5 x 10.00`; nothing where it is empty.
fn sides(words: Option<&String>, currency: Currency) -> Outcome<Option<Vec<Side>>> {
    let words = words.map(|words| words.trim()).filter(|words| !matches!(*words, "-" | "none"));
    words.map(|words| words.split(" + ").map(|words| side(words, currency)).collect()).transpose()
}

fn side(words: &str, currency: Currency) -> Outcome<Side> {
    let no = || Stop::unsupported(format!("side {words:?}"));
    let (priced, paid) = match words.split_once(" (") {
        None => (words, None),
        Some((priced, paid)) => (priced, Some(paid.strip_suffix(" paid)").ok_or_else(no)?)),
    };
    let (count, price) = match priced.split_once(" x ") {
        None => (1, priced),
        Some((count, price)) => (count.parse::<i64>().map_err(|_| no())?, price),
    };
    let money = |text: &str| Figure::parse(text).ok_or_else(no)?.money(currency);
    let amount = money(price)?.times(count)?;
    let paid = paid.map_or(Ok(amount), money)?;
    Ok(Side { amount, paid })
}
