//! A customer accepts what it was offered.

use serde::{Deserialize, Serialize};

use super::page::Outcome;
use super::{Quote, QuoteAccepted, Quotes, Rejection, State};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, QuoteId};
use crate::log::Scope;

/// Records that a customer accepted a quote, up to and with its last day. Each of its lines becomes a piece of work,
/// which the first bill through `bill_from` takes, less the discounts in force on the date of that bill.
///
/// ```
/// use billing_core::quotes::AcceptQuote;
/// # let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// # let quote = "quo_0123456789abcdef0123456789abcdef".parse()?;
/// let accepted = AcceptQuote {
///     // The training takes place in January.
///     bill_from: Some("2027-01-18".parse()?),
///     ..AcceptQuote::new(account, quote, "2026-12-01".parse()?)
/// };
/// assert!(accepted.bill_from > Some(accepted.on));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptQuote {
    /// Who accepts.
    pub account: AccountId,
    /// Which quote.
    pub quote: QuoteId,
    /// The day on which it was accepted.
    pub on: Date,
    /// The first day through which a bill takes it, where that is not the day on which it was accepted: the day on
    /// which it is to be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_from: Option<Date>,
}

impl AcceptQuote {
    /// Accepted, and to be billed with the next bill.
    pub fn new(account: AccountId, quote: QuoteId, on: Date) -> AcceptQuote {
        AcceptQuote { account, quote, on, bill_from: None }
    }
}

impl Command for AcceptQuote {
    type Department = Quotes;
    const NAME: &'static str = "quotes.accept_quote";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Quotes> {
        let account = books.account(self.account)?;
        let bill_from = self.bill_from.unwrap_or(self.on);
        let quote = known(&account.quotes, self.quote)?;
        if quote.outcome == Some(Outcome::Accepted { on: self.on, bill_from }) {
            return Ok(vec![]);
        }
        is_open(quote)?;
        let Quote { reference, quoted_on, valid_until, .. } = quote.clone();
        if self.on.min(bill_from) < quoted_on {
            return Err(Rejection::BeforeItWasGiven { reference, quoted_on }.into());
        }
        if valid_until < self.on {
            return Err(Rejection::Expired { reference, valid_until }.into());
        }
        Ok(vec![account.record(QuoteAccepted { quote: self.quote, accepted_on: self.on, bill_from })])
    }
}

/// The quote, which the account must have been given.
pub(super) fn known(quotes: &State, quote: QuoteId) -> Result<&Quote, Rejection> {
    quotes.quote(quote).ok_or(Rejection::UnknownQuote(quote))
}

/// Nobody has decided on it yet.
pub(super) fn is_open(quote: &Quote) -> Result<(), Rejection> {
    let reference = || quote.reference.clone();
    quote.outcome.map_or(Ok(()), |outcome| Err(Rejection::NotOpen { reference: reference(), outcome }))
}
