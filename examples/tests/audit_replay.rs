//! The audit example: what is whole is proved, what is damaged is named, what can't be read is said.

#[expect(dead_code, reason = "its `main` is the program's; the tests run what it runs")]
#[path = "../audit_replay/main.rs"]
mod program;
#[expect(dead_code, reason = "here it only makes a book to be audited")]
#[path = "../receivables/main.rs"]
mod receivables;

use std::fs;
use std::path::{Path, PathBuf};

use billing_examples::month_end::{DOZEN, live_a_month};
use serde_json::Value;

/// A book in a file, its export, and the export's head.
struct Audited {
    folder: tempfile::TempDir,
}

impl Audited {
    fn new() -> Self {
        let audited = Audited { folder: tempfile::tempdir().unwrap() };
        let import =
            ["data/ledger-sample.csv", "--dates", "mdy", "--db", &audited.path("books.db"), "--json"];
        let imported =
            receivables::run(import.iter().map(|arg| arg.to_string()), &mut Vec::new(), &mut Vec::new());
        assert_eq!(imported, 0);
        let (code, out) = run(&["--db", &audited.path("books.db"), "--export", &audited.path("log")]);
        assert_eq!(code, 0, "{out}");
        audited
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    fn head(&self) -> String {
        fs::read_to_string(self.path("log.head")).unwrap().trim().to_owned()
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.path("log")).unwrap().lines().map(str::to_owned).collect()
    }

    /// Writes a copy of the export with other lines, without a head beside it, and audits it.
    fn audit(&self, lines: &[String], args: &[&str]) -> (u8, Value) {
        let copy = self.path("copy");
        fs::write(&copy, lines.join("\n") + "\n").unwrap();
        let (code, out) = run(&[&["--log", &copy, "--json"], args].concat());
        (code, serde_json::from_str(&out).unwrap())
    }
}

fn run(args: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = program::run(args.iter().map(|arg| arg.to_string()), &mut out, &mut err);
    out.append(&mut err);
    (code, String::from_utf8(out).unwrap())
}

#[test]
fn a_whole_book_is_proved() {
    let audited = Audited::new();
    let (code, out) = run(&["--db", &audited.path("books.db"), "--expect", &audited.head(), "--json"]);
    let proof: Value = serde_json::from_str(&out).unwrap();
    let checks: Vec<(&str, bool)> = (proof["checks"].as_array().unwrap().iter())
        .map(|check| (check["name"].as_str().unwrap(), check["proved"].as_bool().unwrap()))
        .collect();
    let names = ["chain", "restore", "balances", "read models", "decisions", "invariants"];
    assert_eq!((code, checks), (0, names.map(|name| (name, true)).to_vec()));
    assert_eq!(proof["pinned"], true);
}

#[test]
fn an_export_is_proved_by_itself() {
    let audited = Audited::new();
    let (code, out) = run(&["--log", &audited.path("log")]);
    assert_eq!(code, 0, "{out}");
    // Open are invoices 4 and 6: 300.00 + 80.00.
    assert!(out.contains("2 invoices open, GBP 380.00 owed"), "{out}");
    assert!(out.contains("It was compared with a head"), "{out}");
}

#[test]
fn every_damaged_line_is_named() {
    let audited = Audited::new();
    let mut lines = audited.lines();
    lines[9] = lines[9].replacen("GBP 50.00", "GBP 51.00", 1);
    assert_ne!(lines[9], audited.lines()[9], "line 10 is to be changed: {}", lines[9]);
    lines[19] = lines[19].replacen("2025-", "2024-", 1);
    assert_ne!(lines[19], audited.lines()[19], "line 20 is to be changed");
    let (code, proof) = audited.audit(&lines, &["--expect", &audited.head()]);
    let damage: Vec<&Value> =
        proof["damage"].as_array().unwrap().iter().map(|damaged| &damaged["from"]).collect();
    assert_eq!((code, damage), (1, vec![&Value::from(10), &Value::from(20)]));
    // What can't be restored proves nothing else.
    assert!(proof["checks"].as_array().unwrap().iter().all(|check| check["proved"] == false), "{proof}");
}

#[test]
fn an_end_that_was_cut_off_is_seen_by_a_pinned_head_alone() {
    let audited = Audited::new();
    let lines = audited.lines();
    // The last command of the ledger recorded a payment and what follows from it; it is cut off as a whole.
    let last_commit = lines.iter().rposition(|line| line.contains("\"request\":")).unwrap();
    let (code, proof) = audited.audit(&lines[..last_commit], &["--expect", &audited.head()]);
    assert_eq!((code, &proof["damage"][0]["from"]), (1, &Value::from(last_commit + 1)));
    let (code, proof) = audited.audit(&lines[..last_commit], &["--origin", receivables::BOOK]);
    assert_eq!((code, &proof["pinned"]), (0, &Value::from(false)));
}

#[test]
fn an_export_of_which_nobody_says_whose_it_is_is_proved_but_for_that() {
    let audited = Audited::new();
    let mut lines = audited.lines();
    let (code, proof) = audited.audit(&lines, &[]);
    assert_eq!((code, &proof["origin"], &proof["pinned"]), (0, &Value::Null, &Value::from(false)));
    assert!(proof["checks"][0]["finding"].as_str().unwrap().ends_with("; origin not proved"), "{proof}");
    assert!(
        proof["checks"][2]["finding"].as_str().unwrap().contains("2 invoices open, GBP 380.00 owed"),
        "{proof}"
    );
    let (code, out) = run(&["--log", &audited.path("copy")]);
    assert_eq!(code, 0);
    assert!(
        out.contains("origin not proved") && out.contains("Say --origin ORIGIN or --expect HEAD"),
        "{out}"
    );
    // Its first line may follow from anything; whether the second follows from the first is seen all the same.
    lines[0] = lines[0].replacen("Receivables", "Receivable", 1);
    let (code, proof) = audited.audit(&lines, &[]);
    assert_eq!((code, &proof["damage"][0]["from"], &proof["damage"][1]), (1, &Value::from(1), &Value::Null));
    assert!(proof["checks"].as_array().unwrap().iter().all(|check| check["proved"] == false), "{proof}");
}

