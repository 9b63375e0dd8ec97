//! Quotes: what a customer was offered at which price, until when, and what it said.
//!
//! What is accepted becomes work to be billed in the same commit (the policy `record_quoted_work`): from then on
//! it is billed, written off or waits like any other work, and none of it is forgotten.

mod accept_quote;
mod decline_quote;
mod events;
mod line;
mod page;
mod record_quote;
mod rejection;
mod state;
#[cfg(test)]
mod tests;
mod withdraw_quote;

pub use accept_quote::AcceptQuote;
pub use decline_quote::DeclineQuote;
pub use events::{Event, QuoteAccepted, QuoteDeclined, QuoteIssued, QuoteWithdrawn};
pub use line::{Offered, QuoteLine};
pub use page::{Outcome, Quote};
pub use record_quote::RecordQuote;
pub use rejection::Rejection;
pub use state::State;
pub use withdraw_quote::WithdrawQuote;

use crate::decision::{Claim, Department};

/// The department that keeps what customers were offered.
#[derive(Debug)]
pub struct Quotes;

impl Department for Quotes {
    const NAME: &'static str = "quotes";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }

    fn claims(event: &Event) -> Vec<Claim> {
        match event {
            Event::QuoteIssued(issued) => {
                vec![Claim { space: "quote.reference", key: issued.reference.clone() }]
            }
            Event::QuoteAccepted(_) | Event::QuoteDeclined(_) | Event::QuoteWithdrawn(_) => vec![],
        }
    }
}
