//! Quotes in the words of the account manager's story: what was offered, what was accepted, and what the next bill
//! says of it.

use proptest::prelude::*;

use super::*;
use crate::book::payload;
use crate::invoicing::given::{Shop, code, date, invoice_id, note, pounds, said, shop};
use crate::invoicing::{BillAccount, InvoiceIssued, VoidInvoice};
use crate::kernel::ids::{QuoteId, WorkId};
use crate::kernel::money::Money;
use crate::work::{WorkRecorded, WriteOffWork};

fn own(text: &str, quantity: &str, unit_price: &str) -> QuoteLine {
    QuoteLine {
        text: text.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        unit_price: unit_price.parse().unwrap(),
        tax_code: code("standard"),
    }
}

/// Two days of training from the catalogue at 150.00, and a report at 400.00: 700.00.
fn quote(shop: &Shop) -> RecordQuote {
    RecordQuote {
        account: shop.account,
        reference: "Q-7".parse().unwrap(),
        quoted_on: date("2026-01-10"),
        valid_until: date("2026-01-31"),
        lines: vec![
            Offered::item(code("training"), "2".parse().unwrap()),
            Offered::Own(own("Bespoke report", "1", "GBP 400.00")),
        ],
        note: Some(note("As discussed")),
    }
}

fn quoted(shop: &mut Shop, quote: RecordQuote) -> QuoteId {
    payload::<QuoteIssued>(&shop.does(quote)[0]).unwrap().quote
}

fn accept(shop: &Shop, quote: QuoteId, on: &str) -> AcceptQuote {
    AcceptQuote::new(shop.account, quote, date(on))
}

fn decline(shop: &Shop, quote: QuoteId) -> DeclineQuote {
    DeclineQuote { account: shop.account, quote, on: date("2026-01-12"), reason: None }
}

fn withdraw(shop: &Shop, quote: QuoteId) -> WithdrawQuote {
    WithdrawQuote { account: shop.account, quote, on: date("2026-01-12"), reason: note("Wrong price") }
}

fn said_of<P: crate::log::Payload<Event = Event> + ToString>(events: &[crate::book::Event]) -> String {
    events.iter().find_map(payload::<P>).unwrap().to_string()
}

#[test]
fn what_is_accepted_is_on_the_next_bill_and_on_no_other() {
    let mut shop = shop();
    let quote = quote(&shop);
    let quote = quoted(&mut shop, quote);
    assert_eq!((shop.bill("2026-01-15"), shop.next()), (vec![], None), "an offer charges nothing");
    let accept = accept(&shop, quote, "2026-01-20");
    let events = shop.does(accept.clone());
    let work: Vec<&WorkRecorded> = events.iter().filter_map(payload::<WorkRecorded>).collect();
    assert_eq!((events.len(), work.len()), (3, 2));
    assert!(work.iter().all(|work| work.quote == Some(quote) && work.done_on == date("2026-01-20")));
    assert_eq!(shop.does(accept), [], "accepted already");
    assert_eq!(shop.next().as_deref(), Some("2026-01-20"));
    // 2 x 150.00 + 400.00 = 700.00, VAT 140.00.
    assert_eq!(
        shop.bill("2026-01-31"),
        ["Training GBP 300.00", "Bespoke report GBP 400.00", "invoice GBP 700.00 + GBP 140.00 = GBP 840.00"]
    );
    assert_eq!(shop.bill("2026-02-28"), [""; 0]);
}

#[test]
fn what_is_delivered_later_is_billed_later() {
    let mut shop = shop();
    let quote = quote(&shop);
    let quote = quoted(&mut shop, quote);
    let bill_from = Some(date("2026-03-18"));
    let accepted = AcceptQuote { bill_from, ..accept(&shop, quote, "2026-01-31") };
    shop.does(accepted.clone());
    assert_eq!(shop.does(accepted), []);
    assert_eq!(shop.bill("2026-02-27"), [""; 0]);
    assert_eq!(shop.bill("2026-03-31").len(), 3);
}

