//! Whether what was recorded is what was previewed, in all but ids.

use std::collections::BTreeMap;

use super::plan::PlannedEvent;
use crate::book::Event;
use crate::log::{Recorded, StreamId};

/// The first event that was recorded otherwise than it was planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("planned was {}, recorded was {}", said(.planned), said(.recorded))]
pub struct Unlike {
    /// What was planned, with ids by the order in which they turn up; `None` where nothing more was.
    pub planned: Option<String>,
    /// What was recorded, likewise.
    pub recorded: Option<String>,
}

fn said(event: &Option<String>) -> &str {
    event.as_deref().unwrap_or("nothing more")
}

/// Compares what a preview or a [`Rehearsal`](super::Rehearsal) planned with what was recorded: event by event, in
/// every field but ids, which must stand for each other throughout.
///
/// # Errors
/// The first event that differs.
///
/// ```
/// assert_eq!(billing_core::engine::same_but_for_ids(&[], &[]), Ok(()));
/// ```
pub fn same_but_for_ids(planned: &[PlannedEvent], recorded: &[Recorded<Event>]) -> Result<(), Unlike> {
    let (mut of_plan, mut of_log) = (Names::default(), Names::default());
    let mut planned = planned.iter().map(|event| of_plan.plain(&event.stream, &event.event));
    let mut recorded = recorded.iter().map(|event| of_log.plain(&event.stream, &event.event));
    loop {
        match (planned.next(), recorded.next()) {
            (None, None) => return Ok(()),
            (planned, recorded) if planned == recorded => {}
            (planned, recorded) => return Err(Unlike { planned, recorded }),
        }
    }
}

/// Gives every id a name by the order in which it turns up, so that two texts can be compared.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn plain(&mut self, stream: &StreamId, event: &Event) -> String {
        // What can't be spelt is not recorded either.
        let payload = event.payload().map(|payload| payload.to_string()).unwrap_or_default();
        self.named(&format!("{stream} {} {payload}", event.event_type()))
    }

    fn named(&mut self, text: &str) -> String {
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('_') {
            let digits: String =
                rest[at + 1..].chars().take_while(char::is_ascii_hexdigit).take(32).collect();
            let upto = at + 1 + digits.len();
            plain.push_str(&rest[..=at]);
            if digits.len() == 32 {
                let next = self.0.len();
                let name = *self.0.entry(digits).or_insert(next);
                plain.push_str(&format!("#{name}"));
            } else {
                plain.push_str(&digits);
            }
            rest = &rest[upto..];
        }
        plain + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_for_each_other_throughout() {
        let id = |digit: &str| format!("inv_{}", digit.repeat(32));
        let named = |text: String| Names::default().named(&text);
        assert_eq!(
            named(format!("{} pays {}", id("a"), id("b"))),
            named(format!("{} pays {}", id("b"), id("c")))
        );
        assert_ne!(
            named(format!("{} pays {}", id("a"), id("a"))),
            named(format!("{} pays {}", id("b"), id("c")))
        );
        assert_eq!(named("issued_on 2026_1".to_owned()), "issued_on 2026_1");
    }

    #[test]
    fn what_differs_is_said() {
        let (planned, recorded) = (Some("one".to_owned()), None);
        assert_eq!(Unlike { planned, recorded }.to_string(), "planned was one, recorded was nothing more");
    }
}
