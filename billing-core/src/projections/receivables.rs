//! The view "receivables": each invoice, payment and credit note with its dated movements, so that what was open
//! on any day can be told; beside them the figures of each day and how each account stands.

use serde::{Deserialize, Serialize};

use super::{Projection, QueryError, RowReader, Rows, account_of, days, rows::beyond, standing};
use crate::book::Event;
use crate::credit_control::Event as CreditControl;
use crate::invoicing::Event as Invoicing;
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, DisputeId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::terms::Due;
use crate::log::Recorded;
use crate::payments::Event as Payments;

/// The receivables of the book.
///
/// What is open stands under `open/ACCOUNT/ID`. What came to nothing stands under `settled/DAY/ACCOUNT/ID`, the
/// day being the last on which anything moved: a question about a day reads what is open and what was settled
/// after that day, and nothing of what was settled before.
#[derive(Debug)]
pub struct Receivables;

impl Projection for Receivables {
    const NAME: &'static str = "receivables";
    const FOLD: u32 = 2;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        watch_items(account, &recorded.event, rows);
        days::watch(&recorded.event, rows);
        standing::watch(account, &recorded.event, rows);
    }
}

/// One side of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// The customer owes it: an invoice.
    Owed,
    /// The seller holds it: a payment or a credit note.
    Held,
}

/// An invoice, a payment or a credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) side: Side,
    /// The date on the document, or the day on which the money came.
    pub(super) since: Date,
    pub(super) total: Money,
    /// When which part is due; empty on the side of what is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) due: Vec<Due>,
    /// What went off it (negative) or came back on it, and when that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    moves: Vec<Move>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    disputes: Vec<Dispute>,
    /// Whether it is a consolidated invoice, which is no sale.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    consolidated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    on: Date,
    amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Dispute {
    dispute: DisputeId,
    amount: Money,
    raised_on: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved_on: Option<Date>,
}

impl Item {
    /// What was open at the close of a day.
    pub(super) fn open_on(&self, day: Date) -> Result<Sum, MoneyError> {
        if day < self.since {
            return Ok(Sum::zero(self.total.currency()));
        }
        let until = self.moves.iter().filter(|moved| moved.on <= day);
        until.map(|moved| moved.amount).try_fold(Sum::from(self.total), Sum::plus)
    }

    /// What of it was disputed at the close of a day: at most what was open.
    pub(super) fn disputed_on(&self, day: Date) -> Result<Sum, MoneyError> {
        let runs = |dispute: &&Dispute| {
            dispute.raised_on <= day && dispute.resolved_on.is_none_or(|resolved| day < resolved)
        };
        let mut running = self.disputes.iter().filter(runs).map(|dispute| dispute.amount);
        let disputed = running.try_fold(Sum::zero(self.total.currency()), Sum::plus)?;
        let open = self.open_on(day)?;
        Ok(if disputed.minor() > open.minor() { open } else { disputed })
    }

    /// What was open of each part at the close of a day. What was paid fills the part that is due first.
    pub(super) fn parts_on(&self, day: Date) -> Result<Vec<(Date, Sum)>, MoneyError> {
        let open = self.open_on(day)?;
        let Some((last, earlier)) = self.due.split_last() else { return Ok(vec![(self.since, open)]) };
        let mut left = open;
        let mut paid = Sum::from(self.total).minus(open)?;
        let mut parts = Vec::with_capacity(self.due.len());
        for part in earlier {
            let amount = Sum::from(part.amount);
            let filled = if paid.minor() < amount.minor() { paid } else { amount };
            paid = paid.minus(filled)?;
            let part_open = amount.minus(filled)?;
            left = left.minus(part_open)?;
            parts.push((part.date, part_open));
        }
        parts.push((last.date, left));
        Ok(parts)
    }

    /// The day from which nothing is open any more, if nothing is.
    fn settled_on(&self) -> Option<Date> {
        let moved = self.moves.iter().map(|moved| moved.amount).try_fold(Sum::from(self.total), Sum::plus);
        let nothing = moved.is_ok_and(Sum::is_zero);
        nothing.then(|| self.moves.iter().map(|moved| moved.on).fold(self.since, Date::max))
    }

    fn shift(&mut self, on: Date, amount: Money) {
        self.moves.push(Move { on, amount });
    }
}

