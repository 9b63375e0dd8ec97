//! Deciding every stored request again, on the pages as they were, and comparing with what was recorded.

mod shelf;

use super::reading::walk;
use crate::book::reading::recorded;
use crate::book::{Books, Event, Rejection, plan_named};
use crate::decision::{Context, Need, Stop};
use crate::engine::plan::{self, Planned, PlannedEvent, read_request};
use crate::log::{CommandKey, Digest, Line, Origin, Position, Recorded};
use crate::store::{CommandRecord, Store, StoreError};
use shelf::Shelf;

/// How the stored requests are answered today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redecided {
    /// Commands whose request gives just the facts that were recorded, on the same streams, in the same order.
    pub matched: u64,
    /// Commands whose request is not kept: a restored book knows only its hash.
    pub without_request: u64,
    /// Commands that come out otherwise.
    pub differing: Vec<Differing>,
}

/// A command that would be answered otherwise today.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("command {command}, recorded from line {position} on: {what}")]
pub struct Differing {
    /// Where its first line stands.
    pub position: Position,
    /// Its key.
    pub command: CommandKey,
    /// What is different.
    pub what: String,
}

/// Decides every request of a book again.
///
/// The settings and the catalogue are read as they were when the command was recorded. Another process may have
/// decided it on the version before, so a command that comes out otherwise is tried on that one too. All pages are
/// in memory together, as with [`replay`](super::replay()).
///
/// # Errors
/// [`StoreError`] when the log can't be read to its end.
pub fn redecide(store: &dyn Store, book: &Origin) -> Result<Redecided, StoreError> {
    let mut shelf = Shelf::new(store, book);
    let mut result = Redecided::default();
    let mut commit: Option<Commit> = None;
    walk(store, book, |row| -> Result<(), StoreError> {
        let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
        let line = Line::parse(row.line).map_err(|why| damaged(why.to_string()))?;
        let fact = recorded(&line)?;
        match &mut commit {
            Some(commit) if line.request.is_none() => commit.facts.push(fact),
            None if line.request.is_none() => return Err(damaged("it does not begin a commit".to_owned())),
            other => {
                let next = Commit { request: line.request, facts: vec![fact] };
                other.replace(next).map_or(Ok(()), |commit| result.look_at(commit, &mut shelf))?;
            }
        }
        Ok(())
    })?;
    commit.map_or(Ok(()), |commit| result.look_at(commit, &mut shelf))?;
    Ok(result)
}

/// The lines of one command.
struct Commit {
    /// SHA-256 of what was asked, as the first line says.
    request: Option<Digest>,
    facts: Vec<Recorded<Event>>,
}

impl Redecided {
    fn look_at(&mut self, commit: Commit, shelf: &mut Shelf<'_>) -> Result<(), StoreError> {
        let Some(first) = commit.facts.first() else { return Ok(()) };
        let (position, command) = (first.position, first.command);
        let what = match shelf.record(&command)? {
            None => Some("the store has no record of it".to_owned()),
            Some(CommandRecord { request: None, .. }) => {
                self.without_request = self.without_request.saturating_add(1);
                None
            }
            Some(CommandRecord { request: Some(request), .. })
                if commit.request != Some(Digest::of(request.as_bytes())) =>
            {
                Some(
                    "the request that the store keeps is not the one whose hash stands in the line"
                        .to_owned(),
                )
            }
            Some(CommandRecord { request: Some(request), by, now, .. }) => {
                let ctx = Context::new(now, &by, command);
                let differs = again(&request, &ctx, &commit.facts, shelf)?;
                if differs.is_none() {
                    self.matched = self.matched.saturating_add(1);
                    shelf.refer(&commit.facts);
                    return Ok(());
                }
                differs
            }
        };
        self.differing.extend(what.map(|what| Differing { position, command, what }));
        shelf.evolve(&commit.facts);
        Ok(())
    }
}

