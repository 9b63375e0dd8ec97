//! One thing expected against one thing got, counted: a case of which nothing was compared has proved nothing.

use std::cell::Cell;
use std::fmt;

use billing_core::prelude::*;

use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// How many things were compared.
#[derive(Debug, Default)]
pub(crate) struct Checks(Cell<usize>);

impl Checks {
    /// That something was compared.
    pub(crate) fn count(&self) {
        self.0.set(self.0.get().saturating_add(1));
    }

    /// Whether nothing was.
    pub(crate) fn none(&self) -> bool {
        self.0.get() == 0
    }

    /// An amount, where one is expected.
    pub(crate) fn money(&self, what: impl fmt::Display, expected: Option<&Figure>, got: Money) -> Outcome {
        let Some(figure) = expected else { return Ok(()) };
        self.count();
        match figure.money(got.currency()) == Ok(got) {
            true => Ok(()),
            false => Err(Stop::differs(what, figure, got.major())),
        }
    }

    /// Anything else that is spelt in one way, where it is expected.
    pub(crate) fn same<T: PartialEq + fmt::Display>(
        &self,
        what: impl fmt::Display,
        expected: Option<&T>,
        got: &T,
    ) -> Outcome {
        let Some(expected) = expected else { return Ok(()) };
        self.count();
        match expected == got {
            true => Ok(()),
            false => Err(Stop::differs(what, expected, got)),
        }
    }

    /// A whole number, where one is expected.
    pub(crate) fn number(&self, what: impl fmt::Display, expected: Option<&Figure>, got: usize) -> Outcome {
        let expected = expected.map(Figure::whole::<usize>).transpose()?;
        self.same(what, expected.as_ref(), &got)
    }

    /// A list of amounts, in order.
    pub(crate) fn amounts(&self, what: impl fmt::Display, expected: &[Figure], got: &[Money]) -> Outcome {
        self.count();
        let same = |(figure, amount): (&Figure, &Money)| figure.money(amount.currency()) == Ok(*amount);
        match expected.len() == got.len() && expected.iter().zip(got).all(same) {
            true => Ok(()),
            false => Err(Stop::differs(what, listed(expected), listed(got.iter().map(|got| got.major())))),
        }
    }
}

/// Some things in a row, for people.
pub(crate) fn listed<T: fmt::Display>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    if all.is_empty() { "none".to_owned() } else { all.join("; ") }
}
