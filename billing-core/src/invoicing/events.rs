//! What invoicing records: documents as they were issued, and what became of them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::changes::Change;
use super::line::{Line, Subject, TaxTotal};
use super::sale::{SaleLine, SalePayment};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, CreditNoteId, DraftId, InvoiceId};
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;
use crate::kernel::terms::{Due, PaymentTerms};
use crate::kernel::text::{Note, Reference};
use crate::log::Version;
use crate::settings::Dialect;

crate::events! {
    "invoicing" {
        InvoiceIssued = "invoice_issued" 1;
        InvoiceBroughtForward = "invoice_brought_forward" 1;
        CreditNoteIssued = "credit_note_issued" 1;
        InvoiceVoided = "invoice_voided" 1;
        BillDrafted = "bill_drafted" 1;
        DraftApproved = "draft_approved" 1;
        DraftWithdrawn = "draft_withdrawn" 1;
        ConsolidatedInvoiceIssued = "consolidated_invoice_issued" 1;
        DebtPassedOn = "debt_passed_on" 1;
        DebtTakenBack = "debt_taken_back" 1;
        SaleRecorded = "sale_recorded" 1;
    }
}

/// A customer was invoiced. Never changes: every correction is a document of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceIssued {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The date on it, which is its tax point.
    pub issued_on: Date,
    /// Its lines; line 1 is the first.
    pub lines: Vec<Line>,
    /// VAT by category and rate.
    pub taxes: Vec<TaxTotal>,
    /// Sum of the lines.
    pub net: Money,
    /// Sum of the VAT.
    pub tax: Money,
    /// Net plus VAT: what is owed.
    pub gross: Money,
    /// When which part of it is due; the parts add up to `gross`.
    pub due: Vec<Due>,
    /// The terms that the due dates follow from.
    pub terms: PaymentTerms,
    /// The customer's purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<Reference>,
    /// The version of the catalogue that was read.
    pub catalogue: Version,
    /// How each line was rounded.
    pub line_rounding: Rounding,
    /// How VAT was rounded, once a category.
    pub tax_rounding: Rounding,
    /// How parts of periods were reckoned.
    #[serde(default, skip_serializing_if = "Dialect::is_own")]
    pub dialect: Dialect,
    /// The selling system's number of the sale that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<Reference>,
}

/// A sale was made elsewhere. A fact from outside; its invoice is issued with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaleRecorded {
    /// The selling system's number of it, unique in the book.
    pub sale: Reference,
    /// The day on which it was made.
    pub sold_on: Date,
    /// What was sold.
    pub lines: Vec<SaleLine>,
    /// What was paid at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<SalePayment>,
    /// The invoice that is issued for it.
    pub invoice: InvoiceId,
}

/// A debt that was invoiced elsewhere, under a number of its own, was taken over with what is still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceBroughtForward {
    /// Its id in this book.
    pub invoice: InvoiceId,
    /// The number that it bears.
    pub reference: Reference,
    /// The date on it.
    pub issued_on: Date,
    /// When it is due.
    pub due_on: Date,
    /// What is open on it, VAT included.
    pub open: Money,
}

/// A customer was credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditNoteIssued {
    /// The credit note.
    pub credit_note: CreditNoteId,
    /// The invoice that it corrects; none where more was given back than was charged on a bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    /// The invoice of the same bill, which it settles first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<InvoiceId>,
    /// The date on it.
    pub issued_on: Date,
    /// What is credited; amounts are negative.
    pub lines: Vec<Line>,
    /// VAT by category and rate; amounts are negative.
    pub taxes: Vec<TaxTotal>,
    /// Sum of the lines, negative.
    pub net: Money,
    /// Sum of the VAT, negative or zero.
    pub tax: Money,
    /// What the customer gets, positive.
    pub credit: Money,
    /// Why.
    pub reason: Note,
    /// How each line was rounded.
    pub line_rounding: Rounding,
    /// How VAT was rounded, once a category.
    pub tax_rounding: Rounding,
    /// How parts of periods were reckoned.
    #[serde(default, skip_serializing_if = "Dialect::is_own")]
    pub dialect: Dialect,
}

/// An invoice was declared void: nothing is owed on it, and what it billed may be billed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceVoided {
    /// The invoice.
    pub invoice: InvoiceId,
    /// From when on.
    pub voided_on: Date,
    /// Why.
    pub reason: Note,
}

/// A bill was made out to be looked at. It has no number, and nothing is owed on it or billed by it; an open draft that
/// was there before counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillDrafted {
    /// The draft.
    pub draft: DraftId,
    /// The draft whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DraftId>,
    /// The date on its documents.
    pub issue_on: Date,
    /// The day through which it bills.
    pub through: Date,
    /// What the customer would owe more by it, VAT included.
    pub comes_to: Money,
    /// Its documents, under the ids that they are to be issued under.
    pub bill: Bill,
    /// What is otherwise on it than on the last bill.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub changes: BTreeSet<Change>,
}

/// A draft was looked at and found right; its documents are issued with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftApproved {
    /// The draft.
    pub draft: DraftId,
}

