//! One book in memory: its lines in order, and what finds them again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use billing_core::decision::Claim;
use billing_core::kernel::timestamp::Timestamp;
use billing_core::log::{CommandKey, Digest, Head, Origin, Position, SealedLine, StreamId, Tail, Version};
use billing_core::store::{Appended, CommandRecord, StoredRow};

/// How many lines a reader takes at a time: few enough that writers don't notice.
const PAGE: usize = 256;

/// A line as kept. Copying one copies two handles.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) position: Position,
    pub(crate) version: Version,
    stream: Arc<str>,
    at: Timestamp,
    line: Arc<str>,
}

impl Kept {
    pub(crate) fn row(&self) -> StoredRow<'_> {
        StoredRow {
            position: self.position,
            stream: &self.stream,
            version: self.version,
            line: self.line.as_bytes(),
        }
    }
}

/// Where the lines of one stream stand; never empty.
struct Stream {
    name: Arc<str>,
    positions: Vec<Position>,
}

/// A book. Only ever grows, by whole commits.
pub(crate) struct Book {
    tail: Tail,
    lines: Vec<Kept>,
    streams: BTreeMap<StreamId, Stream>,
    commands: BTreeMap<CommandKey, CommandRecord>,
    claims: BTreeMap<Claim, StreamId>,
}

impl Book {
    pub(crate) fn empty(origin: Origin) -> Self {
        Book {
            tail: Tail::empty(origin),
            lines: Vec::new(),
            streams: BTreeMap::new(),
            commands: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    pub(crate) fn head(&self) -> &Head {
        &self.tail.head
    }

    pub(crate) fn tail(&self) -> &Tail {
        &self.tail
    }

    pub(crate) fn command(&self, key: &CommandKey) -> Option<&CommandRecord> {
        self.commands.get(key)
    }

    pub(crate) fn holder(&self, claim: &Claim) -> Option<&StreamId> {
        self.claims.get(claim)
    }

    pub(crate) fn version(&self, stream: &StreamId) -> Version {
        let last = self.streams.get(stream).and_then(|kept| kept.positions.last());
        last.and_then(|position| self.lines.get(index(*position))).map_or(Version::NONE, |line| line.version)
    }

    /// Counts on from the versions that the streams have: gives the next version of a stream each time it is
    /// asked for it.
    pub(crate) fn count(&self) -> impl FnMut(&StreamId) -> Version {
        let mut counted: BTreeMap<StreamId, Version> = BTreeMap::new();
        move |stream| {
            let version = counted.entry(stream.clone()).or_insert_with(|| self.version(stream));
            *version = version.next();
            *version
        }
    }

    /// The first of these claims that another stream holds, in the book or by an earlier one of them, and
    /// the holder.
    pub(crate) fn taken<'a>(&'a self, claims: &'a [(Claim, StreamId)]) -> Option<(&'a Claim, &'a StreamId)> {
        let mut earlier: BTreeMap<&Claim, &StreamId> = BTreeMap::new();
        claims.iter().find_map(|(claim, stream)| {
            let by = self.claims.get(claim).unwrap_or_else(|| earlier.entry(claim).or_insert(stream));
            (by != stream).then_some((claim, by))
        })
    }

    /// The lines behind `after`, up to `until`, as many as make a page.
    pub(crate) fn log_page(&self, after: Position, until: Position) -> Vec<Kept> {
        let lines = self.lines.iter().skip(index(after.next())).take(PAGE);
        lines.take_while(|line| line.position <= until).cloned().collect()
    }

    /// The lines of a stream behind `after`, up to `until`, as many as make a page.
    pub(crate) fn stream_page(&self, stream: &StreamId, after: Version, until: Version) -> Vec<Kept> {
        let positions = self.streams.get(stream).map_or(&[][..], |kept| &kept.positions);
        // Version v of a stream is the v-th of its positions, so a version is the index of what follows it.
        let following = usize::try_from(after.get()).unwrap_or(usize::MAX);
        let lines = positions.iter().skip(following).take(PAGE).filter_map(|at| self.lines.get(index(*at)));
        lines.take_while(|line| line.version <= until).cloned().collect()
    }

    /// The answer that a recorded command was given.
    pub(crate) fn answer(&self, command: &CommandRecord) -> Option<Appended> {
        let lines = self.lines.get(index(command.first)..=index(command.last))?;
        let last = lines.last()?;
        let hash = Digest::of(last.line.as_bytes());
        Some(Appended {
            first: command.first,
            last: command.last,
            head: Head { origin: self.tail.head.origin.clone(), position: last.position, hash },
            at: last.at,
            versions: lines.iter().map(|line| line.version).collect(),
            repeated: true,
        })
    }

    /// Keeps a commit whose every rule has been checked: from here on nothing can fail.
    pub(crate) fn keep(
        &mut self,
        command: CommandRecord,
        claims: Vec<(Claim, StreamId)>,
        sealed: Vec<SealedLine>,
        tail: Tail,
    ) {
        for SealedLine { position, stream, version, line } in sealed {
            let name = match self.streams.entry(stream) {
                Entry::Occupied(mut known) => {
                    known.get_mut().positions.push(position);
                    known.get().name.clone()
                }
                Entry::Vacant(new) => {
                    let name: Arc<str> = new.key().to_string().into();
                    new.insert(Stream { name: name.clone(), positions: vec![position] });
                    name
                }
            };
            self.lines.push(Kept { position, version, stream: name, at: tail.at, line: line.into() });
        }
        self.commands.insert(command.key, command);
        self.claims.extend(claims);
        self.tail = tail;
    }
}

/// Where the line of a position stands in the list of lines.
fn index(position: Position) -> usize {
    usize::try_from(position.get().saturating_sub(1)).unwrap_or(usize::MAX)
}
