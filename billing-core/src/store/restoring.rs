//! One commit of an exported log must follow from what is restored already: the check that every store needs
//! before it keeps anything.

use std::collections::BTreeMap;

use super::{RestoreBatch, RestoreError, StoreError};
use crate::log::chain::Broken;
use crate::log::{Digest, Link, SealedLine, StreamId, Tail, Version};

impl RestoreBatch {
    /// The lines of this commit, ready to be kept behind `tail`, which moves on. `version_of` gives the version
    /// of a stream as it is before this commit.
    ///
    /// # Errors
    /// [`Broken`] if the lines don't follow from `tail`, from each other, from the versions of their streams, or
    /// if they say something else of their command than the batch does; what `version_of` answers.
    pub fn follow(
        &self,
        tail: &mut Tail,
        mut version_of: impl FnMut(&StreamId) -> Result<Version, StoreError>,
    ) -> Result<Vec<SealedLine>, RestoreError> {
        let mut link = Link::after(tail.head.clone());
        let mut versions: BTreeMap<StreamId, Version> = BTreeMap::new();
        let mut lines: Vec<SealedLine> = Vec::with_capacity(self.lines.len());
        for text in &self.lines {
            let line = link.accept(text.as_bytes())?;
            let position = line.position;
            let stream = line.stream_id().map_err(|why| Broken::Unreadable { at: position, why })?;
            let before = match versions.get(&stream) {
                Some(version) => *version,
                None => version_of(&stream)?,
            };
            let rules = [
                ("version", line.version == before.next()),
                ("at", line.at == self.at && line.at >= tail.at),
                ("by", line.by == self.by.as_str()),
                ("command", line.command == self.key),
                ("request", line.request == lines.is_empty().then_some(self.digest)),
            ];
            if let Some((field, _)) = rules.into_iter().find(|(_, holds)| !holds) {
                return Err(Broken::Contradicts { at: position, field }.into());
            }
            versions.insert(stream.clone(), line.version);
            lines.push(SealedLine { position, stream, version: line.version, line: text.clone() });
        }
        let found = link.head().position;
        if lines.is_empty() {
            return Err(Broken::Gap { expected: found.next(), found }.into());
        }
        if self.request.as_ref().is_some_and(|request| Digest::of(request.as_bytes()) != self.digest) {
            return Err(Broken::Contradicts { at: tail.head.position.next(), field: "request" }.into());
        }
        *tail = Tail { head: link.head().clone(), at: self.at };
        Ok(lines)
    }
}
