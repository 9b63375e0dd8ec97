//! What a later decision can ask about invoicing: billed days, billed work, and what each line may still give
//! back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::commitments::Commitments;
use super::coverage::{BilledTerms, Coverage, RatedLine, Span};
use super::line::{Line, LineRef, Share, Subject, TaxTotal};
use super::proration;
use super::sale::Sale;
use super::{BillDrafted, Event};
use crate::catalogue::TaxCategory;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DiscountId, DraftId, InvoiceId, SubscriptionId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::rate::Rate;
use crate::kernel::rounding::Rounding;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Reference};
use crate::settings::Dialect;

/// What the customer was billed, as far as a later decision can ask. What is large is boxed: a map has room for
/// eleven, and most customers of a new book have one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) invoices: BTreeMap<InvoiceId, Box<Issued>>,
    pub(super) voided: BTreeSet<InvoiceId>,
    /// Debts taken over, by the number that they bear elsewhere.
    pub(super) brought_forward: BTreeMap<Reference, InvoiceId>,
    pub(super) coverage: BTreeMap<SubscriptionId, BTreeMap<Code, Box<Coverage>>>,
    pub(super) billed_work: BTreeSet<WorkId>,
    /// What each discount has given on the invoices that stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) given: BTreeMap<DiscountId, Given>,
    /// What counts towards commitments.
    #[serde(default, skip_serializing_if = "Commitments::is_empty")]
    pub(super) commitments: Commitments,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_issued_on: Option<Date>,
    /// What it owes for whom on its consolidated invoices that stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) consolidated: BTreeMap<InvoiceId, BTreeMap<AccountId, Money>>,
    /// Sales made elsewhere, by the number that they bear there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) sales: BTreeMap<Reference, Box<Sale>>,
    /// The last invoice for service days, if it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_bill: Option<Box<LastBill>>,
    /// The bill that waits to be approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<Box<BillDrafted>>,
    /// The newest draft that was approved, and the newest that was withdrawn, so that asking twice is harmless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) approved_draft: Option<DraftId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_draft: Option<DraftId>,
}

/// What stands on the last invoice for service days beside its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LastBill {
    pub(super) invoice: InvoiceId,
    pub(super) terms: PaymentTerms,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) purchase_order: Option<Reference>,
    /// How its lines and its VAT were rounded, and how parts of periods were reckoned.
    pub(super) rules: (Rounding, Rounding, Dialect),
}

/// How often a discount was given, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// On how many invoices.
    pub(super) invoices: u32,
    pub(super) amount: Money,
}

/// An invoice that was issued and not voided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issued {
    pub(super) issued_on: Date,
    /// What is left of each line; line 1 is the first.
    pub(super) lines: SmallVec<[LineLeft; 1]>,
    /// What is left of the VAT of each category and rate.
    pub(super) taxes: SmallVec<[TaxLeft; 1]>,
    /// How often something was taken off it, by a credit note or on a later bill.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) reductions: u32,
    /// Work that it billed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) work: Vec<WorkId>,
    /// What it gave back of earlier invoices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) gave_back: Vec<GaveBack>,
    /// What was taken off its lines.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) discounts: BTreeMap<DiscountId, Money>,
    /// Which, line by line, where it billed service days with any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) discounts_of: BTreeMap<u32, Vec<DiscountId>>,
}

/// What is left of a line: its net, less what was taken off it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineLeft {
    pub(super) left: Money,
    /// What it was issued for, where it billed service days, and how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<(Money, u32)>,
    pub(super) tax: TaxCategory,
    pub(super) rate: Rate,
    /// How much was charged of it, where discounts were taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) share: Option<Share>,
}

/// What is left of the VAT of one category and rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaxLeft {
    pub(super) category: TaxCategory,
    pub(super) rate: Rate,
    pub(super) left: Money,
}

