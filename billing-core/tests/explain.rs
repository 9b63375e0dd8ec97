//! Every penny explained: each figure worked out by hand, and each planted cent found.

#[expect(dead_code, reason = "one firm for all stories; not each of them lives in it whole")]
#[path = "stories/firm.rs"]
mod firm;

use billing_core::audit::{
    Asked, ExplainError, Explanation, Step, explain, explain_all, export, read_lines, restore,
};
use billing_core::catalogue::{Tier, Tiers};
use billing_core::discounts::{DiscountGranted, Eligible, GrantDiscount, Off};
use billing_core::engine::Done;
use billing_core::invoicing::{CreditInvoice, CreditLine, CreditNoteIssued, What};
use billing_core::kernel::ids::CreditNoteId;
use billing_core::prelude::*;
use billing_core::settings::{ChoosePolicies, Dialect, Policies};
use billing_core::subscriptions::{ChangePlan, When};
use billing_core::testing::Story;
use billing_core::testing::forger::chained_anew;
use billing_store_memory::MemoryStore;

use firm::*;

fn explained(story: &Story<MemoryStore>, done: &Done) -> Explanation {
    of(story, DocumentId::Invoice(invoice_of(done)))
}

fn of(story: &Story<MemoryStore>, document: DocumentId) -> Explanation {
    let explanation = explain(story.engine.store(), story.engine.book(), document).unwrap();
    explanation.check().unwrap();
    explanation
}

/// Of each line: what its working comes to, what that is rounded to, its net.
fn figures(explanation: &Explanation) -> Vec<(String, String, String)> {
    let of = |line: &billing_core::audit::LineExplained| {
        (line.exact.to_string(), line.rounded.major(), line.net.major())
    };
    explanation.lines.iter().map(of).collect()
}

fn row(exact: &str, rounded: &str, net: &str) -> (String, String, String) {
    (exact.to_owned(), rounded.to_owned(), net.to_owned())
}

/// The first words of the events behind a line, without ids.
fn behind(explanation: &Explanation, line: usize) -> Vec<String> {
    let words = |sentence: &str| {
        let words = sentence.split(' ').filter(|word| !word.contains("sub_") && !word.contains("acc_"));
        words.collect::<Vec<_>>().join(" ")
    };
    explanation.lines[line].behind.iter().map(|event| words(&event.sentence)).collect()
}

fn publish(story: &Story<MemoryStore>, plan: PublishPlan) {
    story.give(plan);
}

fn monthly(code: &str, price: Price) -> PublishPlan {
    let name = format!("Plan {code}").parse().unwrap();
    PublishPlan::monthly(code.parse().unwrap(), name, price, "standard".parse().unwrap())
}

fn upgrade(story: &Story<MemoryStore>, account: AccountId, subscription: SubscriptionId, on: &str) {
    story.give(ChangePlan {
        account,
        subscription,
        plan: "plus".parse().unwrap(),
        quantity: None,
        when: When::On(date(on)),
        anchor_day: None,
    });
}

#[test]
fn a_plain_month_is_told_from_the_top() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "basic", 1, "2026-02-01");
    story.day("2026-01-30");
    let done = bill(&story, account, "2026-01-30", "2026-02-01");
    let explanation = explained(&story, &done);
    assert_eq!(figures(&explanation), [row("GBP 30.00", "30.00", "30.00")]);
    assert_eq!(behind(&explanation, 0), ["Subscription to basic x 1 started from 2026-02-01 on."]);
    let Asked { by, name, at, .. } = &explanation.asked;
    assert_eq!((by.to_string(), name.as_deref()), ("user:tester".into(), Some("invoicing.bill_account")));
    assert_eq!(at.to_string(), "2026-01-30T09:00:00.000Z");
    let (invoice, command) = (explanation.document.to_string(), explanation.asked.command.to_string());
    let (line, event) = (explanation.asked.position, &explanation.lines[0].behind[0]);
    // 20 % of 30.00 is 6.00.
    assert_eq!(
        explanation.to_string(),
        format!(
            "Invoice INV-0001 of 2026-01-30 ({invoice})
  asked for by user:tester with invoicing.bill_account, {command}, recorded at {at} as line {line} of the log
  parts of periods by the engine's own rules; the catalogue at version 8
  Line 1, Plan basic: GBP 30.00
    GBP 30.00
    = GBP 30.00
    because of line {} of the log, user:tester at 2026-01-01T09:00:00.000Z: {}
  VAT, standard rated at 20%: GBP 6.00
    20% of GBP 30.00 = GBP 6.00
  net GBP 30.00, VAT GBP 6.00, total GBP 36.00",
            event.position, event.sentence
        )
    );
}