/// Every item on which something was open at the close of a day, of one account or of all.
pub(super) fn items_on(
    rows: &RowReader<'_>,
    day: Date,
    account: Option<AccountId>,
    mut visit: impl FnMut(AccountId, &Item) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut see = |key: &str, item: Item| match owner(key) {
        Some(of) if account.is_none_or(|wanted| wanted == of) && !item.open_on(day)?.is_zero() => {
            visit(of, &item)
        }
        Some(_) | None => Ok(()),
    };
    match account {
        Some(account) => rows.prefixed(&format!("open/{account}/"), &mut see)?,
        None => rows.prefixed("open/", &mut see)?,
    }
    let Some(next) = day.succ_opt() else { return Ok(()) };
    rows.scan(&format!("settled/{next}"), &beyond("settled/"), |key, item| {
        see(key, item).map(std::ops::ControlFlow::Continue)
    })
}

/// The account in a key of an item: the part before the last one.
pub(super) fn owner(key: &str) -> Option<AccountId> {
    key.rsplit('/').nth(1)?.parse().ok()
}

fn watch_items(account: AccountId, event: &Event, rows: &mut Rows<'_>) {
    match event {
        Event::Invoicing(event) => match event {
            Invoicing::InvoiceIssued(issued) => {
                let item = Item {
                    side: Side::Owed,
                    since: issued.issued_on,
                    total: issued.gross,
                    due: issued.due.clone(),
                    moves: Vec::new(),
                    disputes: Vec::new(),
                    consolidated: false,
                };
                Place::new(account, issued.invoice).put(rows, &item);
            }
            Invoicing::InvoiceBroughtForward(brought) => {
                let item = Item {
                    side: Side::Owed,
                    since: brought.issued_on,
                    total: brought.open,
                    due: vec![Due { date: brought.due_on, amount: brought.open }],
                    moves: Vec::new(),
                    disputes: Vec::new(),
                    consolidated: false,
                };
                Place::new(account, brought.invoice).put(rows, &item);
            }
            Invoicing::ConsolidatedInvoiceIssued(issued) => {
                let item = Item {
                    side: Side::Owed,
                    since: issued.issued_on,
                    total: issued.total,
                    due: issued.due.clone(),
                    moves: Vec::new(),
                    disputes: Vec::new(),
                    consolidated: true,
                };
                Place::new(account, issued.invoice).put(rows, &item);
            }
            Invoicing::DebtPassedOn(passed) => {
                let funds = Funds::Consolidated(passed.consolidated);
                hold(account, funds, passed.passed_on, passed.amount, rows);
            }
            Invoicing::DebtTakenBack(taken) => {
                let funds = Funds::Consolidated(taken.consolidated);
                pay_out(account, funds, taken.taken_back_on, taken.amount, rows);
            }
            Invoicing::CreditNoteIssued(note) => {
                hold(account, Funds::CreditNote(note.credit_note), note.issued_on, note.credit, rows);
            }
            Invoicing::BillDrafted(_)
            | Invoicing::DraftApproved(_)
            | Invoicing::DraftWithdrawn(_)
            | Invoicing::SaleRecorded(_) => {}
            Invoicing::InvoiceVoided(voided) => {
                let mut voids = None;
                change(account, voided.invoice, rows, |item| {
                    let on = voided.voided_on.max(item.since);
                    item.shift(on, item.total.negated());
                    voids = (!item.consolidated).then_some((on, item.total));
                });
                if let Some((on, total)) = voids {
                    days::credit(on, total, rows);
                }
            }
        },
        Event::Payments(event) => match event {
            Payments::PaymentReceived(paid) => {
                hold(account, Funds::Payment(paid.payment), paid.received_on, paid.amount, rows);
            }
            Payments::FundsAllocated(link) => {
                link_both(
                    account,
                    (link.funds, link.invoice),
                    link.effective_on,
                    link.amount.negated(),
                    rows,
                );
            }
            Payments::AllocationReleased(link) => {
                link_both(account, (link.funds, link.invoice), link.effective_on, link.amount, rows);
            }
            Payments::PaymentReturned(returned) => {
                let funds = Funds::Payment(returned.payment);
                pay_out(account, funds, returned.returned_on, returned.amount, rows);
            }
            Payments::RefundMade(refund) => {
                pay_out(account, refund.funds, refund.refunded_on, refund.amount, rows);
            }
            Payments::CreditGranted(granted) => {
                hold(account, Funds::Credit(granted.credit), granted.granted_on, granted.amount, rows);
            }
            Payments::CreditExpired(expired) => {
                pay_out(account, Funds::Credit(expired.credit), expired.expired_on, expired.amount, rows);
            }
            Payments::ReceiptIssued(_) => {}
        },
        Event::CreditControl(event) => match event {
            CreditControl::DisputeRaised(raised) => {
                rows.put(dispute_key(raised.dispute), &raised.invoice);
                change(account, raised.invoice, rows, |item| {
                    let (dispute, amount) = (raised.dispute, raised.amount);
                    item.disputes.push(Dispute {
                        dispute,
                        amount,
                        raised_on: raised.raised_on,
                        resolved_on: None,
                    });
                });
            }
            CreditControl::DisputeResolved(resolved) => {
                let key = dispute_key(resolved.dispute);
                let Some(invoice) = rows.get::<InvoiceId>(&key) else { return };
                rows.remove(&key);
                change(account, invoice, rows, |item| {
                    let ended =
                        item.disputes.iter_mut().filter(|dispute| dispute.dispute == resolved.dispute);
                    ended.for_each(|dispute| dispute.resolved_on = Some(resolved.resolved_on));
                });
            }
            CreditControl::ReminderDue(_)
            | CreditControl::ReminderSent(_)
            | CreditControl::ReminderSuppressed(_)
            | CreditControl::PromiseMade(_)
            | CreditControl::PromiseKept(_)
            | CreditControl::PromisePartlyKept(_)
            | CreditControl::PromiseBroken(_)
            | CreditControl::PromiseWithdrawn(_)
            | CreditControl::HoldPlaced(_)
            | CreditControl::HoldReleased(_) => {}
        },
        Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Accounts(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Subscriptions(_)
        | Event::Usage(_)
        | Event::Work(_)
        | Event::Quotes(_)
        | Event::Discounts(_) => {}
    }
}

fn hold(account: AccountId, funds: Funds, since: Date, total: Money, rows: &mut Rows<'_>) {
    let item = Item {
        side: Side::Held,
        since,
        total,
        due: Vec::new(),
        moves: Vec::new(),
        disputes: Vec::new(),
        consolidated: false,
    };
    Place::new(account, funds).put(rows, &item);
}

fn pay_out(account: AccountId, funds: Funds, on: Date, amount: Money, rows: &mut Rows<'_>) {
    change(account, funds, rows, |item| item.shift(on.max(item.since), amount.negated()));
}

/// Moves both ends of a link on the same day, and not before both are there: so the two sides of the account
/// differ by its balance on every day.
fn link_both(account: AccountId, ends: (Funds, InvoiceId), on: Date, amount: Money, rows: &mut Rows<'_>) {
    let (mut funds, mut invoice) = (Place::new(account, ends.0), Place::new(account, ends.1));
    let mut items = [funds.take(rows), invoice.take(rows)];
    let on = items.iter().flatten().map(|item| item.since).fold(on, Date::max);
    items.iter_mut().flatten().for_each(|item| item.shift(on, amount));
    for (place, item) in [funds, invoice].into_iter().zip(items) {
        if let Some(item) = item {
            place.put(rows, &item);
        }
    }
}

fn change(account: AccountId, id: impl ToString, rows: &mut Rows<'_>, change: impl FnOnce(&mut Item)) {
    let mut place = Place::new(account, id);
    if let Some(mut item) = place.take(rows) {
        change(&mut item);
        place.put(rows, &item);
    }
}

fn dispute_key(dispute: DisputeId) -> String {
    format!("dispute/{dispute}")
}

/// Where the row of an item stands. An open one is found by its account and id; where a settled one went is
/// told by the row `place/ACCOUNT/ID`: a consolidated invoice is one item of the parent and one of each child.
struct Place {
    account: AccountId,
    id: String,
    taken_from: Option<String>,
}

impl Place {
    fn new(account: AccountId, id: impl ToString) -> Self {
        Place { account, id: id.to_string(), taken_from: None }
    }

    fn take(&mut self, rows: &mut Rows<'_>) -> Option<Item> {
        let open = self.key(None);
        if let Some(item) = rows.get(&open) {
            self.taken_from = Some(open);
            return Some(item);
        }
        let settled_on = rows.get(&self.place())?;
        let settled = self.key(Some(settled_on));
        let item = rows.get(&settled)?;
        self.taken_from = Some(settled);
        Some(item)
    }

    fn put(self, rows: &mut Rows<'_>, item: &Item) {
        let settled_on = item.settled_on();
        let key = self.key(settled_on);
        if let Some(from) = self.taken_from.as_ref().filter(|from| **from != key) {
            rows.remove(from);
        }
        rows.put(key, item);
        let place = self.place();
        match settled_on {
            Some(day) => rows.put(place, &day),
            None if self.taken_from.is_some_and(|from| from.starts_with("settled/")) => rows.remove(&place),
            None => {}
        }
    }

    fn place(&self) -> String {
        format!("place/{}/{}", self.account, self.id)
    }

    fn key(&self, settled_on: Option<Date>) -> String {
        let Place { account, id, .. } = self;
        match settled_on {
            None => format!("open/{account}/{id}"),
            Some(day) => format!("settled/{day}/{account}/{id}"),
        }
    }
}
