//! How the amount of a line was reached, in words: "17 of 31 days at GBP 30.00 x 2".

use crate::catalogue::Price;
use crate::invoicing::{Line, LineDiscount, Part, Seconds, Share, Subject};

/// The arithmetic of a line as a person would write it beside the amount.
pub(super) fn how(line: &Line) -> String {
    let price = match &line.price {
        Price::Flat(amount) => amount.to_string(),
        Price::PerSeat(amount) => format!("{amount} x {}", line.quantity),
        Price::Each(unit_price) => format!("{unit_price} x {}", line.quantity),
        Price::Package(_)
        | Price::Graduated(_)
        | Price::Volume(_)
        | Price::StairStep(_)
        | Price::Percentage(_)
        | Price::Limited(_) => format!("{} at {}", line.quantity, line.price),
    };
    let reached = match line.part {
        Some(Part { seconds: Some(Seconds { billed, of }), .. }) => {
            format!("{billed} of {of} seconds at {price}")
        }
        Some(Part { days, of, seconds: None, .. }) => format!("{days} of {of} days at {price}"),
        None => price,
    };
    let mut words = match &line.subject {
        Subject::Service { period, .. } => format!("{period}: {reached}"),
        Subject::Unused { period, share: None, .. } => format!("not used {period}: less {reached}"),
        Subject::Unused { period, share: Some(Share { net, before }), .. } => {
            format!("not used {period}: less {reached}, of which {net} out of {before} was charged")
        }
        Subject::InterimUsage { period, line: None, .. } => format!("so far, {period}: {reached}"),
        Subject::InterimUsage { period, line: Some(_), .. } => {
            format!("billed before, {period}: less {reached}")
        }
        Subject::LateUsage { period, .. } => {
            format!("late usage {period}: {reached} by what is known now, less what was billed")
        }
        Subject::TrueUp { period, charged, .. } => {
            format!("{period}: {reached} at least, less {charged} charged")
        }
        Subject::TrueUpTakenBack { period, share: None, .. } => {
            format!("not missing {period}: less {reached}")
        }
        Subject::TrueUpTakenBack { period, share: Some(Share { net, before }), .. } => {
            format!("not missing {period}: less {reached}, of which {net} out of {before} was charged")
        }
        Subject::Fee { on, .. } => format!("once, for {on}: {reached}"),
        Subject::Work { .. } | Subject::Item { .. } => reached,
        Subject::Correction { line } => format!("taken off line {} of {}", line.line, line.invoice),
    };
    for LineDiscount { name, off, amount, .. } in &line.discounts {
        words += &format!(", less {off} ({name}): {amount}");
    }
    words
}
