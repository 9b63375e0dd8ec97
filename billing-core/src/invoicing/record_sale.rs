//! A sale was made elsewhere: in a shop, by a customer sales process. Its invoice and its payment follow.

use serde::{Deserialize, Serialize};

use super::discounting::take_discounts;
use super::draft::Draft;
use super::line::Line;
use super::{Event, InvoiceIssued, Invoicing, Rejection, SaleLine, SalePayment, SaleRecorded};
use crate::accounts::AccountKind;
use crate::book::{Account, Books};
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::kernel::text::Reference;
use crate::log::Scope;

/// Records a sale that another system made, under that system's own number of it. The invoice is issued as
/// [`IssueInvoice`](super::IssueInvoice) would issue it, less the discounts in force on its date; what was paid at once is
/// recorded in the same commit and settles that invoice before anything else does.
///
/// The number is unique in the book: however often and under whichever command id the sale is delivered, there is one
/// invoice and one payment, and delivering it again changes nothing; under the same number another sale is refused.
/// A hold keeps nobody from being billed for what was sold already.
///
/// A sale may be the first that is heard of a customer. Registering one is as harmless to ask twice, so that a host
/// gives both commands for each sale:
///
/// ```
/// use billing_core::prelude::*;
/// let account: AccountId = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let customer = RegisterAccount {
///     account: Some(account),
///     ..RegisterAccount::new("SHOP-1007".parse()?, Sealed::marked("Ada Lovelace")?, "2026-11-25".parse()?)
/// };
/// let paid = SalePayment {
///     source: Some("psp-99812".parse()?),
///     ..SalePayment::new("GBP 360.00".parse()?, "2026-11-25".parse()?, Method::Card)
/// };
/// let sale = RecordSale {
///     account,
///     sale: "SHOP-ORDER-5512".parse()?,
///     sold_on: "2026-11-25".parse()?,
///     lines: vec![SaleLine::new("training".parse()?, "2".parse()?)],
///     payment: Some(paid),
/// };
/// assert_eq!(customer.account, Some(sale.account));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSale {
    /// Who bought.
    pub account: AccountId,
    /// The selling system's own number of the sale.
    pub sale: Reference,
    /// The day on which it was made: the date on the invoice, and its tax point.
    pub sold_on: Date,
    /// What was sold.
    pub lines: Vec<SaleLine>,
    /// What was paid at once, if anything was; what is more than the invoice stays with the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<SalePayment>,
}

impl Command for RecordSale {
    type Department = Invoicing;
    const NAME: &'static str = "invoicing.record_sale";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Invoicing> {
        let draft = Draft::open(books, self.account, self.sold_on)?;
        let account = draft.account;
        // Asked first: what is delivered again is known, whatever has become of the catalogue and the account.
        if let Some(known) = account.invoicing.sale(&self.sale) {
            let same =
                known.sold_on == self.sold_on && known.lines == self.lines && known.payment == self.payment;
            let (sale, sold_on) = (self.sale.clone(), known.sold_on);
            return if same { Ok(vec![]) } else { Err(Rejection::SaleReused { sale, sold_on }.into()) };
        }
        match account.accounts.kind() {
            AccountKind::Trial => return Err(Rejection::OnTrial.into()),
            AccountKind::Full => {}
        }
        if self.lines.is_empty() {
            return Err(Rejection::NoLines.into());
        }
        let line = |line: &SaleLine| draft.sold_line(&line.item, line.quantity, line.unit_price, &line.text);
        let mut lines = self.lines.iter().map(line).collect::<Result<Vec<Line>, Rejection>>()?;
        self.payment.as_ref().map_or(Ok(()), |paid| can_be_taken(paid, account))?;

        take_discounts(account, self.sold_on, draft.policies().line_rounding, &mut lines)
            .map_err(Rejection::from)?;
        let sums = draft.totals(&lines)?;
        let invoice = draft.invoice(lines, sums, ctx)?;
        let sold = SaleRecorded {
            sale: self.sale.clone(),
            sold_on: self.sold_on,
            lines: self.lines.clone(),
            payment: self.payment.clone(),
            invoice: invoice.invoice,
        };
        // The sale first: the policies find on it what was paid when the invoice is issued.
        let facts = [
            Event::SaleRecorded(sold),
            Event::InvoiceIssued(InvoiceIssued { sale: Some(self.sale.clone()), ..invoice }),
        ];
        Ok(facts.map(|fact| account.record(fact)).into())
    }
}

/// Whether the payment can be recorded with the sale: a policy does it, and policies can't say no.
fn can_be_taken(paid: &SalePayment, account: &Account) -> Result<(), Rejection> {
    if !paid.amount.is_positive() {
        return Err(Rejection::NothingPaid(paid.amount));
    }
    let (given, kept_in) = (paid.amount.currency(), account.accounts.currency());
    if given != kept_in {
        return Err(Rejection::Currency { given, account: kept_in });
    }
    match &paid.source {
        Some(source) if account.payments.has_source(source) => Err(Rejection::PaymentKnown(source.clone())),
        Some(_) | None => Ok(()),
    }
}