/// Days that an invoice gave back, kept for the case that it is voided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GaveBack {
    pub(super) subscription: SubscriptionId,
    pub(super) component: Code,
    pub(super) spans: Vec<Span>,
    pub(super) line: LineRef,
    /// Below zero.
    pub(super) net: Money,
    /// Before discounts.
    pub(super) rated: Money,
    pub(super) rounding: Rounding,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        self.commitments.watch(event);
        match event {
            Event::InvoiceIssued(issued) => {
                let mut invoice = Issued {
                    issued_on: issued.issued_on,
                    lines: issued.lines.iter().map(LineLeft::of).collect(),
                    taxes: issued.taxes.iter().map(TaxLeft::of).collect(),
                    reductions: 0,
                    work: Vec::new(),
                    gave_back: Vec::new(),
                    discounts: discounts(&issued.lines),
                    discounts_of: discounts_of(&issued.lines),
                };
                for (discount, amount) in &invoice.discounts {
                    self.give(*discount, *amount);
                }
                for (number, line) in (1..).zip(&issued.lines) {
                    let at = LineRef { invoice: issued.invoice, line: number };
                    self.charge(at, line, issued.dialect, &mut invoice.work);
                    let gave_back = self.give_back(line, issued.tax_rounding);
                    invoice.gave_back.extend(gave_back);
                }
                self.invoices.insert(issued.invoice, Box::new(invoice));
                self.last_issued_on = self.last_issued_on.max(Some(issued.issued_on));
                if issued.bills_service() {
                    self.last_bill = Some(Box::new(LastBill {
                        invoice: issued.invoice,
                        terms: issued.terms.clone(),
                        purchase_order: issued.purchase_order.clone(),
                        rules: (issued.line_rounding, issued.tax_rounding, issued.dialect),
                    }));
                }
            }
            Event::SaleRecorded(sold) => {
                let (sold_on, lines, payment) = (sold.sold_on, sold.lines.clone(), sold.payment.clone());
                let sale = Sale { sold_on, lines, payment, invoice: sold.invoice };
                self.sales.insert(sold.sale.clone(), Box::new(sale));
            }
            Event::InvoiceBroughtForward(brought) => {
                self.brought_forward.insert(brought.reference.clone(), brought.invoice);
            }
            Event::CreditNoteIssued(note) => {
                for line in &note.lines {
                    self.give_back(line, note.tax_rounding);
                }
                for (invoice, tax) in
                    note.invoice.iter().flat_map(|id| note.taxes.iter().map(move |tax| (id, tax)))
                {
                    self.reduce_tax(*invoice, tax.category, tax.rate, tax.tax);
                }
            }
            Event::InvoiceVoided(voided) => self.void(voided.invoice),
            Event::BillDrafted(drafted) => self.draft = Some(Box::new(drafted.clone())),
            Event::DraftApproved(approved) => {
                self.draft = None;
                self.approved_draft = Some(approved.draft);
            }
            Event::DraftWithdrawn(withdrawn) => {
                self.draft = None;
                self.withdrawn_draft = Some(withdrawn.draft);
            }
            Event::ConsolidatedInvoiceIssued(issued) => {
                let of_children = issued.lines.iter().map(|line| (line.account, line.amount)).collect();
                self.consolidated.insert(issued.invoice, of_children);
            }
            // Which invoices it settles stands with the payments.
            Event::DebtPassedOn(_) | Event::DebtTakenBack(_) => {}
        }
    }

    /// A line that charges: its days and its work are billed.
    fn charge(&mut self, at: LineRef, line: &Line, dialect: Dialect, work_of_invoice: &mut Vec<WorkId>) {
        match &line.subject {
            Subject::Service { subscription, component, plan, plan_version, period, meter, .. } => {
                let terms = BilledTerms {
                    plan: plan.clone(),
                    plan_version: *plan_version,
                    text: line.text.clone(),
                    price: line.price.clone(),
                    quantity: if meter.is_some() { Quantity::ZERO } else { line.quantity },
                    meter: meter.clone(),
                };
                let of = line.part.map_or(period.days(), |part| part.of);
                let of_seconds = proration::full_seconds(dialect, *period, line.part);
                let free = line.net.is_zero() && meter.is_none();
                let coverage = self.coverage_of(*subscription, component);
                coverage.bill(Span { period: *period, of, of_seconds, line: at, terms: 0, free }, terms);
                if meter.is_some() {
                    coverage.rate(RatedLine::of(at, line));
                }
            }
            Subject::InterimUsage { subscription, component, period, line: None, .. } => {
                self.coverage_of(*subscription, component).bill_ahead(period.from(), at);
            }
            Subject::LateUsage { subscription, component, line: of, .. } if !line.gives_back() => {
                self.coverage_of(*subscription, component).rate_higher(*of, RatedLine::of(at, line));
            }
            Subject::Fee { subscription, component, on, .. } => {
                self.coverage_of(*subscription, component).charge(*on, at);
            }
            Subject::Work { work } => {
                self.billed_work.insert(*work);
                work_of_invoice.push(*work);
            }
            Subject::Unused { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => {}
        }
    }

    /// A line that gives back: what it takes off an earlier line, and which days.
    fn give_back(&mut self, line: &Line, rounding: Rounding) -> Option<GaveBack> {
        let (subscription, component, at, spans) = match &line.subject {
            Subject::Unused { subscription, component, period, line: at, .. } => {
                let coverage = self.coverage_of(*subscription, component);
                let spans = coverage.give_back(*period, *at);
                coverage.rate_lower(RatedLine::of(*at, line));
                (*subscription, component, *at, spans)
            }
            Subject::LateUsage { subscription, component, line: at, .. } if line.gives_back() => {
                self.coverage_of(*subscription, component).rate_lower(RatedLine::of(*at, line));
                (*subscription, component, *at, Vec::new())
            }
            Subject::InterimUsage { subscription, component, line: Some(at), .. } => {
                (*subscription, component, *at, Vec::new())
            }
            Subject::TrueUpTakenBack { subscription, component, line: at, .. } => {
                (*subscription, component, *at, Vec::new())
            }
            Subject::Correction { line: at } => {
                self.reduce(*at, line.net, 1);
                return None;
            }
            Subject::Service { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::Fee { .. }
            | Subject::Work { .. }
            | Subject::Item { .. } => return None,
        };
        self.reduce_with_tax(at, line, rounding);
        Some(GaveBack {
            subscription,
            component: component.clone(),
            spans,
            line: at,
            net: line.net,
            rated: line.rated().unwrap_or(line.net),
            rounding,
        })
    }

    fn coverage_of(&mut self, subscription: SubscriptionId, component: &Code) -> &mut Coverage {
        self.coverage.entry(subscription).or_default().entry(component.clone()).or_default()
    }

    fn void(&mut self, id: InvoiceId) {
        self.voided.insert(id);
        self.last_bill.take_if(|last| last.invoice == id);
        self.brought_forward.retain(|_, brought| *brought != id);
        self.consolidated.remove(&id);
        let Some(invoice) = self.invoices.remove(&id) else { return };
        for coverage in self.coverage.values_mut().flat_map(BTreeMap::values_mut) {
            coverage.forget(id);
        }
        for work in &invoice.work {
            self.billed_work.remove(work);
        }
        for (discount, amount) in invoice.discounts {
            self.take_again(discount, amount);
        }
        for gave_back in invoice.gave_back {
            let coverage = self.coverage_of(gave_back.subscription, &gave_back.component);
            gave_back.spans.into_iter().for_each(|span| coverage.put(span));
            let GaveBack { line, net, rated: amount, .. } = gave_back;
            coverage.rate_lower(RatedLine { line, amount, net }.taken_back());
            let Some(line) = self.line(gave_back.line).copied() else { continue };
            self.reduce(gave_back.line, gave_back.net.negated(), -1);
            if let Ok(tax) = line.rate.of(gave_back.net.negated(), gave_back.rounding) {
                self.reduce_tax(gave_back.line.invoice, line.tax, line.rate, tax);
            }
        }
    }

    /// A discount was given on one invoice more.
    fn give(&mut self, discount: DiscountId, amount: Money) {
        let nothing = Given { invoices: 0, amount: Money::zero(amount.currency()) };
        let given = self.given.entry(discount).or_insert(nothing);
        given.invoices = given.invoices.saturating_add(1);
        // Checked when it was decided; a log that breaks it is found by the named invariants.
        given.amount = given.amount.plus(amount).unwrap_or(given.amount);
    }

    /// An invoice on which a discount was given was voided, so that it may be given once more.
    fn take_again(&mut self, discount: DiscountId, amount: Money) {
        let Some(given) = self.given.get_mut(&discount) else { return };
        given.invoices = given.invoices.saturating_sub(1);
        given.amount = given.amount.minus(amount).unwrap_or(given.amount);
        if given.invoices == 0 {
            self.given.remove(&discount);
        }
    }

    /// What a discount has given; none where it has given nothing yet.
    pub(super) fn given(&self, discount: DiscountId) -> Option<Given> {
        self.given.get(&discount).copied()
    }

    /// What is left of a line.
    pub(super) fn line(&self, at: LineRef) -> Option<&LineLeft> {
        let place = usize::try_from(at.line).ok()?.checked_sub(1)?;
        self.invoices.get(&at.invoice)?.lines.get(place)
    }

    fn reduce(&mut self, at: LineRef, by: Money, reductions: i32) {
        let Some(invoice) = self.invoices.get_mut(&at.invoice) else { return };
        invoice.reductions = invoice.reductions.saturating_add_signed(reductions);
        let place = usize::try_from(at.line).ok().and_then(|number| number.checked_sub(1));
        if let Some(line) = place.and_then(|place| invoice.lines.get_mut(place)) {
            // Checked when it was decided; a log that breaks it is found by the named invariants.
            line.left = line.left.plus(by).unwrap_or(line.left);
        }
    }

    fn reduce_with_tax(&mut self, at: LineRef, by: &Line, rounding: Rounding) {
        self.reduce(at, by.net, 1);
        if let Ok(tax) = by.rate.of(by.net, rounding) {
            self.reduce_tax(at.invoice, by.tax, by.rate, tax);
        }
    }

    fn reduce_tax(&mut self, id: InvoiceId, category: TaxCategory, rate: Rate, by: Money) {
        let invoice = self.invoices.get_mut(&id);
        let taxes = invoice.into_iter().flat_map(|invoice| &mut invoice.taxes);
        for tax in taxes.filter(|tax| tax.category == category && tax.rate == rate) {
            tax.left = tax.left.plus(by).unwrap_or(tax.left);
        }
    }
}

/// What each discount takes off the lines together.
fn discounts(lines: &[Line]) -> BTreeMap<DiscountId, Money> {
    let mut sums: BTreeMap<DiscountId, Money> = BTreeMap::new();
    for off in lines.iter().flat_map(|line| &line.discounts) {
        let sum = sums.entry(off.discount).or_insert(Money::zero(off.amount.currency()));
        *sum = sum.plus(off.amount).unwrap_or(*sum);
    }
    sums
}

/// The discounts of each line that charges service days, by its number.
fn discounts_of(lines: &[Line]) -> BTreeMap<u32, Vec<DiscountId>> {
    let lines = (1..).zip(lines).filter(|(_, line)| matches!(line.subject, Subject::Service { .. }));
    let discounted = lines.filter(|(_, line)| !line.discounts.is_empty());
    discounted.map(|(at, line)| (at, line.discounts.iter().map(|off| off.discount).collect())).collect()
}

impl LineLeft {
    fn of(line: &Line) -> LineLeft {
        let before = if line.discounts.is_empty() { None } else { line.before_discounts().ok() };
        let share = before.map(|before| Share { net: line.net, before });
        let service = match &line.subject {
            Subject::Service { period, .. } => Some((line.net, period.days())),
            Subject::Fee { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Unused { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => None,
        };
        LineLeft { left: line.net, service, tax: line.tax, rate: line.rate, share }
    }
}

impl TaxLeft {
    fn of(total: &TaxTotal) -> TaxLeft {
        TaxLeft { category: total.category, rate: total.rate, left: total.tax }
    }
}
