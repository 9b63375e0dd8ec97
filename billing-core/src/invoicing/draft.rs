//! The lines of a bill, and the invoice made of them.

use std::collections::BTreeMap;

use super::billing::{self, Due, Service};
use super::coverage::{Coverage, Span};
use super::document::{Totals, totals};
use super::line::{self, Line, LineRef, Part, Share, Subject};
use super::metered::Metered;
use super::page::coverage;
use super::proration::{self, Unused};
use super::{InvoiceIssued, Rejection};
use crate::book::{Account, Books};
use crate::catalogue::{self, Price, Tax};
use crate::decision::{Context, Stop};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, InvoiceId, SubscriptionId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::period::{DaySetError, Period};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label};
use crate::kernel::unit_price::UnitPrice;
use crate::log::Version;
use crate::settings::{self, Policies};
use crate::subscriptions::{Fee, Subscription, Terms};
use crate::usage;
use crate::work::WorkItem;

/// What the lines of a bill are made from.
pub(super) struct Draft<'a> {
    pub(super) account: &'a Account,
    pub(super) settings: &'a settings::State,
    pub(super) catalogue: &'a catalogue::State,
    /// The version at which the catalogue is read.
    pub(super) version: Version,
    /// The date of the bill, which is the tax point of what it charges.
    pub(super) issue_on: Date,
}

