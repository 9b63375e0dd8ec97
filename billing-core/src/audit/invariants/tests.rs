//! Each invariant is seen to be red on a history that breaks it, and only it.

use std::collections::BTreeSet;

use super::*;
use crate::book::Event;
use crate::log::Version;

const ACCOUNT: &str = "acc_00000000000070008000000000000001";

fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}_000000000000700080000000{number:08x}")
}

fn event(word: &str, data: &str) -> Event {
    Event::decode(word, 1, data).unwrap_or_else(|why| panic!("{why}: {data}"))
}

/// What a line is for, as JSON.
fn service(from: &str, to: &str) -> String {
    let subscription = id("sub", 1);
    format!(
        r#"{{"kind":"service","subscription":"{subscription}","component":"seats","plan":"team","plan_version":1,"period":{{"from":"{from}","to":"{to}"}}}}"#
    )
}

fn unused(from: &str, to: &str, invoice: u32) -> String {
    let (subscription, invoice) = (id("sub", 1), id("inv", invoice));
    format!(
        r#"{{"kind":"unused","subscription":"{subscription}","component":"seats","plan":"team","period":{{"from":"{from}","to":"{to}"}},"line":{{"invoice":"{invoice}","line":1}}}}"#
    )
}

fn line(subject: &str, net: &str) -> String {
    format!(
        r#"{{"text":"Seats","subject":{subject},"price":{{"flat":"GBP 10.00"}},"quantity":"1","net":"GBP {net}","tax":"S","rate":"20%"}}"#
    )
}

struct Sums<'a> {
    net: &'a str,
    of_categories: &'a str,
    tax: &'a str,
    gross: &'a str,
    due: &'a str,
}

const TEN: Sums<'_> = Sums { net: "10.00", of_categories: "2.00", tax: "2.00", gross: "12.00", due: "12.00" };

fn invoice(number: u32, lines: &[String], sums: &Sums<'_>) -> Event {
    let (invoice, lines) = (id("inv", number), lines.join(","));
    let Sums { net, of_categories, tax, gross, due } = sums;
    let data = format!(
        r#"{{"invoice":"{invoice}","issued_on":"2026-12-01","lines":[{lines}],"taxes":[{{"category":"S","rate":"20%","base":"GBP {net}","tax":"GBP {of_categories}"}}],"net":"GBP {net}","tax":"GBP {tax}","gross":"GBP {gross}","due":[{{"date":"2026-12-31","amount":"GBP {due}"}}],"terms":{{"net_days":30}},"catalogue":1,"line_rounding":"half_up","tax_rounding":"half_up"}}"#
    );
    event("invoicing.invoice_issued", &data)
}

/// An invoice of GBP 10.00 for December.
fn december(number: u32) -> Event {
    invoice(number, &[line(&service("2026-12-01", "2027-01-01"), "10.00")], &TEN)
}

fn credit_note(subject: &str, net: &str, tax: &str, credit: &str) -> Event {
    let (note, line) = (id("crn", 1), line(subject, net));
    let data = format!(
        r#"{{"credit_note":"{note}","issued_on":"2026-12-02","lines":[{line}],"taxes":[{{"category":"S","rate":"20%","base":"GBP {net}","tax":"GBP {tax}"}}],"net":"GBP {net}","tax":"GBP {tax}","credit":"GBP {credit}","reason":"Too much","line_rounding":"half_up","tax_rounding":"half_up"}}"#
    );
    event("invoicing.credit_note_issued", &data)
}

fn voided(number: u32) -> Event {
    let data = format!(
        r#"{{"invoice":"{}","voided_on":"2026-12-02","reason":"Wrong customer"}}"#,
        id("inv", number)
    );
    event("invoicing.invoice_voided", &data)
}

fn paid(amount: &str) -> Event {
    let data = format!(
        r#"{{"payment":"{}","amount":"GBP {amount}","received_on":"2026-12-02","method":"bank_transfer"}}"#,
        id("pay", 1)
    );
    event("payments.payment_received", &data)
}

fn receipt(number: u32, amount: &str) -> Event {
    let data = format!(
        r#"{{"receipt":"{}","payment":"{}","amount":"GBP {amount}","issued_on":"2026-12-02"}}"#,
        id("rct", number),
        id("pay", 1)
    );
    event("payments.receipt_issued", &data)
}

fn allocated(amount: &str) -> Event {
    let data = format!(
        r#"{{"funds":"{}","invoice":"{}","amount":"GBP {amount}","effective_on":"2026-12-02"}}"#,
        id("pay", 1),
        id("inv", 1)
    );
    event("payments.funds_allocated", &data)
}