/// Decides a request on the newest references and, where that gives other facts, on earlier ones. `None` if one of
/// them gives what was recorded; then the pages are as they are after the commit, and else as before it.
fn again(
    request: &str,
    ctx: &Context<'_>,
    facts: &[Recorded<Event>],
    shelf: &mut Shelf<'_>,
) -> Result<Option<String>, StoreError> {
    let (name, data) = match read_request(request) {
        Ok(read) => read,
        Err(why) => return Ok(Some(format!("its request can't be read: {why}"))),
    };
    let mut first_answer = None;
    for references in shelf.editions() {
        let differs = match decide(&name, data.get(), references, ctx, shelf)? {
            Ok(planned) => match difference(&planned.events, facts) {
                None => {
                    shelf.put_back(planned.books);
                    return Ok(None);
                }
                Some(differs) => {
                    shelf.rebuild()?;
                    differs
                }
            },
            Err(no) => no,
        };
        first_answer.get_or_insert(differs);
    }
    Ok(first_answer)
}

fn decide(
    name: &str,
    data: &str,
    mut books: Books,
    ctx: &Context<'_>,
    shelf: &mut Shelf<'_>,
) -> Result<Result<Planned, String>, StoreError> {
    loop {
        // A context counts the ids that it has minted, so that each attempt has its own.
        let ctx = Context::new(ctx.now, ctx.by, ctx.command);
        let stopped = match plan_named(name, data, books, &ctx) {
            None => return Ok(Err(format!("no command is named {name} any more"))),
            Some(Ok(planned)) => return Ok(Ok(planned)),
            Some(Err(plan::Redecided::Unreadable(why))) => {
                return Ok(Err(format!("its request can't be read: {why}")));
            }
            Some(Err(plan::Redecided::Stopped(stopped))) => *stopped,
        };
        books = stopped.books;
        match stopped.stop {
            Stop::Need(Need(stream)) if books.expect(&stream).is_none() => shelf.lend(&stream, &mut books),
            stop @ (Stop::Need(_) | Stop::Absent(_) | Stop::Present(_) | Stop::Rejected(_)) => {
                shelf.put_back(books);
                return Ok(Err(refusal(&stop)));
            }
        }
    }
}

fn refusal(stop: &Stop<Rejection>) -> String {
    match stop {
        Stop::Need(Need(stream)) => format!("today it asks twice for {stream}"),
        Stop::Absent(stream) => format!("today it is refused: there is nothing under {stream}"),
        Stop::Present(stream) => format!("today it is refused: {stream} is there already"),
        Stop::Rejected(rule) => format!("today it is refused: {rule}"),
    }
}

/// The first difference between what would be recorded today and what was.
fn difference(planned: &[PlannedEvent], facts: &[Recorded<Event>]) -> Option<String> {
    let before =
        facts.first().map_or(Position::START, |first| Position::from(first.position.get().saturating_sub(1)));
    for (planned, fact) in planned.iter().zip(facts) {
        let cause = planned.cause.map(|index| before.of_index(index));
        if planned.stream != fact.stream || planned.event != fact.event || cause != fact.cause {
            return Some(format!(
                "line {} records on {}: {} Today it would be on {}: {}",
                fact.position, fact.stream, fact.event, planned.stream, planned.event
            ));
        }
    }
    (planned.len() != facts.len())
        .then(|| format!("{} facts were recorded, today there would be {}", facts.len(), planned.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Stop;
    use crate::log::StreamId;

    #[test]
    fn a_difference_is_told_in_sentences() {
        let absent = refusal(&Stop::Absent(StreamId::Catalogue));
        assert_eq!(absent, "today it is refused: there is nothing under catalogue");
        assert_eq!(refusal(&Stop::Present(StreamId::Book)), "today it is refused: book is there already");
        assert_eq!(refusal(&Stop::Need(Need(StreamId::Book))), "today it asks twice for book");
        let command = "cmd_0123456789abcdef0123456789abcdef".parse().unwrap();
        let differing = Differing { position: 7.into(), command, what: absent };
        assert_eq!(
            differing.to_string(),
            "command cmd_0123456789abcdef0123456789abcdef, recorded from line 7 on: \
             today it is refused: there is nothing under catalogue"
        );
    }
}
