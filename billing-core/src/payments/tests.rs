//! Decisions about money, given / when / then.

use super::*;
use crate::book::{Event as BookEvent, payload};
use crate::kernel::currency::Currency;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{InvoiceId, PaymentId};

use crate::policies::given::{Customer, customer, date, money, words};

fn allocate(customer: &Customer, funds: Funds, invoice: InvoiceId, amount: &str) -> Allocate {
    Allocate { account: customer.account, funds, invoice, amount: money(amount), on: date("2026-03-10") }
}

fn release(customer: &Customer, funds: Funds, invoice: InvoiceId, amount: &str) -> ReleaseAllocation {
    ReleaseAllocation {
        account: customer.account,
        funds,
        invoice,
        amount: money(amount),
        on: date("2026-03-12"),
    }
}

fn goes_back(customer: &Customer, payment: PaymentId, on: &str) -> ReturnPayment {
    let reason = "Refer to payer".parse().unwrap();
    ReturnPayment { account: customer.account, payment, on: date(on), reason }
}

fn refund(customer: &Customer, funds: Funds, amount: &str) -> Refund {
    let (amount, on) = (money(amount), date("2026-03-20"));
    Refund { account: customer.account, funds, amount, on, method: Method::BankTransfer }
}

fn left(customer: &Customer, funds: Funds) -> String {
    customer.look(|account, _| account.receivables.funds(funds).unwrap().left.to_string())
}

#[test]
fn a_payment_settles_and_gets_one_receipt() {
    let mut customer = customer();
    let invoice = customer.owes("100.00", "2026-03-01");
    let events = customer.does(customer.payment("100.00", "2026-03-05"));
    assert_eq!(
        words(&events),
        [
            "payments.payment_received",
            "payments.funds_allocated",
            "payments.receipt_issued",
            "numbering.number_assigned",
            "messages.message_requested",
        ]
    );
    assert!(customer.open(invoice).is_zero());
}

// 100.00 at 0.8612 is 86.12; 33.33 at 0.5 is 16.665, half up 16.67.
#[test]
fn money_in_another_currency_is_taken_in_at_the_given_rate() {
    let mut customer = customer();
    let mut payment = customer.payment("EUR 33.33", "2026-03-05");
    assert_eq!(
        customer.may_not(payment.clone()),
        "EUR 33.33 was paid on an account kept in GBP, without an exchange rate"
    );
    payment.rate = Some("0.5".parse().unwrap());
    let events = customer.does(payment);
    let received = payload::<PaymentReceived>(&events[0]).unwrap();
    assert_eq!(received.amount, money("16.67"));
    assert_eq!(received.exchange.as_ref().unwrap().paid, money("EUR 33.33"));
    assert!(received.to_string().contains("GBP 16.67 by bank transfer (EUR 33.33 at 0.5)."));

    let mut payment = customer.payment("10.00", "2026-03-05");
    payment.rate = Some("1.1".parse().unwrap());
    assert_eq!(
        customer.may_not(payment),
        "an exchange rate was given for GBP 10.00, which is in the account's own currency"
    );
    let mut payment = customer.payment("JPY 1", "2026-03-05");
    payment.rate = Some("0.001".parse().unwrap());
    assert_eq!(customer.may_not(payment), "GBP 0.00 is not above zero");
    let mut payment = customer.payment("JPY 999999999999999999", "2026-03-05");
    payment.rate = Some("1".parse().unwrap());
    assert!(
        customer.may_not(payment).starts_with("the amount can't be worked out: the amount is beyond GBP ")
    );
}

#[test]
fn a_payment_of_nothing_is_refused() {
    let mut customer = customer();
    for amount in ["0.00", "-5.00"] {
        let payment = customer.payment(amount, "2026-03-05");
        assert_eq!(customer.may_not(payment), format!("GBP {amount} is not above zero"));
    }
}

#[test]
fn the_bank_s_key_is_claimed_with_the_payment() {
    let mut customer = customer();
    let mut payment = customer.payment("5.00", "2026-03-05");
    assert_eq!(customer.does(payment.clone())[0].claims(), []);
    payment.source = Some("STMT-7/3".parse().unwrap());
    let claims = customer.does(payment)[0].claims();
    assert_eq!((claims[0].space, claims[0].key.as_str()), ("payment.source", "STMT-7/3"));
}

