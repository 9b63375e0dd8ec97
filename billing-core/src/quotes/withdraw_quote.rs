//! The seller takes a quote back.

use serde::{Deserialize, Serialize};

use super::accept_quote::{is_open, known};
use super::{Outcome, QuoteWithdrawn, Quotes};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, QuoteId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Takes a quote back that nobody has decided on. Withdrawn once, it stays so, whatever day is given again.
///
/// ```
/// use billing_core::quotes::WithdrawQuote;
/// # let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// # let quote = "quo_0123456789abcdef0123456789abcdef".parse()?;
/// let back = WithdrawQuote { account, quote, on: "2026-12-01".parse()?, reason: "Wrong price".parse()? };
/// assert_eq!(back.reason.as_str(), "Wrong price");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawQuote {
    /// Whose quote.
    pub account: AccountId,
    /// Which quote.
    pub quote: QuoteId,
    /// The day from which on it can't be accepted any more.
    pub on: Date,
    /// Why.
    pub reason: Note,
}

impl Command for WithdrawQuote {
    type Department = Quotes;
    const NAME: &'static str = "quotes.withdraw_quote";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Quotes> {
        let account = books.account(self.account)?;
        let quote = known(&account.quotes, self.quote)?;
        if matches!(quote.outcome, Some(Outcome::Withdrawn { .. })) {
            return Ok(vec![]);
        }
        is_open(quote)?;
        Ok(vec![account.record(QuoteWithdrawn {
            quote: self.quote,
            withdrawn_on: self.on,
            reason: self.reason.clone(),
        })])
    }
}