#[test]
fn an_upgrade_tells_the_part_the_fraction_and_the_line_that_it_gives_back_of() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    let first = bill(&story, account, "2026-01-30", "2026-02-01");
    upgrade(&story, account, subscription, "2026-02-11");
    let done = bill(&story, account, "2026-02-11", "2026-02-11");
    let explanation = explained(&story, &done);
    // 18 of 28 days: 3000 x 18/28 = 13500/7 pence = 1928.571…, 5000 x 18/28 = 22500/7 = 3214.2857….
    assert_eq!(
        figures(&explanation),
        [
            row("GBP 19.28571428… (13500/7 minor units)", "19.29", "-19.29"),
            row("GBP 32.14285714… (22500/7 minor units)", "32.14", "32.14"),
        ]
    );
    // 1929 - 13500/7 = 3/7; 3214 - 22500/7 = -2/7.
    let residues: Vec<String> = explanation.lines.iter().map(|line| line.residue.minor_units()).collect();
    assert_eq!(residues, ["3/7", "-2/7"]);
    let unused = &explanation.lines[0];
    assert_eq!(unused.steps, [Step::GivenBack]);
    let earlier = unused.earlier.as_ref().unwrap();
    assert_eq!((earlier.line.invoice, earlier.line.line), (invoice_of(&first), 1));
    assert_eq!(earlier.number.as_deref(), Some("INV-0001"));
    assert_eq!(behind(&explanation, 0), ["Subscription changed to plus from 2026-02-11 on."]);
    // The quantity goes on as it was asked for at first.
    assert_eq!(
        behind(&explanation, 1),
        [
            "Subscription to basic x 1 started from 2026-02-01 on.",
            "Subscription changed to plus from 2026-02-11 on."
        ]
    );
    // 20 % of 12.85 is exactly 2.57.
    assert_eq!(
        (explanation.taxes[0].exact.to_string(), explanation.tax.major()),
        ("GBP 2.57".into(), "2.57".into())
    );
    let data = serde_json::to_value(&explanation).unwrap();
    assert_eq!(data["number"], "INV-0002");
    assert_eq!(data["lines"][0]["exact"]["minor_units"], "13500/7");
    assert_eq!(data["lines"][0]["steps"][0]["step"], "given_back");
    assert_eq!(data["lines"][1]["working"]["part"]["days"], 18);
}

#[test]
fn who_was_moved_to_another_version_is_told_so_and_not_where_another_plan_was_planned() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    upgrade(&story, account, subscription, "2026-04-01");
    let from = date("2026-03-01");
    let dearer = monthly("basic", Price::Flat(money("GBP 35.00")));
    publish(&story, PublishPlan { existing: Existing::MigrateFrom(from), ..dearer });
    story.give(MigrateAccount { account, through: from });
    let explanation = explained(&story, &bill(&story, account, "2026-04-01", "2026-04-01"));
    let nets: Vec<String> = explanation.lines.iter().map(|line| line.net.major()).collect();
    assert_eq!(nets, ["30.00", "35.00", "50.00"]);
    let started = "Subscription to basic x 1 started from 2026-02-01 on.";
    assert_eq!(behind(&explanation, 0), [started]);
    let moved = "Subscription moved to version 2 of basic from 2026-03-01 on.";
    assert_eq!(behind(&explanation, 1), [started, moved]);
    assert_eq!(behind(&explanation, 2), [started, "Subscription changed to plus from 2026-04-01 on."]);
}

