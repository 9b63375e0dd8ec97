//! The stopwatch, and what the kernel says of this process.

use std::fs;
use std::time::{Duration, Instant};

use crate::Outcome;

/// Does something and says how long it took.
#[expect(clippy::disallowed_methods, reason = "it measures")]
pub fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Duration)> {
    let begun = Instant::now();
    let done = work()?;
    Ok((done, begun.elapsed()))
}

/// Forgets the most memory that this process has had so far.
pub fn forget_peak() -> Outcome<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// The most memory that this process has had since, in KiB.
pub fn peak_kib() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
