//! The store conformance kit: what every store has to pass, one named case for each promise.
//!
//! The author of a store writes one test, and in it:
//!
//! ```no_run
//! # use billing_core::store::Store;
//! # fn my_new_empty_store() -> Box<dyn Store> { unreachable!() }
//! billing_core::testing::conformance::run(&|| my_new_empty_store());
//! ```
//!
//! Each case opens stores of its own and looks at them only through [`Store`].

mod append;
mod checks;
mod claims;
mod commands;
mod fixture;
mod guards;
mod reading;
mod restore;
mod rows;
mod snapshots;
mod threads;

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::store::Store;

/// Opens a new, empty store.
pub type Open<'a> = dyn Fn() -> Box<dyn Store> + 'a;

/// One promise of a store, and the function that holds a store to it.
///
/// ```
/// use billing_core::testing::conformance::cases;
/// let case = cases().into_iter().find(|case| case.name == "append.all_or_nothing").unwrap();
/// assert_eq!(case.proves, "a batch over several streams is kept whole or not at all, its neighbours apart");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Topic and promise: `guards.exactly`.
    pub name: &'static str,
    /// The promise in a sentence.
    pub proves: &'static str,
    /// Holds a store to it.
    pub run: fn(&Open<'_>) -> Outcome,
}

/// What a case found: nothing to object to, or what is wrong.
pub type Outcome = Result<(), Failure>;

/// What a store did that it must not do, or did not do, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

/// An error that a case did not expect.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(format!("unexpected error: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every case, by topic.
pub fn cases() -> Vec<Case> {
    let topics: [&[Case]; 9] = [
        append::CASES,
        guards::CASES,
        commands::CASES,
        claims::CASES,
        reading::CASES,
        restore::CASES,
        snapshots::CASES,
        rows::CASES,
        threads::CASES,
    ];
    topics.concat()
}

/// Runs one case; a panic inside the store is a failure like any other.
pub fn run_case(case: &Case, open: &Open<'_>) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| (case.run)(open))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

/// Runs every case and gives those that failed.
pub fn failures(open: &Open<'_>) -> Vec<(Case, Failure)> {
    let failed = |case: Case| run_case(&case, open).err().map(|failure| (case, failure));
    cases().into_iter().filter_map(failed).collect()
}

/// Holds a store to every promise.
///
/// # Panics
/// If a case failed: the message names each one, what it proves and what was seen.
pub fn run(open: &Open<'_>) {
    let failed = failures(open);
    let told: Vec<String> = failed
        .iter()
        .map(|(case, failure)| format!("{}: {}\n    {failure}", case.name, case.proves))
        .collect();
    assert!(failed.is_empty(), "{} of the store's promises are broken:\n{}", told.len(), told.join("\n"));
}

/// What a panic said.
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let said = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something");
    Failure(format!("it panicked: {said}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = cases().iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases().len());
    }

    #[test]
    fn a_panic_in_a_store_is_a_failure_with_its_words() {
        let broken = Case {
            name: "none",
            proves: "nothing",
            run: |open| {
                open();
                Ok(())
            },
        };
        let outcome = run_case(&broken, &|| panic!("no {}", "disk"));
        assert_eq!(outcome, Err(Failure("it panicked: no disk".to_owned())));
    }
}