#[test]
fn what_was_accepted_is_written_off_or_billed_again_as_other_work_is() {
    let mut shop = shop();
    let quote = quote(&shop);
    let quote = quoted(&mut shop, quote);
    let accept = accept(&shop, quote, "2026-01-20");
    let events = shop.does(accept);
    let work: Vec<WorkId> = events.iter().filter_map(payload::<WorkRecorded>).map(|work| work.work).collect();
    let (account, on) = (shop.account, date("2026-01-21"));
    shop.does(WriteOffWork { account, work: work[1], reason: note("As a favour"), on });
    let bill = shop.bills("2026-01-31");
    assert_eq!(said(&bill), ["Training GBP 300.00", "invoice GBP 300.00 + GBP 60.00 = GBP 360.00"]);
    let (invoice, reason) = (invoice_id(&bill), note("Wrong address"));
    shop.does(VoidInvoice { account, invoice, on: date("2026-02-01"), reason });
    assert_eq!(shop.bill("2026-02-02").len(), 2, "the training is due again, and nothing else");
}

#[test]
fn what_was_declined_or_withdrawn_stays_so() {
    let mut shop = shop();
    let first = quote(&shop);
    let second = RecordQuote { reference: "Q-8".parse().unwrap(), ..first.clone() };
    let [first, second] = [first, second].map(|quote| quoted(&mut shop, quote));
    let (no, back) = (decline(&shop, first), withdraw(&shop, second));
    assert_eq!(
        said_of::<QuoteDeclined>(&shop.does(no.clone())),
        format!("Quote {first} declined on 2026-01-12.")
    );
    assert_eq!(
        said_of::<QuoteWithdrawn>(&shop.does(back.clone())),
        format!("Quote {second} withdrawn on 2026-01-12: Wrong price.")
    );
    assert_eq!((shop.does(no), shop.does(back)), (vec![], vec![]));
    let [yes, too_late] = [first, second].map(|quote| accept(&shop, quote, "2026-01-13"));
    assert_eq!(shop.may_not(yes), "quote Q-7 was declined on 2026-01-12");
    assert_eq!(shop.may_not(too_late), "quote Q-8 was withdrawn on 2026-01-12");
    assert_eq!(shop.bill("2026-01-31"), [""; 0]);
}

#[test]
fn a_quote_is_accepted_up_to_and_with_its_last_day_and_once() {
    let mut shop = shop();
    let quote = quote(&shop);
    let quote = quoted(&mut shop, quote);
    let [early, late, last, again] =
        ["2026-01-09", "2026-02-01", "2026-01-31", "2026-01-30"].map(|on| accept(&shop, quote, on));
    let given = "quote Q-7 was given on 2026-01-10: nothing is accepted, or billed, before that day";
    assert_eq!(shop.may_not(early.clone()), given);
    let billed_early = AcceptQuote { bill_from: Some(early.on), ..last.clone() };
    assert_eq!(shop.may_not(billed_early), given);
    assert_eq!(shop.may_not(late), "quote Q-7 was valid until 2026-01-31");
    let events = shop.does(last);
    assert_eq!(
        said_of::<QuoteAccepted>(&events),
        format!("Quote {quote} accepted on 2026-01-31, to be billed from 2026-01-31.")
    );
    let accepted = "quote Q-7 was accepted on 2026-01-31, to be billed from 2026-01-31";
    assert_eq!(shop.may_not(again), accepted);
    let (no, back) = (decline(&shop, quote), withdraw(&shop, quote));
    assert_eq!((shop.may_not(no), shop.may_not(back)), (accepted.to_owned(), accepted.to_owned()));
}

#[test]
fn a_quote_given_again_is_the_same_one_and_its_number_is_no_other_ones() {
    let mut shop = shop();
    let quote = quote(&shop);
    let events = shop.does(quote.clone());
    let id = payload::<QuoteIssued>(&events[0]).unwrap().quote;
    assert_eq!(
        events[0].to_string(),
        format!(
            "Quote Q-7 ({id}) given on 2026-01-10, valid until 2026-01-31: Training, 2 at GBP 150.00; Bespoke \
             report, 1 at GBP 400.00; GBP 700.00 before VAT (As discussed)."
        )
    );
    assert_eq!(shop.does(quote.clone()), []);
    let longer = RecordQuote { valid_until: date("2026-02-28"), ..quote };
    assert_eq!(shop.may_not(longer), "quote Q-7 of 2026-01-10 is another one");
}

