//! What became of the steps: timelines of which most is refused would prove nothing.

use std::collections::BTreeMap;
use std::fmt;

use crate::step::Step;
use crate::world::Outcome;

/// How often each kind of step came out how.
#[derive(Debug, Default)]
pub(crate) struct Statistics(BTreeMap<String, BTreeMap<Outcome, u32>>);

impl Statistics {
    pub(crate) fn add(&mut self, step: &Step, outcome: Outcome) {
        let deed = format!("{:?}", step.deed);
        let name = deed.split_whitespace().next().unwrap_or_default();
        *self.0.entry(name.to_owned()).or_default().entry(outcome).or_default() += 1;
    }

    fn percent(&self, counts: impl Fn(&Outcome) -> bool) -> u32 {
        let all: u32 = self.0.values().flat_map(BTreeMap::values).sum();
        let outcomes = self.0.values().flatten().filter(|(outcome, _)| counts(outcome));
        outcomes.map(|(_, count)| count).sum::<u32>() * 100 / all.max(1)
    }

    /// Most steps are recorded, and each kind of step is at times.
    pub(crate) fn check(&self) {
        let recorded = self.percent(|outcome| *outcome == Outcome::Recorded);
        assert!(recorded >= 60, "only {recorded} % of the steps are recorded\n{self}");
        let steps: u32 = self.0.values().flat_map(BTreeMap::values).sum();
        let never = self.0.iter().filter(|(_, outcomes)| !outcomes.contains_key(&Outcome::Recorded));
        let never: Vec<&String> = never.map(|(name, _)| name).collect();
        assert!(never.is_empty() || steps < 20_000, "never recorded: {never:?}");
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcomes) in &self.0 {
            for (outcome, count) in outcomes {
                writeln!(f, "{name:15} {count:7} {outcome}")?;
            }
        }
        let recorded = self.percent(|outcome| *outcome == Outcome::Recorded);
        let refused = self.percent(|outcome| matches!(outcome, Outcome::Refused(_)));
        write!(f, "{recorded} % recorded, {refused} % refused; with the rest there was nothing to do")
    }
}
