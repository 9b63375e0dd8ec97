//! A discount gives no more than was granted: on each invoice, on all of them, and on how many.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::discounts::{DiscountEnded, DiscountGranted, Off};
use crate::invoicing::{InvoiceIssued, InvoiceVoided, Line};
use crate::kernel::balance::Balance;
use crate::kernel::ids::{DiscountId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rounding::Rounding;

const NAME: &str = "discount-within-limits";

/// The discounts granted, with the end that counts, and what each invoice that stands has given of them.
#[derive(Debug, Default)]
pub(super) struct Discounts {
    granted: BTreeMap<DiscountId, DiscountGranted>,
    given: BTreeMap<InvoiceId, BTreeMap<DiscountId, Balance>>,
}

impl Discounts {
    pub(super) fn add(&mut self, event: &Event, found: &mut Vec<(&'static str, String)>) {
        if let Some(granted) = payload::<DiscountGranted>(event) {
            self.granted.insert(granted.discount, granted.clone());
        }
        if let Some(ended) = payload::<DiscountEnded>(event)
            && let Some(granted) = self.granted.get_mut(&ended.discount)
        {
            granted.until = Some(ended.from);
        }
        if let Some(issued) = payload::<InvoiceIssued>(event) {
            self.issued(issued, &mut |what| {
                found.push((NAME, format!("invoice {}: {what}", issued.invoice)))
            });
        }
        if let Some(voided) = payload::<InvoiceVoided>(event) {
            self.given.remove(&voided.invoice);
        }
    }

    fn issued(&mut self, issued: &InvoiceIssued, found: &mut impl FnMut(String)) {
        let mut given: BTreeMap<DiscountId, Balance> = BTreeMap::new();
        for (number, line) in (1..).zip(&issued.lines) {
            let off = !line.discounts.is_empty();
            let amounts = || line.discounts.iter().map(|discount| discount.amount);
            if off
                && (!line.takes_discounts() || line.net.is_negative() || !amounts().all(Money::is_positive))
            {
                found(format!("line {number} comes to {} with its discounts", line.net));
            }
            for discount in &line.discounts {
                given.entry(discount.discount).or_default().add(discount.amount);
            }
        }
        if given.is_empty() {
            return;
        }
        self.given.insert(issued.invoice, given.clone());
        for (id, now) in &given {
            let Some(granted) = self.granted.get(id) else {
                found(format!("discount {id} was not granted"));
                continue;
            };
            if issued.issued_on < granted.from || granted.until.is_some_and(|until| until <= issued.issued_on)
            {
                found(format!("discount {id} is not in force on {}", issued.issued_on));
            }
            let has = |line: &&Line| line.discounts.iter().any(|discount| discount.discount == *id);
            if issued.lines.iter().filter(has).any(|line| !granted.on.takes(line.sold())) {
                found(format!("discount {id} is given on more than {}", granted.on));
            }
            let most = most(granted, &issued.lines);
            if !most.is_ok_and(|most| within(now, most)) {
                found(format!("discount {id} of {} gives {now}", granted.off));
            }
            let invoices = || self.given.values().filter_map(|given| given.get(id));
            if granted
                .bills
                .is_some_and(|bills| usize::try_from(bills).is_ok_and(|most| most < invoices().count()))
            {
                found(format!("discount {id} is given on {} invoices", invoices().count()));
            }
            let all: Balance = invoices().flat_map(Balance::iter).collect();
            if granted.at_most.is_some_and(|most| !within(&all, most)) {
                found(format!("discount {id} has given {all} in all"));
            }
        }
    }
}

/// The most that a discount may give on these lines: a part of what those that it is given on came to before any
/// discount.
fn most(granted: &DiscountGranted, lines: &[Line]) -> Result<Money, MoneyError> {
    let rate = match granted.off {
        Off::Amount(amount) => return Ok(amount),
        Off::Percent(rate) => rate,
    };
    let eligible = lines.iter().filter(|line| line.takes_discounts() && granted.on.takes(line.sold()));
    let charged: Result<Vec<Money>, MoneyError> = eligible.map(Line::before_discounts).collect();
    let charged = charged?;
    let Some(currency) = charged.first().map(|amount| amount.currency()) else {
        return Err(MoneyError::NoWeights);
    };
    rate.of(Money::sum(currency, charged)?, Rounding::Up)
}

fn within(given: &Balance, most: Money) -> bool {
    let mut left: Balance = [most].into_iter().collect();
    given.iter().for_each(|sum| left.subtract(sum));
    !left.iter().any(|sum| sum.is_negative())
}
