//! Carrying a log out of a store, word for word: one line of text for each line of the log.

use std::io::{self, BufRead, Read as _, Write};

use super::reading::walk;
use crate::engine::plan::PAYLOAD_LIMIT;
use crate::log::{Digest, Head, Origin, Position};
use crate::store::{Store, StoreError};

/// No line is longer: a payload, and an envelope of less than 4 KiB.
const LINE_LIMIT: usize = PAYLOAD_LIMIT + 4096;

/// Why a log was not exported to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is exported to can't be written.
    #[error("the export can't be written: {0}; what was written so far is not the whole log")]
    Write(#[from] io::Error),
    /// A line holds a line feed, and would be read as two.
    #[error("line {0} is damaged: it holds a line feed; verify the log before it is exported")]
    LineFeed(Position),
}

/// Writes the lines of a book as they are stored, each with a line feed, and gives the head of the last one: keep
/// it elsewhere than the export, for it is what tells later that the export is still whole.
///
/// # Errors
/// [`ExportError`]; then what was written is not the whole log.
pub fn export(store: &dyn Store, book: &Origin, write: &mut dyn Write) -> Result<Head, ExportError> {
    let mut head = Head::empty(book.clone());
    let mut last: Vec<u8> = Vec::new();
    walk(store, book, |row| {
        if row.line.contains(&b'\n') {
            return Err(ExportError::LineFeed(row.position));
        }
        write.write_all(row.line)?;
        write.write_all(b"\n")?;
        head.position = row.position;
        last.clear();
        last.extend_from_slice(row.line);
        Ok(())
    })?;
    write.flush()?;
    if head.position > Position::START {
        head.hash = Digest::of(&last);
    }
    Ok(head)
}

/// Reads an export line by line, without line feeds. A line that is longer than any line of a book ends it with an
/// error, however much memory there is.
///
/// ```
/// use billing_core::audit::read_lines;
/// let lines: Result<Vec<_>, _> = read_lines(&b"one\ntwo\n"[..]).collect();
/// assert_eq!(lines?, [b"one", b"two"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read_lines(mut from: impl BufRead) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let mut line = Vec::new();
        let read = from.by_ref().take(limit.saturating_add(1)).read_until(b'\n', &mut line);
        let cut = line.pop_if(|last| *last == b'\n').is_none();
        // The last line may come without its line feed; a longer one than there can be is no line.
        ended = cut;
        match read {
            Err(error) => Some(Err(error)),
            Ok(0) => None,
            Ok(_) if line.len() > LINE_LIMIT => {
                let why = format!("a line is longer than {LINE_LIMIT} bytes: this is no export of a book");
                ended = true;
                Some(Err(io::Error::new(io::ErrorKind::InvalidData, why)))
            }
            Ok(_) => Some(Ok(line)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Result<usize, String>> {
        read_lines(bytes).map(|line| line.map(|line| line.len()).map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn lines_are_read_as_they_are() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), [Ok(0)]);
        assert_eq!(lines(b"a\r\n\nbc"), [Ok(2), Ok(0), Ok(2)]);
    }

    #[test]
    fn a_line_without_end_is_not_kept_in_memory() {
        let mut longest = vec![b'x'; LINE_LIMIT];
        longest.extend(b"\nb\n");
        assert_eq!(lines(&longest), [Ok(LINE_LIMIT), Ok(1)]);
        longest.insert(0, b'x');
        assert_eq!(
            lines(&longest),
            [Err(format!("a line is longer than {LINE_LIMIT} bytes: this is no export of a book"))]
        );
    }

    #[test]
    fn the_errors_say_what_to_do() {
        let write = ExportError::from(io::Error::other("disk full"));
        let said = "the export can't be written: disk full; what was written so far is not the whole log";
        assert_eq!(write.to_string(), said);
        let said = "line 7 is damaged: it holds a line feed; verify the log before it is exported";
        assert_eq!(ExportError::LineFeed(7.into()).to_string(), said);
    }
}
