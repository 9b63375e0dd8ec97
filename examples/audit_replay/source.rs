//! Where the log comes from: a file of books, or an exported log.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use billing_core::audit::{Verification, Verifier, export, read_lines, verify};
use billing_core::engine::{Engine, SystemClock};
use billing_core::log::{Head, Origin};
use billing_core::store::Store;
use billing_store_sqlite::SqliteStore;

use super::Outcome;

/// A log that can be read more than once.
pub(crate) enum Source {
    /// A book in a file of books.
    Book(Engine<SqliteStore>),
    /// An export: a line each, as they are stored.
    Export(String),
}

/// Lines without their line feeds.
pub(crate) type Lines<'a> = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + 'a>;

impl Source {
    /// A book of a file of books; without a name, the only one.
    pub(crate) fn book(path: &str, book: Option<Origin>) -> Outcome<(Self, Origin)> {
        if !Path::new(path).is_file() {
            return Err(format!("there is no file {path}").into());
        }
        let store = SqliteStore::open(path)?;
        let books = store.books()?;
        let origin = match (book, books.as_slice()) {
            (Some(book), books) if books.contains(&book) => book,
            (None, [only]) => only.clone(),
            (Some(book), _) => {
                return Err(format!("{path} holds no book {book}; it holds {}", named(&books)).into());
            }
            (None, []) => return Err(format!("{path} holds no book").into()),
            (None, _) => return Err(format!("which --book? {path} holds {}", named(&books)).into()),
        };
        Ok((Source::Book(Engine::open(store, origin.clone(), SystemClock)?), origin))
    }

    /// Verifies what is there.
    pub(crate) fn verify(&self, origin: &Origin, pinned: &[Head]) -> Outcome<Verification> {
        match self {
            Source::Book(engine) => Ok(verify(engine.store(), origin, pinned)?),
            Source::Export(path) => {
                let mut verifier = Verifier::new(origin.clone(), pinned.to_vec());
                for line in read_lines(BufReader::new(File::open(path)?)) {
                    verifier.line(&line?);
                }
                Ok(verifier.finish())
            }
        }
    }

    /// The lines, to be restored elsewhere.
    pub(crate) fn lines(&self, origin: &Origin) -> Outcome<Lines<'static>> {
        match self {
            Source::Book(engine) => {
                let mut lines = Vec::new();
                export(engine.store(), origin, &mut lines)?;
                Ok(Box::new(read_lines(io::Cursor::new(lines))))
            }
            Source::Export(path) => Ok(Box::new(read_lines(BufReader::new(File::open(path)?)))),
        }
    }
}

/// Writes an export, and its head into a file beside it. Keep the head somewhere else as well.
pub(crate) fn export_to(store: &dyn Store, origin: &Origin, path: &str) -> Outcome<Head> {
    let mut file = BufWriter::new(File::create(path)?);
    let head = export(store, origin, &mut file)?;
    file.flush()?;
    fs::write(head_path(path), format!("{head}\n"))?;
    Ok(head)
}

/// The head that lies beside an export.
pub(crate) fn head_beside(path: &str) -> Outcome<Option<Head>> {
    let path = head_path(path);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().parse().map_err(|why| format!("{path}: {why}"))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{path}: {error}").into()),
    }
}

fn head_path(export: &str) -> String {
    format!("{export}.head")
}

fn named(books: &[Origin]) -> String {
    books.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ")
}