#[test]
fn an_item_may_have_a_price_and_words_of_its_own() {
    let mut shop = shop();
    let training = Offered::Item {
        item: code("training"),
        quantity: "3".parse().unwrap(),
        unit_price: Some("GBP 99.50".parse().unwrap()),
        text: Some("Training at your place".parse().unwrap()),
    };
    let quote = RecordQuote { lines: vec![training], ..quote(&shop) };
    let quote = quoted(&mut shop, quote);
    let accept = accept(&shop, quote, "2026-01-20");
    shop.does(accept);
    // 3 x 99.50 = 298.50, VAT 59.70.
    assert_eq!(
        shop.bill("2026-01-20"),
        ["Training at your place GBP 298.50", "invoice GBP 298.50 + GBP 59.70 = GBP 358.20"]
    );
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let quote = quote(&shop);
    let with = |line: QuoteLine| RecordQuote { lines: vec![Offered::Own(line)], ..quote.clone() };
    let none = RecordQuote { lines: vec![], ..quote.clone() };
    assert_eq!(shop.may_not(none), "a quote without lines offers nothing");
    let over = RecordQuote { valid_until: date("2026-01-09"), ..quote.clone() };
    assert_eq!(
        shop.may_not(over),
        "the quote would be given on 2026-01-10 and valid until 2026-01-09, before that day"
    );
    let unknown = Offered::item(code("travel"), "1".parse().unwrap());
    let unknown = RecordQuote { lines: vec![unknown], ..quote.clone() };
    assert_eq!(shop.may_not(unknown), "the catalogue has no item travel");
    assert_eq!(shop.may_not(with(own("Nothing", "0", "GBP 1.00"))), "the quantity of Nothing is 0");
    assert_eq!(
        shop.may_not(with(own("Report", "1", "EUR 1.00"))),
        "the price is in EUR and the account is kept in GBP"
    );
    let untaxed = QuoteLine { tax_code: code("luxury"), ..own("Report", "1", "GBP 1.00") };
    assert_eq!(shop.may_not(with(untaxed)), "the catalogue has no tax code luxury on the day of the quote");
    let too_much = own("Report", "99999999999999999999", "GBP 1.00");
    assert!(shop.may_not(with(too_much)).starts_with("the amount of that quote can't be told: "));
    let nowhere: QuoteId = "quo_00000000000000000000000000000000".parse().unwrap();
    let accept = accept(&shop, nowhere, "2026-01-20");
    assert_eq!(shop.may_not(accept), format!("the account has no quote {nowhere}"));
    let euros = Rejection::NoPrice { item: code("training"), currency: "EUR".parse().unwrap() };
    assert_eq!(euros.to_string(), "the catalogue has no price of training in EUR");
}

proptest! {
    /// What a quote comes to is what is billed for it, before VAT, whatever the prices' decimals.
    #[test]
    fn what_was_quoted_is_what_is_billed(
        lines in prop::collection::vec((1..400_u32, "[1-9][0-9]{0,3}\\.[0-9]{2}([0-9]?[1-9])?"), 1..8)
    ) {
        let mut shop = shop();
        let line = |(quantity, price): &(u32, String)| {
            Offered::Own(own("Something", &format!("{quantity}.25"), &format!("GBP {price}")))
        };
        let quote = RecordQuote { lines: lines.iter().map(line).collect(), ..quote(&shop) };
        let events = shop.does(quote);
        let issued = payload::<QuoteIssued>(&events[0]).unwrap().clone();
        let accept = accept(&shop, issued.quote, "2026-01-20");
        let accepted = shop.does(accept);
        prop_assert_eq!(accepted.len(), lines.len() + 1);
        let (account, on) = (shop.account, date("2026-01-30"));
        let billed = shop.does(BillAccount { account, issue_on: on, through: on });
        let nets = billed.iter().filter_map(payload::<InvoiceIssued>).map(|invoice| invoice.net);
        let sum: Money = Money::sum(pounds("0.00").currency(), nets).unwrap();
        prop_assert_eq!(sum, issued.net);
        prop_assert_eq!(shop.bill("2026-02-27"), [""; 0]);
    }
}
