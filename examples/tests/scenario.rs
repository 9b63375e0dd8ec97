//! The scenario example: what is so passes, what is altered differs, what is not known is never passed over.

#[expect(dead_code, reason = "its `main` is the program's; the tests run what it runs")]
#[path = "../scenario/main.rs"]
mod program;

use program::{
    compare, coupons, day, desk, facts, firm, form, metered, phases, plans, pure, verbs, verdict, versions,
};
use serde_json::{Value, json};
use verdict::Verdict;

/// Cases worked out by hand.
const SAMPLE: &str = "data/scenario-sample.json";

/// What rows of `results` ask, beside what they answer.
const QUESTION: &[&str] = &[
    "units",
    "base",
    "tier",
    "package",
    "per_unit",
    "minimum",
    "maximum",
    "already_billed_blocks",
    "already_billed_units",
    "previously_billed",
    "last_part",
    "calls",
    "gb",
    "start",
    "anchor",
    "period",
    "coupon_off",
    "coupon_percent",
    "already_used",
];

/// Runs the program: how it ended, what it printed, what it complained of.
fn run(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = program::run(args.iter().map(|arg| arg.to_string()), &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// The cases of the sample, and those of a file that a person names to test the program on them too.
fn cases() -> Vec<Value> {
    let files = [Some(SAMPLE.to_owned()), std::env::var("BILLING_CASES").ok()];
    let texts = files.iter().flatten().map(|file| std::fs::read_to_string(file).unwrap());
    texts.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text).unwrap()).collect()
}

fn sample(id: &str) -> Value {
    cases().into_iter().find(|case| case["id"] == id).unwrap()
}

/// Every amount, date, word and number in a value, one after the other replaced by another; what a pure function is
/// asked is no answer of it, and what is so on a day may be so on the next one too.
fn altered(value: &Value, asked: &[&str]) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        Value::String(text) => vec![Value::String(other(text))],
        Value::Array(all) => (0..all.len())
            .flat_map(|at| {
                let with = move |one| {
                    let mut all = all.clone();
                    all[at] = one;
                    Value::Array(all)
                };
                altered(&all[at], asked).into_iter().map(with)
            })
            .collect(),
        Value::Object(all) => all
            .iter()
            .filter(|(key, _)| {
                !matches!(key.as_str(), "note" | "working" | "after") && !asked.contains(&key.as_str())
            })
            .flat_map(|(key, value)| {
                let asked = match key.as_str() {
                    "results" => QUESTION,
                    "states" | "balances" => &["date"],
                    _ => asked,
                };
                let with = move |one| {
                    let mut all = all.clone();
                    all.insert(key.clone(), one);
                    Value::Object(all)
                };
                altered(value, asked).into_iter().map(with)
            })
            .collect(),
    }
}

/// The next day, a cent more, one more, another word.
fn other(text: &str) -> String {
    if let Ok(date) = text.parse::<billing_core::prelude::Date>() {
        return date.succ_opt().unwrap().to_string();
    }
    let figure = text.strip_prefix('-').unwrap_or(text);
    let digits: String = figure.chars().take_while(|sign| sign.is_ascii_digit() || *sign == '.').collect();
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    match (whole.parse::<u64>(), part.parse::<u64>()) {
        (Ok(_), Ok(cents)) => {
            text.replacen(&digits, &format!("{whole}.{:0width$}", cents + 1, width = part.len()), 1)
        }
        (Ok(whole), Err(_)) => text.replacen(&digits, &(whole + 1).to_string(), 1),
        (Err(_), _) => format!("{text}x"),
    }
}

/// Where two values differ.
fn first_difference(left: &Value, right: &Value) -> String {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let place = left.iter().find(|(key, value)| right[*key] != **value);
            place.map_or(String::new(), |(key, value)| {
                format!("{key} {}", first_difference(value, &right[key]))
            })
        }
        (Value::Array(left), Value::Array(right)) => {
            let place = left.iter().zip(right).enumerate().find(|(_, (left, right))| left != right);
            place.map_or(String::new(), |(at, (left, right))| {
                format!("{at} {}", first_difference(left, right))
            })
        }
        (left, right) => format!("{left} became {right}"),
    }
}

