//! What is expected against what is so.

pub(crate) mod figures;

use figures::Checks;

use crate::form::Case;
use crate::form::expect::Expectation;
use crate::pure;
use crate::verdict::{Outcome, Stop};

/// Lives a case and compares all that it expects.
pub(crate) fn case(case: &Case) -> Outcome {
    let checks = Checks::default();
    for (key, expectation) in &case.expect {
        match expectation {
            Expectation::Results(rows) => pure::results::compare(&case.given, rows, &checks)?,
            _ => return Err(Stop::unsupported(key)),
        }
    }
    match checks.none() {
        true => Err(Stop::unsupported("nothing of it could be compared")),
        false => Ok(()),
    }
}
