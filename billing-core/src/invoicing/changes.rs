//! What is otherwise on a bill than on the last one. Who has nothing of it gets the last bill again, but for its period,
//! its dates and its number, and is billed without being looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::coverage::{Coverage, Span};
use super::line::{Line, Subject};
use super::page::coverage;
use super::state::LastBill;
use crate::book::Account;
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

/// Something about a bill that was not so on the last one; on the wire `"work"` or
/// `{"component":{"subscription":"sub_…","component":"plan"}}`.
///
/// How much was counted of a metered component is no change: only its price and which discounts it has are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There is no last bill: subscriptions were never billed, or the last invoice for them was declared void.
    FirstBill,
    /// A component is on other terms than when it was billed last: price, quantity, plan, version, discount or VAT; or
    /// for a part of a period, for more periods or fewer, or for days that do not follow on those billed last.
    Component {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
    },
    /// A component that was on the last bill is served no more.
    Ended {
        /// The subscription.
        subscription: SubscriptionId,
        /// The component.
        component: Code,
    },
    /// Days, or a true-up, are given back.
    GivenBack,
    /// Something is charged once.
    SetUp,
    /// Work is charged.
    Work,
    /// Usage of a period that was billed before is charged, or taken off.
    LateUsage,
    /// What was billed of a period before it was over is taken off.
    UsageBilledAhead,
    /// A period was short of a minimum commitment.
    TrueUp,
    /// The invoice is due on other terms.
    Terms,
    /// Another purchase order stands on it, or none.
    PurchaseOrder,
    /// Other rules of the book: how is rounded, or which dialect reckons parts of periods.
    Rules,
    /// The name of the customer, its custom fields or those of a subscription were changed since.
    Details,
    /// Something was credited since: by hand, or all the days of a line of the last bill, whose component need not be on
    /// this one. The bill may none the less be what it was: what was wrong may be wrong again.
    Credited,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Component { subscription, component } => {
                return write!(f, "{component} of subscription {subscription} is not billed as last time");
            }
            Change::Ended { subscription, component } => {
                return write!(f, "{component} of subscription {subscription} is billed no more");
            }
            Change::FirstBill => "it is the first bill, or the last one was declared void",
            Change::GivenBack => "something is given back",
            Change::SetUp => "something is charged once",
            Change::Work => "work is charged",
            Change::LateUsage => "usage of an earlier bill came late",
            Change::UsageBilledAhead => "usage was billed ahead",
            Change::TrueUp => "a minimum was not reached",
            Change::Terms => "the terms are others",
            Change::PurchaseOrder => "the purchase order is another one",
            Change::Rules => "other policies of the book apply",
            Change::Details => "the customer's details were changed",
            Change::Credited => "something was credited since the last bill",
        })
    }
}

/// What is otherwise on a bill through a day than on the account's last one; nothing where it is empty. It is what
/// [`BillOrDraft`](super::BillOrDraft) goes by, and what stands in [`BillDrafted`](super::BillDrafted).
pub fn changes(account: &Account, bill: &Bill, through: Date) -> BTreeSet<Change> {
    let mut changes = BTreeSet::new();
    if bill.is_empty() {
        return changes;
    }
    let invoice = bill.invoice.iter().flat_map(|invoice| &invoice.lines);
    let lines = invoice.chain(bill.credit_note.iter().flat_map(|note| &note.lines));
    let mut services: BTreeMap<(SubscriptionId, &Code), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        changes.insert(match &line.subject {
            Subject::Service { subscription, component, .. } => {
                services.entry((*subscription, component)).or_default().push(line);
                continue;
            }
            Subject::Unused { .. } | Subject::TrueUpTakenBack { .. } | Subject::Correction { .. } => {
                Change::GivenBack
            }
            Subject::Fee { .. } => Change::SetUp,
            // Items are sold beside the bill, and would be looked at like work.
            Subject::Work { .. } | Subject::Item { .. } => Change::Work,
            Subject::LateUsage { .. } => Change::LateUsage,
            Subject::InterimUsage { .. } => Change::UsageBilledAhead,
            Subject::TrueUp { .. } => Change::TrueUp,
        });
    }
    let otherwise = services.iter().filter(|(of, lines)| !is_as_last_time(account, **of, lines));
    changes.extend(otherwise.map(|((subscription, component), _)| Change::Component {
        subscription: *subscription,
        component: (*component).clone(),
    }));
    let since = &account.since_bill;
    changes.extend(since.details_changed().then_some(Change::Details));
    changes.extend(since.credited().then_some(Change::Credited));
    let Some(last) = account.invoicing.last_bill.as_deref() else {
        changes.insert(Change::FirstBill);
        return changes;
    };
    changes.extend(is_given_back(account, last).then_some(Change::Credited));
    let ended = ended(account, last, through).filter(|of| !services.contains_key(of));
    changes.extend(
        ended.map(|(subscription, component)| Change::Ended { subscription, component: component.clone() }),
    );
    if let Some(now) = &bill.invoice {
        let rules = (now.line_rounding, now.tax_rounding, now.dialect);
        changes.extend((now.terms != last.terms).then_some(Change::Terms));
        changes.extend((now.purchase_order != last.purchase_order).then_some(Change::PurchaseOrder));
        changes.extend((rules != last.rules).then_some(Change::Rules));
    }
    changes
}

