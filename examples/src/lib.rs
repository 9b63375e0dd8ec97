//! What the examples share: reading arguments, printing tables, showing progress.

pub mod args;
#[path = "../month_end/story.rs"]
pub mod month_end;
pub mod progress;
pub mod table;
