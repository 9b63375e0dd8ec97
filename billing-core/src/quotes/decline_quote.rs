//! A customer does not want what it was offered.

use serde::{Deserialize, Serialize};

use super::accept_quote::{is_open, known};
use super::{Outcome, QuoteDeclined, Quotes};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, QuoteId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Records that a customer declined a quote. Declined once, it stays so, whatever day is given again.
///
/// ```
/// use billing_core::quotes::DeclineQuote;
/// # let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// # let quote = "quo_0123456789abcdef0123456789abcdef".parse()?;
/// let no = DeclineQuote { account, quote, on: "2026-12-01".parse()?, reason: Some("Too dear".parse()?) };
/// assert!(no.reason.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclineQuote {
    /// Who declines.
    pub account: AccountId,
    /// Which quote.
    pub quote: QuoteId,
    /// The day on which it said so.
    pub on: Date,
    /// Why, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

impl Command for DeclineQuote {
    type Department = Quotes;
    const NAME: &'static str = "quotes.decline_quote";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Quotes> {
        let account = books.account(self.account)?;
        let quote = known(&account.quotes, self.quote)?;
        if matches!(quote.outcome, Some(Outcome::Declined { .. })) {
            return Ok(vec![]);
        }
        is_open(quote)?;
        Ok(vec![account.record(QuoteDeclined {
            quote: self.quote,
            declined_on: self.on,
            reason: self.reason.clone(),
        })])
    }
}
