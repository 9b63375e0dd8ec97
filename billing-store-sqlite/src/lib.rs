//! A store that keeps billing books in one SQLite file, many books to a file.
//!
//! An answer is given when the commit is on the disk. One thread of the process writes; it commits together
//! what has come in meanwhile, so many callers share the cost of one flush. A caller that comes alone commits by
//! its own hand and waits for no other thread. Readers never wait for the writer. Several processes may share a
//! file.
//!
//! The log's tables only grow, and triggers hold even our own code to that. What they can't hold off, whoever
//! can write the file, is seen by the chain in the lines and by a head that is kept elsewhere.
//!
//! Beside the file stands a second one, `<file>.views`, with the rows of read models and snapshots. It may be
//! deleted at any time. Copy a file that is in use with [`SqliteStore::backup`] and in no other way.
//!
//! ```
//! use billing_core::store::Store;
//! use billing_store_sqlite::SqliteStore;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("books.db");
//! let store = SqliteStore::open(&path)?;
//! assert!(store.books()?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backup;
mod checkpoint;
mod connect;
mod failure;
mod locks;
mod open;
mod pool;
mod progress;
mod queue;
mod reading;
mod recording;
mod restore;
mod schema;
mod snapshots;
mod store;
mod tables;
mod views;
mod writer;

pub use connect::Durability;
pub use open::{OpenError, Options};
pub use schema::FORMAT;
pub use store::SqliteStore;
