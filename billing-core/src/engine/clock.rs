//! The host's ports: what time it is, and a number that nobody else has.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use uuid::Uuid;

use crate::kernel::ids::time_ordered;
use crate::kernel::timestamp::Timestamp;

/// Tells the time. The only clock there is.
pub trait Clock: Send + Sync {
    /// Now, to the millisecond. May jump; recorded time never goes back all the same.
    fn now(&self) -> Timestamp;
}

/// Gives ids that nobody else gives.
pub trait Ids: Send + Sync {
    /// A fresh id, ordered by the given time.
    fn fresh(&self, now: Timestamp) -> Uuid;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port through which the machine's clock comes in"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(millis).unwrap_or(Timestamp::EPOCH)
    }
}

/// Ids from the machine's source of chance.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    /// # Panics
    /// If the machine has no source of chance: without one, two commands could share an id.
    fn fresh(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        let filled = getrandom::fill(&mut random);
        assert!(filled.is_ok(), "the machine gives no random bytes: {filled:?}");
        time_ordered(now, random)
    }
}

/// A clock that stands where it is put, for tests and for examples that must give the same each time.
///
/// ```
/// use billing_core::engine::{Clock, TestClock};
/// let clock = TestClock::at("2026-11-30T09:00:00.000Z")?;
/// clock.set("2026-12-01T09:00:00.000Z")?;
/// assert_eq!(clock.now().to_string(), "2026-12-01T09:00:00.000Z");
/// # Ok::<(), billing_core::kernel::timestamp::TimestampError>(())
/// ```
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at a time written like `2026-11-30T09:00:00.000Z`.
    pub fn at(time: &str) -> Result<Self, crate::kernel::timestamp::TimestampError> {
        Ok(TestClock(AtomicI64::new(Timestamp::parse(time)?.millis())))
    }

    /// Puts the clock to another time.
    pub fn set(&self, time: &str) -> Result<(), crate::kernel::timestamp::TimestampError> {
        self.put(Timestamp::parse(time)?);
        Ok(())
    }

    /// Puts the clock to another moment.
    pub fn put(&self, time: Timestamp) {
        self.0.store(time.millis(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::EPOCH)
    }
}

/// Ids that count from 1: the same in each run of a test.
#[derive(Debug, Default)]
pub struct TestIds(AtomicU64);

impl TestIds {
    /// Begins to count behind a number, where an earlier run has used the ones before.
    pub fn after(used: u64) -> Self {
        TestIds(AtomicU64::new(used))
    }
}

impl Ids for TestIds {
    fn fresh(&self, now: Timestamp) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let mut bytes = [0; 10];
        for (byte, digit) in bytes.iter_mut().skip(2).zip(number.to_be_bytes()) {
            *byte = digit;
        }
        time_ordered(now, bytes)
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
