//! Documents that people ask for: single charges, drafts, voids, adjustments, credit notes, credit.

use billing_core::kernel::document::DocumentId;
use billing_core::kernel::funds::Funds;
use billing_core::kernel::proration::prorate;
use billing_core::prelude::*;

use super::subscriptions;
use crate::desk::Adjustment;
use crate::facts::bill::Bill;
use crate::facts::line::{Kind, ShownLine};
use crate::facts::note::Note as ShownNote;
use crate::facts::standing;
use crate::firm::Firm;
use crate::form::action::{Action, Asked, CreditedLine, InvoiceForm, InvoiceRef, Settle, Verb};
use crate::form::figure::Figure;
use crate::form::given::GivenLine;
use crate::plans;
use crate::verdict::{Outcome, Refusal, Stop};

/// The document that a case begins with, where it gives the lines of one.
pub(crate) fn given(firm: &mut Firm<'_>) -> Outcome {
    let keys = &firm.case.given.keys;
    let lines = match (keys.lines.is_empty(), &keys.subtotal) {
        (true, None) => return Ok(()),
        (true, Some(subtotal)) => vec![GivenLine::Amount(subtotal.clone())],
        (false, _) => keys.lines.clone(),
    };
    let subscribes = |action: &Action| matches!(action.verb, Verb::Subscribe(_));
    if firm.case.actions.iter().any(subscribes) {
        return Err(Stop::unsupported("given lines beside a subscription"));
    }
    let bill = issue(firm, 0, &lines)?;
    let expected = firm.case.given.keys.invoice_total.clone();
    let total = firm.customer(0).bills[bill].total;
    match expected.is_none_or(|expected| expected.money(total.currency()) == Ok(total)) {
        true => Ok(()),
        false => Err(Stop::differs("the given invoice's total", "as given", total.major())),
    }
}

/// Issues an invoice of single charges.
fn issue(firm: &mut Firm<'_>, customer: usize, lines: &[GivenLine]) -> Outcome<usize> {
    let mut items = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let item = firm.item_of_line(line, number)?;
        items.push(ItemLine { item, quantity: Quantity::ONE, text: None });
    }
    let (account, issue_on) = (firm.customer(customer).id, firm.desk.today);
    let bill = firm.bill_by(customer, IssueInvoice { account, issue_on, items, work: Vec::new() })?;
    bill.ok_or_else(|| Stop::unsupported("an invoice of nothing"))
}

/// One charge, issued at once or kept as a draft.
pub(crate) fn one_off(
    firm: &mut Firm<'_>,
    customer: usize,
    amount: &Figure,
    status: Option<&str>,
) -> Outcome {
    match status.map(str::to_ascii_lowercase).as_deref() {
        None | Some("committed") => {
            issue(firm, customer, &[GivenLine::Amount(amount.clone())])?;
        }
        Some("draft") => {
            if firm.case.given.keys.tax_rate_percent.is_some() || !firm.case.given.coupons.is_empty() {
                return Err(Stop::unsupported("a draft with tax"));
            }
            let (today, currency) = (firm.desk.today, firm.case.given.currency);
            let amount = amount.money(currency)?;
            let line = ShownLine {
                kind: Kind::Fixed,
                from: today,
                to: None,
                amount,
                discount: Money::zero(currency),
                rate: Rate::ZERO,
                part: None,
                subscription: None,
                left: amount,
                document: None,
            };
            let draft = Bill {
                lines: vec![line],
                subtotal: amount,
                total: amount,
                draft: true,
                ..Bill::empty(today, currency)
            };
            firm.customer_mut(customer).bills.push(draft);
        }
        Some(other) => return Err(Stop::unsupported(format!("a charge that is {other:?}"))),
    }
    Ok(())
}

/// Issues drafts: the one that is named, or all.
pub(crate) fn issue_draft(firm: &mut Firm<'_>, customer: usize, invoice: Option<InvoiceRef>) -> Outcome {
    let named = invoice.map(|invoice| nth(firm, customer, Some(invoice))).transpose()?;
    let bills = firm.customer(customer).bills.iter().enumerate();
    let drafts = bills.filter(|(place, bill)| bill.draft && named.is_none_or(|named| named == *place));
    let drafts: Vec<(usize, Money)> = drafts.map(|(place, bill)| (place, bill.total)).collect();
    for (place, amount) in drafts {
        let amount = Figure::parse(&amount.major()).ok_or_else(|| Stop::unsupported("a draft"))?;
        let issued = issue(firm, customer, &[GivenLine::Amount(amount)])?;
        // It keeps the place that it had as a draft.
        let bill = firm.customer_mut(customer).bills.remove(issued);
        firm.customer_mut(customer).bills[place] = bill;
    }
    Ok(())
}