#[test]
fn a_graduated_price_is_told_tier_by_tier() {
    let story = firm();
    let tiers = Tiers::new(vec![
        Tier::each("GBP 2.00".parse().unwrap()).up_to("10".parse().unwrap()),
        Tier::each("GBP 0.125".parse().unwrap()),
    ]);
    publish(&story, monthly("graded", Price::Graduated(tiers.unwrap())));
    let account = customer(&story, "C-1");
    subscribe(&story, account, "graded", 15, "2026-02-01");
    let done = bill(&story, account, "2026-02-01", "2026-02-01");
    let explanation = explained(&story, &done);
    // 10 x 2.00 + 5 x 0.125 = 20.625, half up 20.63.
    assert_eq!(figures(&explanation), [row("GBP 20.625", "20.63", "20.63")]);
    assert_eq!(explanation.lines[0].residue.minor_units(), "1/2");
    assert_eq!(explanation.lines[0].working.to_string(), "the sum of\n  10 x GBP 2.00\n  5 x GBP 0.125");
    // 20 % of 20.63 is 4.126, rounded 4.13.
    let tax = &explanation.taxes[0];
    assert_eq!((tax.exact.to_string(), tax.tax.major()), ("GBP 4.126".to_owned(), "4.13".to_owned()));
    assert_eq!(tax.residue.minor_units(), "2/5");
}

#[test]
fn nine_decimals_of_kill_bill_are_told() {
    let story = firm();
    story.give(ChoosePolicies { policies: Policies { dialect: Dialect::KillBill, ..Policies::default() } });
    publish(&story, monthly("gold", Price::Flat(money("GBP 19.95"))));
    let account = customer(&story, "C-1");
    subscribe(&story, account, "gold", 1, "2026-02-27");
    let done = bill(&story, account, "2026-02-27", "2026-02-27");
    let explanation = explained(&story, &done);
    // 27 and 28 February before a period from 1 March: 2/28 = 0.0714285714…, with nine decimals 0.071428571;
    // 19.95 x 0.071428571 = 1.42499999145, which is 1.42. Exact, it would be 1.425 and 1.43.
    assert_eq!(figures(&explanation), [row("GBP 1.42499999145", "1.42", "1.42")]);
    assert_eq!(
        explanation.lines[0].working.to_string(),
        "2 of 28 days, a ratio of 9 decimals, of\n  GBP 19.95"
    );
    assert!(explanation.to_string().contains("parts of periods as Kill Bill does"), "{explanation}");
}

#[test]
fn a_set_up_fee_is_told_with_the_agreement() {
    let story = firm();
    let plan = PublishPlan {
        set_up: vec![money("GBP 99.00")],
        ..monthly("set-up", Price::Flat(money("GBP 20.00")))
    };
    publish(&story, plan);
    let account = customer(&story, "C-1");
    subscribe(&story, account, "set-up", 1, "2026-02-01");
    let explanation = explained(&story, &bill(&story, account, "2026-02-01", "2026-02-01"));
    assert_eq!(
        figures(&explanation),
        [row("GBP 99.00", "99.00", "99.00"), row("GBP 20.00", "20.00", "20.00")]
    );
    let agreed = "Subscription to set-up x 1 started from 2026-02-01 on.";
    assert_eq!([behind(&explanation, 0), behind(&explanation, 1)], [[agreed], [agreed]]);
}

#[test]
fn late_usage_is_told_with_what_was_charged_before() {
    let story = firm();
    let metric: Code = "calls".parse().unwrap();
    let plan = monthly("calls", Price::Each("GBP 0.105".parse().unwrap()));
    publish(&story, PublishPlan { meter: Some(Meter::new(metric.clone(), Aggregate::Sum)), ..plan });
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "calls", 1, "2026-01-01");
    let count = |key: &str, on: &str, quantity: &str| {
        let record = UsageRecord {
            key: key.parse().unwrap(),
            subscription,
            metric: metric.clone(),
            on: date(on),
            quantity: quantity.parse().unwrap(),
            name: None,
        };
        story.give(RecordUsage { account, records: vec![record] });
    };
    count("one", "2026-01-05", "21");
    let first = explained(&story, &bill(&story, account, "2026-02-01", "2026-02-01"));
    // 21 x 0.105 = 2.205, half up 2.21.
    assert_eq!(figures(&first), [row("GBP 2.205", "2.21", "2.21")]);
    assert_eq!(
        behind(&first, 0),
        ["Subscription to calls started from 2026-01-01 on.", "Usage one of on 2026-01-05: 21 calls."]
            .map(|sentence| sentence.replace("calls started", "calls x 1 started"))
    );
    count("late", "2026-01-06", "4");
    let second = explained(&story, &bill(&story, account, "2026-03-01", "2026-03-01"));
    // Nothing in February; all 25 of January are 2.625, 2.63, of which 2.21 were charged.
    assert_eq!(figures(&second), [row("GBP 0.00", "0.00", "0.00"), row("GBP 2.625", "2.63", "0.42")]);
    assert_eq!(second.lines[1].steps, [Step::LessCharged { charged: money("GBP 2.21") }]);
    assert_eq!(behind(&second, 1), ["Usage late of on 2026-01-06: 4 calls."]);
}

