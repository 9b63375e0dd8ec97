//! The time zone whose midnight divides one business day from the next.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::Date;
use super::period::Period;
use super::text;
use super::timestamp::{Timestamp, TimestampError};
use super::wire;

/// The name of a zone is not in the zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone: write its name in the IANA zone database, like Europe/London")]
pub struct UnknownZone(pub String);

/// A time zone by its name in the IANA database: `Europe/London`.
///
/// ```
/// use billing_core::kernel::zone::Zone;
/// let zone = Zone::parse("Europe/London").unwrap();
/// let start = zone.start_of("2026-07-01".parse().unwrap()).unwrap();
/// assert_eq!(start.to_string(), "2026-06-30T23:00:00.000Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// The zone of the United Kingdom.
    pub const fn london() -> Zone {
        Zone(Tz::Europe__London)
    }

    /// The zone with this name.
    ///
    /// # Errors
    /// [`UnknownZone`] when the zone database has no such name.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone(text::shown(name)))
    }

    /// The name in the zone database.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The first moment of a civil day: midnight or, where the clocks skip midnight, the moment they skip it.
    ///
    /// Where midnight comes twice, it is the first of the two.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] before 1970 or after 9999.
    pub fn start_of(&self, date: Date) -> Result<Timestamp, TimestampError> {
        let midnight = NaiveDate::from(date).and_time(NaiveTime::MIN);
        let utc = match self.0.from_local_datetime(&midnight).earliest() {
            Some(start) => start.timestamp_millis(),
            None => self.end_of_gap_at(midnight)?,
        };
        Timestamp::from_millis(utc)
    }

    /// How many seconds some days have, from the first moment of the first to the first moment behind the last: a day on
    /// which clocks are put forward has an hour less.
    ///
    /// ```
    /// use billing_core::kernel::{period::Period, zone::Zone};
    /// let weekend = Period::new("2026-03-28".parse().unwrap(), "2026-03-30".parse().unwrap()).unwrap();
    /// assert_eq!(Zone::london().seconds_of(weekend), Ok(47 * 3600));
    /// assert_eq!(Zone::UTC.seconds_of(weekend), Ok(48 * 3600));
    /// ```
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] before 1970, after 9999, and for more than 136 years.
    pub fn seconds_of(&self, days: Period) -> Result<u32, TimestampError> {
        let (from, to) = (self.start_of(days.from())?, self.start_of(days.to())?);
        u32::try_from((to.millis() - from.millis()) / 1000).map_err(|_| TimestampError::OutOfRange)
    }

    /// The moment at which clocks jump over `local`: found by halving the days around it, to the millisecond.
    fn end_of_gap_at(&self, local: NaiveDateTime) -> Result<i64, TimestampError> {
        // No zone is two days from UTC, so the clocks show less than `local` at `before` and more at `after`.
        let two_days = 2 * 86_400_000;
        let mut before = local.and_utc().timestamp_millis() - two_days;
        let mut after = before + 2 * two_days;
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.local(Timestamp::from_millis(middle)?.utc()) < local {
                before = middle;
            } else {
                after = middle;
            }
        }
        Ok(after)
    }

    /// What calendars and clocks in this zone show.
    pub(super) fn local(&self, utc: NaiveDateTime) -> NaiveDateTime {
        self.0.from_utc_datetime(&utc).naive_local()
    }
}

/// In the order of their names.
impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::parse(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::text(deserializer, "a time zone such as Europe/London")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(zone: &str, date: &str) -> String {
        Zone::parse(zone).unwrap().start_of(date.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn midnight_follows_summer_time() {
        assert_eq!(start("Europe/London", "2026-03-29"), "2026-03-29T00:00:00.000Z");
        assert_eq!(start("Europe/London", "2026-03-30"), "2026-03-29T23:00:00.000Z");
        assert_eq!(start("Europe/London", "2026-10-25"), "2026-10-24T23:00:00.000Z");
        assert_eq!(start("Europe/London", "2026-10-26"), "2026-10-26T00:00:00.000Z");
    }

    #[test]
    fn a_skipped_midnight_starts_the_day_when_the_clocks_jump() {
        // São Paulo, 4 November 2018: 00:00 at UTC-3 became 01:00 at UTC-2.
        assert_eq!(start("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00.000Z");
        // Apia skipped a whole day:
        // 29 December 2011 ended at UTC-10 and 31 December began at UTC+14, the same moment.
        assert_eq!(start("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00.000Z");
        assert_eq!(start("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00.000Z");
    }

    #[test]
    fn of_two_midnights_the_first_starts_the_day() {
        // Havana, 1 November 2026: 01:00 at UTC-4 becomes 00:00 at UTC-5.
        assert_eq!(start("America/Havana", "2026-11-01"), "2026-11-01T04:00:00.000Z");
    }

    #[test]
    fn the_start_is_the_first_moment_of_its_day_in_every_zone() {
        let dates = ["2018-11-04", "2024-03-31", "2026-03-29", "2026-10-25", "2026-07-01"];
        for zone in chrono_tz::TZ_VARIANTS.map(Zone) {
            for date in dates.map(|text| text.parse::<Date>().unwrap()) {
                let start = zone.start_of(date).unwrap();
                assert_eq!(start.date_in(&zone), date, "{zone}");
                assert!(start.plus_millis(-1).unwrap().date_in(&zone) < date, "{zone}");
            }
        }
    }

    #[test]
    fn a_zone_is_its_name_on_the_wire() {
        let wire = serde_json::to_string(&Zone::london()).unwrap();
        assert_eq!(wire, "\"Europe/London\"");
        assert_eq!(serde_json::from_str::<Zone>(&wire).unwrap(), Zone::london());
        assert_eq!(
            Zone::parse("london").unwrap_err().to_string(),
            "\"london\" is not a time zone: write its name in the IANA zone database, like Europe/London"
        );
    }

    #[test]
    fn days_before_1970_have_no_start_here() {
        assert!(Zone::UTC.start_of("1969-12-31".parse().unwrap()).is_err());
        assert!(Zone::UTC.start_of(Date::MAX).is_ok(), "a date has four digits, and so has a time");
        assert!(Zone::london().start_of(Date::MIN).is_err());
    }
}
