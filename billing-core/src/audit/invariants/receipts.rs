//! Each payment has one receipt, of its amount.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::kernel::ids::PaymentId;
use crate::kernel::money::Money;
use crate::payments::{PaymentReceived, ReceiptIssued};

/// The payments of one account, and their receipts.
#[derive(Debug, Default)]
pub(super) struct Receipts(BTreeMap<PaymentId, (Option<Money>, Vec<Money>)>);

impl Receipts {
    pub(super) fn add(&mut self, event: &Event) {
        if let Some(paid) = payload::<PaymentReceived>(event) {
            self.0.entry(paid.payment).or_default().0 = Some(paid.amount);
        }
        if let Some(receipt) = payload::<ReceiptIssued>(event) {
            self.0.entry(receipt.payment).or_default().1.push(receipt.amount);
        }
    }

    /// The receipt follows in the same commit, so it is looked for when a commit is whole.
    pub(super) fn check(&self, found: &mut Vec<(&'static str, String)>) {
        for (payment, (paid, receipts)) in &self.0 {
            if paid.map(|paid| vec![paid]).as_ref() != Some(receipts) {
                let said: Vec<String> = receipts.iter().map(Money::to_string).collect();
                let paid = paid.map_or("never received".to_owned(), |paid| format!("of {paid}"));
                let detail =
                    format!("payment {payment}, {paid}, has {} receipts: {}", said.len(), said.join(", "));
                found.push(("receipt-once", detail));
            }
        }
    }
}
