//! What other departments may ask about payments.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::state::{Granted, Link, State, USUAL_PRIORITY};
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{InvoiceId, PaymentId};
use crate::kernel::money::Money;
use crate::kernel::text::Reference;

impl State {
    /// What is set against an invoice now, by source. Nothing that is zero.
    pub fn allocated_to(&self, invoice: InvoiceId) -> BTreeMap<Funds, Money> {
        net(self.links_of(invoice).map(|link| (link.funds, link.amount)))
    }

    /// Which invoices a payment or a credit note is set against now. Reads all that was ever set against
    /// anything on the account; asked when money goes back, which is rare.
    pub fn allocations_of(&self, funds: Funds) -> BTreeMap<InvoiceId, Money> {
        let all =
            self.links.iter().flat_map(|(invoice, links)| links.iter().map(move |link| (invoice, link)));
        net(all.filter(|(_, link)| link.funds == funds).map(|(invoice, link)| (*invoice, link.amount)))
    }

    /// What was set against an invoice with an effective date among `days`, less what was taken off it with one
    /// of them. Below zero where more was taken off.
    pub fn allocated_within(&self, invoice: InvoiceId, days: RangeInclusive<Date>) -> Balance {
        let mut sum = Balance::default();
        self.links_of(invoice)
            .filter(|link| days.contains(&link.effective_on))
            .for_each(|link| sum.add(link.amount));
        sum
    }

    /// Whether money was recorded under this key of the bank's or provider's.
    pub fn has_source(&self, source: &Reference) -> bool {
        self.sources.contains_key(source)
    }

    /// Whether a payment went back to the payer's bank.
    pub fn is_returned(&self, payment: PaymentId) -> bool {
        self.returned.contains(&payment)
    }

    /// Whether money or credit can settle an invoice of a day: the time of a credit may be over.
    pub fn counts_on(&self, funds: Funds, on: Date) -> bool {
        self.granted(funds).and_then(|granted| granted.expires_on).is_none_or(|end| on < end)
    }

    /// What is used up first: the lowest.
    pub fn priority(&self, funds: Funds) -> u16 {
        self.granted(funds).map_or(USUAL_PRIORITY, |granted| granted.priority)
    }

    fn granted(&self, funds: Funds) -> Option<&Granted> {
        match funds {
            Funds::Credit(credit) => self.credits.get(&credit),
            Funds::Payment(_) | Funds::CreditNote(_) | Funds::Consolidated(_) => None,
        }
    }

    fn links_of(&self, invoice: InvoiceId) -> impl Iterator<Item = &Link> {
        self.links.get(&invoice).into_iter().flatten()
    }
}

/// Sums by key, without those that come to nothing. Links of one key are of one currency and add up to what was
/// decided, so no sum leaves the range of money; one that did would stay as it was before.
fn net<K: Ord>(links: impl Iterator<Item = (K, Money)>) -> BTreeMap<K, Money> {
    let mut sums: BTreeMap<K, Money> = BTreeMap::new();
    for (key, amount) in links {
        sums.entry(key).and_modify(|sum| *sum = sum.plus(amount).unwrap_or(*sum)).or_insert(amount);
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}
