//! What the measurements stand on: a firm to bill for, raw rusqlite to compare with, a table to read.
//!
//! Every figure is measured beside its *floor*, the same bytes written or read by the least that could do it,
//! in turns within one run. What is compared is the ratio: the machine's mood is in both.

pub mod firm;
pub mod floor;
pub mod measure;
pub mod mixed;
pub mod table;

/// Whatever goes wrong ends the measurement.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