impl<'a> Draft<'a> {
    /// A bill of an account with that date on it.
    pub(super) fn open(
        books: &'a Books,
        account: AccountId,
        issue_on: Date,
    ) -> Result<Draft<'a>, Stop<Rejection>> {
        let account = books.account(account)?;
        let settings = books.settings()?;
        let (catalogue, version) = books.catalogue()?;
        Ok(Draft { account, settings, catalogue, version, issue_on })
    }

    /// What the lines come to.
    pub(super) fn totals(&self, lines: &[Line]) -> Result<Totals, Rejection> {
        Ok(totals(self.account.accounts.currency(), lines, self.policies().tax_rounding)?)
    }

    pub(super) fn policies(&self) -> &'a Policies {
        self.settings.policies()
    }

    /// What is due for subscriptions through a day, component by component; what is given back stands before
    /// what is charged in its place.
    pub(super) fn service_lines(&self, books: &Books, through: Date) -> Result<Vec<Line>, Stop<Rejection>> {
        let mut lines = Vec::new();
        for (id, subscription) in self.account.subscriptions.subscriptions() {
            let committed = self.account.invoicing.commitments.concern(id, subscription);
            let of_subscription = self.lines_of(books, (id, subscription), committed, through)?;
            let first = lines.len();
            lines.extend(of_subscription);
            if committed {
                self.true_up((id, subscription), through, first, &mut lines)?;
            }
        }
        Ok(lines)
    }

    /// What is due for the components of a subscription, but for its commitments.
    fn lines_of(
        &self,
        books: &Books,
        (id, subscription): (SubscriptionId, &Subscription),
        committed: bool,
        through: Date,
    ) -> Result<Vec<Line>, Stop<Rejection>> {
        let nothing = usage::State::default();
        let none = Coverage::default();
        let mut lines = Vec::new();
        for (component, intended) in subscription.timelines() {
            let billed = coverage(self.account, id, component).unwrap_or(&none);
            let due = billing::due(&intended, billed, through, self.policies().dialect);
            let due = due.map_err(Rejection::from)?;
            let proof = billed_once(&due, billed);
            assert!(proof.is_ok(), "a service day would be billed twice, or given back unbilled: {proof:?}");
            let (rated, unused): (Vec<Span>, Vec<Span>) =
                due.unused.iter().partition(|span| billed.rated(span.line).is_some());
            let metered = || due.service.iter().filter(|service| service.terms.meter().is_some());
            // Who has nothing metered needs no page of usage.
            let usage = match metered().next().is_some() || !rated.is_empty() {
                true => books.usage(self.account.id)?,
                false => &nothing,
            };
            let standings = BTreeMap::new();
            let mut meters = Metered { draft: self, usage, subscription: id, component, billed, standings };
            self.unused_lines(id, component, billed, &unused, &mut lines)?;
            rated.iter().try_for_each(|span| meters.unused(span, &mut lines))?;
            for (fee, terms) in &due.fees {
                lines.push(self.fee_line(id, component, *fee, terms)?);
            }
            for service in &due.service {
                lines.push(self.service_line(&meters, service, committed)?);
                meters.billed_ahead(service, &mut lines)?;
            }
            metered().try_for_each(|service| meters.late(service, &intended, &mut lines))?;
        }
        Ok(lines)
    }

    /// A piece of work.
    pub(super) fn work_line(&self, work: WorkId, item: &WorkItem) -> Result<Line, Rejection> {
        let Tax { category, rate } = self.tax(&item.tax_code)?;
        Ok(Line {
            text: item.description.clone(),
            subject: Subject::Work { work },
            price: Price::Each(item.unit_price),
            quantity: item.quantity,
            part: None,
            discounts: Vec::new(),
            net: item.unit_price.times(item.quantity, self.policies().line_rounding)?,
            tax: category,
            rate,
        })
    }

    /// Something that is sold once, at a price of its own or at the item's.
    pub(super) fn sold_line(
        &self,
        code: &Code,
        quantity: Quantity,
        own_price: Option<UnitPrice>,
        text: &Option<Label>,
    ) -> Result<Line, Rejection> {
        if quantity.is_zero() {
            return Err(Rejection::ZeroQuantity(code.clone()));
        }
        let Some(item) = self.catalogue.item(code) else {
            return Err(Rejection::UnknownItem(code.clone()));
        };
        let currency = self.account.accounts.currency();
        let Some(unit_price) = own_price.or_else(|| item.unit_price_in(currency)) else {
            return Err(Rejection::NoPrice { item: item.code.clone(), currency });
        };
        if unit_price.currency() != currency {
            return Err(Rejection::Currency { given: unit_price.currency(), account: currency });
        }
        let Tax { category, rate } = self.tax(&item.tax_code)?;
        Ok(Line {
            text: text.clone().unwrap_or_else(|| item.name.clone()),
            subject: Subject::Item { item: item.code.clone() },
            price: Price::Each(unit_price),
            quantity,
            part: None,
            discounts: Vec::new(),
            net: unit_price.times(quantity, self.policies().line_rounding)?,
            tax: category,
            rate,
        })
    }

    /// The invoice with these lines, on the terms of the account.
    pub(super) fn invoice(
        &self,
        lines: Vec<Line>,
        totals: Totals,
        ctx: &Context<'_>,
    ) -> Result<InvoiceIssued, Rejection> {
        let purchase_order = self.account.accounts.purchase_order();
        if self.account.accounts.purchase_order_required() && purchase_order.is_none() {
            return Err(Rejection::PurchaseOrderMissing);
        }
        let terms = self.account.accounts.terms(self.settings, self.issue_on);
        let Totals { taxes, net, tax, gross } = totals;
        Ok(InvoiceIssued {
            invoice: ctx.mint(InvoiceId::from_uuid),
            issued_on: self.issue_on,
            lines,
            taxes,
            net,
            tax,
            gross,
            due: terms.due_dates(self.issue_on, gross)?,
            terms: terms.clone(),
            purchase_order: purchase_order.cloned(),
            catalogue: self.version,
            line_rounding: self.policies().line_rounding,
            tax_rounding: self.policies().tax_rounding,
            dialect: self.policies().dialect,
            sale: None,
        })
    }

    fn service_line(
        &self,
        meters: &Metered<'_>,
        due: &Service<'_>,
        committed: bool,
    ) -> Result<Line, Rejection> {
        let terms = due.terms;
        let rounding = self.policies().line_rounding;
        let (quantity, part) = match terms.meter() {
            Some(meter) => (meters.quantity(meter, &[due.period]), None),
            None => (Quantity::whole(terms.quantity.into()), due.part),
        };
        let Tax { category, rate } = self.tax(&terms.agreed.tax_code)?;
        Ok(Line {
            text: terms.name().clone(),
            subject: Subject::Service {
                subscription: meters.subscription,
                component: meters.component.clone(),
                plan: terms.plan().clone(),
                plan_version: terms.agreed.plan_version,
                period: due.period,
                phase: terms.phase,
                meter: terms.meter().cloned(),
                committed,
            },
            discounts: Vec::new(),
            net: net(terms.price, quantity, part, None, rounding)?,
            price: terms.price.clone(),
            quantity,
            part,
            tax: category,
            rate,
        })
    }

    /// What is charged once.
    fn fee_line(
        &self,
        subscription: SubscriptionId,
        component: &Code,
        fee: Fee,
        terms: &Terms<'_>,
    ) -> Result<Line, Rejection> {
        let Tax { category, rate } = self.tax(&terms.agreed.tax_code)?;
        Ok(Line {
            text: prefixed("Set-up", terms.name()),
            subject: Subject::Fee {
                subscription,
                component: component.clone(),
                plan: terms.plan().clone(),
                plan_version: terms.agreed.plan_version,
                on: fee.on,
            },
            price: Price::Flat(fee.amount),
            quantity: Quantity::whole(1),
            part: None,
            discounts: Vec::new(),
            net: fee.amount,
            tax: category,
            rate,
        })
    }

    /// Lines that give days back at the price at which they were billed, never more than is left of the line
    /// that billed them, and all that is left when no day of it stays billed.
    fn unused_lines(
        &self,
        subscription: SubscriptionId,
        component: &Code,
        billed: &Coverage,
        unused: &[Span],
        lines: &mut Vec<Line>,
    ) -> Result<(), Rejection> {
        let rounding = self.policies().line_rounding;
        let mut remaining: BTreeMap<LineRef, (Money, u32)> = BTreeMap::new();
        for span in unused {
            let (Some(terms), Some(line)) = (billed.terms_of(span), self.account.invoicing.line(span.line))
            else {
                continue;
            };
            let (left, days) =
                remaining.entry(span.line).or_insert_with(|| (line.left, billed.days_on(span.line)));
            let (issued_for, days_of_line) = line.service.unwrap_or((*left, *days));
            let unused = proration::unused(self.policies().dialect, span, days_of_line);
            let (price, quantity, part, share) = match unused {
                Unused::OfPrice(part) => (terms.price.clone(), terms.quantity, part, line.share),
                Unused::OfLine(part) => (Price::Flat(issued_for), Quantity::ONE, Some(part), None),
            };
            let priced = net(&price, quantity, part, share, rounding)?;
            let given_back = if *days == span.period.days() { *left } else { priced.at_most(*left)? };
            *left = left.minus(given_back)?;
            *days = days.saturating_sub(span.period.days());
            lines.push(Line {
                text: prefixed("Unused", &terms.text),
                subject: Subject::Unused {
                    subscription,
                    component: component.clone(),
                    plan: terms.plan.clone(),
                    period: span.period,
                    line: span.line,
                    share,
                    rated: None,
                },
                price,
                quantity,
                part,
                discounts: Vec::new(),
                net: given_back.negated(),
                tax: line.tax,
                rate: line.rate,
            });
        }
        Ok(())
    }

    pub(super) fn tax(&self, code: &Code) -> Result<Tax, Rejection> {
        let tax = self.catalogue.tax(code, self.issue_on);
        tax.ok_or_else(|| Rejection::UnknownTaxCode { code: code.clone(), on: self.issue_on })
    }
}