#[test]
fn a_discount_is_told_on_the_line_and_in_what_is_given_back_of_it() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    let granted = story.give(GrantDiscount {
        account,
        name: "Friends".parse().unwrap(),
        off: Off::Percent("15%".parse().unwrap()),
        on: Eligible::Everything,
        order: 0,
        from: date("2026-01-01"),
        until: None,
        bills: Some(1),
        at_most: None,
        approved_by: None,
    });
    let discount = granted.first::<DiscountGranted>().unwrap().discount;
    let first = explained(&story, &bill(&story, account, "2026-01-30", "2026-02-01"));
    // 15 % of 30.00 is 4.50.
    assert_eq!(figures(&first), [row("GBP 30.00", "30.00", "25.50")]);
    let name = "Friends".parse().unwrap();
    assert_eq!(first.lines[0].steps, [Step::Discount { discount, name, off: money("GBP 4.50") }]);
    assert_eq!(first.lines[0].behind.len(), 2, "the agreement and the discount");
    assert!(first.to_string().contains("less Friends: GBP 4.50"), "{first}");
    upgrade(&story, account, subscription, "2026-02-11");
    let second = explained(&story, &bill(&story, account, "2026-02-11", "2026-02-11"));
    // 30.00 x 18/28 x 25.50/30.00 = 2550 x 18/28 = 11475/7 pence = 1639.2857….
    assert_eq!(figures(&second)[0], row("GBP 16.39285714… (11475/7 minor units)", "16.39", "-16.39"));
}

#[test]
fn the_last_credit_of_an_invoice_takes_all_vat_that_is_left() {
    let story = firm();
    publish(&story, monthly("odd", Price::Flat(money("GBP 0.07"))));
    let account = customer(&story, "C-1");
    subscribe(&story, account, "odd", 1, "2026-02-01");
    let invoice = invoice_of(&bill(&story, account, "2026-02-01", "2026-02-01"));
    let credit = |what| {
        let reason = "A favour".parse().unwrap();
        let done = story.give(CreditInvoice { account, invoice, what, reason, on: date("2026-02-02") });
        let note: CreditNoteId = done.first::<CreditNoteIssued>().unwrap().credit_note;
        of(&story, DocumentId::CreditNote(note))
    };
    // VAT on 0.07 is 0.014, so 0.01. 20 % of 0.03 is 0.006, also 0.01: nothing is left for the rest.
    let first = credit(What::Lines(vec![CreditLine { line: 1, amount: money("GBP 0.03") }]));
    assert_eq!((first.lines[0].net.major(), first.tax.major()), ("-0.03".into(), "-0.01".into()));
    assert_eq!(first.taxes[0].steps, [Step::GivenBack]);
    let second = credit(What::Whole);
    assert_eq!((second.gross.major(), second.tax.major()), ("-0.04".into(), "0.00".into()));
    assert_eq!(second.taxes[0].steps, [Step::AllThatIsLeft { left: money("GBP 0.00") }, Step::GivenBack]);
    assert_eq!(second.lines[0].earlier.as_ref().unwrap().number.as_deref(), Some("INV-0001"));
}