/// Whether the lines of a component are those of the invoice that billed it last, one by one, for the periods that
/// follow.
fn is_as_last_time(
    account: &Account,
    (subscription, component): (SubscriptionId, &Code),
    lines: &[&Line],
) -> bool {
    let Some(coverage) = coverage(account, subscription, component) else { return false };
    let Some(last) = coverage.spans().last() else { return false };
    let spans: Vec<&Span> =
        coverage.spans().iter().filter(|span| span.line.invoice == last.line.invoice).collect();
    let mut from = last.period.to();
    let follows = |line: &&Line| match &line.subject {
        Subject::Service { period, .. } => std::mem::replace(&mut from, period.to()) == period.from(),
        Subject::Unused { .. }
        | Subject::Fee { .. }
        | Subject::TrueUp { .. }
        | Subject::TrueUpTakenBack { .. }
        | Subject::LateUsage { .. }
        | Subject::InterimUsage { .. }
        | Subject::Work { .. }
        | Subject::Item { .. }
        | Subject::Correction { .. } => false,
    };
    lines.len() == spans.len()
        && lines.iter().all(follows)
        && lines.iter().zip(spans).all(|(line, span)| is_again(account, coverage, line, span))
}

/// Whether a line charges what another one charged, but for its period and what was counted in it.
fn is_again(account: &Account, coverage: &Coverage, line: &Line, span: &Span) -> bool {
    let (Some(terms), Some(billed)) = (coverage.terms_of(span), account.invoicing.line(span.line)) else {
        return false;
    };
    let Subject::Service { plan, plan_version, meter, .. } = &line.subject else { return false };
    let invoice = account.invoicing.invoices.get(&span.line.invoice);
    let given = invoice.and_then(|invoice| invoice.discounts_of.get(&span.line.line));
    let given = given.map_or(&[][..], Vec::as_slice);
    let same_amount = || {
        let before = if line.discounts.is_empty() { None } else { line.before_discounts().ok() };
        before == billed.share.map(|share| share.before)
            && line.quantity == terms.quantity
            && span.of == span.period.days()
            && billed.service.is_some_and(|(net, _)| net == line.net)
    };
    // Nothing of it was given back.
    let stands_whole = billed.service.is_some_and(|(_, days)| days == span.period.days());
    (plan, *plan_version, meter) == (&terms.plan, terms.plan_version, &terms.meter)
        && (&line.text, &line.price) == (&terms.text, &terms.price)
        && (line.tax, line.rate) == (billed.tax, billed.rate)
        && line.part.is_none()
        && stands_whole
        && line.discounts.iter().map(|off| off.discount).eq(given.iter().copied())
        && (meter.is_some() || same_amount())
}

/// Whether no day is left of some line of the last bill.
fn is_given_back(account: &Account, last: &LastBill) -> bool {
    let components = account.invoicing.coverage.values().flat_map(BTreeMap::values);
    let left: BTreeSet<u32> = components
        .flat_map(|coverage| coverage.spans())
        .filter(|span| span.line.invoice == last.invoice)
        .map(|span| span.line.line)
        .collect();
    let invoice = account.invoicing.invoices.get(&last.invoice);
    let mut lines = (1..).zip(invoice.map_or(&[][..], |invoice| &invoice.lines));
    lines.any(|(number, line)| line.service.is_some() && !left.contains(&number))
}

/// The components of the last bill that nobody asks for behind the days that it billed, as far as those are over.
fn ended<'a>(
    account: &'a Account,
    last: &LastBill,
    through: Date,
) -> impl Iterator<Item = (SubscriptionId, &'a Code)> + 'a {
    let invoice = last.invoice;
    account.subscriptions.components().filter_map(move |(subscription, component, intended)| {
        let span = coverage(account, subscription, component)?.spans().last()?;
        let end = span.period.to();
        let over = span.line.invoice == invoice && end <= through && intended.terms_on(end).is_none();
        over.then_some((subscription, component))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_said_in_words() {
        let subscription: SubscriptionId = "sub_0123456789abcdef0123456789abcdef".parse().unwrap();
        let component: Code = "plan".parse().unwrap();
        let of = Change::Component { subscription, component: component.clone() };
        assert_eq!(
            of.to_string(),
            "plan of subscription sub_0123456789abcdef0123456789abcdef is not billed as last time"
        );
        assert_eq!(
            Change::Ended { subscription, component }.to_string(),
            "plan of subscription sub_0123456789abcdef0123456789abcdef is billed no more"
        );
        let plain = [
            (Change::FirstBill, "it is the first bill, or the last one was declared void"),
            (Change::GivenBack, "something is given back"),
            (Change::SetUp, "something is charged once"),
            (Change::Work, "work is charged"),
            (Change::LateUsage, "usage of an earlier bill came late"),
            (Change::UsageBilledAhead, "usage was billed ahead"),
            (Change::TrueUp, "a minimum was not reached"),
            (Change::Terms, "the terms are others"),
            (Change::PurchaseOrder, "the purchase order is another one"),
            (Change::Rules, "other policies of the book apply"),
            (Change::Details, "the customer's details were changed"),
            (Change::Credited, "something was credited since the last bill"),
        ];
        for (change, words) in plain {
            assert_eq!(change.to_string(), words);
        }
        assert_eq!(serde_json::to_string(&Change::UsageBilledAhead).unwrap(), r#""usage_billed_ahead""#);
    }
}