/// An invoice that somebody asks for: of lines, or of as many subscriptions to the plan as its total holds.
pub(crate) fn invoice(firm: &mut Firm<'_>, customer: usize, form: &InvoiceForm) -> Outcome {
    let single = form.subtotal.iter().chain(&form.amount).cloned().map(GivenLine::Amount);
    let lines: Vec<GivenLine> = form.lines.iter().cloned().chain(single).collect();
    let Some(total) = &form.total_including_tax else {
        return issue(firm, customer, &lines).map(|_| ());
    };
    if !lines.is_empty() {
        return Err(Stop::unsupported("an invoice of lines and of a total"));
    }
    let given = &firm.case.given;
    let plan = plans::form(firm.case, form.plan.as_deref())?;
    let price =
        plan.keys.price.as_ref().ok_or_else(|| Stop::unsupported("an invoice of a plan without a price"))?;
    let price = price.money(given.currency)?;
    let rate = given.keys.tax_rate_percent.as_ref().map_or(Ok(Rate::ZERO), Figure::percent)?;
    let gross = price.plus(rate.of(price, Rounding::HalfUp)?)?;
    let mut left = total.money(given.currency)?;
    while left.is_positive() && gross.is_positive() {
        subscriptions::begin(firm, customer, &plan, 1, firm.desk.today)?;
        left = left.minus(gross)?;
    }
    if !left.is_zero() {
        return Err(Stop::unsupported("an invoice that is no multiple of the plan"));
    }
    firm.bill(customer).map(|_| ())
}

/// Declares an invoice void: what it billed is billed again on the next due date, not before.
///
/// What was paid is the customer's credit, unless it is asked for back; credit beyond it may be granted.
pub(crate) fn void(
    firm: &mut Firm<'_>,
    customer: usize,
    invoice: Option<InvoiceRef>,
    credit: Option<&Asked>,
    refund: Option<&Asked>,
) -> Outcome {
    let place = nth(firm, customer, invoice)?;
    let bill = firm.customer(customer).bills[place].clone();
    let id = bill.invoice.ok_or_else(|| Stop::unsupported("void_invoice: of a bill that gives back"))?;
    let (account, on, currency) = (firm.customer(customer).id, firm.desk.today, firm.case.given.currency);
    let before = firm.page(customer)?;
    let paid = standing::paid(&before, id, currency)?;
    let unsaid = credit.is_none() && refund.is_none() && firm.case.dialect.keeps_what_is_paid();
    if unsaid && paid.is_positive() {
        return Err(Stop::Refused(Refusal {
            code: "scenario.paid".to_owned(),
            words: "what was paid on the invoice is to be refunded or credited first".to_owned(),
        }));
    }
    let next = firm.customer(customer).next_bill.unwrap_or(Date::MAX);
    firm.give(VoidInvoice { account, invoice: id, on, reason: Note::parse("Void")? })?;
    let mut back = match refund {
        None | Some(Asked::All(false)) => Money::zero(currency),
        Some(Asked::All(true)) => paid,
        Some(Asked::Amount(amount)) => amount.money(currency)?,
    };
    if credit == Some(&Asked::All(false)) && back != paid {
        return Err(Stop::unsupported("void_invoice: neither credited nor refunded"));
    }
    let refunded = back;
    for (funds, amount) in before.payments.allocated_to(id) {
        let amount = amount.at_most(back)?;
        if matches!(funds, Funds::Payment(_)) && amount.is_positive() {
            firm.give(Refund { account, funds, amount, on, method: Method::Other })?;
            back = back.minus(amount)?;
        }
    }
    if back.is_positive() {
        return Err(Stop::differs("void_invoice", format!("a refund of {}", refunded.major()), paid.major()));
    }
    let books = firm.customer_mut(customer);
    books.refunded = books.refunded.plus(refunded)?;
    books.touched = Some(id);
    if let Some(Asked::Amount(asked)) = credit {
        let asked = asked.money(currency)?;
        let more = asked.minus(paid.minus(refunded)?)?;
        if more.is_positive() {
            give_credit(firm, customer, more)?;
        }
        let credit = standing::credit(&firm.page(customer)?, currency)?;
        let given = credit.minus(standing::credit(&before, currency)?)?.plus(refunded)?;
        let kept = bill.total.minus(given)?;
        let notes = &mut firm.customer_mut(customer).notes;
        notes.push(ShownNote::of_void(&bill, given, refunded, false)?);
        if kept.is_positive() {
            notes.push(ShownNote::of_void(&bill, kept, Money::zero(currency), true)?);
        }
    }
    firm.look_ahead(customer)?;
    firm.customer_mut(customer).not_before = Some(next);
    Ok(())
}

