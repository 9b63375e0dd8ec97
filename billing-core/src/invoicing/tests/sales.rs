//! Sales made elsewhere: delivered once or often, there is one invoice, and one payment that settles it.

use proptest::prelude::*;

use super::super::given::{Shop, code, date, invoice, invoice_id, note, pounds, said, shop, shop_for};
use super::super::*;
use crate::accounts::AccountKind;
use crate::book::{Event, payload};
use crate::kernel::funds::Funds;
use crate::payments::{Method, PaymentReceived, RecordPayment};
use crate::policies::given::words;

fn card(amount: &str) -> SalePayment {
    SalePayment {
        source: Some("psp-1".parse().unwrap()),
        ..SalePayment::new(pounds(amount), date("2026-01-05"), Method::Card)
    }
}

/// Two days of training at 150.00: 300.00, VAT 60.00, paid at once.
fn sale(shop: &Shop) -> RecordSale {
    RecordSale {
        account: shop.account,
        sale: "ORDER-1".parse().unwrap(),
        sold_on: date("2026-01-05"),
        lines: vec![SaleLine::new(code("training"), "2".parse().unwrap())],
        payment: Some(card("360.00")),
    }
}

fn said_of_sale(events: &[Event]) -> String {
    events.iter().find_map(payload::<SaleRecorded>).unwrap().to_string()
}

#[test]
fn a_sale_is_invoiced_numbered_paid_and_settled_in_one_go() {
    let mut shop = shop();
    let sale = sale(&shop);
    let events = shop.does(sale);
    assert_eq!(
        words(&events),
        [
            "invoicing.sale_recorded",
            "invoicing.invoice_issued",
            "numbering.number_assigned",
            "payments.payment_received",
            "payments.funds_allocated",
            "payments.receipt_issued",
            "numbering.number_assigned",
            "messages.message_requested",
            "messages.message_requested",
        ]
    );
    assert_eq!(said(&events), ["Training GBP 300.00", "invoice GBP 300.00 + GBP 60.00 = GBP 360.00"]);
    assert_eq!(shop.balance(), "GBP 0.00");
    assert_eq!(invoice(&events).sale, Some("ORDER-1".parse().unwrap()));
    assert_eq!(
        said_of_sale(&events),
        format!(
            "Sale ORDER-1 made on 2026-01-05: 2 x training; GBP 360.00 paid by card; invoiced as {}.",
            invoice_id(&events)
        )
    );
}

#[test]
fn a_sale_delivered_three_times_is_one_invoice_and_one_payment() {
    let mut shop = shop();
    let sale = sale(&shop);
    let first = shop.does(sale.clone());
    assert_eq!((shop.does(sale.clone()), shop.does(sale.clone())), (vec![], vec![]));
    // It is known also once its invoice was declared void: what was wrong with it is not sold anew.
    let (account, invoice) = (shop.account, invoice_id(&first));
    shop.does(VoidInvoice { account, invoice, on: date("2026-01-06"), reason: note("Wrong name") });
    assert_eq!(shop.does(sale), []);
    assert_eq!(shop.balance(), "GBP -360.00");
}

#[test]
fn another_sale_under_the_same_number_is_refused() {
    let mut shop = shop();
    let sale = sale(&shop);
    shop.does(sale.clone());
    let unpaid = RecordSale { payment: None, ..sale.clone() };
    let later = RecordSale { sold_on: date("2026-01-06"), ..sale.clone() };
    let more = vec![SaleLine::new(code("training"), "3".parse().unwrap())];
    for other in [unpaid, later, RecordSale { lines: more, ..sale }] {
        assert_eq!(shop.may_not(other), "sale ORDER-1 of 2026-01-05 is another one");
    }
}

#[test]
fn a_sale_has_prices_and_words_of_its_own_less_what_was_granted() {
    let mut shop = shop();
    shop.gives_a_bill_away("2026-01-06");
    let line = SaleLine {
        unit_price: Some("GBP 99.50".parse().unwrap()),
        text: Some("Winter offer".parse().unwrap()),
        ..SaleLine::new(code("training"), "3".parse().unwrap())
    };
    let sale = RecordSale { lines: vec![line], payment: None, ..sale(&shop) };
    let granted =
        RecordSale { sale: "ORDER-2".parse().unwrap(), sold_on: date("2026-01-06"), ..sale.clone() };
    let events = shop.does(sale);
    // 3 x 99.50 = 298.50, VAT 59.70; the offer began a day later.
    assert_eq!(said(&events), ["Winter offer GBP 298.50", "invoice GBP 298.50 + GBP 59.70 = GBP 358.20"]);
    assert!(said_of_sale(&events).contains("2026-01-05: 3 x training at GBP 99.50; invoiced as inv_"));
    assert_eq!(
        said(&shop.does(granted)),
        ["Winter offer GBP 0.00", "invoice GBP 0.00 + GBP 0.00 = GBP 0.00"]
    );
}