/// What does not hold of an account whose page follows from just these events.
fn broken(events: &[Event]) -> Vec<Violation> {
    broken_on(events, events)
}

/// What does not hold where the page was made from other events than are on record.
fn broken_on(of_page: &[Event], on_record: &[Event]) -> Vec<Violation> {
    let mut account = Account::new(ACCOUNT.parse().unwrap());
    of_page.iter().for_each(|event| account.evolve(event));
    check_account(&account, on_record.iter())
}

fn names(violations: &[Violation]) -> BTreeSet<&'static str> {
    violations.iter().map(|violation| violation.name).collect()
}

#[test]
fn a_good_history_breaks_nothing() {
    let sound = [
        december(1),
        paid("15.00"),
        receipt(1, "15.00"),
        allocated("12.00"),
        credit_note(&unused("2026-12-11", "2027-01-01", 1), "-6.00", "-1.20", "7.20"),
        invoice(2, &[line(&service("2026-12-11", "2026-12-21"), "10.00")], &TEN),
    ];
    assert_eq!(broken(&sound), []);
}

#[test]
fn a_document_that_does_not_add_up_is_seen() {
    let lines = [line(&service("2026-12-01", "2027-01-01"), "10.00")];
    let cases = [
        ("document-net", Sums { net: "10.01", gross: "12.01", due: "12.01", ..TEN }),
        ("document-tax", Sums { of_categories: "1.99", ..TEN }),
        ("document-gross", Sums { gross: "12.01", due: "12.01", ..TEN }),
        ("document-due", Sums { due: "11.99", ..TEN }),
    ];
    for (name, sums) in cases {
        let violations = broken(&[invoice(1, &lines, &sums)]);
        assert_eq!(names(&violations), [name].into());
    }
    let note = credit_note(&unused("2026-12-11", "2027-01-01", 1), "-6.00", "-1.20", "7.21");
    assert_eq!(names(&broken(&[december(1), note])), ["document-gross"].into());
}

#[test]
fn a_day_billed_twice_is_seen_until_one_of_the_bills_is_void() {
    let twice = [december(1), invoice(2, &[line(&service("2026-12-31", "2027-02-01"), "10.00")], &TEN)];
    let violations = broken(&twice);
    assert_eq!(names(&violations), ["service-days-once"].into());
    let days = format!(
        "service-days-once: seats of {} is billed more than once from 2026-12-31 on ({ACCOUNT})",
        id("sub", 1)
    );
    assert_eq!(violations[0].to_string(), days);
    let [first, second] = twice;
    assert_eq!(broken(&[first, voided(1), second]), []);
}

#[test]
fn days_given_back_twice_are_seen() {
    // Gives the same days of December back each time, and bills a month of its own.
    let back = |month: u32| {
        let given_back = line(&unused("2026-12-11", "2027-01-01", 1), "-6.00");
        let billed = service(&format!("2027-0{month}-01"), &format!("2027-0{}-01", month + 1));
        invoice(month, &[given_back, line(&billed, "16.00")], &TEN)
    };
    assert_eq!(broken(&[december(1), back(2)]), []);
    assert_eq!(
        names(&broken(&[december(1), back(2), back(3)])),
        ["service-days-once", "credit-within-line"].into()
    );
    // A void bill gives nothing back, so the next one may.
    assert_eq!(broken(&[december(1), back(2), voided(2), back(3)]), []);
    // Nobody gives back what a void bill billed.
    assert_eq!(
        names(&broken(&[december(1), voided(1), back(2)])),
        ["service-days-once", "credit-within-line"].into()
    );
}

