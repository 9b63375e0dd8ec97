//! The receivables example on a small ledger that was worked out by hand, and on the real ones where they are.

#[expect(dead_code, reason = "its `main` is the program's; the tests run what it runs")]
#[path = "../receivables/main.rs"]
mod program;

use std::path::Path;

use serde_json::{Value, json};

/// Runs the program: how it ended, what it printed, what it complained of.
fn run(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = program::run(args.iter().map(|arg| arg.to_string()), &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn figures(args: &[&str]) -> Value {
    let (code, out, err) = run(&[args, &["--json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// Six invoices of three customers, all due after 30 days, and eight rows that are wrong:
///
/// | number | customer | invoiced   | due        | amount | disputed | paid       |
/// |--------|----------|------------|------------|--------|----------|------------|
/// | 1      | A-100    | 2025-01-03 | 2025-02-02 | 100.00 |          | 2025-01-20 |
/// | 2      | A-100    | 2025-01-10 | 2025-02-09 | 200.50 |          | 2025-02-16 |
/// | 3      | B-200    | 2025-01-15 | 2025-02-14 |  50.00 | yes      | 2025-03-20 |
/// | 4      | C-300    | 2025-02-05 | 2025-03-07 | 300.00 |          |            |
/// | 5      | B-200    | 2025-02-05 | 2025-03-07 |  20.25 |          | 2025-03-07 |
/// | 6      | C-300    | 2025-02-20 | 2025-03-22 |  80.00 | yes      |            |
const SAMPLE: &[&str] = &["data/ledger-sample.csv", "--dates", "mdy"];

fn sample(args: &[&str]) -> Value {
    figures(&[SAMPLE, args].concat())
}

#[test]
fn six_rows_are_imported_and_eight_are_named() {
    let (_, out, err) = run(&[SAMPLE, &["--json"]].concat());
    let ledger: Value = serde_json::from_str(&out).unwrap();
    // 100.00 + 200.50 + 50.00 + 300.00 + 20.25 + 80.00
    assert_eq!(ledger["total"], "750.75");
    assert_eq!([&ledger["invoices"], &ledger["customers"], &ledger["import_errors"]], [6, 3, 8]);
    let complaints: Vec<&str> = err.lines().collect();
    let begins = [
        "line 7: InvoiceDate \"2/29/2025\" is no date",
        "line 8: InvoiceAmount: ",
        "line 9: Disputed is Yes or No, not \"perhaps\"",
        "line 10: it has 5 columns and the header has 12",
        "line 11: invoice 1 stands on line 2 already",
        "line 12: ",
        "line 13: ",
        "line 14: it was settled on 2025-02-05, before it was invoiced on 2025-02-06",
    ];
    assert_eq!(complaints.len(), begins.len(), "{err}");
    for (complaint, begin) in complaints.iter().zip(begins) {
        assert!(complaint.starts_with(begin), "{complaint}");
    }
    // The rules of the book say no to an invoice of nothing, and to one due before its own date.
    assert!(complaints[5].contains("(invoicing.nothing_open)"), "{}", complaints[5]);
    assert!(complaints[6].contains("(invoicing.due_before_issue)"), "{}", complaints[6]);
}

#[test]
fn the_position_at_the_close_of_february() {
    let ledger = sample(&["--as-of", "2025-02-28"]);
    // 1 and 2 are paid. Open are 3, 4, 5 and 6; 3 has been due for 14 days, and is 44 days old.
    let mut expected = json!({
        "as_of": "2025-02-28",
        "open_count": 4, "open_amount": "450.25", "open_customers": 2,
        "overdue_count": 1, "overdue_amount": "50.00",
        "disputed_open_count": 2, "disputed_open_amount": "130.00",
        "by_due_date": {
            "not_due": {"count": 3, "amount": "400.25"},
            "1-30": {"count": 1, "amount": "50.00"},
            "31-60": {"count": 0, "amount": "0.00"},
            "61-90": {"count": 0, "amount": "0.00"},
            "91+": {"count": 0, "amount": "0.00"},
        },
        "by_invoice_date": {
            "0-30": {"count": 3, "amount": "400.25"},
            "31-60": {"count": 1, "amount": "50.00"},
            "61-90": {"count": 0, "amount": "0.00"},
            "91+": {"count": 0, "amount": "0.00"},
        },
    });
    // Open at the close of January: 2 and 3. Sold in February: 4, 5, 6. Paid: 2.
    expected["month"] = json!({
        "opening": "250.50", "sales": "400.25", "cash": "200.50", "closing": "450.25",
        // 450.25 / 400.25 x 28 = 31.49781...
        "dso": "31.4978",
        // February's 28 days, and 50.00 of January's 350.50: 28 + 50 / 350.50 x 31 = 32.42225...
        "dso_count_back": "32.4223",
        // 400.25 are not overdue: 400.25 / 400.25 x 28
        "best_possible_dso": "28.0000",
        "average_days_delinquent": "3.4978",
        // (250.50 + 400.25 - 450.25) / (250.50 + 400.25 - 400.25) = 200.50 / 250.50 = 80.03992... %
        "cei": "80.0399",
    });
    assert_eq!(ledger["reports"], json!([expected]));
}

#[test]
fn what_is_dated_on_the_day_counts_and_due_today_is_not_overdue() {
    let ledger = sample(&["--as-of", "2025-02-05", "2025-03-07", "--as-of", "2025-03-08"]);
    let told = |report: usize| {
        let report = &ledger["reports"][report];
        [&report["open_amount"], &report["overdue_amount"]].map(|amount| amount.as_str().unwrap().to_owned())
    };
    // 2, 3, and 4 and 5 of that day: 200.50 + 50.00 + 300.00 + 20.25.
    assert_eq!(told(0), ["570.75", "0.00"]);
    // 5 was paid that day. Open are 3, overdue, 4, due today, and 6.
    assert_eq!(told(1), ["430.00", "50.00"]);
    assert_eq!(told(2), ["430.00", "350.00"]);
}

#[test]
fn a_month_without_sales_has_no_dso() {
    let ledger = sample(&["--as-of", "2025-04-30"]);
    // 4 and 6 are open and overdue, and were so a month ago: nothing was collected of what could be.
    let expected = json!({
        "opening": "380.00", "sales": "0.00", "cash": "0.00", "closing": "380.00",
        "dso": null,
        // April's 30 days, March's 31, and 380.00 of February's 400.25: 61 + 380 / 400.25 x 28 = 87.58338...
        "dso_count_back": "87.5834",
        "best_possible_dso": null, "average_days_delinquent": null,
        "cei": "0.0000",
    });
    assert_eq!(ledger["reports"][0]["month"], expected);
}

#[test]
fn cash_stands_in_the_week_of_its_receipt() {
    let expected = json!({
        "2025-W04": {"count": 1, "amount": "100.00"}, // Monday, 20 January
        "2025-W07": {"count": 1, "amount": "200.50"}, // Sunday, 16 February
        "2025-W10": {"count": 1, "amount": "20.25"},  // Friday, 7 March
        "2025-W12": {"count": 1, "amount": "50.00"},  // Thursday, 20 March
    });
    assert_eq!(sample(&["--weekly"])["weekly_cash"], expected);
}

#[test]
fn who_has_paid_by_the_day_of_the_reminder_gets_none() {
    // Up to the last receipt, on 20 March: 2 is reminded on 12 February (3 days), and paid on the day of the next
    // one. 3 is disputed; else it is reminded on 17, 21 and 28 February and on 16 March. 4 is reminded on 10 and
    // 14 March, its third reminder would be that of 21 March. 1, 5 and 6 are never late in this time.
    let expected = json!({
        "3": {"sent": 3, "with_dispute_pause": 2, "same_day_receipts": 0},
        "7": {"sent": 2, "with_dispute_pause": 1, "same_day_receipts": 1},
        "14": {"sent": 1, "with_dispute_pause": 0, "same_day_receipts": 0},
        "30": {"sent": 1, "with_dispute_pause": 0, "same_day_receipts": 0},
        "letters": 7, // each on a day of its own
    });
    assert_eq!(sample(&["--reminders", "3,7,14,30"])["reminders"], expected);
}

#[test]
fn a_ledger_imported_twice_into_a_file_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("books.db");
    let into = ["--db", db.to_str().unwrap(), "--as-of", "2025-02-28"];
    let (first, second) = (sample(&into), sample(&into));
    assert_eq!(first, second);
    assert_eq!(first, sample(&["--as-of", "2025-02-28"]), "a file and memory tell the same");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, std::fs::read_to_string(SAMPLE[0]).unwrap().replace("100.0", "101.0")).unwrap();
    let (code, _, err) = run(&[other.to_str().unwrap(), "--dates", "mdy", "--db", db.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(err.contains("the file holds another ledger already"), "{err}");
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let text = std::fs::read_to_string(SAMPLE[0]).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let backwards: Vec<&str> = rows.lines().rev().filter(|row| !row.contains(",1,1/3/2025,")).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backwards.csv");
    std::fs::write(&file, [&[header][..], &backwards].concat().join("\r\n")).unwrap();
    let turned = figures(&[file.to_str().unwrap(), "--dates", "mdy", "--as-of", "2025-02-28"]);
    let straight = sample(&["--as-of", "2025-02-28"]);
    assert_eq!([&turned["head"], &turned["reports"]], [&straight["head"], &straight["reports"]]);
}

#[test]
fn people_get_tables() {
    let (code, out, _) =
        run(&[SAMPLE, &["--as-of", "2025-02-28", "--weekly", "--reminders", "3,7"]].concat());
    assert_eq!(code, 0);
    for line in [
        "6 invoices of 3 customers, 750.75 in all.",
        "8 rows were not imported",
        "February 2025, the whole month",
    ] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn what_was_asked_wrongly_is_answered_with_the_usage() {
    for wrong in [
        &[][..],
        &["a.csv"],
        &["a.csv", "--dates", "ymd"],
        &["a.csv", "--dates", "mdy", "--reminders", "7,3"],
    ] {
        let (code, _, err) = run(wrong);
        assert_eq!(code, 2);
        assert!(err.contains("Usage: receivables FILE"), "{err}");
    }
    let (code, _, err) = run(&["no-such.csv", "--dates", "mdy"]);
    assert_eq!(code, 1);
    assert!(err.starts_with("no-such.csv can't be opened: "), "{err}");
}

/// The figures that are known of the real ledger.
#[test]
fn the_real_ledger() {
    let folder = Path::new("../../shared/data/ar");
    if !folder.is_dir() {
        println!("skipped: {} is not here", folder.display());
        return;
    }
    let read = |name: &str, order| {
        let file = folder.join(name);
        let asked = ["--as-of", "2012-12-31", "--weekly", "--reminders", "3,7,14,30"];
        figures(&[&[file.to_str().unwrap(), "--dates", order], &asked[..]].concat())
    };
    let first = read("ar_iamjenetzler.csv", "mdy");
    assert_eq!([&first["invoices"], &first["customers"], &first["import_errors"]], [2_466, 100, 0]);
    assert_eq!(first["total"], "147703.18");
    let report = &first["reports"][0];
    assert_eq!(report["open_amount"], "5725.06");
    assert_eq!(report["by_due_date"]["not_due"]["amount"], "4936.32");
    assert_eq!(report["by_due_date"]["1-30"]["amount"], "788.74");
    assert_eq!([&report["month"]["dso"], &report["month"]["best_possible_dso"]], ["27.3299", "23.5647"]);
    assert_eq!(first["weekly_cash"]["2012-W02"], json!({"count": 1, "amount": "75.21"}));
    // Counted apart from the engine: an invoice is reminded if it was not paid by the day due + step; of those, the
    // undisputed ones; and those paid on just that day.
    let expected = json!({
        "3": {"sent": 700, "with_dispute_pause": 363, "same_day_receipts": 51},
        "7": {"sent": 458, "with_dispute_pause": 201, "same_day_receipts": 55},
        "14": {"sent": 196, "with_dispute_pause": 56, "same_day_receipts": 31},
        "30": {"sent": 8, "with_dispute_pause": 1, "same_day_receipts": 5},
        "letters": 1_338,
    });
    assert_eq!(first["reminders"], expected);
    // The same ledger in other clothes gives the same log.
    assert_eq!(read("ar_pthiagu2.csv", "mdy"), first);
    assert_eq!(read("ar_pedroteles_dmy_crlf.csv", "dmy"), first);

    let more = read("ar_wdmartin_missing.csv", "mdy");
    assert_eq!([&more["invoices"], &more["import_errors"]], [2_586, 0]);
    assert_eq!(more["total"], "155658.78");
    assert_eq!(more["reports"][0]["open_count"], 105);
    assert_eq!(more["reports"][0]["open_amount"], "6079.60");
}
