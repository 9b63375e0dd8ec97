//! Money: payments and attempts at them, what goes back, and whose mistake it was.

use billing_core::kernel::exchange::ExchangeRate;
use billing_core::kernel::funds::Funds;
use billing_core::prelude::*;

use super::documents::{self, nth};
use crate::desk::{Payers, PaymentMade};
use crate::facts::standing;
use crate::firm::Firm;
use crate::form::action::{AttemptOutcome, ChargebackForm, InvoiceRef, PaymentForm, PaymentStatus};
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// Pays what is open on an account; a parent pays for its children.
pub(crate) fn pay_open(firm: &mut Firm<'_>, customer: usize) -> Outcome {
    match customer {
        0 => (0..firm.desk.customers.len()).try_for_each(|each| firm.pay_open(each)),
        child => firm.pay_open(child),
    }
}

/// Pays what is open on one invoice.
pub(crate) fn pay_one(firm: &mut Firm<'_>, customer: usize, invoice: InvoiceRef) -> Outcome {
    let (invoice, open) = target(firm, customer, Some(invoice))?;
    if open.is_positive() {
        firm.pay_and_note(customer, invoice, open)?;
    }
    Ok(())
}

/// Pays everything, and from now on everything when it is issued.
pub(crate) fn pay_all(firm: &mut Firm<'_>) -> Outcome {
    firm.desk.payers = Payers::OnIssue;
    (0..firm.desk.customers.len()).try_for_each(|customer| firm.pay_open(customer))
}

/// From now on each attempt to collect fails.
pub(crate) fn fail(firm: &mut Firm<'_>) -> Outcome {
    firm.desk.payers = Payers::Failing;
    let today = firm.desk.today;
    for customer in 0..firm.desk.customers.len() {
        let page = firm.page(customer)?;
        let books = firm.customer_mut(customer);
        for bill in &books.bills {
            if let Some(invoice) = bill.invoice.filter(|_| standing::open(&page, bill).is_positive()) {
                books.attempts.entry(invoice).or_insert_with(|| vec![today]);
            }
        }
    }
    Ok(())
}

/// Records money that came in.
pub(crate) fn record(firm: &mut Firm<'_>, customer: usize, form: &PaymentForm) -> Outcome {
    let currency = firm.case.given.currency;
    if form.currency.as_ref().is_some_and(|code| code != currency.code()) {
        return Err(Stop::unsupported("record_payment: a currency that is not the account's"));
    }
    let key = form.idempotency_key.clone();
    if key.is_some() && firm.customer(customer).payments.iter().any(|made| made.key == key) {
        return Ok(());
    }
    let (invoice, _) = target(firm, customer, form.invoice)?;
    // What was processed in the account's own currency is what came in.
    let own = form.processed_currency.as_ref().is_some_and(|code| code == currency.code());
    let came_in = form.processed_amount.as_ref().filter(|_| own).unwrap_or(&form.amount);
    let amount = came_in.money(currency)?;
    let processed = match (&form.processed_amount, &form.processed_currency) {
        (Some(amount), Some(code)) => Some(amount.money(Currency::parse(code)?)?),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(Stop::unsupported("record_payment: half an exchange"));
        }
    };
    let mut made = PaymentMade { processed, key, ..PaymentMade::tried(invoice, amount) };
    if form.status == Some(PaymentStatus::Pending) {
        made.pending = true;
        firm.customer_mut(customer).payments.push(made);
        return Ok(());
    }
    let account = firm.customer(customer).id;
    let source = form.idempotency_key.as_deref().map(Reference::parse).transpose()?;
    let payment =
        RecordPayment { pays: vec![invoice], source, ..RecordPayment::new(account, amount, firm.desk.today) };
    made.payment = Some(firm.give(payment)?.one::<PaymentReceived>()?.payment);
    let books = firm.customer_mut(customer);
    books.touched = Some(invoice);
    books.payments.push(made);
    Ok(())
}

/// Tries to collect an invoice.
pub(crate) fn attempt(
    firm: &mut Firm<'_>,
    customer: usize,
    outcome: AttemptOutcome,
    amount: Option<&Figure>,
    invoice: Option<InvoiceRef>,
) -> Outcome {
    let (invoice, open) = target(firm, customer, invoice)?;
    let amount = amount.map_or(Ok(open), |amount| amount.money(firm.case.given.currency))?;
    let today = firm.desk.today;
    let payment = match outcome {
        AttemptOutcome::Succeeded => Some(firm.pay(customer, invoice, amount)?),
        AttemptOutcome::Failed | AttemptOutcome::Pending => None,
    };
    let pending = outcome == AttemptOutcome::Pending;
    let books = firm.customer_mut(customer);
    books.attempts.entry(invoice).or_default().push(today);
    books.touched = Some(invoice);
    books.payments.push(PaymentMade { payment, pending, ..PaymentMade::tried(invoice, amount) });
    Ok(())
}

