//! The reminder ladder: on which day after the due date a late payer gets which letter.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::text::Code;

/// 1 to 20 steps, each later than the one before. Step 1 is the first.
///
/// ```
/// use billing_core::settings::Ladder;
/// let days: Vec<u16> = Ladder::default().steps().iter().map(|step| step.days_overdue).collect();
/// assert_eq!(days, [3, 7, 14, 30]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LadderWire")]
pub struct Ladder {
    name: Code,
    steps: Vec<LadderStep>,
    min_days_between: u16,
}

/// One letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    /// The day after the due date on which it is due, from 1.
    pub days_overdue: u16,
    /// The letter's template, known to the host.
    pub template: Code,
}

/// Why a ladder can't be climbed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LadderError {
    /// No step, or too many.
    #[error("a reminder ladder has 1 to 20 steps and this one has {0}: add or take out steps")]
    Count(usize),
    /// A step on the due date.
    #[error("a reminder is sent 1 day after the due date at the earliest: give its step at least 1 day")]
    NotOverdue,
    /// A step that is not later than the one before.
    #[error(
        "the step {0} days after the due date is not later than the one before: list steps in order of days"
    )]
    Order(u16),
}

impl Ladder {
    /// A ladder of that name. `min_days_between` is the least number of days between two reminders to one
    /// customer; 0 sets no limit.
    ///
    /// # Errors
    /// [`LadderError`] names the rule that was broken.
    pub fn new(name: Code, steps: Vec<LadderStep>, min_days_between: u16) -> Result<Ladder, LadderError> {
        if !(1..=20).contains(&steps.len()) {
            return Err(LadderError::Count(steps.len()));
        }
        if steps.iter().any(|step| step.days_overdue == 0) {
            return Err(LadderError::NotOverdue);
        }
        match steps.windows(2).find(|pair| pair[0].days_overdue >= pair[1].days_overdue) {
            Some(pair) => Err(LadderError::Order(pair[1].days_overdue)),
            None => Ok(Ladder { name, steps, min_days_between }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &Code {
        &self.name
    }

    /// Its steps, in order of days.
    pub fn steps(&self) -> &[LadderStep] {
        &self.steps
    }

    /// The least number of days between two reminders to one customer.
    pub fn min_days_between(&self) -> u16 {
        self.min_days_between
    }
}

impl Default for Ladder {
    /// Letters 3, 7, 14 and 30 days after the due date.
    fn default() -> Self {
        let code = |text: &str| text.parse().expect("a name written here is a code");
        let step = |(days_overdue, template)| LadderStep { days_overdue, template: code(template) };
        let letters =
            [(3, "gentle_reminder"), (7, "second_reminder"), (14, "firm_reminder"), (30, "final_demand")];
        Ladder { name: code("standard"), steps: letters.map(step).into(), min_days_between: 0 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LadderWire {
    name: Code,
    steps: Vec<LadderStep>,
    min_days_between: u16,
}

impl TryFrom<LadderWire> for Ladder {
    type Error = LadderError;

    fn try_from(wire: LadderWire) -> Result<Self, LadderError> {
        Ladder::new(wire.name, wire.steps, wire.min_days_between)
    }
}

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (", self.name)?;
        for (index, step) in self.steps.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} on day {}", step.template, step.days_overdue)?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(days: impl IntoIterator<Item = u16>) -> Result<Ladder, LadderError> {
        let step = |days_overdue| LadderStep { days_overdue, template: "letter".parse().unwrap() };
        Ladder::new("standard".parse().unwrap(), days.into_iter().map(step).collect(), 0)
    }

    #[test]
    fn steps_only_go_up() {
        assert!(ladder([1]).is_ok() && ladder(1..=20).is_ok() && ladder([3, 7, u16::MAX]).is_ok());
        let message = |days: &[u16]| ladder(days.iter().copied()).unwrap_err().to_string();
        assert_eq!(
            message(&[]),
            "a reminder ladder has 1 to 20 steps and this one has 0: add or take out steps"
        );
        assert_eq!(ladder(1..=21).unwrap_err(), LadderError::Count(21));
        assert_eq!(
            message(&[0, 3]),
            "a reminder is sent 1 day after the due date at the earliest: give its step at least 1 day"
        );
        assert_eq!(
            message(&[3, 7, 7]),
            "the step 7 days after the due date is not later than the one before: list steps in order of days"
        );
    }

    #[test]
    fn a_stored_ladder_keeps_the_rules() {
        let text = serde_json::to_string(&Ladder::default()).unwrap();
        assert_eq!(serde_json::from_str::<Ladder>(&text).unwrap(), Ladder::default());
        assert!(
            serde_json::from_str::<Ladder>(r#"{"name":"none","steps":[],"min_days_between":0}"#).is_err()
        );
    }

    #[test]
    fn a_ladder_is_said_in_words() {
        assert_eq!(
            Ladder::default().to_string(),
            "standard (gentle_reminder on day 3, second_reminder on day 7, firm_reminder on day 14, \
             final_demand on day 30)"
        );
    }
}
