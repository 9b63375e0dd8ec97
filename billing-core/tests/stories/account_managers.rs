//! What account managers have agreed with a customer is on its next invoice, without anybody being told; and what a
//! shop has sold is invoiced once, however often it tells of it.

use billing_core::prelude::*;

use crate::firm::*;

fn add_on(code: &str) -> Eligible {
    Eligible::Only(vec![code.parse().unwrap()])
}

/// A customer with a plan at 30.00 a month, which is billed on the last working day for the month that follows.
///
/// - January is billed on the 2nd: 30.00.
/// - From 25 January to 20 February a fifth off everything is given. February is billed on Friday 30 January: 30.00 less
///   6.00 is 24.00, VAT 4.80: 28.80.
/// - On 25 February an account manager adds the chatbot from March on, at 10.00 less a tenth for one bill, and the
///   customer accepts a quote for two days of training at 450.00. The last working day of February is Friday the 27th:
///   March 30.00, chatbot 10.00 less 1.00, training 900.00 is 939.00, VAT 187.80: 1,126.80. The fifth is over.
/// - On Tuesday 31 March: April 30.00 and chatbot 10.00 are 40.00, VAT 8.00: 48.00.
#[test]
fn what_was_granted_and_accepted_on_the_25th_is_on_the_invoice_of_the_last_working_day() {
    let story = firm();
    let holidays = HolidayCalendar::of(Region::EnglandAndWales);
    let last_working_day = |month: &str| holidays.last_working_days(date(month), 1).unwrap()[0];
    let account = customer(&story, "C-1");
    let plan = subscribe(&story, account, "basic", 1, "2026-01-01");
    story.day("2026-01-02");
    bill(&story, account, "2026-01-02", "2026-01-02");
    let fifth = Off::Percent("20%".parse().unwrap());
    story.give(GrantDiscount {
        until: Some(date("2026-02-20")),
        ..GrantDiscount::new(account, "Winter offer".parse().unwrap(), fifth, date("2026-01-25"))
    });
    assert_eq!(last_working_day("2026-01-15"), date("2026-01-30"));
    story.day("2026-01-30");
    assert_eq!(nets(&bill(&story, account, "2026-01-30", "2026-02-01")), ["24.00"]);

    story.day("2026-02-20");
    let quote = RecordQuote {
        account,
        reference: "Q-2026-007".parse().unwrap(),
        quoted_on: date("2026-02-20"),
        valid_until: date("2026-03-20"),
        lines: vec![Offered::item("training".parse().unwrap(), "2".parse().unwrap())],
        note: None,
    };
    let quote = story.give(quote).first::<QuoteIssued>().unwrap().quote;
    story.day("2026-02-25");
    story.give(AddAddOn {
        account,
        subscription: plan,
        add_on: "chatbot".parse().unwrap(),
        quantity: 1,
        component: None,
        when: When::On(date("2026-03-01")),
    });
    let tenth = Off::Percent("10%".parse().unwrap());
    story.give(GrantDiscount {
        on: add_on("chatbot"),
        bills: Some(1),
        ..GrantDiscount::new(account, "Chatbot offer".parse().unwrap(), tenth, date("2026-02-25"))
    });
    story.give(AcceptQuote::new(account, quote, date("2026-02-25")));

    let pending = |on: &str| {
        let changes =
            story.engine.ask(&PendingChanges { account: Some(account), on: date(on) }).unwrap().value;
        changes.into_iter().map(|one| (one.kind, one.at.to_string()[..10].to_owned())).collect::<Vec<_>>()
    };
    let told = |kind, on: &str| (kind, on.to_owned());
    assert_eq!(
        pending("2026-02-25"),
        [
            told(PendingKind::DiscountOver, "2026-01-02"),
            told(PendingKind::Subscription, "2026-02-25"),
            told(PendingKind::Discount, "2026-02-25"),
            told(PendingKind::AcceptedQuote, "2026-02-25"),
        ]
    );
    assert_eq!(last_working_day("2026-02-25"), date("2026-02-27"));
    story.day("2026-02-27");
    let run = BillingRun { issue_on: date("2026-02-27"), through: date("2026-03-01") };
    let (id, watch) = (story.engine.new_command_id(), &mut billing_core::runs::unwatched);
    assert!(story.engine.run(id, &story.actor, &run, watch).unwrap().failed.is_empty());
    let issued = story.engine.ask(&Timeline { account, after: Position::START, limit: 99 }).unwrap().value;
    let sentences = issued.iter().map(|entry| entry.sentence.as_str());
    let invoices: Vec<&str> = sentences.filter(|said| said.starts_with("Invoice ")).collect();
    assert!(invoices[2].contains("issued on 2026-02-27: GBP 1126.80"), "{}", invoices[2]);
    assert_eq!(pending("2026-02-28"), [told(PendingKind::DiscountOver, "2026-02-25")]);
    story.day("2026-03-31");
    assert_eq!(nets(&bill(&story, account, "2026-03-31", "2026-04-01")), ["30.00", "10.00"]);
    assert_eq!(pending("2026-03-31"), []);
    story.laws();
}

/// A shop tells of a sale twice, as shops do, and then under the number of another customer's.
#[test]
fn a_shop_that_tells_of_a_sale_again_gets_one_invoice_and_one_payment() {
    let story = firm();
    let register = |id: &str, reference: &str| RegisterAccount {
        account: Some(id.parse().unwrap()),
        ..registration(reference)
    };
    let [one, two] = [
        register("acc_00000000000000000000000000000001", "SHOP-1"),
        register("acc_00000000000000000000000000000002", "SHOP-2"),
    ];
    let sale = |account| RecordSale {
        account,
        sale: "ORDER-5512".parse().unwrap(),
        sold_on: date("2026-01-05"),
        lines: vec![SaleLine::new("training".parse().unwrap(), "1".parse().unwrap())],
        // 450.00, VAT 90.00.
        payment: Some(SalePayment::new(money("GBP 540.00"), date("2026-01-05"), Method::Card)),
    };
    story.day("2026-01-05");
    for delivery in 0..3 {
        assert_eq!(story.give(one.clone()).is_nothing(), delivery > 0);
        let done = story.give(sale(one.account.unwrap()));
        let documents = (done.all::<InvoiceIssued>().count(), done.all::<PaymentReceived>().count());
        assert_eq!(documents, if delivery == 0 { (1, 1) } else { (0, 0) });
    }
    assert!(story.engine.account(one.account.unwrap()).unwrap().receivables.balance().is_zero());
    story.give(two.clone());
    let taken = story.try_give(sale(two.account.unwrap())).unwrap_err();
    assert_eq!(taken.code(), "engine.taken");
    story.laws();
}
