//! One document for a parent account over what it owes for its children.

use serde::{Deserialize, Serialize};

use super::{ChildLine, ConsolidatedInvoiceIssued, DebtPassedOn, Invoicing, OpenInvoice, Rejection};
use crate::book::{Account, Books};
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::log::Scope;

/// Collects what is open on the invoices of an account's children into one consolidated invoice, on the terms of the
/// parent: those dated while it was their parent, up to the date of the document. From then on the parent owes it, and
/// the children owe nothing for it. Money and credit of a child has settled what it could before; what it gets
/// afterwards stays its own.
///
/// Left with a child is what it disputes, until that is resolved. Where nothing is open there is nothing to do, so
/// that it may be asked for again at any time. The consolidated invoice is no sale and bears no VAT: those stand on the
/// children's invoices, which go to the children as ever.
///
/// ```
/// use billing_core::decision::Command;
/// use billing_core::invoicing::ConsolidateInvoices;
/// let parent = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let consolidate = ConsolidateInvoices { account: parent, issue_on: "2026-01-31".parse()? };
/// assert_eq!(ConsolidateInvoices::NAME, "invoicing.consolidate_invoices");
/// assert!(serde_json::to_string(&consolidate)?.ends_with(r#""issue_on":"2026-01-31"}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsolidateInvoices {
    /// The parent.
    pub account: AccountId,
    /// The date on the document.
    pub issue_on: Date,
}

impl Command for ConsolidateInvoices {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.consolidate_invoices";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let (parent, settings) = (books.account(self.account)?, books.settings()?);
        let mut children: Vec<(&Account, ChildLine)> = Vec::new();
        for child in parent.accounts.children() {
            let child = books.account(child)?;
            if let Some(line) = self.line(child).map_err(Rejection::from)? {
                children.push((child, line));
            }
        }
        if children.is_empty() {
            return Ok(vec![]);
        }
        let purchase_order = parent.accounts.purchase_order();
        if parent.accounts.purchase_order_required() && purchase_order.is_none() {
            return Err(Rejection::PurchaseOrderMissing.into());
        }
        let amounts = children.iter().map(|(_, line)| line.amount);
        let total = Money::sum(parent.accounts.currency(), amounts).map_err(Rejection::from)?;
        let terms = parent.accounts.terms(settings, self.issue_on);
        let invoice = ctx.mint(InvoiceId::from_uuid);
        let mut facts = vec![parent.record(ConsolidatedInvoiceIssued {
            invoice,
            issued_on: self.issue_on,
            lines: children.iter().map(|(_, line)| line.clone()).collect(),
            total,
            due: terms.due_dates(self.issue_on, total).map_err(Rejection::from)?,
            terms: terms.clone(),
            purchase_order: purchase_order.cloned(),
        })];
        for (child, ChildLine { account: _, invoices, amount }) in children {
            facts.push(child.record(DebtPassedOn {
                consolidated: invoice,
                parent: parent.id,
                invoices,
                amount,
                passed_on: self.issue_on,
            }));
        }
        Ok(facts)
    }
}

impl ConsolidateInvoices {
    /// What the parent is to owe for a child; `None` where that is nothing.
    fn line(&self, child: &Account) -> Result<Option<ChildLine>, MoneyError> {
        let mut open: Vec<_> = child
            .receivables
            .open_items()
            .filter(|(_, item)| item.issued_on <= self.issue_on)
            .filter(|(_, item)| child.accounts.parent(item.issued_on) == Some(self.account))
            .filter(|(invoice, _)| child.credit_control.disputed(*invoice).is_none())
            .collect();
        if open.is_empty() {
            return Ok(None);
        }
        open.sort_by_key(|(invoice, item)| (item.issued_on, *invoice));
        let invoices: Vec<_> =
            open.into_iter().map(|(invoice, item)| OpenInvoice { invoice, open: item.open }).collect();
        let amount = Money::sum(child.accounts.currency(), invoices.iter().map(|invoice| invoice.open))?;
        Ok(Some(ChildLine { account: child.id, invoices, amount }))
    }
}