#[test]
fn money_can_be_moved_from_one_invoice_to_another() {
    let mut customer = customer();
    let (first, second) = (customer.owes("60.00", "2026-03-01"), customer.owes("50.00", "2026-03-02"));
    let funds = Funds::Payment(customer.pays("60.00", "2026-03-05"));
    assert_eq!(
        customer.may_not(release(&customer, funds, second, "1.00")),
        format!("GBP 1.00 is more than {funds} has set against invoice {second}: GBP 0.00")
    );
    customer.does(release(&customer, funds, first, "45.00"));
    assert_eq!((customer.open(first), left(&customer, funds)), (money("45.00"), "GBP 45.00".into()));
    customer.does(allocate(&customer, funds, second, "45.00"));
    assert_eq!((customer.open(second), left(&customer, funds)), (money("5.00"), "GBP 0.00".into()));
    customer.look(|account, _| {
        assert_eq!(
            account.payments.allocations_of(funds),
            [(first, money("15.00")), (second, money("45.00"))].into()
        );
        assert_eq!(account.payments.allocated_to(first), [(funds, money("15.00"))].into());
        let within = |from, to| account.payments.allocated_within(first, date(from)..=date(to));
        assert_eq!(within("2026-03-05", "2026-03-05").of(Currency::GBP).to_string(), "GBP 60.00");
        assert_eq!(within("2026-03-06", "2026-03-31").of(Currency::GBP).to_string(), "GBP -45.00");
    });
}

#[test]
fn setting_money_against_an_invoice_has_limits() {
    let mut customer = customer();
    let first = customer.owes("60.00", "2026-03-01");
    let funds = Funds::Payment(customer.pays("100.00", "2026-03-05"));
    let (other, unknown) =
        (PaymentId::from_uuid(first.uuid()), InvoiceId::from_uuid(customer.account.uuid()));
    assert_eq!(customer.may_not(allocate(&customer, funds, first, "0.00")), "GBP 0.00 is not above zero");
    assert_eq!(
        customer.may_not(allocate(&customer, Funds::Payment(other), first, "1.00")),
        format!("{other} is not a payment or a credit note of this account")
    );
    assert_eq!(
        customer.may_not(allocate(&customer, funds, unknown, "1.00")),
        format!("{unknown} is not an invoice of this account, or it was voided")
    );
    assert_eq!(
        customer.may_not(allocate(&customer, funds, first, "EUR 1.00")),
        "EUR 1.00 is not in GBP, in which the account is kept"
    );
    assert_eq!(
        customer.may_not(allocate(&customer, funds, first, "40.01")),
        format!("GBP 40.01 is more than is left of {funds}: GBP 40.00")
    );
    assert_eq!(
        customer.may_not(allocate(&customer, funds, first, "40.00")),
        format!("GBP 40.00 is more than is open on invoice {first}: GBP 0.00")
    );
    for wrong in [release(&customer, funds, first, "-1.00"), release(&customer, funds, unknown, "1.00")] {
        customer.may_not(wrong);
    }
    customer.may_not(release(&customer, Funds::Payment(other), first, "1.00"));
    customer.may_not(release(&customer, funds, first, "EUR 1.00"));
    customer.may_not(release(&customer, funds, first, "60.01"));
}

#[test]
fn a_payment_that_goes_back_opens_its_invoices_again() {
    let mut customer = customer();
    let (first, second) = (customer.owes("60.00", "2026-03-01"), customer.owes("50.00", "2026-03-02"));
    let payment = customer.pays("115.00", "2026-03-05");
    let events = customer.does(goes_back(&customer, payment, "2026-03-09"));
    assert_eq!(
        words(&events),
        ["payments.allocation_released", "payments.allocation_released", "payments.payment_returned"]
    );
    assert_eq!((customer.open(first), customer.open(second)), (money("60.00"), money("50.00")));
    assert_eq!(left(&customer, Funds::Payment(payment)), "GBP 0.00");
    assert_eq!(customer.does(goes_back(&customer, payment, "2026-03-09")), []);
    customer.look(|account, settings| {
        assert_eq!(account.receivables.balance().of(Currency::GBP).to_string(), "GBP 110.00");
        assert!(account.payments.is_returned(payment));
        // Pay, reverse, pay again: the invoices are as old as if they had been paid once.
        let due: Vec<_> = account.receivables.open_items().map(|(_, item)| item.due_on).collect();
        assert_eq!(due, [date("2026-03-01"), date("2026-03-02")]);
        assert!(crate::credit_control::next_action_on(account, settings, date("2026-03-09")).is_some());
    });
    customer.pays("110.00", "2026-03-11");
    assert!(customer.open(first).is_zero() && customer.open(second).is_zero());
}

