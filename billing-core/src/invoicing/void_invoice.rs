//! Declares an invoice void: it should never have been issued.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::{Issued, State};
use super::{DebtTakenBack, Event, InvoiceVoided, Invoicing, Rejection};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Declares an invoice void. Nothing is owed on it, what was paid on it is free again, and the days and the
/// work that it billed are due once more. A consolidated invoice gives the children their debts back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoidInvoice {
    /// Whose invoice.
    pub account: AccountId,
    /// Which one.
    pub invoice: InvoiceId,
    /// From when on.
    pub on: Date,
    /// Why.
    pub reason: Note,
}

impl Command for VoidInvoice {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.void_invoice";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Invoicing> {
        let account = books.account(self.account)?;
        let page = &account.invoicing;
        if page.is_void(self.invoice) {
            return Ok(vec![]);
        }
        let Some(document) = account.receivables.invoice(self.invoice) else {
            return Err(Rejection::UnknownInvoice(self.invoice).into());
        };
        if self.on < document.issued_on {
            return Err(Rejection::BeforeIssue { on: self.on, issued_on: document.issued_on }.into());
        }
        let issued = page.invoices.get(&self.invoice);
        if issued.is_some_and(|issued| issued.reductions > 0) {
            return Err(Rejection::Reduced(self.invoice).into());
        }
        let payer = account.payments.allocated_to(self.invoice).into_keys().find_map(consolidated);
        if let Some(consolidated) = payer {
            return Err(Rejection::PassedOn { invoice: self.invoice, consolidated }.into());
        }
        let mut coverages = page.coverage.values().flat_map(BTreeMap::values);
        if coverages.any(|coverage| coverage.is_rated_higher_than_on(self.invoice)) {
            return Err(Rejection::LateUsageBilled(self.invoice).into());
        }
        if issued.is_some_and(|issued| bills_given_back_days(page, self.invoice, issued)) {
            return Err(Rejection::DaysBilledAgain(self.invoice).into());
        }
        let mut facts = vec![account.record(InvoiceVoided {
            invoice: self.invoice,
            voided_on: self.on,
            reason: self.reason.clone(),
        })];
        for (child, amount) in page.consolidated.get(&self.invoice).into_iter().flatten() {
            facts.push(books.account(*child)?.record::<Event>(DebtTakenBack {
                consolidated: self.invoice,
                amount: *amount,
                taken_back_on: self.on,
            }));
        }
        Ok(facts)
    }
}

/// The consolidated invoice, where an invoice is settled by one.
fn consolidated(funds: Funds) -> Option<InvoiceId> {
    match funds {
        Funds::Consolidated(invoice) => Some(invoice),
        Funds::Payment(_) | Funds::CreditNote(_) | Funds::Credit(_) => None,
    }
}

/// Whether days that the invoice gave back are billed on another one by now: taking it back would bill them
/// twice.
fn bills_given_back_days(page: &State, id: InvoiceId, issued: &Issued) -> bool {
    issued.gave_back.iter().any(|gave_back| {
        let components = page.coverage.get(&gave_back.subscription);
        let coverage = components.and_then(|components| components.get(&gave_back.component));
        coverage.is_some_and(|coverage| {
            let mut days = gave_back.spans.iter().flat_map(|span| coverage.spans_in(span.period));
            days.any(|span| span.line.invoice != id)
        })
    })
}
