//! The timeline of an account: all that happened to it, in sentences, in the order in which it was recorded.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{Projection, Query, QueryError, RowReader, Rows, account_of, rows::beyond};
use crate::book::Event;
use crate::kernel::ids::AccountId;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, Position, Recorded};

/// The view "timeline": a row an event, under `ACCOUNT/POSITION`. It is the same for every event, so no
/// department stands in it.
#[derive(Debug)]
pub struct Timelines;

impl Projection for Timelines {
    const NAME: &'static str = "timeline";
    const FOLD: u32 = 1;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        let entry = Entry {
            position: recorded.position,
            at: recorded.at,
            by: recorded.by.clone(),
            sentence: recorded.event.to_string(),
        };
        rows.put(key(account, recorded.position), &entry);
    }
}

/// One event of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it stands in the book.
    pub position: Position,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who asked.
    pub by: ActorId,
    /// What happened.
    pub sentence: String,
}

/// Asks for a page of an account's timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// The account.
    pub account: AccountId,
    /// The position of the last entry of the page before; the start for the first page.
    pub after: Position,
    /// How many entries at most.
    pub limit: usize,
}

impl Query for Timeline {
    type View = Timelines;
    type Answer = Vec<Entry>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<Entry>, QueryError> {
        let mut entries = Vec::new();
        let from = key(self.account, self.after.next());
        rows.scan(&from, &beyond(&format!("{}/", self.account)), |_, entry| {
            if entries.len() >= self.limit {
                return Ok(ControlFlow::Break(()));
            }
            entries.push(entry);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(entries)
    }
}

/// Positions have at most 20 digits; filled up, their texts are in the order of the numbers.
fn key(account: AccountId, position: Position) -> String {
    format!("{account}/{:020}", position.get())
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, inv, pay};
    use super::*;

    fn log() -> Log {
        let mut log = Log::default();
        log.invoice(acc(1), inv(1), "2026-01-05", "2026-02-05", "GBP 500.00");
        log.invoice(acc(2), inv(2), "2026-01-05", "2026-02-05", "GBP 7.00");
        log.paid(acc(1), pay(1), "2026-02-10", "GBP 500.00");
        log.set(acc(1), crate::kernel::funds::Funds::Payment(pay(1)), inv(1), "2026-02-10", "GBP 500.00");
        log
    }

    #[test]
    fn an_account_is_told_in_sentences() {
        let told = log().ask(&Timeline { account: acc(1), after: Position::START, limit: 9 });
        let sentences: Vec<_> = told.iter().map(|entry| entry.sentence.as_str()).collect();
        assert_eq!(
            sentences,
            [
                "Invoice inv_00000000000000000000000000000001 issued on 2026-01-05: GBP 500.00, due 2026-02-05.",
                "Payment pay_00000000000000000000000000000001 received on 2026-02-10: GBP 500.00 by bank transfer.",
                "GBP 500.00 of pay_00000000000000000000000000000001 set against invoice \
                 inv_00000000000000000000000000000001 on 2026-02-10.",
            ]
        );
        assert_eq!(
            (told[0].by.to_string(), told[0].at.to_string()),
            ("user:ann".to_owned(), "1970-01-01T00:00:01.000Z".to_owned())
        );
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let mut after = Position::START;
        let mut positions = Vec::new();
        while let [entry] = log().ask(&Timeline { account: acc(1), after, limit: 1 }).as_slice() {
            after = entry.position;
            positions.push(after.get());
        }
        assert_eq!(positions, [1, 3, 4]);
        log().assert_rows_do_not_depend_on_saves::<Timelines>();
    }
}
