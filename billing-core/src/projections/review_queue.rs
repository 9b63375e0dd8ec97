//! The view "review": the drafts that wait to be looked at, each with the last bill and what changed since.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::changed::{bills_subscriptions, may_change_the_bill};
use super::{Projection, Query, QueryError, RowReader, Rows, account_of};
use crate::book::Event;
use crate::invoicing::{Change, Event as Invoicing};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DraftId, InvoiceId};
use crate::kernel::money::Money;
use crate::log::Recorded;

/// The review queue.
///
/// `acc/ACCOUNT` holds the last bill of an account and what was asked for since; `open/ACCOUNT` its open draft.
#[derive(Debug)]
pub struct Review;

/// What is known of an account that may come to be reviewed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    last: Option<LastBill>,
    /// In the order in which it was recorded.
    changes: Vec<String>,
}

/// The newest invoice of an account that billed its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBill {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The date on it.
    pub issued_on: Date,
    /// What it came to, VAT included.
    pub gross: Money,
}

/// An open draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    draft: DraftId,
    issue_on: Date,
    through: Date,
    comes_to: Money,
    #[serde(default)]
    differs: BTreeSet<Change>,
}

impl Projection for Review {
    const NAME: &'static str = "review";
    const FOLD: u32 = 2;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        if let Event::Invoicing(event) = &recorded.event {
            watch_invoicing(account, event, rows);
        }
        if may_change_the_bill(&recorded.event) {
            change(account, rows, |row| row.changes.push(recorded.event.to_string()));
        }
    }
}

fn watch_invoicing(account: AccountId, event: &Invoicing, rows: &mut Rows<'_>) {
    match event {
        Invoicing::BillDrafted(drafted) => {
            let (draft, comes_to) = (drafted.draft, drafted.comes_to);
            let (issue_on, through) = (drafted.issue_on, drafted.through);
            let open = Open { draft, issue_on, through, comes_to, differs: drafted.changes.clone() };
            rows.put(open_key(account), &open);
        }
        Invoicing::DraftApproved(_) | Invoicing::DraftWithdrawn(_) => rows.remove(&open_key(account)),
        Invoicing::InvoiceIssued(issued) if bills_subscriptions(&issued.lines) => {
            let (invoice, issued_on, gross) = (issued.invoice, issued.issued_on, issued.gross);
            let last = Some(LastBill { invoice, issued_on, gross });
            change(account, rows, |row| *row = Row { last, changes: Vec::new() });
        }
        Invoicing::CreditNoteIssued(note) if bills_subscriptions(&note.lines) => {
            change(account, rows, |row| row.changes.clear());
        }
        Invoicing::InvoiceVoided(voided) => {
            change(account, rows, |row| row.last = row.last.filter(|last| last.invoice != voided.invoice));
        }
        Invoicing::InvoiceIssued(_)
        | Invoicing::CreditNoteIssued(_)
        | Invoicing::ConsolidatedInvoiceIssued(_)
        | Invoicing::DebtPassedOn(_)
        | Invoicing::DebtTakenBack(_)
        | Invoicing::SaleRecorded(_)
        | Invoicing::InvoiceBroughtForward(_) => {}
    }
}

fn change(account: AccountId, rows: &mut Rows<'_>, change: impl FnOnce(&mut Row)) {
    let key = account_key(account);
    let mut row: Row = rows.get(&key).unwrap_or_default();
    change(&mut row);
    rows.put(key, &row);
}

fn account_key(account: AccountId) -> String {
    format!("acc/{account}")
}

fn open_key(account: AccountId) -> String {
    format!("open/{account}")
}

/// Asks which drafts wait to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewQueue;

/// A draft that waits to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InReview {
    /// Whose it is.
    pub account: AccountId,
    /// The draft.
    pub draft: DraftId,
    /// The date on its documents.
    pub issue_on: Date,
    /// The day through which it bills.
    pub through: Date,
    /// What the customer would owe more by it, VAT included; below zero where it gives back more than it charges.
    pub comes_to: Money,
    /// The last invoice for its subscriptions; none where there was none yet, and where it was declared void.
    pub last: Option<LastBill>,
    /// What is otherwise on it than on the last bill, as it was decided. Nothing, where it was drafted for its own sake.
    pub differs: BTreeSet<Change>,
    /// What was asked for since its subscriptions were last billed, each as its sentence.
    pub changes: Vec<String>,
}

impl Query for ReviewQueue {
    type View = Review;
    /// In the order of the accounts.
    type Answer = Vec<InReview>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<InReview>, QueryError> {
        let mut open: Vec<(AccountId, Open)> = Vec::new();
        rows.prefixed("open/", |key, row: Open| {
            open.extend(key.strip_prefix("open/").and_then(|key| key.parse().ok()).map(|id| (id, row)));
            Ok(())
        })?;
        let entry = |(account, open): (AccountId, Open)| {
            let Open { draft, issue_on, through, comes_to, differs } = open;
            let Row { last, changes } = rows.get(&account_key(account))?.unwrap_or_default();
            Ok(InReview { account, draft, issue_on, through, comes_to, last, differs, changes })
        };
        open.into_iter().map(entry).collect()
    }
}
