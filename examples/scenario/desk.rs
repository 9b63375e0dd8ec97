//! What the runner notes beside the book: which documents came of which command, who holds what, what was tried.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::kernel::ids::{AccountId, InvoiceId, PaymentId, SubscriptionId};
use billing_core::prelude::*;

use billing_core::invoicing::ConsolidatedInvoiceIssued;

use crate::facts::bill::Bill;
use crate::facts::moment::Moment;
use crate::facts::note::Note;
use crate::verdict::Refusal;

/// The notes of one case; a fork of it takes a copy along.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) today: Date,
    /// The account of the case, then its children.
    pub(crate) customers: Vec<Customer>,
    /// Codes under which plans were published, by the name of the plan, what it is used as, and its day of the month.
    pub(crate) published: BTreeMap<(String, PlanKind, Option<u8>), Code>,
    pub(crate) items: BTreeMap<(String, Code), Code>,
    pub(crate) taxes: BTreeSet<Code>,
    /// Whether invoices are paid, or fail to be, when they are issued.
    pub(crate) payers: Payers,
    /// Whether billing runs by itself; before a first run that is asked for it does not.
    pub(crate) running: bool,
    /// The bills of the last run that was asked for, by account and place.
    pub(crate) last_run: Option<Vec<(usize, usize)>>,
    pub(crate) previews: Vec<Preview>,
    pub(crate) dunning: Campaign,
    pub(crate) moments: Vec<Moment>,
    pub(crate) refusal: Option<Refusal>,
    /// The bill of the last cancellation, by account and place.
    pub(crate) termination: Option<(usize, usize)>,
    pub(crate) credits_granted: Option<Money>,
    /// What the account of the case was given to pay for its children.
    pub(crate) consolidated: Vec<ConsolidatedInvoiceIssued>,
    /// How many readings of usage there were.
    pub(crate) readings: u32,
}

/// How the customers pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payers {
    WhenAsked,
    OnIssue,
    Failing,
}

/// One account, as the runner knows it.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) name: Option<String>,
    pub(crate) id: AccountId,
    pub(crate) holdings: Vec<Holding>,
    pub(crate) bills: Vec<Bill>,
    pub(crate) notes: Vec<Note>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) payments: Vec<PaymentMade>,
    /// Days on which an invoice was to be paid.
    pub(crate) attempts: BTreeMap<InvoiceId, Vec<Date>>,
    pub(crate) next_bill: Option<Date>,
    /// What was voided is billed again on the next due date, not before.
    pub(crate) not_before: Option<Date>,
    /// Since when overdue invoices block billing.
    pub(crate) blocked: Option<Date>,
    pub(crate) refunded: Money,
    /// The invoice that the last action was about.
    pub(crate) touched: Option<InvoiceId>,
    /// What was cancelled last, by its place among the holdings.
    pub(crate) cancelled: Option<usize>,
    /// Credits that were bought and are not paid yet, the newest last.
    pub(crate) bought: Vec<Money>,
    /// Whether a payment was confirmed before: a second word of it changes nothing.
    pub(crate) confirmed: bool,
}

/// A subscription, or an add-on of one.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) reference: Option<String>,
    pub(crate) plan: String,
    pub(crate) subscription: SubscriptionId,
    /// The add-on's name in the subscription; none for its plan.
    pub(crate) add_on: Option<Code>,
    /// The first day on which it is no longer had, where it ends alone.
    pub(crate) ends: Option<Date>,
    /// Until when billing is paused, from when on.
    pub(crate) pauses: Vec<(Date, Option<Date>)>,
}

/// What was taken off an invoice.
#[derive(Debug, Clone)]
pub(crate) struct Adjustment {
    /// The date of the invoice.
    pub(crate) invoice: Date,
    pub(crate) kind: &'static str,
    /// Negative.
    pub(crate) amount: Money,
}

/// A payment, tried or made.
#[derive(Debug, Clone)]
pub(crate) struct PaymentMade {
    /// Its id in the book, where it arrived.
    pub(crate) payment: Option<PaymentId>,
    pub(crate) invoice: InvoiceId,
    pub(crate) amount: Money,
    /// What the payer's side calls the amount.
    pub(crate) processed: Option<Money>,
    pub(crate) pending: bool,
    /// The payer's key of it, under which it is recorded once.
    pub(crate) key: Option<String>,
    /// What went back of it.
    pub(crate) charged_back: Option<Money>,
}

/// What a preview showed.
#[derive(Debug, Clone)]
pub(crate) struct Preview {
    pub(crate) target: Date,
    pub(crate) bills: Vec<Bill>,
}

/// A dunning campaign, by currency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Campaign {
    pub(crate) owed: Vec<Money>,
    pub(crate) attempts: BTreeMap<Currency, u32>,
    pub(crate) last: BTreeMap<Currency, Date>,
    pub(crate) requests: usize,
    pub(crate) finished: bool,
    pub(crate) runs: Vec<CampaignRun>,
}

/// How a campaign stood after a run of it.
#[derive(Debug, Clone)]
pub(crate) struct CampaignRun {
    pub(crate) on: Date,
    pub(crate) attempts: BTreeMap<Currency, u32>,
    /// Whether this run was its last.
    pub(crate) finished: bool,
}

impl Desk {
    pub(crate) fn new(today: Date, running: bool) -> Desk {
        Desk {
            today,
            customers: Vec::new(),
            published: BTreeMap::new(),
            items: BTreeMap::new(),
            taxes: BTreeSet::new(),
            payers: Payers::WhenAsked,
            running,
            last_run: None,
            previews: Vec::new(),
            dunning: Campaign::default(),
            moments: Vec::new(),
            refusal: None,
            termination: None,
            credits_granted: None,
            consolidated: Vec::new(),
            readings: 0,
        }
    }
}

impl PaymentMade {
    /// One that has not arrived.
    pub(crate) fn tried(invoice: InvoiceId, amount: Money) -> PaymentMade {
        PaymentMade {
            payment: None,
            invoice,
            amount,
            processed: None,
            pending: false,
            key: None,
            charged_back: None,
        }
    }
}

impl Customer {
    pub(crate) fn new(name: Option<String>, id: AccountId, currency: Currency) -> Customer {
        Customer {
            name,
            id,
            holdings: Vec::new(),
            bills: Vec::new(),
            notes: Vec::new(),
            adjustments: Vec::new(),
            payments: Vec::new(),
            attempts: BTreeMap::new(),
            next_bill: None,
            not_before: None,
            blocked: None,
            refunded: Money::zero(currency),
            touched: None,
            cancelled: None,
            bought: Vec::new(),
            confirmed: false,
        }
    }

    /// Bills with an amount or with lines that have one.
    pub(crate) fn real_bills(&self) -> impl Iterator<Item = &Bill> {
        self.bills.iter().filter(|bill| bill.is_real())
    }
}
