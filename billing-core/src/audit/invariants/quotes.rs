//! What was accepted of a quote is to be billed, line by line; what was not accepted is not.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::kernel::ids::QuoteId;
use crate::quotes::{QuoteAccepted, QuoteIssued, QuoteLine};
use crate::work::WorkRecorded;

/// The quotes of one account, which of them were accepted, and the work that was recorded for them.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    offered: BTreeMap<QuoteId, Vec<QuoteLine>>,
    accepted: BTreeMap<QuoteId, Vec<QuoteLine>>,
    to_be_billed: BTreeMap<QuoteId, Vec<QuoteLine>>,
}

impl Quotes {
    pub(super) fn add(&mut self, event: &Event) {
        if let Some(issued) = payload::<QuoteIssued>(event) {
            self.offered.insert(issued.quote, issued.lines.clone());
        }
        if let Some(accepted) = payload::<QuoteAccepted>(event) {
            let lines = self.offered.get(&accepted.quote).cloned().unwrap_or_default();
            self.accepted.entry(accepted.quote).or_default().extend(lines);
        }
        if let Some(work) = payload::<WorkRecorded>(event)
            && let Some(quote) = work.quote
        {
            self.to_be_billed.entry(quote).or_default().push(QuoteLine {
                text: work.description.clone(),
                quantity: work.quantity,
                unit_price: work.unit_price,
                tax_code: work.tax_code.clone(),
            });
        }
    }

    /// The work follows in the same commit, so it is looked for when a commit is whole.
    pub(super) fn check(&self, found: &mut Vec<(&'static str, String)>) {
        for quote in self.accepted.keys().chain(self.to_be_billed.keys()) {
            let (accepted, to_be_billed) = (self.accepted.get(quote), self.to_be_billed.get(quote));
            if accepted != to_be_billed {
                let count = |lines: Option<&Vec<QuoteLine>>| lines.map_or(0, Vec::len);
                let (accepted, recorded) = (count(accepted), count(to_be_billed));
                let detail = format!(
                    "quote {quote}: {accepted} lines were accepted, and other work is to be billed for it: \
                     {recorded} pieces"
                );
                found.push(("quote-to-be-billed", detail));
            }
        }
    }
}
