//! The table that is printed: what, ours, its floor, the ratio, and what the ratio is to be.

use std::time::Duration;

/// What a figure is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Our time by the floor's is at most this many hundredths.
    TimeAtMost(u128),
    /// Our speed by the floor's is at least this many hundredths.
    SpeedAtLeast(u128),
    /// Our time is at most this, in the median of the rounds.
    Within(Duration),
    /// Our time is at most this in every round.
    AlwaysWithin(Duration),
    /// None: it is told because it explains another one.
    Told,
}

/// One thing measured again and again beside its floor.
#[derive(Debug)]
pub struct Figure {
    what: String,
    /// Into how many each time is divided: commands, accounts, lines.
    each: u128,
    target: Target,
    rounds: Vec<(Duration, Option<Duration>)>,
}

impl Figure {
    /// A figure about something of which each round does `each`.
    pub fn new(what: impl Into<String>, each: usize, target: Target) -> Figure {
        let each = u128::try_from(each).unwrap_or(1).max(1);
        Figure { what: what.into(), each, target, rounds: Vec::new() }
    }

    /// Adds a round: ours and the floor's.
    pub fn round(&mut self, ours: Duration, floor: Duration) {
        self.rounds.push((ours, Some(floor)));
    }

    /// Adds a round of something that has no floor.
    pub fn alone(&mut self, ours: Duration) {
        self.rounds.push((ours, None));
    }

    /// The median of our time by the floor's, in hundredths; `None` where nothing was measured beside a floor.
    pub fn ratio(&self) -> Option<u128> {
        Some(self.ratios()?.middle)
    }

    fn ratios(&self) -> Option<Spread> {
        let by_round = |(ours, floor): &(Duration, Option<Duration>)| {
            let floor = floor.as_ref()?.as_nanos();
            match self.target {
                Target::SpeedAtLeast(_) => (floor * 100).checked_div(ours.as_nanos()),
                Target::TimeAtMost(_) | Target::Within(_) | Target::AlwaysWithin(_) | Target::Told => {
                    (ours.as_nanos() * 100).checked_div(floor)
                }
            }
        };
        spread(self.rounds.iter().filter_map(by_round).collect())
    }

    /// Prints the table's line.
    pub fn print(&self) {
        let ours = spread(self.rounds.iter().map(|(ours, _)| ours.as_nanos() / self.each).collect());
        let floor = spread(
            self.rounds
                .iter()
                .filter_map(|(_, floor)| Some(floor.as_ref()?.as_nanos() / self.each))
                .collect(),
        );
        let ratio = self.ratios();
        let (target, holds) = match (self.target, ratio, ours) {
            (Target::TimeAtMost(most), Some(ratio), _) => {
                (format!("<= {}", hundredths(most)), Some(ratio.middle <= most))
            }
            (Target::SpeedAtLeast(least), Some(ratio), _) => {
                (format!(">= {} speed", hundredths(least)), Some(ratio.middle >= least))
            }
            (Target::Within(most), _, Some(ours)) => {
                (format!("<= {}", time(most.as_nanos())), Some(ours.middle <= most.as_nanos()))
            }
            (Target::AlwaysWithin(most), _, Some(ours)) => {
                (format!("all <= {}", time(most.as_nanos())), Some(ours.most <= most.as_nanos()))
            }
            (
                Target::TimeAtMost(_)
                | Target::SpeedAtLeast(_)
                | Target::Within(_)
                | Target::AlwaysWithin(_)
                | Target::Told,
                _,
                _,
            ) => (String::new(), None),
        };
        let shown = |spread: Option<Spread>, show: fn(u128) -> String| {
            spread
                .map(|Spread { least, middle, most }| {
                    format!("{} ({}..{})", show(middle), show(least), show(most))
                })
                .unwrap_or_else(|| "-".into())
        };
        let verdict = match holds {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        row([
            &self.what,
            &shown(ours, time),
            &shown(floor, time),
            &shown(ratio, hundredths),
            &target,
            verdict,
        ]);
    }
}

/// Prints the line above all others.
pub fn print_header() {
    row(["what (each)", "ours: median (least..most)", "floor", "ratio", "target", ""]);
}

/// Prints a line that is not about time.
pub fn print_told(what: &str, value: &str) {
    row([what, value, "-", "-", "", ""]);
}

/// Prints the median of figures that are not about time, and whether it is at most so much where that is a target.
pub fn print_most(what: &str, figures: &[u64], most: Option<u64>) {
    let Some(spread) = spread(figures.iter().copied().map(u128::from).collect()) else { return };
    let shown = format!("{} ({}..{})", spread.middle, spread.least, spread.most);
    let verdict = most.map_or("", |most| if spread.middle <= u128::from(most) { "ok" } else { "MISSED" });
    let target = most.map_or_else(String::new, |most| format!("<= {most}"));
    row([what, &shown, "-", "-", &target, verdict]);
}

/// Prints whether ratios that were measured at several sizes are the same, but for a quarter, and the least and the
/// most of them.
pub fn print_flatness(what: &str, ratios: &[u128]) {
    let Some(flatness) = flatness(ratios) else { return };
    let verdict = if flatness.holds { "ok" } else { "MISSED" };
    let shown = format!("{}..{}", hundredths(flatness.least), hundredths(flatness.most));
    row([what, "-", "-", &shown, "+- 25 %", verdict]);
}

struct Flatness {
    least: u128,
    most: u128,
    holds: bool,
}

/// Flat means that one ratio can be named from which no other one is further away than a quarter of it.
fn flatness(ratios: &[u128]) -> Option<Flatness> {
    let (least, most) = (*ratios.iter().min()?, *ratios.iter().max()?);
    Some(Flatness { least, most, holds: most * 75 <= least * 125 })
}

fn row([what, ours, floor, ratio, target, verdict]: [&str; 6]) {
    println!("{what:<52} | {ours:<32} | {floor:<32} | {ratio:<20} | {target:<13} | {verdict}");
}

#[derive(Debug, Clone, Copy)]
struct Spread {
    least: u128,
    middle: u128,
    most: u128,
}

fn spread(mut values: Vec<u128>) -> Option<Spread> {
    values.sort_unstable();
    let middle = *values.get(values.len() / 2)?;
    Some(Spread { least: *values.first()?, middle, most: *values.last()? })
}

fn hundredths(number: u128) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

fn time(nanos: u128) -> String {
    match nanos {
        0..10_000 => format!("{nanos} ns"),
        10_000..10_000_000 => format!("{} us", nanos / 1_000),
        _ => format!("{} ms", nanos / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ratios_are_spelt_with_their_units() {
        assert_eq!(
            ["9999 ns", "10 us", "10 ms"],
            [9_999, 10_999, 10_999_999].map(time).each_ref().map(String::as_str)
        );
        assert_eq!(hundredths(107), "1.07");
    }

    #[test]
    fn flat_is_what_lies_within_a_quarter_of_one_ratio() {
        let holds = |ratios: &[u128]| flatness(ratios).map(|flatness| flatness.holds);
        // 150 and 250 are a quarter below and above 200.
        assert_eq!(
            [holds(&[150, 200, 250]), holds(&[149, 250]), holds(&[7]), holds(&[])],
            [Some(true), Some(false), Some(true), None]
        );
    }

    #[test]
    fn the_middle_is_the_median() {
        let spread = spread(vec![9, 1, 5]).unwrap();
        assert_eq!((spread.least, spread.middle, spread.most), (1, 5, 9));
    }
}
