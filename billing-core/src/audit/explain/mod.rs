//! Explains every penny: what a document's lines were made of, by whom, and why, as a tree that can be checked.

mod behind;
mod check;
mod figure;
mod fold;
mod ledger;
mod show;

use serde::{Serialize, Serializer};

pub use behind::Behind;
pub use check::Unexplained;
pub use figure::Figure;
use fold::Fold;

use super::reading::{facts_of, walk_facts};
use crate::catalogue::{TaxCategory, Working};
use crate::invoicing::LineRef;
use crate::kernel::calendar::Date;
use crate::kernel::document::DocumentId;
use crate::kernel::exact::Exact;
use crate::kernel::ids::{AccountId, DiscountId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rate::Rate;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Label;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, CommandKey, Origin, Position, StreamId, Version};
use crate::settings::Dialect;
use crate::store::{Store, StoreError};

/// An invoice or a credit note, explained: shown, an indented tree for a bookkeeper; serialised, the same as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The document.
    pub document: DocumentId,
    /// The number on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The customer's account.
    pub account: AccountId,
    /// The date on it.
    pub issued_on: Date,
    /// Who asked for it, and when.
    pub asked: Asked,
    /// What it follows from, if it is a consequence: the nearest cause first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Behind>,
    /// How parts of periods were reckoned.
    pub dialect: Dialect,
    /// The version of the catalogue that was read; credit notes don't say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Version>,
    /// How each line was rounded.
    pub line_rounding: Rounding,
    /// How VAT was rounded, once a category.
    pub tax_rounding: Rounding,
    /// Its lines; line 1 is the first.
    pub lines: Vec<LineExplained>,
    /// VAT by category and rate.
    pub taxes: Vec<TaxExplained>,
    /// Sum of the lines, as it stands on the document.
    pub net: Money,
    /// Sum of the VAT, as it stands on the document.
    pub tax: Money,
    /// Net plus VAT; below zero on a credit note.
    pub gross: Money,
}

/// The command that a document answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Who gave it.
    pub by: ActorId,
    /// Its name, as `invoicing.bill_account`; none where the store keeps no requests, as a restored one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub command: CommandKey,
    /// When the document was recorded.
    pub at: Timestamp,
    /// Where the document stands in the log.
    pub position: Position,
}

/// A line and how its net was reached: the working, its exact value, rounded once, and steps in whole minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineExplained {
    /// Which line, from 1.
    pub number: u32,
    /// The words on the document.
    pub text: Label,
    /// Its amount, as it stands on the document.
    pub net: Money,
    /// Its tax category.
    pub category: TaxCategory,
    /// Its tax rate.
    pub rate: Rate,
    /// How the amount is reckoned.
    pub working: Working,
    /// What the working comes to.
    pub exact: Figure,
    /// That, rounded.
    pub rounded: Money,
    /// By how much rounding changed it; above zero where it was rounded up.
    pub residue: Figure,
    /// From the rounded amount to the line's net; none for most lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The earlier line that it takes off or rates again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierLine>,
    /// The events that set what is on it, in the order in which they were recorded.
    pub behind: Vec<Behind>,
}

/// A line of an earlier invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierLine {
    /// Which line.
    #[serde(flatten)]
    pub line: LineRef,
    /// The number on the invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A step from a rounded amount to what stands on the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A discount takes its part of what it gives on the document.
    Discount {
        /// The discount.
        discount: DiscountId,
        /// Its words.
        name: Label,
        /// What it takes off this line.
        off: Money,
    },
    /// The last of it is given back: all that is left, whatever the days come to.
    AllThatIsLeft {
        /// How much that is.
        left: Money,
    },
    /// No more is given back than is left.
    AtMostLeft {
        /// How much that is.
        left: Money,
    },
    /// Less what the same days were charged at before.
    LessCharged {
        /// How much that was.
        charged: Money,
    },
    /// It is what remains charged of days that were charged at more: the difference.
    OffCharged {
        /// What they were charged at.
        charged: Money,
    },
    /// Discounts had been taken off what is given back: as much of it as was charged, rounded once.
    AsCharged {
        /// What is left of it after discounts.
        net: Money,
        /// What is left of it before them.
        before: Money,
        /// How it is rounded.
        rounding: Rounding,
    },
    /// It is given back: the sign turns.
    GivenBack,
}

/// VAT of one category and rate: base times rate, rounded once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxExplained {
    /// The category.
    pub category: TaxCategory,
    /// The rate.
    pub rate: Rate,
    /// Sum of the lines in it, as it stands on the document.
    pub base: Money,
    /// What base times rate comes to.
    pub exact: Figure,
    /// That, rounded.
    pub rounded: Money,
    /// By how much rounding changed it.
    pub residue: Figure,
    /// From the rounded amount to the VAT; none for invoices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The VAT, as it stands on the document.
    pub tax: Money,
}

