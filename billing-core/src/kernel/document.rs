//! Documents that carry a number of their own: invoices, credit notes, receipts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{CreditNoteId, InvoiceId, ReceiptId};

/// What kind of document a number series is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Invoices.
    Invoice,
    /// Credit notes.
    CreditNote,
    /// Receipts.
    Receipt,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [DocumentKind; 3] =
        [DocumentKind::Invoice, DocumentKind::CreditNote, DocumentKind::Receipt];
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DocumentKind::Invoice => "invoices",
            DocumentKind::CreditNote => "credit notes",
            DocumentKind::Receipt => "receipts",
        })
    }
}

/// One document, on the wire as its own id: `inv_…`, `crn_…`, `rct_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DocumentId {
    /// An invoice.
    Invoice(InvoiceId),
    /// A credit note.
    CreditNote(CreditNoteId),
    /// A receipt.
    Receipt(ReceiptId),
}

/// A text that is no document's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no document; documents are inv_…, crn_… and rct_…")]
pub struct DocumentIdError(pub String);

impl DocumentId {
    /// What kind of document it is.
    pub fn kind(&self) -> DocumentKind {
        match self {
            DocumentId::Invoice(_) => DocumentKind::Invoice,
            DocumentId::CreditNote(_) => DocumentKind::CreditNote,
            DocumentId::Receipt(_) => DocumentKind::Receipt,
        }
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocumentId::Invoice(id) => id.fmt(f),
            DocumentId::CreditNote(id) => id.fmt(f),
            DocumentId::Receipt(id) => id.fmt(f),
        }
    }
}

impl FromStr for DocumentId {
    type Err = DocumentIdError;

    fn from_str(text: &str) -> Result<Self, DocumentIdError> {
        let invoice = text.parse().map(DocumentId::Invoice).ok();
        let credit_note = || text.parse().map(DocumentId::CreditNote).ok();
        let receipt = || text.parse().map(DocumentId::Receipt).ok();
        let id = invoice.or_else(credit_note).or_else(receipt);
        id.ok_or_else(|| DocumentIdError(text.chars().take(60).collect()))
    }
}

impl TryFrom<String> for DocumentId {
    type Error = DocumentIdError;

    fn try_from(text: String) -> Result<Self, DocumentIdError> {
        text.parse()
    }
}

impl From<DocumentId> for String {
    fn from(id: DocumentId) -> String {
        id.to_string()
    }
}