/// The price of a quantity, or the part of it that falls on some days, or as much of that as was charged, rounded
/// once.
pub(super) fn net(
    price: &Price,
    quantity: Quantity,
    part: Option<Part>,
    share: Option<Share>,
    rounding: Rounding,
) -> Result<Money, Rejection> {
    Ok(line::working(price, quantity, part, share).amount(rounding)?)
}

/// "Unused: Basic plan", as far as a label goes.
pub(super) fn prefixed(what: &str, text: &Label) -> Label {
    let long = format!("{what}: {text}");
    let short: String = long.chars().take(200).collect();
    Label::parse(short.trim_end()).unwrap_or_else(|_| text.clone())
}

/// The coverage proof: after this bill each service day is billed at most once, and only billed days were given
/// back.
fn billed_once(due: &Due<'_>, billed: &Coverage) -> Result<(), DaySetError> {
    let periods =
        || due.unused.iter().map(|span| span.period).chain(due.service.iter().map(|service| service.period));
    let around = periods().map(|period| period.from()).min().zip(periods().map(|period| period.to()).max());
    let Some(around) = around.and_then(|(from, to)| Period::new(from, to).ok()) else { return Ok(()) };
    let mut days = billed.days_in(around)?;
    due.unused.iter().try_for_each(|span| days.remove(span.period))?;
    due.service.iter().try_for_each(|service| days.insert(service.period))
}
