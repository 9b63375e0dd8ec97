//! The view "pending": what was recorded of an account that its bills do not show yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Projection, Rows, account_of};
use crate::book::Event;
use crate::discounts::{Discount, Event as Discounts, Off};
use crate::invoicing::{Event as Invoicing, InvoiceIssued, Line, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DiscountId, InvoiceId, QuoteId, SubscriptionId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Code;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, Position, Recorded};
use crate::quotes::Event as Quotes;
use crate::subscriptions::Event as Subscriptions;
use crate::work::Event as Work;

/// What is pending.
///
/// `acc/ACCOUNT` holds what its next bills have to show; `inv/INVOICE` what an invoice has shown of it, for the case
/// that it is voided.
#[derive(Debug)]
pub struct Pending;

/// Who recorded what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) position: Position,
    pub(super) by: ActorId,
    pub(super) at: Timestamp,
    pub(super) sentence: String,
}

/// What is pending of an account.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    /// The newest bill, if it stands.
    pub(super) last: Option<InvoiceId>,
    /// The end of the days that are billed, component by component.
    billed_to: BTreeMap<SubscriptionId, BTreeMap<Code, Date>>,
    pub(super) changes: Vec<Change>,
    pub(super) discounts: BTreeMap<DiscountId, Granted>,
    /// Quotes on which nobody has decided.
    pub(super) quotes: BTreeMap<QuoteId, Open>,
    /// Work that is not billed.
    pub(super) work: BTreeMap<WorkId, Piece>,
}

/// A change of a subscription that no bill shows yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) noted: Noted,
    pub(super) subscription: SubscriptionId,
    /// The component, where it is about one alone.
    component: Option<Code>,
    /// The first day on which it counts; none where it takes something back.
    pub(super) from: Option<Date>,
    pub(super) turn: Turn,
}

/// What a change does to what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    /// The subscription begins.
    Begins,
    /// Something about it is different.
    Changes,
    /// A component is not served any more.
    Stops,
    /// The whole subscription is not served any more.
    Ends,
}

/// A discount, and how much of it was given.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Granted {
    pub(super) noted: Noted,
    /// Who ended it, where somebody did.
    ended: Option<Noted>,
    pub(super) discount: Discount,
    /// On how many invoices that stand.
    invoices: u32,
    /// How much on all of them.
    given: Option<Money>,
    /// The newest of them that is a bill.
    last: Option<InvoiceId>,
}

/// A quote that can be accepted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Open {
    pub(super) noted: Noted,
    pub(super) quoted_on: Date,
    pub(super) valid_until: Date,
    pub(super) net: Money,
}

/// A piece of work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) noted: Noted,
    /// The first day through which a bill takes it.
    pub(super) from: Date,
    pub(super) value: Option<Money>,
    /// Whether it was accepted by a quote.
    pub(super) quoted: bool,
}

/// What an invoice has shown.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Shown {
    changes: Vec<Change>,
    work: BTreeMap<WorkId, Piece>,
    discounts: BTreeMap<DiscountId, Money>,
}