#[test]
fn more_credit_than_the_line_is_seen() {
    let correction = format!(r#"{{"kind":"correction","line":{{"invoice":"{}","line":1}}}}"#, id("inv", 1));
    assert_eq!(broken(&[december(1), credit_note(&correction, "-10.00", "-2.00", "12.00")]), []);
    let violations = broken(&[december(1), credit_note(&correction, "-10.01", "-2.00", "12.01")]);
    assert_eq!(names(&violations), ["credit-within-line"].into());
}

/// A discount of GBP 2.00, or of 20 per cent, off training; with this beside it.
fn granted(off: &str, beside: &str) -> Event {
    let data = format!(
        r#"{{"discount":"{}","name":"Offer","off":{off},"on":{{"only":["training"]}},"order":0,"from":"2026-12-01"{beside}}}"#,
        id("dsc", 1)
    );
    event("discounts.discount_granted", &data)
}

/// An invoice for training with so much taken off.
fn discounted(number: u32, net: &str, off: &str) -> Event {
    let subject = r#"{"kind":"item","item":"training"}"#;
    let discount = id("dsc", 1);
    let discounts = format!(
        r#""discounts":[{{"discount":"{discount}","name":"Offer","off":{{"amount":"GBP 2.00"}},"amount":"GBP {off}"}}],"net""#
    );
    let line = line(subject, net).replacen(r#""net""#, &discounts, 1);
    invoice(number, &[line], &Sums { net, gross: net, due: net, of_categories: "0.00", tax: "0.00" })
}

#[test]
fn a_discount_that_gives_more_than_was_granted_is_seen() {
    const TWO: &str = r#"{"amount":"GBP 2.00"}"#;
    const FIFTH: &str = r#"{"percent":"20%"}"#;
    let name: BTreeSet<&str> = ["discount-within-limits"].into();
    let [sound, more] = ["2.00", "2.01"].map(|off| discounted(1, "8.00", off));
    for off in [TWO, FIFTH] {
        assert_eq!(broken(&[granted(off, ""), sound.clone()]), []);
        // A fifth of 10.01 is 2.002: a penny more than 2.00 is rounding, two are not.
        let more = if off == TWO { more.clone() } else { discounted(1, "8.00", "2.02") };
        assert_eq!(names(&broken(&[granted(off, ""), more])), name);
    }
    assert_eq!(names(&broken(std::slice::from_ref(&sound))), name, "never granted");
    assert_eq!(names(&broken(&[granted(TWO, ""), discounted(1, "8.00", "-1.00")])), name);

    let again = discounted(2, "8.00", "2.00");
    for limit in [r#","bills":1"#, r#","at_most":"GBP 3.99""#] {
        assert_eq!(broken(&[granted(TWO, limit), sound.clone(), voided(1), again.clone()]), []);
        assert_eq!(names(&broken(&[granted(TWO, limit), sound.clone(), again.clone()])), name, "{limit}");
    }
    let ended = format!(r#"{{"discount":"{}","from":"2026-12-01","reason":"Withdrawn"}}"#, id("dsc", 1));
    let ended = event("discounts.discount_ended", &ended);
    assert_eq!(names(&broken(&[granted(TWO, ""), ended.clone(), sound.clone()])), name);
    assert_eq!(broken(&[granted(TWO, ""), sound, ended]), [], "what was given before stays");
    let other = granted(TWO, "").payload().unwrap().replace("training", "chat");
    assert_eq!(names(&broken(&[event("discounts.discount_granted", &other), again])), name);
}

#[test]
fn a_payment_without_its_one_receipt_is_seen() {
    for receipts in [vec![], vec![receipt(1, "5.00"), receipt(2, "5.00")], vec![receipt(1, "4.99")]] {
        let mut events = vec![paid("5.00")];
        events.extend(receipts);
        assert_eq!(names(&broken(&events)), ["receipt-once"].into());
    }
    assert_eq!(names(&broken(&[receipt(1, "5.00")])), ["receipt-once"].into());
}

#[test]
fn an_accepted_quote_that_is_not_to_be_billed_as_it_was_offered_is_seen() {
    let quote = id("quo", 1);
    let line = |price: &str| format!(r#""quantity":"2","unit_price":"GBP {price}","tax_code":"standard""#);
    let issued = event(
        "quotes.quote_issued",
        &format!(
            r#"{{"quote":"{quote}","reference":"Q-1","quoted_on":"2026-12-01","valid_until":"2026-12-31","lines":[{{"text":"Training",{}}}],"net":"GBP 10.00"}}"#,
            line("5.00")
        ),
    );
    let accepted = event(
        "quotes.quote_accepted",
        &format!(r#"{{"quote":"{quote}","accepted_on":"2026-12-02","bill_from":"2026-12-02"}}"#),
    );
    let work = |price: &str| {
        event(
            "work.work_recorded",
            &format!(
                r#"{{"work":"{}","description":"Training","done_on":"2026-12-02",{},"quote":"{quote}"}}"#,
                id("wrk", 1),
                line(price)
            ),
        )
    };
    let [issued, accepted, right, wrong] = [issued, accepted, work("5.00"), work("4.99")];
    assert_eq!(broken(&[issued.clone(), accepted.clone(), right.clone()]), []);
    for events in [
        vec![issued.clone(), accepted.clone()],
        vec![issued.clone(), accepted.clone(), wrong],
        vec![issued.clone(), accepted, right.clone(), right.clone()],
        vec![issued, right],
    ] {
        assert_eq!(names(&broken(&events)), ["quote-to-be-billed"].into());
    }
}

#[test]
fn a_sale_without_its_one_invoice_or_its_payment_is_seen() {
    let sold = |paid: &str| {
        let invoice = id("inv", 1);
        let data = format!(
            r#"{{"sale":"S-1","sold_on":"2026-12-01","lines":[{{"item":"training","quantity":"1"}}]{paid},"invoice":"{invoice}"}}"#
        );
        event("invoicing.sale_recorded", &data)
    };
    let cash = r#","payment":{"amount":"GBP 12.00","received_on":"2026-12-01","method":"cash"}"#;
    let named = |number: u32| {
        let event = invoice(number, &[line(&service("2026-12-01", "2027-01-01"), "10.00")], &TEN);
        match event {
            Event::Invoicing(crate::invoicing::Event::InvoiceIssued(mut issued)) => {
                issued.sale = Some("S-1".parse().unwrap());
                Event::Invoicing(issued.into())
            }
            other => other,
        }
    };
    assert_eq!(broken(&[sold(""), named(1)]), []);
    for events in
        [vec![sold("")], vec![named(1)], vec![sold(""), named(2)], vec![sold(""), sold(""), named(1)]]
    {
        assert_eq!(names(&broken(&events)), ["sale-invoiced-once"].into());
    }
    assert_eq!(names(&broken(&[sold(cash), named(1)])), ["sale-paid"].into());
}

#[test]
fn more_set_against_an_invoice_than_there_is_is_seen() {
    let violations = broken(&[december(1), paid("20.00"), receipt(1, "20.00"), allocated("12.01")]);
    assert_eq!(names(&violations), ["allocations-within-invoice"].into());
    let violations = broken(&[december(1), paid("5.00"), receipt(1, "5.00"), allocated("5.01")]);
    assert_eq!(names(&violations), ["allocations-within-funds"].into());
}

#[test]
fn a_page_that_says_something_else_than_the_events_is_seen() {
    let events = [december(1), paid("5.00"), receipt(1, "5.00"), allocated("5.00")];
    let less = |without: usize| {
        let rest =
            events.iter().enumerate().filter(|(index, _)| *index != without).map(|(_, event)| event.clone());
        names(&broken_on(&rest.collect::<Vec<_>>(), &events))
    };
    assert_eq!(less(0), ["control-account", "invoice-open"].into());
    assert_eq!(less(1), ["control-account"].into());
    assert_eq!(less(3), ["funds-left", "invoice-open"].into());
    let more = [events.to_vec(), vec![paid("6.00")]].concat();
    assert_eq!(names(&broken_on(&more, &events)), ["control-account", "funds-left"].into());
}

/// What does not hold of the numbers of a book with these events on these streams.
fn misnumbered(events: &[(&str, u64, Event)]) -> Vec<(&'static str, String)> {
    let mut numbers = numbers::Numbers::default();
    for (stream, version, event) in events {
        numbers.add(&stream.parse().unwrap(), Version::from(*version), event);
    }
    numbers.check()
}

#[test]
fn documents_and_numbers_belong_to_each_other() {
    let account = format!("account/{ACCOUNT}");
    let opened = |kind: &str| {
        let data =
            format!(r#"{{"series":"invoices","documents":"{kind}","prefix":"INV-","first":1,"digits":4}}"#);
        ("series/invoices", 1, event("numbering.series_opened", &data))
    };
    let numbered = |version, number| {
        let data = format!(r#"{{"document":"{}"}}"#, id("inv", number));
        ("series/invoices", version, event("numbering.number_assigned", &data))
    };
    let issued = |number| (account.as_str(), 1, december(number));
    let of = |events: &[(&str, u64, Event)]| -> Vec<&str> {
        misnumbered(events).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(of(&[opened("invoice"), issued(1), numbered(2, 1), issued(2), numbered(3, 2)]), [""; 0]);
    assert_eq!(of(&[opened("invoice"), issued(1)]), ["numbered-once"]);
    assert_eq!(of(&[opened("invoice"), issued(1), numbered(2, 1), numbered(3, 1)]), ["numbered-once"]);
    assert_eq!(of(&[opened("invoice"), numbered(2, 1)]), ["numbered-once"]);
    assert_eq!(of(&[opened("receipt"), issued(1), numbered(2, 1)]), ["numbered-once"]);
    assert_eq!(of(&[opened("invoice"), issued(1), numbered(3, 1)]), ["series-gap-free"]);
    assert_eq!(of(&[issued(1), numbered(1, 1)]), ["numbered-once"]);
    let (stream, _, again) = opened("invoice");
    assert_eq!(of(&[opened("invoice"), (stream, 2, again)]), ["series-gap-free"]);
}

/// What does not hold of the consolidated invoices of a book with these events: on the parent's stream, on the child's.
fn passed_on_wrongly(of_parent: &[Event], of_child: &[Event]) -> Vec<String> {
    let mut passed_on = passed_on::PassedOn::default();
    let parent = format!("account/{}", id("acc", 2)).parse().unwrap();
    let child = format!("account/{ACCOUNT}").parse().unwrap();
    of_parent.iter().for_each(|event| passed_on.add(&parent, event));
    of_child.iter().for_each(|event| passed_on.add(&child, event));
    let found = passed_on.check();
    assert!(found.iter().all(|(name, _)| *name == "passed-on-is-owed"));
    found.into_iter().map(|(_, detail)| detail).collect()
}

#[test]
fn a_parent_that_owes_other_than_its_child_passed_on_is_seen() {
    let (invoice, consolidated, parent) = (id("inv", 1), id("inv", 9), id("acc", 2));
    let invoices = |open: &str| format!(r#"[{{"invoice":"{invoice}","open":"GBP {open}"}}]"#);
    let owed = |line: &str, total: &str, due: &str| {
        let invoices = invoices("12.00");
        let data = format!(
            r#"{{"invoice":"{consolidated}","issued_on":"2026-12-02","lines":[{{"account":"{ACCOUNT}","invoices":{invoices},"amount":"GBP {line}"}}],"total":"GBP {total}","due":[{{"date":"2026-12-31","amount":"GBP {due}"}}],"terms":{{"net_days":30}}}}"#
        );
        event("invoicing.consolidated_invoice_issued", &data)
    };
    let passed_on = |amount: &str| {
        let invoices = invoices("12.00");
        let data = format!(
            r#"{{"consolidated":"{consolidated}","parent":"{parent}","invoices":{invoices},"amount":"GBP {amount}","passed_on":"2026-12-02"}}"#
        );
        event("invoicing.debt_passed_on", &data)
    };
    let data =
        format!(r#"{{"consolidated":"{consolidated}","amount":"GBP 12.00","taken_back_on":"2026-12-02"}}"#);
    let taken_back = event("invoicing.debt_taken_back", &data);
    let sound = owed("12.00", "12.00", "12.00");
    let none: [&str; 0] = [];
    let owed_once = std::slice::from_ref(&sound);

    assert_eq!(passed_on_wrongly(owed_once, &[passed_on("12.00")]), none);
    assert_eq!(
        passed_on_wrongly(&[sound.clone(), voided(9)], &[passed_on("12.00"), taken_back.clone()]),
        none
    );
    let nobody = passed_on_wrongly(owed_once, &[]);
    assert!(nobody[0].ends_with(&format!("for {ACCOUNT}, which passed on nothing")), "{nobody:?}");
    assert_eq!(passed_on_wrongly(&[], &[passed_on("12.00")]).len(), 1, "owed by nobody");
    assert_eq!(passed_on_wrongly(&[sound.clone(), voided(9)], &[passed_on("12.00")]).len(), 1, "forgiven");
    assert_eq!(passed_on_wrongly(owed_once, &[passed_on("12.00"), taken_back]).len(), 1, "owed by both");
    assert_eq!(passed_on_wrongly(owed_once, &[passed_on("11.00")]).len(), 2, "another amount");
    let adds_up =
        |line, total, due| passed_on_wrongly(&[owed(line, total, due)], &[passed_on("12.00")]).len();
    assert_eq!(adds_up("11.00", "11.00", "11.00"), 2, "the line, and what it passed on");
    assert_eq!([adds_up("12.00", "11.00", "11.00"), adds_up("12.00", "12.00", "11.00")], [1, 1]);
}

#[test]
fn every_invariant_that_can_be_broken_is_on_the_list_and_the_other_way_round() {
    let listed: BTreeSet<&str> = INVARIANTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed.len(), INVARIANTS.len());
    let code = [
        include_str!("discounts.rs"),
        include_str!("documents.rs"),
        include_str!("line_credit.rs"),
        include_str!("money.rs"),
        include_str!("numbers.rs"),
        include_str!("passed_on.rs"),
        include_str!("quotes.rs"),
        include_str!("receipts.rs"),
        include_str!("sales.rs"),
        include_str!("service_days.rs"),
    ];
    for name in &listed {
        assert!(code.iter().any(|code| code.contains(&format!("\"{name}\""))), "{name} is checked nowhere");
    }
}
