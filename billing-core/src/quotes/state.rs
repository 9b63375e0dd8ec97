//! What a later decision can ask about quotes: each as it was given, and what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Event, Outcome, Quote};
use crate::kernel::ids::QuoteId;

/// The quotes that a customer was given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) quotes: BTreeMap<QuoteId, Quote>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::QuoteIssued(issued) => {
                let quote = Quote {
                    reference: issued.reference.clone(),
                    quoted_on: issued.quoted_on,
                    valid_until: issued.valid_until,
                    lines: issued.lines.clone(),
                    net: issued.net,
                    outcome: None,
                };
                self.quotes.insert(issued.quote, quote);
            }
            Event::QuoteAccepted(accepted) => {
                let (on, bill_from) = (accepted.accepted_on, accepted.bill_from);
                self.end(accepted.quote, Outcome::Accepted { on, bill_from });
            }
            Event::QuoteDeclined(declined) => {
                self.end(declined.quote, Outcome::Declined { on: declined.declined_on });
            }
            Event::QuoteWithdrawn(withdrawn) => {
                self.end(withdrawn.quote, Outcome::Withdrawn { on: withdrawn.withdrawn_on });
            }
        }
    }

    fn end(&mut self, quote: QuoteId, outcome: Outcome) {
        self.quotes.entry(quote).and_modify(|quote| quote.outcome = Some(outcome));
    }
}
