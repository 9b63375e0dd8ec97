//! Every document has one number and every number one document, in series without a gap.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::invoicing::{ConsolidatedInvoiceIssued, CreditNoteIssued, InvoiceIssued};
use crate::kernel::document::{DocumentId, DocumentKind};
use crate::log::{StreamId, Version};
use crate::numbering::{NumberAssigned, SeriesOpened};
use crate::payments::ReceiptIssued;

/// The documents and the series of a book.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// How often each document was issued, and how often numbered.
    documents: BTreeMap<DocumentId, (u32, u32)>,
    series: BTreeMap<StreamId, Series>,
    found: Vec<(&'static str, String)>,
}

#[derive(Debug, Default)]
struct Series {
    version: Version,
    kind: Option<DocumentKind>,
}

impl Numbers {
    pub(super) fn add(&mut self, stream: &StreamId, version: Version, event: &Event) {
        let invoice = payload::<InvoiceIssued>(event).map(|issued| DocumentId::Invoice(issued.invoice));
        let consolidated =
            payload::<ConsolidatedInvoiceIssued>(event).map(|issued| DocumentId::Invoice(issued.invoice));
        let note =
            payload::<CreditNoteIssued>(event).map(|issued| DocumentId::CreditNote(issued.credit_note));
        let receipt = payload::<ReceiptIssued>(event).map(|issued| DocumentId::Receipt(issued.receipt));
        if let Some(document) = invoice.or(consolidated).or(note).or(receipt) {
            let issued = &mut self.documents.entry(document).or_default().0;
            *issued = issued.saturating_add(1);
        }
        if let StreamId::Series(_) = stream {
            self.in_series(stream, version, event);
        }
    }

    fn in_series(&mut self, stream: &StreamId, version: Version, event: &Event) {
        let series = self.series.entry(stream.clone()).or_default();
        let (expected, kind) = (series.version.next(), series.kind);
        series.version = version;
        let mut gap = |detail| self.found.push(("series-gap-free", detail));
        if version != expected {
            gap(format!("{stream} goes on with version {version}, where {expected} was to come"));
        }
        if let Some(opened) = payload::<SeriesOpened>(event) {
            series.kind = Some(opened.documents);
            if version != Version::NONE.next() {
                gap(format!("{stream} is opened again at version {version}"));
            }
        }
        if let Some(assigned) = payload::<NumberAssigned>(event) {
            let document = assigned.document;
            if kind != Some(document.kind()) {
                let of = kind.map_or("was not opened".to_owned(), |kind| format!("is for {kind}"));
                self.found.push(("numbered-once", format!("{document} is numbered in {stream}, which {of}")));
            }
            let numbered = &mut self.documents.entry(document).or_default().1;
            *numbered = numbered.saturating_add(1);
        }
    }

    pub(super) fn check(mut self) -> Vec<(&'static str, String)> {
        for (document, (issued, numbered)) in &self.documents {
            if (*issued, *numbered) != (1, 1) {
                let detail = format!("{document} was issued {issued} times and numbered {numbered} times");
                self.found.push(("numbered-once", detail));
            }
        }
        self.found
    }
}