#[test]
fn what_was_refunded_can_t_go_back_as_well() {
    let mut customer = customer();
    let payment = customer.pays("115.00", "2026-03-05");
    let funds = Funds::Payment(payment);
    assert_eq!(
        customer.may_not(refund(&customer, funds, "115.01")),
        format!("GBP 115.01 is more than is left of {funds}: GBP 115.00")
    );
    customer.may_not(refund(&customer, funds, "0.00"));
    customer.may_not(refund(&customer, funds, "EUR 1.00"));
    customer.does(refund(&customer, funds, "15.00"));
    assert_eq!(left(&customer, funds), "GBP 100.00");
    assert_eq!(
        customer.may_not(goes_back(&customer, payment, "2026-03-21")),
        format!("GBP 15.00 of payment {payment} was refunded, so not all of it can go back")
    );
    let unknown = PaymentId::from_uuid(customer.account.uuid());
    customer.may_not(goes_back(&customer, unknown, "2026-03-21"));
    customer.may_not(refund(&customer, Funds::Payment(unknown), "1.00"));
}

fn credit(
    customer: &Customer,
    amount: &str,
    on: &str,
    expires_on: Option<&str>,
    priority: u16,
) -> GrantCredit {
    GrantCredit {
        account: customer.account,
        amount: money(amount),
        on: date(on),
        expires_on: expires_on.map(date),
        priority: Some(priority),
        reason: "Goodwill".parse().unwrap(),
    }
}

fn granted(events: &[BookEvent]) -> Funds {
    Funds::Credit(payload::<CreditGranted>(&events[0]).unwrap().credit)
}

#[test]
fn credit_settles_open_invoices_at_once_and_later_ones_by_its_priority() {
    let mut customer = customer();
    let open = customer.owes("60.00", "2026-03-01");
    let grant = credit(&customer, "100.00", "2026-03-05", None, 50);
    let usual = granted(&customer.does(grant));
    assert_eq!((customer.open(open), left(&customer, usual)), (money("0.00"), "GBP 40.00".to_owned()));
    let grant = credit(&customer, "30.00", "2026-03-06", Some("2026-04-01"), 10);
    let wallet = granted(&customer.does(grant));
    let next = customer.owes("50.00", "2026-03-10");
    assert!(customer.open(next).is_zero());
    assert_eq!(
        (left(&customer, wallet), left(&customer, usual)),
        ("GBP 0.00".to_owned(), "GBP 20.00".to_owned())
    );
}

#[test]
fn credit_whose_time_is_over_settles_nothing_and_is_taken_off_once() {
    let mut customer = customer();
    let grant = credit(&customer, "30.00", "2026-03-06", Some("2026-04-01"), 10);
    let wallet = granted(&customer.does(grant));
    // Issued on 1 April.
    let late = customer.owes("50.00", "2026-05-01");
    assert_eq!(customer.open(late), money("50.00"));
    let expire = |on: &str| ExpireCredits { account: customer.account, on: date(on) };
    let (before, on) = (expire("2026-03-31"), expire("2026-04-01"));
    assert_eq!(customer.does(before), []);
    let events = customer.does(on.clone());
    assert_eq!(words(&events), ["payments.credit_expired"]);
    assert_eq!(left(&customer, wallet), "GBP 0.00");
    assert_eq!(customer.does(on), []);
}

#[test]
fn credit_that_can_t_be_used_is_not_granted() {
    let mut customer = customer();
    let grants = [
        (credit(&customer, "0.00", "2026-03-05", None, 1), "GBP 0.00 is not above zero"),
        (
            credit(&customer, "1.00", "2026-03-05", Some("2026-03-05"), 1),
            "the credit of 2026-03-05 would expire on 2026-03-05",
        ),
        (
            GrantCredit { amount: money("EUR 1.00"), ..credit(&customer, "1.00", "2026-03-05", None, 1) },
            "EUR 1.00 is not in GBP, in which the account is kept",
        ),
    ];
    for (grant, rule) in grants {
        assert_eq!(customer.may_not(grant), rule);
    }
}

#[test]
fn what_was_passed_on_is_said_to_stay() {
    let id = "inv_0123456789abcdef0123456789abcdef".parse().unwrap();
    let rule = super::Rejection::PassedOn { invoice: id, consolidated: id };
    let id = id.to_string();
    let said = format!(
        "what was passed on with consolidated invoice {id} can't be taken off invoice {id} by itself"
    );
    assert_eq!(rule.to_string(), said);
}