impl Projection for Pending {
    const NAME: &'static str = "pending";
    const FOLD: u32 = 1;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        let noted = || Noted {
            position: recorded.position,
            by: recorded.by.clone(),
            at: recorded.at,
            sentence: recorded.event.to_string(),
        };
        match &recorded.event {
            Event::Subscriptions(event) => change(account, rows, |row| row.ask_for(event, noted())),
            Event::Quotes(event) => change(account, rows, |row| row.offer(event, noted())),
            Event::Work(event) => change(account, rows, |row| row.do_work(event, noted())),
            Event::Discounts(event) => change(account, rows, |row| row.grant(event, noted())),
            Event::Invoicing(event) => watch_invoicing(account, event, rows),
            Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Accounts(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Usage(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
    }
}

fn watch_invoicing(account: AccountId, event: &Invoicing, rows: &mut Rows<'_>) {
    match event {
        Invoicing::InvoiceIssued(issued) => {
            let mut shown = Shown::default();
            change(account, rows, |row| shown = row.show(issued));
            if !shown.is_empty() {
                rows.put(invoice_key(issued.invoice), &shown);
            }
        }
        Invoicing::CreditNoteIssued(note) => {
            change(account, rows, |row| drop(row.show_changes(&note.lines)));
        }
        Invoicing::InvoiceVoided(voided) => {
            let shown: Shown = rows.get(&invoice_key(voided.invoice)).unwrap_or_default();
            rows.remove(&invoice_key(voided.invoice));
            change(account, rows, |row| row.take_back(voided.invoice, shown));
        }
        Invoicing::InvoiceBroughtForward(_)
        | Invoicing::BillDrafted(_)
        | Invoicing::DraftApproved(_)
        | Invoicing::DraftWithdrawn(_)
        | Invoicing::SaleRecorded(_)
        | Invoicing::ConsolidatedInvoiceIssued(_)
        | Invoicing::DebtPassedOn(_)
        | Invoicing::DebtTakenBack(_) => {}
    }
}

impl Shown {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.work.is_empty() && self.discounts.is_empty()
    }
}

impl Row {
    fn ask_for(&mut self, event: &Subscriptions, noted: Noted) {
        let (subscription, component, from, turn) = match event {
            Subscriptions::SubscriptionStarted(e) => (e.subscription, None, Some(e.from), Turn::Begins),
            Subscriptions::QuantityChanged(e) => {
                (e.subscription, Some(&e.component), Some(e.from), Turn::Changes)
            }
            Subscriptions::PriceAgreed(e) => {
                (e.subscription, Some(&e.component), Some(e.from), Turn::Changes)
            }
            Subscriptions::PlanChanged(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::SubscriptionMigrated(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::AddOnAdded(e) => {
                (e.subscription, Some(&e.agreed.component), Some(e.from), Turn::Changes)
            }
            Subscriptions::AddOnRemoved(e) => (e.subscription, Some(&e.add_on), Some(e.from), Turn::Stops),
            Subscriptions::AnchorDayChanged(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::PeriodsRealigned(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::BillingPaused(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::BillingResumed(e) => (e.subscription, None, Some(e.from), Turn::Changes),
            Subscriptions::SubscriptionCancelled(e) => (e.subscription, None, Some(e.from), Turn::Ends),
            Subscriptions::CancellationWithdrawn(e) => {
                let ends =
                    |change: &Change| change.subscription == e.subscription && change.turn == Turn::Ends;
                // An end that no bill has shown is as if nobody had asked for it.
                if self.changes.extract_if(.., |change| ends(change)).count() > 0 {
                    return;
                }
                (e.subscription, None, None, Turn::Changes)
            }
            Subscriptions::SubscriptionFieldsChanged(_) => return,
        };
        // A subscription has one end: the one that was asked for last.
        self.changes.retain(|change| {
            !(turn == Turn::Ends && change.turn == Turn::Ends && change.subscription == subscription)
        });
        self.changes.push(Change { noted, subscription, component: component.cloned(), from, turn });
    }

    fn offer(&mut self, event: &Quotes, noted: Noted) {
        match event {
            Quotes::QuoteIssued(issued) => {
                let (quoted_on, valid_until, net) = (issued.quoted_on, issued.valid_until, issued.net);
                self.quotes.insert(issued.quote, Open { noted, quoted_on, valid_until, net });
            }
            Quotes::QuoteAccepted(accepted) => drop(self.quotes.remove(&accepted.quote)),
            Quotes::QuoteDeclined(declined) => drop(self.quotes.remove(&declined.quote)),
            Quotes::QuoteWithdrawn(withdrawn) => drop(self.quotes.remove(&withdrawn.quote)),
        }
    }

    fn do_work(&mut self, event: &Work, noted: Noted) {
        match event {
            Work::WorkRecorded(done) => {
                // Refused when it was recorded, if it could not be written.
                let value = done.unit_price.times(done.quantity, Rounding::HalfUp).ok();
                let piece = Piece { noted, from: done.done_on, value, quoted: done.quote.is_some() };
                self.work.insert(done.work, piece);
            }
            Work::WorkWrittenOff(written_off) => drop(self.work.remove(&written_off.work)),
            Work::LateWorkNoted(_) => {}
        }
    }

    fn grant(&mut self, event: &Discounts, noted: Noted) {
        match event {
            Discounts::DiscountGranted(granted) => {
                let id = granted.discount;
                let discount = Discount::from(granted);
                let granted = Granted { noted, ended: None, discount, invoices: 0, given: None, last: None };
                self.discounts.insert(id, granted);
            }
            Discounts::DiscountEnded(ended) => {
                self.discounts.entry(ended.discount).and_modify(|granted| {
                    granted.discount.until = Some(ended.from);
                    granted.ended = Some(noted);
                });
            }
        }
    }

    /// What an invoice shows is pending no more.
    fn show(&mut self, issued: &InvoiceIssued) -> Shown {
        let bill = issued.lines.iter().any(is_of_a_bill);
        if bill {
            self.last = Some(issued.invoice);
        }
        let mut shown = Shown { changes: self.show_changes(&issued.lines), ..Shown::default() };
        for line in &issued.lines {
            if let Subject::Work { work } = &line.subject {
                shown.work.extend(self.work.remove(work).map(|piece| (*work, piece)));
            }
            for off in &line.discounts {
                let sum = shown.discounts.get(&off.discount).copied();
                shown.discounts.insert(off.discount, sum_of(sum, off.amount));
            }
        }
        for (discount, amount) in &shown.discounts {
            self.discounts.entry(*discount).and_modify(|granted| {
                granted.invoices += 1;
                granted.given = Some(sum_of(granted.given, *amount));
                if bill {
                    granted.last = Some(issued.invoice);
                }
            });
        }
        shown
    }

    /// Changes that lines show: they charge, or give back, days from theirs on.
    fn show_changes(&mut self, lines: &[Line]) -> Vec<Change> {
        let mut shown = Vec::new();
        for line in lines {
            let (of, component, period, end) = match &line.subject {
                Subject::Service { subscription, component, period, .. } => {
                    (*subscription, component, *period, period.to())
                }
                Subject::Unused { subscription, component, period, .. } => {
                    (*subscription, component, *period, period.from())
                }
                Subject::Fee { .. }
                | Subject::TrueUp { .. }
                | Subject::TrueUpTakenBack { .. }
                | Subject::LateUsage { .. }
                | Subject::InterimUsage { .. }
                | Subject::Work { .. }
                | Subject::Item { .. }
                | Subject::Correction { .. } => continue,
            };
            self.billed_to.entry(of).or_default().insert(component.clone(), end);
            shown.extend(self.changes.extract_if(.., |change| {
                change.subscription == of
                    && change.component.as_ref().is_none_or(|one| one == component)
                    && change.from.is_none_or(|from| from < period.to())
            }));
        }
        shown
    }

    fn take_back(&mut self, invoice: InvoiceId, shown: Shown) {
        self.last.take_if(|last| *last == invoice);
        self.changes.extend(shown.changes);
        self.work.extend(shown.work);
        for (discount, amount) in shown.discounts {
            self.discounts.entry(discount).and_modify(|granted| {
                granted.invoices = granted.invoices.saturating_sub(1);
                granted.given = Some(sum_of(granted.given, amount.negated()));
                granted.last.take_if(|last| *last == invoice);
            });
        }
    }

    /// Whether a change makes a bill after a day look otherwise.
    pub(super) fn is_pending(&self, change: &Change, on: Date) -> bool {
        let of = |other: &&Change| other.subscription == change.subscription;
        let end = self.changes.iter().filter(of).find(|other| other.turn == Turn::Ends);
        let end = end.and_then(|end| end.from);
        match change.turn {
            // What begins when it is over never begins.
            Turn::Begins | Turn::Changes => end.is_none_or(|end| change.from.is_none_or(|from| from < end)),
            // Where the days that are billed end with it, no bill will say more of it once it has come.
            Turn::Stops | Turn::Ends => {
                let begins = self.changes.iter().filter(of).find(|other| other.turn == Turn::Begins);
                let none = BTreeMap::new();
                let billed = self.billed_to.get(&change.subscription).unwrap_or(&none);
                let own = billed
                    .iter()
                    .filter(|(component, _)| change.component.as_ref().is_none_or(|one| one == *component));
                let billed_to = own.map(|(_, end)| *end).max();
                let shown = change.from.is_some_and(|from| from <= on) && billed_to == change.from;
                !shown && begins.is_none_or(|begins| begins.from < change.from)
            }
        }
    }
}

impl Granted {
    /// Whether it may be given on an invoice of a day, or a later one.
    pub(super) fn is_left_on(&self, on: Date) -> bool {
        let used_up = |most: Money| self.given.is_some_and(|given| most.minor() <= given.minor());
        self.discount.until.is_none_or(|until| on < until && self.discount.from < until)
            && self.discount.bills.is_none_or(|most| self.invoices < most)
            && !self.discount.at_most.is_some_and(used_up)
    }

    /// Whether a bill had it.
    pub(super) fn is_on(&self, bill: Option<InvoiceId>) -> bool {
        self.last.is_some() && self.last == bill
    }

    /// What says that it is over.
    pub(super) fn ended(&self) -> &Noted {
        self.ended.as_ref().unwrap_or(&self.noted)
    }

    /// How much it takes off an invoice, where that is an amount.
    pub(super) fn amount(&self) -> Option<Money> {
        match self.discount.off {
            Off::Amount(amount) => Some(amount.negated()),
            Off::Percent(_) => None,
        }
    }
}

/// Whether a line is one of a bill: an invoice of items alone is what was bought beside.
fn is_of_a_bill(line: &Line) -> bool {
    matches!(line.subject, Subject::Service { .. } | Subject::Work { .. })
}

/// A sum that was checked when the invoice was issued.
fn sum_of(sum: Option<Money>, amount: Money) -> Money {
    sum.map_or(amount, |sum| sum.plus(amount).unwrap_or(sum))
}

fn change(account: AccountId, rows: &mut Rows<'_>, change: impl FnOnce(&mut Row)) {
    rows.update(&format!("{ACCOUNT}{account}"), change);
}

/// What the key of an account's row begins with.
pub(super) const ACCOUNT: &str = "acc/";

fn invoice_key(invoice: InvoiceId) -> String {
    format!("inv/{invoice}")
}
