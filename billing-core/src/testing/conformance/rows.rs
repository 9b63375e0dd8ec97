//! Cases: rows of read models are saved with their checkpoint and read in the order of their keys.

use std::ops::ControlFlow;
use std::thread;

use super::checks::{equal, holds};
use super::fixture::{book, book_named};
use super::{Case, Open, Outcome};
use crate::log::{Digest, Head, Origin};
use crate::store::{Checkpoint, RowStore, StoreError};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "rows.saved_with_the_checkpoint",
        proves: "a save changes, adds and removes rows and moves the checkpoint",
        run: saved_with_the_checkpoint,
    },
    Case {
        name: "rows.never_half_saved",
        proves: "nobody sees rows without their checkpoint, or a checkpoint without its rows",
        run: never_half_saved,
    },
    Case {
        name: "rows.scan",
        proves: "rows are walked in the order of the bytes of their keys, from a key up to before another",
        run: scan,
    },
    Case {
        name: "rows.cleared",
        proves: "clearing a view removes its rows and its checkpoint, and those of no other",
        run: cleared,
    },
    Case { name: "rows.apart", proves: "each view of each book has its own rows", run: apart },
];

/// A checkpoint at a position that no log needs to have: rows may be ahead of nothing that the kit wrote.
fn checkpoint(book: &Origin, position: u64) -> Checkpoint {
    let head = Head { position: position.into(), ..Head::empty(book.clone()) };
    Checkpoint { head, fingerprint: Digest::of(b"fold") }
}

fn save(
    rows: &dyn RowStore,
    (book, view): (&Origin, &str),
    position: u64,
    changed: &[(&str, Option<&str>)],
) -> Result<(), StoreError> {
    rows.save(book, view, &checkpoint(book, position), &mut changed.iter().copied())
}

/// The rows from a key up to before another, as `key=value`.
fn scanned(
    rows: &dyn RowStore,
    (book, view): (&Origin, &str),
    from: &str,
    to: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let mut seen = Vec::new();
    rows.scan(book, view, from, to, &mut |key, value| {
        seen.push(format!("{key}={value}"));
        ControlFlow::Continue(())
    })?;
    Ok(seen)
}