/// Takes an amount off a line.
pub(crate) fn adjust_line(
    firm: &mut Firm<'_>,
    customer: usize,
    invoice: Option<InvoiceRef>,
    line: Option<usize>,
    amount: &Figure,
    action: &Action,
) -> Outcome {
    let place = nth(firm, customer, invoice)?;
    let amount = amount.money(firm.case.given.currency)?;
    let bill = &firm.customer(customer).bills[place];
    let line = match (line, &action.target) {
        (Some(number), _) => number.checked_sub(1).filter(|line| *line < bill.lines.len()),
        (None, Some(reference)) => {
            let held = firm
                .customer(customer)
                .holdings
                .iter()
                .find(|held| held.reference.as_ref() == Some(reference));
            let held = held.ok_or_else(|| Stop::unsupported(format!("ref {reference:?}")))?.subscription;
            bill.lines.iter().position(|line| line.amount.is_positive() && line.subscription == Some(held))
        }
        (None, None) => bill.lines.iter().position(|line| line.amount.is_positive()),
    };
    let line = line.ok_or_else(|| Stop::unsupported("adjust_line: no such line"))?;
    take_off(firm, customer, place, Some(line), amount, "line_adjustment")
}

/// Credits an amount of an invoice: off one line, or off its lines in their order.
pub(crate) fn take_off(
    firm: &mut Firm<'_>,
    customer: usize,
    place: usize,
    line: Option<usize>,
    amount: Money,
    kind: &'static str,
) -> Outcome {
    let bill = &firm.customer(customer).bills[place];
    if !bill.tax.is_zero() && kind == "refund_adjustment" {
        return Err(Stop::unsupported("an adjustment by an amount that holds tax"));
    }
    let mut parts = Vec::new();
    let mut left = amount;
    for (at, shown) in bill.lines.iter().enumerate() {
        let part = match line {
            Some(line) if line == at => left,
            Some(_) => continue,
            None => left.at_most(shown.left)?,
        };
        if part.is_positive() {
            parts.push((at, part));
            left = left.minus(part)?;
        }
    }
    let on = bill.on;
    let note = credit(firm, customer, place, &parts)?;
    let books = firm.customer_mut(customer);
    books.adjustments.push(Adjustment { invoice: on, kind, amount: note.total.negated() });
    books.touched = note.invoice;
    firm.look_ahead(customer)
}

/// Credits parts of the lines of a bill.
fn credit(
    firm: &mut Firm<'_>,
    customer: usize,
    place: usize,
    parts: &[(usize, Money)],
) -> Outcome<ShownNote> {
    let bill = &firm.customer(customer).bills[place];
    let invoice = bill.invoice.ok_or_else(|| Stop::unsupported("a credit on a bill that gives back"))?;
    let mut lines = Vec::new();
    for (at, amount) in parts {
        match bill.lines.get(*at).and_then(|line| line.document) {
            Some((DocumentId::Invoice(_), number)) => {
                lines.push(CreditLine { line: number, amount: *amount })
            }
            Some((DocumentId::CreditNote(_) | DocumentId::Receipt(_), _)) | None => {
                return Err(Stop::unsupported("a credit on a line that gives back"));
            }
        }
    }
    let (account, on) = (firm.customer(customer).id, firm.desk.today);
    let what = What::Lines(lines);
    let done = firm.give(CreditInvoice { account, invoice, what, reason: Note::parse("Adjusted")?, on })?;
    let note = ShownNote::of(done.one::<CreditNoteIssued>()?)?;
    for (at, amount) in parts {
        let line = &mut firm.customer_mut(customer).bills[place].lines[*at];
        line.left = line.left.minus(*amount)?;
    }
    Ok(note)
}