#[test]
fn a_line_that_is_a_cent_off_is_found() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    bill(&story, account, "2026-01-30", "2026-02-01");
    upgrade(&story, account, subscription, "2026-02-11");
    let done = bill(&story, account, "2026-02-11", "2026-02-11");
    let (book, mut exported) = (story.engine.book(), Vec::new());
    export(story.engine.store(), book, &mut exported).unwrap();
    let lines: Vec<Vec<u8>> = exported.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let mut lines: Vec<Vec<u8>> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    // The whole document follows: each sum is right, the chain closes, and one line is a cent too high.
    let place = lines.iter().rposition(|line| text(line).contains("invoicing.invoice_issued")).unwrap();
    let swaps = [
        ("\"net\":\"GBP 32.14\"", "\"net\":\"GBP 32.15\""),
        ("GBP 12.85", "GBP 12.86"),
        ("GBP 15.42", "GBP 15.43"),
    ];
    let forged = swaps.iter().fold(text(&lines[place]), |line, (was, is)| {
        assert!(line.contains(was), "{line}");
        line.replace(was, is)
    });
    lines[place] = forged.into_bytes();
    let mut forged = chained_anew(lines, place + 1).join(&b'\n');
    forged.push(b'\n');
    let other = MemoryStore::new();
    restore(&other, book, read_lines(forged.as_slice())).unwrap();
    let document = DocumentId::Invoice(invoice_of(&done));
    let explanation = explain(&other, book, document).unwrap();
    let found = explanation.check().unwrap_err();
    assert_eq!(
        found.to_string(),
        format!(
            "{document}: line 2 is GBP 32.15, but comes to GBP 32.14; verify the log, and credit what was billed wrongly"
        )
    );
    assert_eq!(explanation.asked.name, None, "a restored book knows the hash of a request only");
    let all = explain_all(&other, book).unwrap();
    assert_eq!(all.iter().map(|one| one.check().is_ok()).collect::<Vec<_>>(), [true, false]);
}

fn text(line: &[u8]) -> String {
    String::from_utf8(line.to_vec()).unwrap()
}

#[test]
fn what_was_not_issued_here_is_said() {
    let story = firm();
    let document: DocumentId = "inv_0123456789abcdef0123456789abcdef".to_owned().try_into().unwrap();
    let error = explain(story.engine.store(), story.engine.book(), document).unwrap_err();
    assert_eq!(error, ExplainError::NotIssuedHere(document));
    assert_eq!(
        error.to_string(),
        "this book issued no invoice or credit note inv_0123456789abcdef0123456789abcdef; \
         look its id up in the documents"
    );
    assert!(story.engine.explain(document).unwrap_err().is_not_found());
    let why = billing_core::kernel::money::MoneyError::NoDays;
    assert_eq!(
        ExplainError::Amount { document, why: why.clone() }.to_string(),
        format!("{document} has an amount that can't be reckoned: {why}; verify the log")
    );
}

#[test]
fn a_true_up_tells_the_minimum_and_what_was_charged_and_so_does_what_takes_it_back() {
    let story = firm();
    let calls: Code = "calls".parse().unwrap();
    let commitment = Commitment {
        name: "Minimum".parse().unwrap(),
        minimums: vec![money("GBP 100.00")],
        tax_code: "standard".parse().unwrap(),
    };
    let meter = Some(Meter::new(calls.clone(), Aggregate::Sum));
    let price = Price::Each("GBP 0.10".parse().unwrap());
    publish(&story, PublishPlan { meter, commitment: Some(commitment), ..monthly("calls", price) });
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "calls", 1, "2026-01-01");
    let counts = |key: &str, on: &str, quantity: &str| {
        story.give(RecordUsage {
            account,
            records: vec![UsageRecord {
                key: key.parse().unwrap(),
                subscription,
                metric: calls.clone(),
                on: date(on),
                quantity: quantity.parse().unwrap(),
                name: None,
            }],
        });
    };
    counts("k-1", "2026-01-20", "400");
    let done = bill(&story, account, "2026-02-11", "2026-02-11");
    let explanation = explained(&story, &done);
    assert_eq!(
        figures(&explanation),
        [row("GBP 40.00", "40.00", "40.00"), row("GBP 100.00", "100.00", "60.00")]
    );
    assert_eq!(explanation.lines[1].steps, [Step::LessCharged { charged: money("GBP 40.00") }]);
    assert_eq!(behind(&explanation, 1), ["Subscription to calls x 1 started from 2026-01-01 on."]);
    counts("k-2", "2026-01-21", "250");
    counts("k-3", "2026-02-21", "2000");
    let done = bill(&story, account, "2026-03-11", "2026-03-11");
    let explanation = explained(&story, &done);
    // 65.00 less 40.00 for January, and as much less of its true-up.
    assert_eq!(
        figures(&explanation),
        [
            row("GBP 200.00", "200.00", "200.00"),
            row("GBP 65.00", "65.00", "25.00"),
            row("GBP 25.00", "25.00", "-25.00")
        ]
    );
    assert_eq!(explanation.lines[2].steps, [Step::GivenBack]);
    let recorded = behind(&explanation, 2);
    assert!(
        !recorded.is_empty() && recorded[0].contains("usage") || recorded[0].contains("Usage"),
        "{recorded:?}"
    );
}
