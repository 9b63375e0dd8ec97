//! The change of a price: what it says beforehand is worked out by hand, and what comes of it is what it said.

#[expect(dead_code, reason = "its `main` is the program's; the tests run what it runs")]
#[path = "../price_change/main.rs"]
mod program;

use billing_examples::month_end::{DOZEN, live_a_month};
use serde_json::Value;

fn run(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = program::run(args.iter().map(|arg| arg.to_string()), &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn sheet(args: &[&str]) -> Value {
    let (code, out, err) = run(&[args, &["--json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// Of each customer with the plan: what a period costs now and then, from when on, and why.
fn agreements(sheet: &Value) -> Vec<String> {
    let said = |one: &Value| {
        let field = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
        ["customer", "now", "then", "moves_on", "fate"].map(field).join(" ")
    };
    sheet["agreements"].as_array().unwrap().iter().map(said).collect()
}

/// Of each customer: what is billed now, then, and the difference.
fn bills(sheet: &Value) -> Vec<String> {
    let said = |one: &Value| {
        ["customer", "now", "then", "difference"].map(|name| one[name].as_str().unwrap().to_owned()).join(" ")
    };
    sheet["bills"].as_array().unwrap().iter().map(said).collect()
}

/// Seats at 14.00 instead of 12.50, at 16.00 instead of 14.50 euros. C-02's month begins on the 15th, C-05's trial ends
/// on 20 July; C-03 has a price of its own, C-04 leaves before its next month begins.
#[test]
fn each_customer_is_told_beforehand() {
    let sheet = sheet(&[]);
    assert_eq!(
        agreements(&sheet),
        [
            "C-01 GBP 37.50 GBP 42.00 2026-07-01 moves",
            "C-02 GBP 62.50 GBP 70.00 2026-07-15 moves",
            "C-03 GBP 200.00 GBP 200.00 - keeps a price of its own",
            "C-04 GBP 50.00 GBP 50.00 - ends on 2026-07-10",
            "C-05 GBP 25.00 GBP 28.00 2026-07-20 moves",
            "C-07 EUR 87.00 EUR 96.00 2026-07-01 moves",
            "C-08 GBP 100.00 GBP 112.00 2026-07-01 moves",
            "C-09 GBP 150.00 GBP 168.00 2026-07-01 moves",
            "C-10 GBP 37.50 GBP 42.00 2026-07-01 moves",
            "C-12 GBP 87.50 GBP 98.00 2026-07-01 moves",
        ]
    );
    // C-08 has 8 seats up to 20 July and 10 from then on: 112.00 x 19/31 = 68.65, 140.00 x 12/31 = 54.19. C-09 pays a
    // tenth less. C-10 rests up to 16 July: 42.00 x 16/31 = 21.68. C-12 is in the studio from 22 July on: 98.00 x 21/31
    // = 66.39, 119.00 x 10/31 = 38.39.
    assert_eq!(
        bills(&sheet),
        [
            "C-01 GBP 37.50 GBP 42.00 GBP 4.50",
            "C-02 GBP 62.50 GBP 70.00 GBP 7.50",
            "C-03 GBP 200.00 GBP 200.00 GBP 0.00",
            "C-05 GBP 25.00 GBP 28.00 GBP 3.00",
            "C-06 GBP 119.00 GBP 119.00 GBP 0.00",
            "C-07 EUR 87.00 EUR 96.00 EUR 9.00",
            "C-08 GBP 109.68 GBP 122.84 GBP 13.16",
            "C-09 GBP 135.00 GBP 151.20 GBP 16.20",
            "C-10 GBP 19.35 GBP 21.68 GBP 2.33",
            "C-11 EUR 139.00 EUR 139.00 EUR 0.00",
            "C-12 GBP 97.66 GBP 104.78 GBP 7.12",
        ]
    );
    let pounds = &sheet["totals"][1];
    // 4.50 + 7.50 + 3.00 + 12.00 + 18.00 + 4.50 + 10.50.
    assert_eq!(
        (pounds["monthly"].as_str(), pounds["difference"].as_str()),
        (Some("GBP 60.00"), Some("GBP 53.81"))
    );
    assert!(sheet.get("made").is_none());
}

#[test]
fn what_is_made_is_what_was_told() {
    for existing in ["keep", "at-once", "at-renewal"] {
        let made = &sheet(&["--existing", existing, "--make"])["made"];
        assert_eq!(
            (made["compared"].as_u64(), made["differing"].as_array().map(Vec::len)),
            (Some(12), Some(0))
        );
        let moved =
            [("keep", 0), ("at-once", 9), ("at-renewal", 8)].into_iter().find(|(word, _)| *word == existing);
        assert_eq!(made["moved"].as_u64(), moved.map(|(_, count)| count), "{existing}");
    }
}

#[test]
fn who_keeps_the_price_is_said_and_who_is_moved_within_a_month_pays_both_prices() {
    let kept = sheet(&["--existing", "keep"]);
    assert!(agreements(&kept).iter().all(|one| one.ends_with("- keeps version 1")));
    let at_once = bills(&sheet(&["--existing", "at-once"]));
    // 14 of 30 days: 62.50 x 14/30 = 29.17 back, 70.00 x 14/30 = 32.67, and 70.00 from the 15th on.
    assert!(at_once.contains(&"C-02 GBP 62.50 GBP 73.50 GBP 11.00".to_owned()), "{at_once:?}");
    // Billed up to the day it leaves: 9 of 30 days, 50.00 x 9/30 = 15.00 back, 56.00 x 9/30 = 16.80.
    assert!(at_once.contains(&"C-04 GBP 0.00 GBP 1.80 GBP 1.80".to_owned()), "{at_once:?}");
}

#[test]
fn a_book_in_a_file_is_looked_at_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let path = path.to_str().unwrap();
    live_a_month(path, DOZEN + 20, &mut Vec::new()).unwrap();
    let change = ["--db", path, "--plan", "starter", "--price", "GBP 33.00", "--from", "2026-03-01"];
    let foreseen = sheet(&change);
    let made = sheet(&[&change[..], &["--make"]].concat());
    assert_eq!((&foreseen["agreements"], &foreseen["bills"]), (&made["agreements"], &made["bills"]));
    assert_eq!(made["made"]["differing"].as_array().map(Vec::len), Some(0), "{}", made["made"]);
    assert!(made["made"]["moved"].as_u64() > Some(20), "{}", made["made"]);
    // Made once, there is nothing left to change.
    let (code, _, err) = run(&change);
    assert_eq!((code, err.as_str()), (1, "the plan costs that already\n"));
}

#[test]
fn the_tables_name_their_currency_and_say_whether_it_came_true() {
    let (code, out, _) = run(&["--make"]);
    assert_eq!(code, 0);
    for said in [
        "What a period costs, in GBP, before VAT and discounts",
        "Recurring revenue a month, in GBP: +60.00",
        "What is billed through 2026-07-31, in EUR, before VAT",
        "is what was foreseen, event by event, in every field but ids.",
    ] {
        assert!(out.contains(said), "{said} is not in\n{out}");
    }
    assert!(
        run(&[]).1.ends_with("Nothing was recorded. Run it with --make to make the change and to bill it.\n")
    );
}

#[test]
fn what_is_asked_wrongly_is_said() {
    for (args, code, why) in [
        (&["--existing", "now"][..], 2, "--existing now: keep, at-once or at-renewal?"),
        (&["--plan", "gold"], 1, "the catalogue has no gold"),
        (&["--price", "JPY 900"], 1, "team has no price in a currency that --price names"),
        (&["--db", "nowhere.db"], 1, "there is no file nowhere.db"),
    ] {
        let (found, _, err) = run(args);
        assert!(found == code && err.starts_with(why), "{args:?}: {found} {err}");
    }
}
