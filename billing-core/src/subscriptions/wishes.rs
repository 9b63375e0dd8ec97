//! Wishes of one kind, each by the day from which it counts.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::kernel::calendar::Date;

/// Wishes of one kind in order of time. Nearly always there is one, so one stands inline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Wishes<T>(SmallVec<[(Date, T); 1]>);

impl<T> Default for Wishes<T> {
    fn default() -> Self {
        Wishes(SmallVec::new())
    }
}

impl<T> Wishes<T> {
    /// A wish counts from a day on, and replaces those that were planned for that day or later.
    pub(super) fn plan(&mut self, from: Date, wish: T) {
        self.drop_from(from);
        self.0.push((from, wish));
    }

    /// A wish counts from a day on, up to the next that was planned.
    pub(super) fn insert(&mut self, from: Date, wish: T) {
        let at = self.0.partition_point(|(day, _)| *day < from);
        match self.0.get_mut(at) {
            Some(planned) if planned.0 == from => planned.1 = wish,
            Some(_) | None => self.0.insert(at, (from, wish)),
        }
    }

    /// Nothing is wanted any more that was planned for a day or later.
    pub(super) fn drop_from(&mut self, date: Date) {
        self.0.truncate(self.0.partition_point(|(from, _)| *from < date));
    }

    /// What counts on a day, and since when.
    pub(super) fn on(&self, date: Date) -> Option<(Date, &T)> {
        let counting = self.0.partition_point(|(from, _)| *from <= date);
        self.0[..counting].last().map(|(from, wish)| (*from, wish))
    }

    /// The wishes in order of time.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (Date, &T)> {
        self.0.iter().map(|(from, wish)| (*from, wish))
    }

    /// The days from which they count.
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        self.0.iter().map(|(from, _)| *from)
    }

    /// The wishes that are planned for days after one.
    pub(super) fn after_mut(&mut self, date: Date) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().filter(move |(from, _)| date < *from).map(|(_, wish)| wish)
    }

    /// Whether a wish is planned for a day after one.
    pub(super) fn has_after(&self, date: Date) -> bool {
        self.0.last().is_some_and(|(from, _)| date < *from)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u32) -> Date {
        Date::from_ymd_opt(2026, 3, n).unwrap()
    }

    #[test]
    fn a_wish_replaces_those_for_its_day_and_later() {
        let mut wishes = Wishes::default();
        wishes.plan(day(1), "a");
        wishes.plan(day(9), "b");
        wishes.plan(day(20), "c");
        assert_eq!(wishes.on(day(8)), Some((day(1), &"a")));
        assert_eq!(wishes.on(day(9)), Some((day(9), &"b")));
        wishes.plan(day(9), "d");
        assert_eq!(wishes.iter().collect::<Vec<_>>(), [(day(1), &"a"), (day(9), &"d")]);
        assert!(wishes.has_after(day(8)) && !wishes.has_after(day(9)));
        wishes.insert(day(5), "e");
        wishes.insert(day(9), "f");
        assert_eq!(wishes.iter().collect::<Vec<_>>(), [(day(1), &"a"), (day(5), &"e"), (day(9), &"f")]);
        wishes.drop_from(day(1));
        assert!(wishes.is_empty() && wishes.on(day(30)).is_none());
    }
}
