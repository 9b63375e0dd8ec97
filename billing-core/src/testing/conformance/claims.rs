//! Cases: what must be unique in a book is taken with the fact that it stands in.

use super::checks::{append, equal, holds_lines};
use super::fixture::{account, batch, book, book_named, claim, exactly, one};
use super::{Case, Open, Outcome};
use crate::decision::Claim;
use crate::log::{Origin, StreamId};
use crate::store::{AppendBatch, AppendError, Expect};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "claims.taken_with_the_append",
        proves: "a claim is held from its append on, and whoever wants it then is told the holder",
        run: taken_with_the_append,
    },
    Case { name: "claims.own_again", proves: "a stream may claim again what it holds", run: own_again },
    Case {
        name: "claims.refused_keeps_none",
        proves: "a refused batch keeps none of its claims",
        run: refused_keeps_none,
    },
    Case {
        name: "claims.first_of_a_call",
        proves: "of two batches in one call that claim the same, the first wins",
        run: first_of_a_call,
    },
    Case {
        name: "claims.within_a_batch",
        proves: "two streams can't claim the same in one batch",
        run: within_a_batch,
    },
    Case {
        name: "claims.spaces_and_books_apart",
        proves: "the same key in another space, or in another book, is another claim",
        run: spaces_and_books_apart,
    },
];

/// A batch that opens a stream with a claim.
fn claiming(book: &Origin, number: u64, stream: &StreamId, claim: Claim) -> AppendBatch {
    let claims = vec![(claim, stream.clone())];
    AppendBatch { claims, ..one(book, number, stream, Expect::NoStream) }
}

fn taken(reference: &str, by: u64) -> AppendError {
    AppendError::Claimed { claim: claim(reference), by: account(by) }
}

fn taken_with_the_append(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    equal("the holder before", store.claimed_by(&book, &claim("K-1"))?, None)?;
    append(&*store, claiming(&book, 1, &account(1), claim("K-1")))?;
    equal("the holder", store.claimed_by(&book, &claim("K-1"))?, Some(account(1)))?;
    let answer = append(&*store, claiming(&book, 2, &account(2), claim("K-1")));
    equal("the answer to the second", answer, Err(taken("K-1", 1)))?;
    equal("the holder still", store.claimed_by(&book, &claim("K-1"))?, Some(account(1)))?;
    equal("the holder of another key", store.claimed_by(&book, &claim("K-2"))?, None)?;
    holds_lines(&*store, &book, 1)
}

fn own_again(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    append(&*store, claiming(&book, 1, &account(1), claim("K-1")))?;
    let mut again = one(&book, 2, &account(1), exactly(1));
    again.claims = vec![(claim("K-1"), account(1)), (claim("K-1"), account(1))];
    append(&*store, again)?;
    equal("the holder", store.claimed_by(&book, &claim("K-1"))?, Some(account(1)))?;
    holds_lines(&*store, &book, 2)
}

fn refused_keeps_none(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    append(&*store, claiming(&book, 1, &account(1), claim("K-1")))?;
    let stale = append(&*store, claiming(&book, 2, &account(1), claim("K-2")));
    let conflict = AppendError::Conflict { stream: account(1), found: 1.into() };
    equal("the answer to a stale guard", stale.map(drop), Err(conflict))?;
    equal("the holder after a conflict", store.claimed_by(&book, &claim("K-2"))?, None)?;
    let mut both = claiming(&book, 3, &account(3), claim("K-3"));
    both.claims.push((claim("K-1"), account(3)));
    equal("the answer", append(&*store, both), Err(taken("K-1", 1)))?;
    equal("the holder after a refused claim", store.claimed_by(&book, &claim("K-3"))?, None)?;
    for (number, reference) in [(4, "K-2"), (5, "K-3")] {
        append(&*store, claiming(&book, number, &account(number), claim(reference)))?;
    }
    holds_lines(&*store, &book, 3)
}

fn first_of_a_call(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let batches = [1, 2].map(|number| claiming(&book, number, &account(number), claim("K-1")));
    let answers: Vec<_> = store.append(batches.to_vec()).into_iter().map(|answer| answer.map(drop)).collect();
    equal("the answers", answers, vec![Ok(()), Err(taken("K-1", 1))])?;
    equal("the holder", store.claimed_by(&book, &claim("K-1"))?, Some(account(1)))?;
    holds_lines(&*store, &book, 1)
}

fn within_a_batch(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (a, b) = (account(1), account(2));
    let mut both = batch(&book, 1, &[(&a, Expect::NoStream), (&b, Expect::NoStream)], &[&a, &b]);
    both.claims = vec![(claim("K-1"), a), (claim("K-1"), b)];
    equal("the answer", append(&*store, both).map(drop), Err(taken("K-1", 1)))?;
    equal("the holder", store.claimed_by(&book, &claim("K-1"))?, None)?;
    holds_lines(&*store, &book, 0)
}

fn spaces_and_books_apart(open: &Open<'_>) -> Outcome {
    let (store, book, other) = (open(), book(), book_named("conformance/other"));
    let domain = Claim { space: "account.domain", ..claim("K-1") };
    append(&*store, claiming(&book, 1, &account(1), claim("K-1")))?;
    append(&*store, claiming(&book, 2, &account(2), domain.clone()))?;
    append(&*store, claiming(&other, 3, &account(3), claim("K-1")))?;
    equal("the holder", store.claimed_by(&book, &claim("K-1"))?, Some(account(1)))?;
    equal("the holder in another space", store.claimed_by(&book, &domain)?, Some(account(2)))?;
    equal("the holder in another book", store.claimed_by(&other, &claim("K-1"))?, Some(account(3)))
}