/// The last payment that was pending has arrived: of credits that were bought, or of an invoice.
pub(crate) fn confirm(firm: &mut Firm<'_>, customer: usize) -> Outcome {
    if let Some(credits) = firm.customer_mut(customer).bought.pop() {
        firm.customer_mut(customer).confirmed = true;
        return documents::receive_credits(firm, customer, credits);
    }
    let place = firm.customer(customer).payments.iter().rposition(|payment| payment.pending);
    let place = match place {
        Some(place) => place,
        None if firm.customer(customer).confirmed => return Ok(()),
        None => return Err(Stop::unsupported("payment_confirmed: no payment is pending")),
    };
    firm.customer_mut(customer).confirmed = true;
    let PaymentMade { invoice, amount, .. } = firm.customer(customer).payments[place];
    let payment = firm.pay(customer, invoice, amount)?;
    let made = &mut firm.customer_mut(customer).payments[place];
    (made.payment, made.pending) = (Some(payment), false);
    Ok(())
}

/// The last payment came out otherwise than it was recorded.
pub(crate) fn correct(firm: &mut Firm<'_>, customer: usize, outcome: AttemptOutcome) -> Outcome {
    let place = last_payment(firm, customer)?;
    let PaymentMade { payment, invoice, amount, .. } = firm.customer(customer).payments[place];
    let payment = match (outcome, payment) {
        (AttemptOutcome::Failed, Some(payment)) => {
            send_back(firm, customer, payment)?;
            None
        }
        (AttemptOutcome::Succeeded, None) => Some(firm.pay(customer, invoice, amount)?),
        (AttemptOutcome::Failed, None) | (AttemptOutcome::Succeeded, Some(_)) => payment,
        (AttemptOutcome::Pending, _) => return Err(Stop::unsupported("correct_payment: to pending")),
    };
    let books = firm.customer_mut(customer);
    books.payments[place].payment = payment;
    books.touched = Some(invoice);
    Ok(())
}

/// The payer's bank takes a payment back, or a part of it.
pub(crate) fn charge_back(firm: &mut Firm<'_>, customer: usize, form: &ChargebackForm) -> Outcome {
    let place = chosen(firm, customer, form)?;
    let made = firm.customer(customer).payments[place].clone();
    let payment =
        made.payment.ok_or_else(|| Stop::unsupported("record_chargeback: of a payment that failed"))?;
    let amount = match &form.amount {
        None => made.amount,
        Some(figure) => in_the_accounts_currency(firm, figure, form.currency.as_deref(), &made)?,
    };
    if amount == made.amount {
        send_back(firm, customer, payment)?;
    } else {
        take_out(firm, customer, payment, made.invoice, amount)?;
    }
    let books = firm.customer_mut(customer);
    books.payments[place].charged_back = Some(amount);
    books.touched = Some(made.invoice);
    Ok(())
}

/// An amount that the payer's side gives in its own currency, at the rate of the payment.
fn in_the_accounts_currency(
    firm: &Firm<'_>,
    figure: &Figure,
    code: Option<&str>,
    made: &PaymentMade,
) -> Outcome<Money> {
    let currency = firm.case.given.currency;
    match (code, made.processed) {
        (None, _) => figure.money(currency),
        (Some(code), _) if code == currency.code() => figure.money(currency),
        (Some(code), Some(processed)) if code == processed.currency().code() => {
            let asked = figure.money(processed.currency())?;
            if asked == processed {
                return Ok(made.amount);
            }
            let rate = made
                .amount
                .minor()
                .checked_mul(1_000_000_000)
                .and_then(|wide| wide.checked_div(processed.minor()));
            let rate = rate.ok_or_else(|| Stop::unsupported("record_chargeback: an amount of nothing"))?;
            let digits = format!("{rate:010}");
            let (whole, part) = digits.split_at(digits.len().saturating_sub(9));
            let rate = ExchangeRate::from_figure(&format!("{whole}.{part}")).map_err(Stop::unsupported)?;
            Ok(rate.of(asked, currency, Rounding::HalfUp)?)
        }
        (Some(code), _) => Err(Stop::unsupported(format!("record_chargeback: currency {code}"))),
    }
}

/// The bank lets the payment stand after all.
pub(crate) fn reverse(firm: &mut Firm<'_>, customer: usize, form: &ChargebackForm) -> Outcome {
    let place = match (form.payment, form.invoice) {
        (None, None) => {
            let payments = &firm.customer(customer).payments;
            payments.iter().rposition(|payment| payment.charged_back.is_some())
        }
        (Some(_), _) | (None, Some(_)) => Some(chosen(firm, customer, form)?),
    };
    let place = place.ok_or_else(|| Stop::unsupported("reverse_chargeback: nothing was charged back"))?;
    let PaymentMade { invoice, charged_back, .. } = firm.customer(customer).payments[place];
    let amount = charged_back.ok_or_else(|| Stop::unsupported("reverse_chargeback: of another payment"))?;
    let payment = firm.pay(customer, invoice, amount)?;
    let made = &mut firm.customer_mut(customer).payments[place];
    (made.payment, made.charged_back) = (Some(payment), None);
    Ok(())
}

