//! Lines expected against the lines of documents: each expected one takes an actual one of its own.

use crate::compare::figures::{Checks, listed};
use crate::facts::line::{Kind, ShownLine};
use crate::form::expect::LineForm;
use crate::verdict::{Outcome, Stop};

/// Whether others may be there too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// None but free trials, which may be left out.
    OnlyTrials,
    /// Any.
    Any,
}

/// Each expected line is there.
pub(crate) fn lines(
    expected: &[LineForm],
    actual: &[&ShownLine],
    others: Others,
    checks: &Checks,
) -> Outcome {
    checks.count();
    let mut free: Vec<&ShownLine> = actual.to_vec();
    // The more that is said of a line, the earlier it chooses, so that no bare amount takes another's line.
    let mut order: Vec<&LineForm> = expected.iter().collect();
    order.sort_by_key(|line| std::cmp::Reverse(said(line)));
    for line in order {
        let found = free.iter().position(|shown| fits(line, shown));
        let found = found.ok_or_else(|| Stop::differs("line", words(line), listed(actual)))?;
        free.remove(found);
    }
    free.retain(|shown| shown.kind != Kind::Trial && others == Others::OnlyTrials);
    match free.is_empty() {
        true => Ok(()),
        false => {
            Err(Stop::differs("lines", listed(expected.iter().map(words)), format!("also {}", listed(free))))
        }
    }
}

fn said(line: &LineForm) -> usize {
    [line.kind.is_some(), line.from.is_some(), line.to.is_some()].into_iter().filter(|said| *said).count()
}

fn fits(line: &LineForm, shown: &ShownLine) -> bool {
    let amount = line.amount.as_ref();
    amount.is_none_or(|amount| amount.money(shown.amount.currency()) == Ok(shown.amount))
        && line.kind.as_deref().is_none_or(|kind| kind == shown.kind.word())
        && line.from.is_none_or(|from| from == shown.from)
        && line.to.is_none_or(|to| to == shown.to)
}

fn words(line: &LineForm) -> String {
    let LineForm { amount, kind, from, to } = line;
    let dates = match (from, to) {
        (None, None) => None,
        (from, to) => {
            let said = |date: Option<billing_core::prelude::Date>| {
                date.map_or("?".to_owned(), |date| date.to_string())
            };
            Some(format!("{}..{}", said(*from), said(to.flatten())))
        }
    };
    let parts = [kind.clone(), dates, amount.as_ref().map(ToString::to_string)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