/// Why a document is not explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The book has no invoice or credit note with this id that it issued itself.
    #[error("this book issued no invoice or credit note {0}; look its id up in the documents")]
    NotIssuedHere(DocumentId),
    /// It is a consolidated invoice, which has no figures of its own: it passes on what children owe.
    #[error("{document} passes on what is open on invoices of children: {}", listed(.invoices))]
    PassesOn {
        /// The document.
        document: DocumentId,
        /// The invoices of the children.
        invoices: Vec<InvoiceId>,
    },
    /// An amount of it can't be reckoned.
    #[error("{document} has an amount that can't be reckoned: {why}; verify the log")]
    Amount {
        /// The document.
        document: DocumentId,
        /// What is wrong.
        why: MoneyError,
    },
    /// The log can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Step {
    fn apply(&self, amount: Money) -> Result<Money, MoneyError> {
        match self {
            Step::Discount { off, .. } => amount.minus(*off),
            Step::AllThatIsLeft { left } => Ok(*left),
            Step::AtMostLeft { left } => amount.at_most(*left),
            Step::LessCharged { charged } => amount.minus(*charged),
            Step::OffCharged { charged } => charged.minus(amount),
            Step::AsCharged { net, before, rounding } => {
                Exact::from(amount).share(*net, *before)?.rounded(*rounding)
            }
            Step::GivenBack => Ok(amount.negated()),
        }
    }
}

/// Explains an invoice or a credit note. The log is read once, from its beginning; what is left of each line is in
/// memory meanwhile. [`Engine::explain`](crate::Engine::explain) says the same, and reads the one account alone.
///
/// ```no_run
/// # fn read(store: &dyn billing_core::store::Store) -> Result<(), Box<dyn std::error::Error>> {
/// use billing_core::{audit, kernel::{document::DocumentId, ids::InvoiceId}};
/// let invoice: InvoiceId = "inv_0123456789abcdef0123456789abcdef".parse()?;
/// let explanation = audit::explain(store, &"fern-and-co".parse()?, DocumentId::Invoice(invoice))?;
/// explanation.check()?;
/// println!("{explanation}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ExplainError::NotIssuedHere`] for a receipt, a debt brought forward or an unknown id; [`ExplainError::PassesOn`] for
/// a consolidated invoice; [`ExplainError::Amount`] and [`ExplainError::Store`] where the log can't be read or reckoned
/// with.
pub fn explain(store: &dyn Store, book: &Origin, document: DocumentId) -> Result<Explanation, ExplainError> {
    let explained = folded(store, book, Some(document))?;
    explained.into_iter().next().ok_or(ExplainError::NotIssuedHere(document))
}

/// Explains every document of a book, in the order of the log; see [`explain`]. All are in memory together.
///
/// # Errors
/// [`ExplainError::Amount`] and [`ExplainError::Store`].
pub fn explain_all(store: &dyn Store, book: &Origin) -> Result<Vec<Explanation>, ExplainError> {
    folded(store, book, None)
}

/// Explains a document by the events of its account alone, which don't tell the numbers on it and on earlier ones.
///
/// # Errors
/// As [`explain`].
pub(crate) fn explain_by_account(
    store: &dyn Store,
    book: &Origin,
    account: AccountId,
    document: DocumentId,
) -> Result<Explanation, ExplainError> {
    let streams = [StreamId::Account(account), StreamId::Usage(account)];
    let mut fold = Fold::new(Some(document));
    for fact in facts_of(store, book, &streams)? {
        fold.add(fact);
    }
    named(store, book, fold)?.into_iter().next().ok_or(ExplainError::NotIssuedHere(document))
}

fn folded(
    store: &dyn Store,
    book: &Origin,
    only: Option<DocumentId>,
) -> Result<Vec<Explanation>, ExplainError> {
    let mut fold = Fold::new(only);
    walk_facts(store, book, |fact| {
        fold.add(fact);
        Ok(())
    })?;
    named(store, book, fold)
}

/// What was folded, with the names of the commands that asked for it.
fn named(store: &dyn Store, book: &Origin, fold: Fold) -> Result<Vec<Explanation>, ExplainError> {
    let mut explained = fold.explained()?;
    for explanation in &mut explained {
        explanation.asked.name = fold::command_name(store, book, &explanation.asked.command)?;
    }
    Ok(explained)
}

fn listed(invoices: &[InvoiceId]) -> String {
    invoices.iter().map(InvoiceId::to_string).collect::<Vec<_>>().join(", ")
}

fn as_text<S: Serializer>(key: &CommandKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}