#[test]
fn every_case_of_the_sample_passes() {
    let (code, out, err) = run(&[SAMPLE]);
    let text = std::fs::read_to_string(SAMPLE).unwrap();
    let count = serde_json::from_str::<Vec<Value>>(&text).unwrap().len();
    assert!(out.ends_with(&format!("cases: {count} passed, 0 differ, 0 unsupported\n")), "{out}{err}");
    assert_eq!(code, 0);
}

/// The program is of use only if it notices: whatever is altered in what a case expects, it passes no longer.
#[test]
fn whatever_is_altered_in_what_is_expected_is_noticed() {
    let mut overlooked = Vec::new();
    for case in cases() {
        if program::verdict(case.clone()) != Verdict::Pass {
            continue;
        }
        for expect in altered(&case["expect"], &[]) {
            let mut changed = case.clone();
            changed["expect"] = expect;
            if program::verdict(changed.clone()) == Verdict::Pass {
                overlooked.push(format!(
                    "{}: {}",
                    case["id"],
                    first_difference(&case["expect"], &changed["expect"])
                ));
            }
        }
    }
    assert_eq!(overlooked, Vec::<String>::new());
}

#[test]
fn what_is_not_known_is_unsupported() {
    let known = sample("S-07");
    assert_eq!(program::verdict(known.clone()), Verdict::Pass);
    let with = |path: &[&str], value: Value| {
        let mut case = known.clone();
        let place = path.iter().fold(&mut case, |place, key| match key.parse::<usize>() {
            Ok(at) => &mut place[at],
            Err(_) => &mut place[*key],
        });
        *place = value;
        program::verdict(case)
    };
    for path in [
        &["novelty"][..],
        &["given", "novelty"],
        &["given", "plans", "0", "novelty"],
        &["actions", "0", "novelty"],
        &["expect", "novelty"],
        &["expect", "invoices", "0", "novelty"],
        &["expect", "previews", "0", "novelty"],
    ] {
        let verdict = with(path, json!("1"));
        assert!(
            matches!(&verdict, Verdict::Unsupported(what) if what.contains("novelty")),
            "{path:?}: {verdict}"
        );
    }
    let verb = with(&["actions", "0", "do"], json!("dance"));
    assert!(matches!(&verb, Verdict::Unsupported(what) if what.contains("dance")), "{verb}");
    let nothing = with(&["expect"], json!({}));
    assert_eq!(nothing.to_string(), "unsupported: nothing is expected");
}

#[test]
fn a_case_that_differs_is_told_with_both_figures() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("altered.json");
    let mut case = sample("S-05");
    case["expect"]["invoices"][1]["lines"] = json!(["30.00", "31.00"]);
    std::fs::write(&file, json!([case]).to_string()).unwrap();
    let (code, out, _) = run(&[file.to_str().unwrap()]);
    assert_eq!(code, 1);
    let line = out.lines().next().unwrap();
    assert!(line.starts_with("S-05 differs: invoice of 2024-05-01: line expected 31, got "), "{line}");
    assert!(out.ends_with("cases: 0 passed, 1 differ, 0 unsupported\n"), "{out}");
    let (_, out, _) = run(&[file.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["differ"], &report["cases"][0]["verdict"]), (&json!(1), &json!("differs")));
}

#[test]
fn one_case_is_asked_for_by_its_id() {
    let (code, out, _) = run(&[SAMPLE, "--only", "S-09"]);
    assert_eq!((code, out.as_str()), (0, "S-09 pass\ncases: 1 passed, 0 differ, 0 unsupported\n"));
    let (code, _, err) = run(&[SAMPLE, "--only", "S-99"]);
    assert_eq!((code, err.as_str()), (1, "data/scenario-sample.json: there is no such case in it\n"));
    assert_eq!(run(&[]).0, 2);
}
