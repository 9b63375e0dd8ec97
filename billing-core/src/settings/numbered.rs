//! Whether a series can be opened: usable by itself, and its numbers unlike those of every other.

use super::rejection::Rejection;
use super::series::SeriesChoice;
use super::state::State;
use crate::kernel::calendar::{FIRST_YEAR, LAST_YEAR};

/// Refuses a series that begins or is spelt in a way no number can be.
pub(super) fn usable(choice: &SeriesChoice) -> Result<(), Rejection> {
    let series = || choice.series.clone();
    if choice.first == 0 {
        return Err(Rejection::FirstNumberZero { series: series() });
    }
    if choice.digits > 18 {
        return Err(Rejection::TooManyDigits { series: series(), digits: choice.digits });
    }
    match choice.year {
        Some(year) if !(FIRST_YEAR..=LAST_YEAR).contains(&year) => {
            Err(Rejection::YearOutOfRange { series: series(), year })
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a series whose name or numbers were taken before.
pub(super) fn unused(state: &State, choice: &SeriesChoice) -> Result<(), Rejection> {
    if state.used.contains_key(&choice.series) {
        return Err(Rejection::SeriesUsed { series: choice.series.clone() });
    }
    match state.used.iter().find(|(_, prefix)| prefix.clashes_with(&choice.prefix)) {
        Some((other, _)) => Err(Rejection::PrefixUsed {
            series: choice.series.clone(),
            prefix: choice.prefix.clone(),
            other: other.clone(),
        }),
        None => Ok(()),
    }
}
