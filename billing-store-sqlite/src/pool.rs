//! Connections for reading: opened when needed, kept for the next reader.

use std::sync::Mutex;

use billing_core::store::StoreError;
use rusqlite::Connection;

use crate::connect::Connector;
use crate::failure::store_error;
use crate::queue::{closed, locked};

/// Lends connections. It never makes a reader wait: who finds none idle gets a new one, and no more than
/// `keep` of them are kept.
#[derive(Debug)]
pub(crate) struct Pool {
    connector: Connector,
    keep: usize,
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Pool {
    pub(crate) fn new(connector: Connector, keep: usize) -> Self {
        Pool { connector, keep, idle: Mutex::new(Some(Vec::new())) }
    }

    /// Lends a connection for one reading.
    pub(crate) fn read<T>(&self, with: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        let idle = match locked(&self.idle).as_mut() {
            Some(idle) => idle.pop(),
            None => return Err(closed()),
        };
        let db = match idle {
            Some(db) => db,
            None => self.connector.reading().map_err(store_error)?,
        };
        let answer = with(&db);
        if let Some(idle) = locked(&self.idle).as_mut().filter(|idle| idle.len() < self.keep) {
            idle.push(db);
        }
        Ok(answer)
    }

    /// Lends no more, and closes what is idle.
    pub(crate) fn close(&self) {
        drop(locked(&self.idle).take());
    }
}