/// Issues a credit note on lines of an invoice.
pub(crate) fn credit_note(
    firm: &mut Firm<'_>,
    customer: usize,
    lines: Option<&[CreditedLine]>,
    kind: Option<Settle>,
    invoice: Option<InvoiceRef>,
) -> Outcome {
    let place = nth(firm, customer, invoice)?;
    let bill = firm.customer(customer).bills[place].clone();
    let currency = firm.case.given.currency;
    let every: Vec<CreditedLine> = (1..=bill.lines.len()).map(CreditedLine::Whole).collect();
    let mut parts = Vec::new();
    for line in lines.unwrap_or(&every) {
        let (number, amount) = match line {
            CreditedLine::Whole(number) => (*number, None),
            CreditedLine::Part(part) => (part.line, part.amount.as_ref()),
        };
        let at = number.checked_sub(1).filter(|at| *at < bill.lines.len());
        let at = at.ok_or_else(|| Stop::unsupported(format!("credit_note: line {number}")))?;
        let shown = &bill.lines[at];
        // Of a line that is credited already the whole is asked for once more: the book says no.
        let net = shown.amount.minus(shown.discount)?;
        let whole = if shown.left.is_positive() { shown.left } else { net };
        // An amount of the line as it was before discounts stands for its share of what is left after them.
        let share = |asked: Money| match shown.discount.is_zero() {
            true => Ok(asked),
            false => part_of(net, asked, shown.amount),
        };
        parts.push((at, amount.map_or(Ok(whole), |amount| share(amount.money(currency)?))?));
    }
    if let Some(Settle::Offset | Settle::Skip) = kind {
        return Err(Stop::unsupported("credit_note: neither a refund nor a credit"));
    }
    let mut note = credit(firm, customer, place, &parts)?;
    if kind == Some(Settle::Refund) {
        let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, note.funds()?);
        let page = firm.page(customer)?;
        let left = page.receivables.funds(funds).map_or(Money::zero(currency), |funds| funds.left);
        if left.is_positive() {
            firm.give(Refund { account, funds, amount: left, on, method: Method::Other })?;
            note.refund = left;
        }
    }
    firm.customer_mut(customer).notes.push(note);
    Ok(())
}

/// What of an amount a part of a whole stands for.
fn part_of(amount: Money, part: Money, whole: Money) -> Outcome<Money> {
    let minor = |money: Money| u32::try_from(money.minor()).map_err(Stop::unsupported);
    Ok(prorate(amount, minor(part)?, minor(whole)?, Rounding::HalfUp)?)
}

/// Gives an account credit.
pub(crate) fn grant_credit(firm: &mut Firm<'_>, customer: usize, amount: &Figure) -> Outcome {
    give_credit(firm, customer, amount.money(firm.case.given.currency)?)
}

fn give_credit(firm: &Firm<'_>, customer: usize, amount: Money) -> Outcome {
    firm.give(GrantCredit {
        account: firm.customer(customer).id,
        amount,
        on: firm.desk.today,
        expires_on: None,
        priority: None,
        reason: Note::parse("Credit")?,
    })?;
    Ok(())
}

/// Buys credits for a wallet, which are credit that the account may use for anything: at once, or when their payment
/// is confirmed, where a case tells of that.
pub(crate) fn top_up(firm: &mut Firm<'_>, customer: usize, credits: &Figure) -> Outcome {
    let credits = credits.money(firm.case.given.currency)?;
    let confirms = |action: &Action| matches!(action.verb, Verb::PaymentConfirmed {});
    match firm.case.actions.iter().any(confirms) {
        true => {
            firm.customer_mut(customer).bought.push(credits);
            Ok(())
        }
        false => receive_credits(firm, customer, credits),
    }
}

/// Credits of a wallet are there.
pub(crate) fn receive_credits(firm: &mut Firm<'_>, customer: usize, credits: Money) -> Outcome {
    give_credit(firm, customer, credits)?;
    let before = firm.desk.credits_granted.unwrap_or(Money::zero(credits.currency()));
    firm.desk.credits_granted = Some(before.plus(credits)?);
    Ok(())
}

/// The place of the bill that is meant: by number or date among those that are not zero; where none is named,
/// the last one that is open, or else the last one.
pub(crate) fn nth(firm: &Firm<'_>, customer: usize, invoice: Option<InvoiceRef>) -> Outcome<usize> {
    let page = firm.page(customer)?;
    let bills = firm.customer(customer).bills.iter().enumerate();
    let mut real = bills.filter(|(_, bill)| !bill.total.is_zero());
    let found = match invoice {
        Some(InvoiceRef::Nth(number)) => number.checked_sub(1).and_then(|place| real.nth(place)),
        Some(InvoiceRef::On(date)) => real.find(|(_, bill)| bill.on == date),
        None => {
            let real: Vec<_> = real.collect();
            let open = real.iter().rfind(|(_, bill)| standing::open(&page, bill).is_positive());
            open.or(real.last()).copied()
        }
    };
    found
        .map(|(place, _)| place)
        .ok_or_else(|| Stop::unsupported("an action on an invoice that is not there"))
}
