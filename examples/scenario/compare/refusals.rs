//! What cases call a refusal, and the rule of the book that it is.

use crate::compare::figures::Checks;
use crate::firm::Firm;
use crate::verdict::{Outcome, Stop};

/// The rule of the book, by its stable code, and the words of cases for it.
const CALLED: &[(&str, &str)] = &[
    ("subscriptions.add_on_limit", "add-on limit reached"),
    ("scenario.overdue", "plan changes are blocked: overdue"),
];

/// The last refusal is the one that is expected.
pub(crate) fn refusal(expected: &str, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    checks.count();
    let Some(refusal) = &firm.desk.refusal else {
        return Err(Stop::differs("error", expected, "no refusal"));
    };
    match CALLED.iter().any(|(code, words)| *code == refusal.code && *words == expected) {
        true => Ok(()),
        false => Err(Stop::differs("error", expected, format!("{} ({})", refusal.words, refusal.code))),
    }
}