/// Pays money back; with `adjust` as much is also taken off the invoice.
pub(crate) fn refund(
    firm: &mut Firm<'_>,
    customer: usize,
    amount: Option<&Figure>,
    invoice: Option<InvoiceRef>,
    adjust: Option<&'static str>,
) -> Outcome {
    let currency = firm.case.given.currency;
    let page = firm.page(customer)?;
    let invoice = match invoice {
        Some(invoice) => nth(firm, customer, Some(invoice))?,
        None => {
            let mut paid = None;
            for (place, bill) in firm.customer(customer).bills.iter().enumerate() {
                if let Some(invoice) = bill.invoice {
                    paid = standing::paid(&page, invoice, currency)?.is_positive().then_some(place).or(paid);
                }
            }
            // Of what went back already the book says that it is too much.
            let ever = || firm.customer(customer).payments.iter().rev().find(|made| made.payment.is_some());
            let paid = paid.or_else(|| {
                let once = ever()?.invoice;
                firm.customer(customer).bills.iter().position(|bill| bill.invoice == Some(once))
            });
            paid.ok_or_else(|| Stop::unsupported("refund: nothing was paid"))?
        }
    };
    let bill = firm.customer(customer).bills[invoice].clone();
    let id = bill.invoice.ok_or_else(|| Stop::unsupported("refund: of a bill that gives back"))?;
    let amount =
        amount.map_or_else(|| standing::paid(&page, id, currency), |amount| amount.money(currency))?;
    let received = standing::paid(&page, id, currency)?;
    let mut left = amount;
    let sources = page.payments.allocated_to(id);
    if amount.minus(received)?.is_positive() {
        // Asked for as it is: the book says why not, before anything of it is done.
        let payment = firm.customer(customer).payments.iter().rev().find_map(|made| made.payment);
        let payment = payment.ok_or_else(|| Stop::unsupported("refund: of more than was paid"))?;
        return take_out(firm, customer, payment, id, amount);
    }
    for (funds, held) in sources.into_iter().rev() {
        if let Funds::Payment(payment) = funds {
            let part = left.at_most(held)?;
            if part.is_positive() {
                take_out(firm, customer, payment, id, part)?;
                left = left.minus(part)?;
            }
        }
    }
    if let Some(kind) = adjust {
        documents::take_off(firm, customer, invoice, None, amount, kind)?;
    }
    let refunded = firm.customer(customer).refunded.plus(amount)?;
    let books = firm.customer_mut(customer);
    books.refunded = refunded;
    books.touched = Some(id);
    Ok(())
}

/// Takes money off an invoice and pays it back.
fn take_out(
    firm: &Firm<'_>,
    customer: usize,
    payment: PaymentId,
    invoice: InvoiceId,
    amount: Money,
) -> Outcome {
    let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, Funds::Payment(payment));
    firm.give(ReleaseAllocation { account, funds, invoice, amount, on })?;
    firm.give(Refund { account, funds, amount, on, method: Method::Other })?;
    Ok(())
}

fn send_back(firm: &Firm<'_>, customer: usize, payment: PaymentId) -> Outcome {
    let (account, on) = (firm.customer(customer).id, firm.desk.today);
    firm.give(ReturnPayment { account, payment, on, reason: Note::parse("Returned by the bank")? })?;
    Ok(())
}

/// The invoice that is meant, and what is open on it: the one named, or the last that is open.
fn target(firm: &Firm<'_>, customer: usize, invoice: Option<InvoiceRef>) -> Outcome<(InvoiceId, Money)> {
    let place = nth(firm, customer, invoice)?;
    let bill = &firm.customer(customer).bills[place];
    let invoice = bill.invoice.ok_or_else(|| Stop::unsupported("an invoice that only gives back"))?;
    Ok((invoice, standing::open(&firm.page(customer)?, bill)))
}

fn last_payment(firm: &Firm<'_>, customer: usize) -> Outcome<usize> {
    let last = firm.customer(customer).payments.len().checked_sub(1);
    last.ok_or_else(|| Stop::unsupported("there is no payment"))
}

fn chosen(firm: &Firm<'_>, customer: usize, form: &ChargebackForm) -> Outcome<usize> {
    let payments = &firm.customer(customer).payments;
    let place = match (form.payment, form.invoice) {
        (Some(number), _) => number.checked_sub(1).filter(|place| *place < payments.len()),
        (None, Some(invoice)) => {
            let (invoice, _) = target(firm, customer, Some(invoice))?;
            payments.iter().rposition(|payment| payment.invoice == invoice)
        }
        (None, None) => payments.len().checked_sub(1),
    };
    place.ok_or_else(|| Stop::unsupported("there is no such payment"))
}
