//! What the examples share: reading arguments, printing tables, showing progress.

pub mod args;
pub mod progress;
pub mod table;