#[test]
fn an_export_is_exported_again() {
    let audited = Audited::new();
    let (log, again) = (audited.path("log"), audited.path("again"));
    let (code, _) = run(&["--log", &log, "--export", &again]);
    let read = |path: &str| fs::read_to_string(path).unwrap();
    assert_eq!((code, read(&again)), (0, read(&log)));
    assert_eq!(read(&audited.path("again.head")), read(&audited.path("log.head")));
    // Even onto itself; but what is damaged gets no head, so that the one which was there still tells.
    fs::write(&log, read(&log).replacen("GBP 50.00", "GBP 51.00", 1)).unwrap();
    for _ in 0..2 {
        let (code, out) = run(&["--log", &log, "--export", &log]);
        assert_eq!((code, read(&audited.path("log.head"))), (1, read(&audited.path("again.head"))), "{out}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_once() {
    let audited = Audited::new();
    let mut lines = audited.lines();
    for changed in [9, 14] {
        lines[changed] = "gone".to_owned();
    }
    lines[19] = lines[19].replacen("\"data\":{", "\"data\":{\"stranger\":1,", 1);
    let (_, proof) = audited.audit(&lines, &["--expect", &audited.head()]);
    let told: Vec<(u64, &str)> = (proof["damage"].as_array().unwrap().iter())
        .map(|damaged| (damaged["from"].as_u64().unwrap(), damaged["what"].as_str().unwrap()))
        .collect();
    for line in [10, 15, 20] {
        let of_line: Vec<&str> = told.iter().filter(|(at, _)| *at == line).map(|(_, what)| *what).collect();
        assert!(matches!(of_line[..], [what] if what.contains("can't be read")), "{told:?}");
    }
    assert!(told.iter().all(|(_, what)| !what.contains("changed")), "{told:?}");
}

/// A month of a firm, in a file in which a line of the book's settings and one of its catalogue are then changed
/// in a way that no page can be made of them.
#[test]
fn damage_in_the_settings_and_in_the_catalogue_is_named_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let path = path.to_str().unwrap();
    drop(live_a_month(path, DOZEN, &mut Vec::new()).unwrap());
    let (code, out) = run(&["--db", path]);
    assert_eq!(code, 0, "{out}");

    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch("DROP TRIGGER line_is_not_changed").unwrap();
    let catalogue: i64 = file
        .query_row("SELECT min(place) FROM line WHERE stream = 'catalogue'", [], |row| row.get(0))
        .unwrap();
    let position = catalogue & ((1 << 40) - 1);
    let changed = file
        .execute(
            "UPDATE line SET line = replace(line, '\"data\":{', '\"data\":{\"stranger\":1,')
             WHERE place = ?1 OR stream = 'book' AND version = 1",
            [catalogue],
        )
        .unwrap();
    assert_eq!(changed, 2);
    drop(file);

    let (code, out) = run(&["--db", path, "--json"]);
    let proof: Value = serde_json::from_str(&out).unwrap();
    let damage: Vec<&Value> =
        proof["damage"].as_array().unwrap().iter().map(|damaged| &damaged["from"]).collect();
    assert_eq!((code, damage), (1, vec![&Value::from(1), &Value::from(position)]), "{out}");
    let names: Vec<&str> =
        (proof["checks"].as_array().unwrap().iter()).map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["chain", "restore", "balances", "read models", "decisions", "invariants"]);
    let (_, out) = run(&["--db", path]);
    assert!(out.contains("It ends a damaged log: keep the head that was noted before."), "{out}");
}

#[test]
fn views_that_were_deleted_are_rebuilt() {
    let audited = Audited::new();
    let views = Path::new(&audited.path("books.db.views")).to_owned();
    assert!(views.is_file(), "the audit has saved what it read");
    fs::remove_file(views).unwrap();
    let (code, out) = run(&["--db", &audited.path("books.db")]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let audited = Audited::new();
    let (log, no_book) = (audited.path("log"), audited.path("no-book"));
    fs::write(&no_book, "this is no file of books, whatever it is called\n".repeat(100)).unwrap();
    let wrong: [(&[&str], &str); 8] = [
        (&["--log", &no_book, "--origin", "a"], "not one line of it is a line of a book"),
        (&["--log", &no_book], "not one line of it is a line of a book"),
        (&[], "either --db or --log"),
        (&["--db", "no-such.db"], "there is no file no-such.db"),
        (&["--db", &no_book], "is not a file of books"),
        (&["--db", &audited.path("books.db"), "--book", "another"], "holds no book another"),
        (&["--log", "no-such.log", "--origin", "a"], "No such file"),
        (&["--log", &log, "--origin", "another"], "is not one of the book another"),
    ];
    for (args, why) in wrong {
        let (code, out) = run(args);
        assert_eq!(code, 2, "{args:?}: {out}");
        assert!(out.contains(why), "{args:?}: {out}");
    }
}