fn saved_with_the_checkpoint(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (rows, view) = (store.rows(), (&book, "aged_debt"));
    equal("the checkpoint before", rows.checkpoint(&book, "aged_debt")?, None)?;
    equal("a row before", rows.get(&book, "aged_debt", "a")?, None)?;
    save(rows, view, 5, &[("a", Some("1")), ("b", Some(r#"{"name":"Müller 🦀"}"#)), ("c", Some(""))])?;
    equal("the checkpoint", rows.checkpoint(&book, "aged_debt")?, Some(checkpoint(&book, 5)))?;
    let wanted = ["a=1", r#"b={"name":"Müller 🦀"}"#, "c="].map(str::to_owned).to_vec();
    equal("the rows", scanned(rows, view, "", None)?, wanted)?;
    save(rows, view, 9, &[("a", Some("2")), ("b", None), ("d", Some("4")), ("nobody", None)])?;
    equal("the checkpoint", rows.checkpoint(&book, "aged_debt")?, Some(checkpoint(&book, 9)))?;
    equal("the rows", scanned(rows, view, "", None)?, ["a=2", "c=", "d=4"].map(str::to_owned).to_vec())?;
    equal("a row", rows.get(&book, "aged_debt", "a")?, Some("2".to_owned()))?;
    equal("a removed row", rows.get(&book, "aged_debt", "b")?, None)?;
    // The last word on a key within one save counts, and a save without rows moves the checkpoint.
    save(rows, view, 10, &[("e", Some("1")), ("e", None), ("f", None), ("f", Some("6"))])?;
    save(rows, view, 11, &[])?;
    equal("the checkpoint", rows.checkpoint(&book, "aged_debt")?, Some(checkpoint(&book, 11)))?;
    equal("the rows", scanned(rows, view, "d", None)?, ["d=4", "f=6"].map(str::to_owned).to_vec())
}

fn never_half_saved(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let rows = store.rows();
    const SAVES: u64 = 400;
    let saved = |view: &str| -> Result<u64, StoreError> {
        Ok(rows.checkpoint(&book, view)?.map_or(0, |checkpoint| checkpoint.head.position.get()))
    };
    let row = |view: &str| -> Result<u64, StoreError> {
        Ok(rows.get(&book, view, "a")?.and_then(|value| value.parse().ok()).unwrap_or(0))
    };
    thread::scope(|threads| -> Outcome {
        let writer = threads.spawn(|| {
            (1..=SAVES).try_for_each(|number| {
                let value = number.to_string();
                save(rows, (&book, "view"), number, &[("a", Some(value.as_str()))])
            })
        });
        while !writer.is_finished() {
            // What is read first is never newer than what is read after it.
            let (before, value, after) = (saved("view")?, row("view")?, saved("view")?);
            holds(before <= value && value <= after, || {
                format!("a row of save {value} was seen between the checkpoints of {before} and {after}")
            })?;
        }
        writer.join().map_err(|panic| super::panicked(panic.as_ref()))??;
        equal("the last save", (saved("view")?, row("view")?), (SAVES, SAVES))
    })
}

fn scan(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (rows, view) = (store.rows(), (&book, "view"));
    let keys = ["a/2", "é", "B", "a", "a/10", "🦀", "a!", "b", "~"];
    let changed: Vec<_> = keys.iter().map(|key| (*key, Some("x"))).collect();
    save(rows, view, 1, &changed)?;
    // By bytes: B is 42, a is 61, é begins with C3, the crab with F0.
    let whole = ["B=x", "a=x", "a!=x", "a/10=x", "a/2=x", "b=x", "~=x", "é=x", "🦀=x"];
    let slices: [(&str, Option<&str>, &[&str]); 8] = [
        ("", None, &whole),
        ("a/", Some("a0"), &["a/10=x", "a/2=x"]),
        ("a", Some("b"), &["a=x", "a!=x", "a/10=x", "a/2=x"]),
        ("b", None, &["b=x", "~=x", "é=x", "🦀=x"]),
        ("é", Some("🦀"), &["é=x"]),
        ("b", Some("b"), &[]),
        ("b", Some("a"), &[]),
        ("🦀🦀", None, &[]),
    ];
    for (from, to, wanted) in slices {
        let wanted: Vec<String> = wanted.iter().map(|row| (*row).to_owned()).collect();
        equal(&format!("from {from:?} to {to:?}"), scanned(rows, view, from, to)?, wanted)?;
    }
    let mut seen = 0;
    rows.scan(&book, "view", "", None, &mut |_, _| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    equal("rows seen by one who broke off after two", seen, 2)
}

fn cleared(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let rows = store.rows();
    for view in ["one", "two"] {
        save(rows, (&book, view), 3, &[("a", Some("1"))])?;
    }
    rows.clear(&book, "one")?;
    rows.clear(&book, "never saved")?;
    equal("the checkpoint of the cleared view", rows.checkpoint(&book, "one")?, None)?;
    equal("the rows of the cleared view", scanned(rows, (&book, "one"), "", None)?, vec![])?;
    equal("the checkpoint of the other", rows.checkpoint(&book, "two")?, Some(checkpoint(&book, 3)))?;
    equal("the rows of the other", scanned(rows, (&book, "two"), "", None)?, vec!["a=1".to_owned()])?;
    save(rows, (&book, "one"), 1, &[("b", Some("2"))])?;
    equal("the rows of the view built anew", scanned(rows, (&book, "one"), "", None)?, vec!["b=2".to_owned()])
}

fn apart(open: &Open<'_>) -> Outcome {
    let (store, book, other) = (open(), book(), book_named("conformance/other"));
    let rows = store.rows();
    let places = [(&book, "one"), (&book, "two"), (&other, "one")];
    for (number, place) in (1..).zip(places) {
        save(rows, place, number, &[("a", Some(&number.to_string()))])?;
    }
    for (number, place) in (1..).zip(places) {
        equal("the rows", scanned(rows, place, "", None)?, vec![format!("a={number}")])?;
        let found = rows.checkpoint(place.0, place.1)?;
        equal("the checkpoint", found, Some(checkpoint(place.0, number)))?;
    }
    rows.clear(&other, "one")?;
    equal("a row of the first book", rows.get(&book, "one", "a")?, Some("1".to_owned()))?;
    // Rows are no log: they make no book.
    equal("the books", store.books()?, vec![])
}
