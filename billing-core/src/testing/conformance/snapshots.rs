//! Cases: snapshots come back as they were kept.

use super::checks::equal;
use super::fixture::{account, book, book_named, one};
use super::{Case, Open, Outcome};
use crate::log::Digest;
use crate::store::{Expect, Snapshot};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "snapshots.round_trip",
        proves: "a snapshot comes back as it was kept, beyond ASCII and at 300 KiB",
        run: round_trip,
    },
    Case {
        name: "snapshots.replaced",
        proves: "a snapshot takes the place of the earlier one",
        run: replaced,
    },
    Case { name: "snapshots.apart", proves: "each stream of each book has its own snapshot", run: apart },
];

fn snapshot(version: u64, fold: &str, body: &str) -> Snapshot {
    let body = body.as_bytes().to_vec();
    Snapshot { version: version.into(), fingerprint: Digest::of(fold.as_bytes()), body }
}

fn round_trip(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    store.append(vec![one(&book, 1, &account(1), Expect::NoStream)]);
    equal("a snapshot that nobody kept", store.snapshot(&book, &account(1))?, None)?;
    let page = format!(r#"{{"name":"Müller 🦀","notes":"{}"}}"#, "ß漢".repeat(60 * 1024));
    let kept = snapshot(1, "fold", &page);
    store.save_snapshot(&book, &account(1), &kept)?;
    equal("the snapshot", store.snapshot(&book, &account(1))?, Some(kept))
}

fn replaced(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    store.append(vec![one(&book, 1, &account(1), Expect::NoStream)]);
    // Also by one of an earlier version: after a change of the fold pages are built anew.
    for kept in
        [snapshot(1, "fold", "{}"), snapshot(7, "fold", r#"{"n":7}"#), snapshot(3, "other fold", "[]")]
    {
        store.save_snapshot(&book, &account(1), &kept)?;
        equal("the snapshot", store.snapshot(&book, &account(1))?, Some(kept))?;
    }
    Ok(())
}

fn apart(open: &Open<'_>) -> Outcome {
    let (store, book, other) = (open(), book(), book_named("conformance/other"));
    let places = [(&book, account(1)), (&book, account(2)), (&other, account(1))];
    store.append(vec![
        one(&book, 1, &account(1), Expect::NoStream),
        one(&other, 1, &account(1), Expect::NoStream),
    ]);
    for (number, (book, stream)) in (1..).zip(&places) {
        store.save_snapshot(book, stream, &snapshot(number, "fold", "{}"))?;
    }
    for (number, (book, stream)) in (1..).zip(&places) {
        equal("the snapshot", store.snapshot(book, stream)?, Some(snapshot(number, "fold", "{}")))?;
    }
    equal("the snapshot of a third stream", store.snapshot(&other, &account(2))?, None)
}
