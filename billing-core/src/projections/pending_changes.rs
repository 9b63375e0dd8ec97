//! Pending commercial changes: what will make an account's next bills look otherwise than its last one.

use serde::Serialize;

use super::pending::{ACCOUNT, Noted, Pending, Row};
use super::{Query, QueryError, RowReader};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, Position};

/// Asks what was agreed with customers, and is not on a bill of theirs yet: discounts, quotes, work, and changes of
/// subscriptions.
///
/// ```
/// use billing_core::prelude::*;
/// fn tell<S: Store>(engine: &Engine<S>, account: AccountId, on: Date) -> Result<(), Error> {
///     for change in engine.ask(&PendingChanges { account: Some(account), on })?.value {
///         println!("{} ({}, {})", change.sentence, change.by, change.at);
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingChanges {
    /// Whose; none for all accounts.
    pub account: Option<AccountId>,
    /// The day on which a bill would be made out.
    pub on: Date,
}

/// Something that was agreed and is not billed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingChange {
    /// Whose it is.
    pub account: AccountId,
    /// What it is.
    pub kind: PendingKind,
    /// What was recorded, as its sentence.
    pub sentence: String,
    /// The first day on which it counts; none where it takes something back.
    pub from: Option<Date>,
    /// Whether it counts only after the day that was asked about.
    pub later: bool,
    /// Whether the last bill had it already, as it may be with discounts.
    pub on_last_bill: bool,
    /// What it comes to before discounts and VAT, below zero where it is taken off, where an amount was recorded.
    pub amount: Option<Money>,
    /// Who recorded it.
    pub by: ActorId,
    /// When.
    pub at: Timestamp,
    /// Where it stands in the book.
    pub position: Position,
}

/// What is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingKind {
    /// A subscription was asked for, changed, paused or ended.
    Subscription,
    /// A discount is, or will be, given.
    Discount,
    /// A discount that the last bill had is given no more.
    DiscountOver,
    /// A quote can be accepted: nothing is billed for it yet.
    OpenQuote,
    /// A line of a quote that was accepted.
    AcceptedQuote,
    /// Work that was done.
    Work,
}

impl Query for PendingChanges {
    type View = Pending;
    /// Account by account, in the order in which it was recorded.
    type Answer = Vec<PendingChange>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<PendingChange>, QueryError> {
        let mut pending = Vec::new();
        if let Some(account) = self.account {
            let row: Row = rows.get(&format!("{ACCOUNT}{account}"))?.unwrap_or_default();
            self.tell(account, row, &mut pending);
            return Ok(pending);
        }
        rows.prefixed(ACCOUNT, |key, row: Row| {
            if let Some(account) = key.strip_prefix(ACCOUNT).and_then(|account| account.parse().ok()) {
                self.tell(account, row, &mut pending);
            }
            Ok(())
        })?;
        Ok(pending)
    }
}

impl PendingChanges {
    fn tell(&self, account: AccountId, row: Row, pending: &mut Vec<PendingChange>) {
        let told = pending.len();
        let entry = |kind, from: Option<Date>, amount, noted: &Noted| PendingChange {
            account,
            kind,
            sentence: noted.sentence.clone(),
            from,
            later: from.is_some_and(|from| self.on < from),
            on_last_bill: false,
            amount,
            by: noted.by.clone(),
            at: noted.at,
            position: noted.position,
        };
        for change in row.changes.iter().filter(|change| row.is_pending(change, self.on)) {
            pending.push(entry(PendingKind::Subscription, change.from, None, &change.noted));
        }
        for granted in row.discounts.values() {
            let on_last_bill = granted.is_on(row.last);
            let (from, amount) = (Some(granted.discount.from), granted.amount());
            if granted.is_left_on(self.on) {
                let given = entry(PendingKind::Discount, from, amount, &granted.noted);
                pending.push(PendingChange { on_last_bill, ..given });
            } else if on_last_bill {
                let over = entry(PendingKind::DiscountOver, granted.discount.until, amount, granted.ended());
                pending.push(PendingChange { on_last_bill, ..over });
            }
        }
        for quote in row.quotes.values().filter(|quote| self.on <= quote.valid_until) {
            let (from, net) = (Some(quote.quoted_on), Some(quote.net));
            pending.push(entry(PendingKind::OpenQuote, from, net, &quote.noted));
        }
        for piece in row.work.values() {
            let kind = if piece.quoted { PendingKind::AcceptedQuote } else { PendingKind::Work };
            pending.push(entry(kind, Some(piece.from), piece.value, &piece.noted));
        }
        pending[told..].sort_by_key(|change| change.position);
    }
}

#[cfg(test)]
mod tests;