/// A draft will not be issued. What it would have billed stays due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftWithdrawn {
    /// The draft.
    pub draft: DraftId,
    /// Why.
    pub reason: Note,
}

/// A parent account got one document over what it owes for its children. A debt like any other, but neither a sale nor a
/// tax document: revenue and VAT stand on the children's own invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsolidatedInvoiceIssued {
    /// The consolidated invoice.
    pub invoice: InvoiceId,
    /// The date on it.
    pub issued_on: Date,
    /// One line a child, in the order of their ids.
    pub lines: Vec<ChildLine>,
    /// Sum of the lines: what the parent owes.
    pub total: Money,
    /// When which part of it is due; the parts add up to `total`.
    pub due: Vec<Due>,
    /// The parent's terms, which the due dates follow from.
    pub terms: PaymentTerms,
    /// The parent's purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<Reference>,
}

/// What a parent owes for one child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildLine {
    /// The child.
    pub account: AccountId,
    /// Its invoices, the oldest first.
    pub invoices: Vec<OpenInvoice>,
    /// What is open on them together.
    pub amount: Money,
}

/// An invoice with what was open on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenInvoice {
    /// The invoice.
    pub invoice: InvoiceId,
    /// What was open on it, VAT included.
    pub open: Money,
}

/// What was open on a child's invoices is owed by its parent from now on, and no longer by the child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebtPassedOn {
    /// The consolidated invoice on which the parent owes it.
    pub consolidated: InvoiceId,
    /// The parent.
    pub parent: AccountId,
    /// The child's invoices, which are settled by it.
    pub invoices: Vec<OpenInvoice>,
    /// What was open on them together.
    pub amount: Money,
    /// The date of the consolidated invoice.
    pub passed_on: Date,
}

/// The consolidated invoice was declared void: the child owes again what it had passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebtTakenBack {
    /// The consolidated invoice.
    pub consolidated: InvoiceId,
    /// What had been passed on with it.
    pub amount: Money,
    /// From when on.
    pub taken_back_on: Date,
}

impl fmt::Display for ConsolidatedInvoiceIssued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConsolidatedInvoiceIssued { invoice, issued_on, total, .. } = self;
        let accounts = self.lines.len();
        write!(f, "Consolidated invoice {invoice} issued on {issued_on} for {accounts} accounts: {total}")?;
        match self.due.as_slice() {
            [only] => write!(f, ", due {}.", only.date),
            parts => write!(f, ", due in {} parts.", parts.len()),
        }
    }
}

impl fmt::Display for DebtPassedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DebtPassedOn { consolidated, parent, amount, passed_on, .. } = self;
        write!(
            f,
            "{amount} passed on to account {parent} with consolidated invoice {consolidated} on {passed_on}."
        )
    }
}

impl fmt::Display for DebtTakenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DebtTakenBack { consolidated, amount, taken_back_on } = self;
        write!(f, "{amount} of void consolidated invoice {consolidated} taken back on {taken_back_on}.")
    }
}

impl InvoiceIssued {
    /// Whether it charges service days: items and work are sold beside.
    pub fn bills_service(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.subject, Subject::Service { .. }))
    }
}

impl fmt::Display for InvoiceIssued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invoice {} issued on {}: {}", self.invoice, self.issued_on, self.gross)?;
        match self.due.as_slice() {
            [only] => write!(f, ", due {}.", only.date),
            parts => write!(f, ", due in {} parts.", parts.len()),
        }
    }
}

impl fmt::Display for InvoiceBroughtForward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InvoiceBroughtForward { invoice, reference, issued_on, due_on, open } = self;
        write!(
            f,
            "Invoice {reference} of {issued_on} brought forward as {invoice}: {open} open, due {due_on}."
        )
    }
}

impl fmt::Display for CreditNoteIssued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credit note {} issued on {}: {}", self.credit_note, self.issued_on, self.credit)?;
        match &self.invoice {
            Some(invoice) => write!(f, " off invoice {invoice}."),
            None => write!(f, " to the account."),
        }
    }
}

impl fmt::Display for InvoiceVoided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invoice {} voided on {}: {}.", self.invoice, self.voided_on, self.reason)
    }
}

impl fmt::Display for BillDrafted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BillDrafted { draft, replaces, issue_on, through, comes_to, .. } = self;
        write!(f, "Bill through {through} drafted as {draft}, dated {issue_on}: {comes_to}")?;
        match replaces {
            Some(replaced) => write!(f, ", in place of {replaced}."),
            None => f.write_str("."),
        }
    }
}

impl fmt::Display for DraftApproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft {} approved.", self.draft)
    }
}

impl fmt::Display for DraftWithdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft {} withdrawn: {}.", self.draft, self.reason)
    }
}

impl fmt::Display for SaleRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SaleRecorded { sale, sold_on, lines, payment, invoice } = self;
        write!(f, "Sale {sale} made on {sold_on}: ")?;
        for (at, line) in lines.iter().enumerate() {
            write!(f, "{}{line}", if at == 0 { "" } else { ", " })?;
        }
        if let Some(SalePayment { amount, method, .. }) = payment {
            write!(f, "; {amount} paid by {method}")?;
        }
        write!(f, "; invoiced as {invoice}.")
    }
}
