//! Two months of the small firm on one file, and what an accountant would check of them.

use std::collections::BTreeSet;

use billing_core::prelude::*;
use billing_examples::month_end::{DOZEN, Firm, Month, live_a_month};

struct TwoMonths {
    january: Month,
    february: Month,
    /// The firm on the last evening of February.
    firm: Firm,
    told: String,
    _folder: tempfile::TempDir,
}

fn two_months() -> TwoMonths {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let path = path.to_str().unwrap();
    let mut told = Vec::new();
    let (firm, january) = live_a_month(path, DOZEN + 20, &mut told).unwrap();
    drop(firm);
    let (firm, february) = live_a_month(path, DOZEN + 20, &mut told).unwrap();
    TwoMonths { january, february, firm, told: String::from_utf8(told).unwrap(), _folder: folder }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn two_months_add_up() {
    let months = two_months();
    let (book, last) = (&months.firm.book, months.february.last);

    // The second run goes on with the next month, on the log of the first.
    assert_eq!((months.january.first, months.january.last), (day("2026-01-01"), day("2026-01-30")));
    assert_eq!((months.february.first, months.february.last), (day("2026-02-01"), day("2026-02-27")));
    book.expect(&months.january.head).unwrap();
    assert_eq!(book.head().unwrap(), months.february.head);

    // Open on all invoices, less unapplied money, is what the board says is owed, and what aged debt says.
    let everything = DocumentsIssued { from: day("2025-01-01"), to: last, after: None, limit: usize::MAX };
    let documents = book.ask(&everything).unwrap().value;
    let invoices =
        documents.iter().filter(|summary| matches!(summary.document.document, DocumentId::Invoice(_)));
    let mut owed = Balance::default();
    invoices.for_each(|summary| owed.add(summary.open));
    let board = book.ask(&StatusBoard { as_of: last }).unwrap().value;
    let (mut balances, mut unapplied) = (Balance::default(), Balance::default());
    for line in &board {
        balances.add_balance(&line.balance);
        unapplied.add_balance(&line.unapplied);
    }
    owed.subtract_balance(&unapplied);
    assert_eq!(owed, balances);
    let aged = AgedDebt { as_of: last, by: Basis::DueDate, buckets: Buckets::default(), account: None };
    assert_eq!(book.ask(&aged).unwrap().value.totals[0].total, balances.of(Currency::GBP));
    let figures = book.ask(&MonthFigures { on: last, currency: Currency::GBP }).unwrap().value;
    assert_eq!(figures.closing, balances.of(Currency::GBP));

    // Invoice numbers run from 1 without a gap.
    let numbers: BTreeSet<&str> =
        documents.iter().filter_map(|summary| summary.document.number.as_deref()).collect();
    let numbers: Vec<&str> = numbers.into_iter().filter(|number| number.starts_with("INV-")).collect();
    let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("INV-{number:04}")).collect();
    assert_eq!(numbers, expected);

    // January: the dozen, the others and one converted trial; February: all of these and one more.
    let billed_on = |on| {
        documents
            .iter()
            .filter(|summary| summary.document.issued_on == on && summary.document.net.is_some())
            .count()
    };
    assert_eq!(billed_on(months.january.last), DOZEN + 20 + 1);
    assert_eq!(billed_on(months.february.last), DOZEN + 20 + 2);
}

#[test]
fn who_paid_was_not_chased() {
    let months = two_months();
    for month in [&months.january, &months.february] {
        let chased: BTreeSet<&str> = month.chased.iter().map(|(reference, _)| reference.as_str()).collect();
        // They pay in time.
        for reference in ["C-001", "C-004", "C-008", "C-009", "C-010", "C-011"] {
            assert!(!chased.contains(reference), "{reference} was chased");
        }
        // It pays on the day on which its reminder is due: found due in the morning, not sent in the afternoon.
        assert!(!chased.contains("C-002"));
        let spared = month.spared.iter().find(|(reference, ..)| reference.as_str() == "C-002");
        assert_eq!(spared.map(|(_, _, why)| *why), Some(SuppressionReason::NothingOpen));
        // What is disputed is not chased either.
        assert!(!chased.contains("C-007"));
        // Who does not pay is.
        assert!(chased.contains("C-012"));
    }
    // Two of the twenty others do not pay in full; the first of each ten pays nothing, the second half.
    let february: BTreeSet<&str> = months
        .february
        .chased
        .iter()
        .map(|(reference, _)| reference.as_str())
        .filter(|text| text.starts_with("P-"))
        .collect();
    assert_eq!(february.len(), 4, "{february:?}");
}

#[test]
fn a_fresh_file_tells_the_same_story() {
    let [one, other] = [two_months(), two_months()];
    assert_eq!((&one.january, &one.february), (&other.january, &other.february));
    // But for the path of the file, which stands at the end of each month.
    let story = |told: &str| -> Vec<String> {
        told.lines().filter(|line| !line.contains("--db")).map(str::to_owned).collect()
    };
    assert_eq!(story(&one.told), story(&other.told));
    assert!(
        one.told.contains("C-002 Birch & Daughters is due and not sent: nothing is open on it"),
        "{}",
        one.told
    );
}
