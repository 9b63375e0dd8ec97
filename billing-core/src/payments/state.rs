//! What payments keep of an account: which money is set against which invoice, and since when.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::events::Event;
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{CreditId, InvoiceId, PaymentId};
use crate::kernel::money::Money;
use crate::kernel::text::Reference;
use crate::kernel::wire::{Row, rows};

/// The page of payments. How much of a payment is left, and how much is open on an invoice, stands in the
/// account's receivables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Each invoice with what was set against it and taken off it, in the order of recording.
    #[serde(with = "rows")]
    pub(super) links: BTreeMap<InvoiceId, Vec<Link>>,
    pub(super) returned: BTreeSet<PaymentId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) credits: BTreeMap<CreditId, Granted>,
    /// What money was recorded under which key of the bank or provider.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) sources: BTreeMap<Reference, (Money, Date)>,
}

/// The priority of money, of credit notes, and of credit that was given without one.
pub(super) const USUAL_PRIORITY: u16 = 50;

/// How a credit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Granted {
    pub(super) priority: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_on: Option<Date>,
}

/// What was set against an invoice on one day from one source, less what was taken off on that day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    pub(super) funds: Funds,
    pub(super) amount: Money,
    pub(super) effective_on: Date,
}

impl Row for Vec<Link> {
    type Fields = Vec<(Funds, Money, Date)>;

    fn fields(&self) -> Self::Fields {
        self.iter().map(|link| (link.funds, link.amount, link.effective_on)).collect()
    }

    fn of(fields: Self::Fields) -> Self {
        let links = fields.into_iter();
        links.map(|(funds, amount, effective_on)| Link { funds, amount, effective_on }).collect()
    }
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::FundsAllocated(link) => {
                self.link(link.invoice, link.funds, link.amount, link.effective_on)
            }
            Event::AllocationReleased(link) => {
                self.link(link.invoice, link.funds, link.amount.negated(), link.effective_on);
            }
            Event::PaymentReturned(returned) => {
                self.returned.insert(returned.payment);
            }
            Event::CreditGranted(granted) => {
                let (priority, expires_on) = (granted.priority, granted.expires_on);
                self.credits.insert(granted.credit, Granted { priority, expires_on });
            }
            Event::PaymentReceived(paid) => {
                let came = (paid.amount, paid.received_on);
                self.sources.extend(paid.source.clone().map(|source| (source, came)));
            }
            Event::RefundMade(_) | Event::ReceiptIssued(_) | Event::CreditExpired(_) => {}
        }
    }

    fn link(&mut self, invoice: InvoiceId, funds: Funds, amount: Money, effective_on: Date) {
        let links = self.links.entry(invoice).or_default();
        let same_day = links.iter_mut().find(|link| link.funds == funds && link.effective_on == effective_on);
        match same_day.and_then(|link| link.amount.plus(amount).ok().map(|sum| (link, sum))) {
            Some((link, sum)) => link.amount = sum,
            None => links.push(Link { funds, amount, effective_on }),
        }
        links.retain(|link| !link.amount.is_zero());
        if links.is_empty() {
            self.links.remove(&invoice);
        }
    }
}