#[test]
fn what_was_paid_for_a_sale_settles_that_sale_and_not_what_is_older() {
    let mut shop = shop();
    let older = shop.does(IssueInvoice {
        account: shop.account,
        issue_on: date("2025-12-01"),
        items: vec![ItemLine { item: code("training"), quantity: "1".parse().unwrap(), text: None }],
        work: vec![],
    });
    let on_account = RecordPayment::new(shop.account, pounds("200.00"), date("2025-12-20"));
    shop.does(on_account);
    // 180.00 of 200.00 is set against the older one; 20.00 are left.
    let sale = sale(&shop);
    let events = shop.does(sale.clone());
    let paid = events.iter().find_map(payload::<PaymentReceived>).unwrap().payment;
    shop.look(|account| {
        let settles = account.payments.allocations_of(Funds::Payment(paid));
        assert_eq!(settles, [(invoice_id(&events), pounds("360.00"))].into());
        assert!(account.receivables.invoice(invoice_id(&older)).unwrap().open.is_zero());
    });
    let part = SalePayment { source: None, ..card("100.00") };
    let next = RecordSale { sale: "ORDER-2".parse().unwrap(), payment: Some(part), ..sale };
    let events = shop.does(next);
    // 360.00 less 100.00 paid for it, less the 20.00 that were left.
    shop.look(|account| {
        assert_eq!(account.receivables.invoice(invoice_id(&events)).unwrap().open, pounds("240.00"));
    });
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let sale = sale(&shop);
    assert_eq!(shop.may_not(RecordSale { lines: vec![], ..sale.clone() }), "the invoice has no line");
    let of = |item: &str, quantity: &str, price: Option<&str>| RecordSale {
        lines: vec![SaleLine {
            unit_price: price.map(|price| price.parse().unwrap()),
            ..SaleLine::new(code(item), quantity.parse().unwrap())
        }],
        ..sale.clone()
    };
    assert_eq!(shop.may_not(of("travel", "1", None)), "the catalogue has no item travel");
    assert_eq!(shop.may_not(of("training", "0", None)), "the quantity of training is 0");
    let kept = "the amount is in EUR and the account is kept in GBP";
    assert_eq!(shop.may_not(of("training", "1", Some("EUR 1.00"))), kept);
    let paid = |payment: SalePayment| RecordSale { payment: Some(payment), ..sale.clone() };
    assert_eq!(
        shop.may_not(paid(card("0.00"))),
        "GBP 0.00 was paid: a payment that comes with a sale is above zero"
    );
    let euros = SalePayment { amount: "EUR 1.00".parse().unwrap(), ..card("1.00") };
    assert_eq!(shop.may_not(paid(euros)), kept);
    let (account, source) = (shop.account, Some("psp-1".parse().unwrap()));
    shop.does(RecordPayment { source, ..RecordPayment::new(account, pounds("1.00"), date("2026-01-05")) });
    assert_eq!(shop.may_not(sale), "payment psp-1 was recorded already, without the sale");
    let mut trial = shop_for(AccountKind::Trial);
    let sold = super::sales::sale(&trial);
    assert_eq!(trial.may_not(sold), "the account is on trial, and trials are not billed");
}

proptest! {
    /// However often sales are delivered, and in which order, each is invoiced once and paid once.
    #[test]
    fn each_sale_counts_once(deliveries in prop::collection::vec(0..4_u32, 1..16)) {
        let mut shop = shop();
        let mut seen = std::collections::BTreeSet::new();
        let (mut invoices, mut payments) = (0, 0);
        for number in deliveries {
            let paid = SalePayment { source: None, ..card("360.00") };
            let reference = format!("ORDER-{number}").parse().unwrap();
            let sale = RecordSale { sale: reference, payment: Some(paid), ..sale(&shop) };
            let events = shop.does(sale);
            prop_assert_eq!(events.is_empty(), !seen.insert(number));
            invoices += events.iter().filter_map(payload::<InvoiceIssued>).count();
            payments += events.iter().filter_map(payload::<PaymentReceived>).count();
        }
        prop_assert_eq!((invoices, payments), (seen.len(), seen.len()));
        prop_assert_eq!(shop.balance(), "GBP 0.00");
    }
}
