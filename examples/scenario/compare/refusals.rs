//! What cases call a refusal, and the rule of the book that it is.

use crate::compare::figures::Checks;
use crate::firm::Firm;
use crate::verdict::{Outcome, Stop};

/// The rules of the book by their stable codes, and the words of which cases make a name for each.
const CALLED: &[(&str, &str)] = &[
    ("subscriptions.add_on_limit", "add-on addon limit reached exceeded quantity maximum too many"),
    ("subscriptions.cancelled", "subscription already is cancelled canceled"),
    ("subscriptions.before_start", "change before the start of subscription"),
    ("subscriptions.unknown_plan", "unknown plan not found"),
    ("subscriptions.already_paused", "subscription already is paused"),
    ("subscriptions.not_paused", "subscription is not paused"),
    (
        "invoicing.more_than_left",
        "line already credited credit adjustment exceeds more than is left of the amount too much",
    ),
    ("invoicing.not_a_credit", "amount must be positive not a credit"),
    ("invoicing.void", "invoice is already void voided"),
    ("invoicing.reduced", "invoice is already adjusted credited has credit notes"),
    ("payments.more_than_is_left", "refund exceeds more than is was paid left the payment amount too much"),
    (
        "payments.more_than_is_allocated",
        "refund exceeds more than is was paid left the payment amount too much",
    ),
    ("scenario.paid", "can not cannot void an a paid invoice is already that"),
    ("scenario.overdue", "plan changes change are is blocked overdue account"),
];

/// Words that tell no rule from another.
const PASSED_OVER: &[&str] = &[
    "a", "an", "the", "is", "are", "be", "by", "in", "of", "on", "to", "for", "while", "state", "has", "was",
];

/// The last refusal is the one that is expected: it is called by words for its rule, and by no others.
pub(crate) fn refusal(expected: &str, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    checks.count();
    let Some(refusal) = &firm.desk.refusal else {
        return Err(Stop::differs("error", expected, "no refusal"));
    };
    let words = CALLED.iter().find(|(code, _)| *code == refusal.code).map_or("", |(_, words)| words);
    let known: Vec<&str> = words.split(' ').collect();
    let said = expected.split([' ', ':', ',', '.', '_']).filter(|word| !word.is_empty());
    let said = said.map(str::to_ascii_lowercase);
    let mut said = said.filter(|word| !PASSED_OVER.contains(&word.as_str())).peekable();
    match said.peek().is_some() && said.all(|word| known.contains(&word.as_str())) {
        true => Ok(()),
        false => Err(Stop::differs("error", expected, format!("{} ({})", refusal.words, refusal.code))),
    }
}
