//! A customer is offered something.

use serde::{Deserialize, Serialize};

use super::line::net;
use super::{Offered, QuoteIssued, QuoteLine, Quotes, Rejection};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, QuoteId};
use crate::kernel::text::{Note, Reference};
use crate::log::Scope;

/// Records a quote that a customer was given. It charges nothing until it is accepted.
///
/// The same quote recorded again changes nothing; its number is unique in the book.
///
/// ```
/// use billing_core::quotes::{Offered, QuoteLine, RecordQuote};
/// # let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let report = QuoteLine {
///     text: "Bespoke report".parse()?,
///     quantity: "1".parse()?,
///     unit_price: "GBP 400.00".parse()?,
///     tax_code: "standard".parse()?,
/// };
/// let quote = RecordQuote {
///     account,
///     reference: "Q-2026-041".parse()?,
///     quoted_on: "2026-11-25".parse()?,
///     valid_until: "2026-12-24".parse()?,
///     lines: vec![Offered::item("training".parse()?, "2".parse()?), Offered::Own(report)],
///     note: None,
/// };
/// assert_eq!(quote.lines.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordQuote {
    /// Who was offered it.
    pub account: AccountId,
    /// The seller's own number of it.
    pub reference: Reference,
    /// The date on it.
    pub quoted_on: Date,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
    /// What was offered.
    pub lines: Vec<Offered>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

impl Command for RecordQuote {
    type Department = Quotes;
    const NAME: &'static str = "quotes.record_quote";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Quotes> {
        let account = books.account(self.account)?;
        let (catalogue, _) = books.catalogue()?;
        let currency = account.accounts.currency();
        if self.lines.is_empty() {
            return Err(Rejection::NoLines.into());
        }
        if self.valid_until < self.quoted_on {
            let (quoted_on, valid_until) = (self.quoted_on, self.valid_until);
            return Err(Rejection::EndsBeforeItBegins { quoted_on, valid_until }.into());
        }
        let line = |offered: &Offered| offered.line(catalogue, currency, self.quoted_on);
        let lines = self.lines.iter().map(line).collect::<Result<Vec<QuoteLine>, Rejection>>()?;
        let net = net(&lines, currency, books.settings()?.policies().line_rounding)?;
        if let Some((_, given)) = account.quotes.quotes().find(|(_, quote)| quote.reference == self.reference)
        {
            let dates = (given.quoted_on, given.valid_until);
            if dates == (self.quoted_on, self.valid_until) && given.lines == lines {
                return Ok(vec![]);
            }
            let (reference, quoted_on) = (self.reference.clone(), given.quoted_on);
            return Err(Rejection::ReferenceReused { reference, quoted_on }.into());
        }
        Ok(vec![account.record(QuoteIssued {
            quote: ctx.mint(QuoteId::from_uuid),
            reference: self.reference.clone(),
            quoted_on: self.quoted_on,
            valid_until: self.valid_until,
            lines,
            net,
            note: self.note.clone(),
        })])
    }
}
