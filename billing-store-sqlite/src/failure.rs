//! What SQLite reports, said in the store's own errors.

use billing_core::log::Position;
use billing_core::store::StoreError;
use rusqlite::ErrorCode;

/// What SQLite means, when it is about no line in particular.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Unavailable(format!(
            "another program has kept the file locked for too long ({error})"
        )),
        Some(ErrorCode::TooBig) => {
            StoreError::Unavailable(format!("nothing longer than 64 MiB can be kept ({error})"))
        }
        Some(_) if is_damage(&error) => {
            StoreError::Unavailable(format!("the file is damaged; restore a backup ({error})"))
        }
        None if is_damage(&error) => {
            StoreError::Unavailable(format!("a stored row is damaged; restore a backup ({error})"))
        }
        Some(_) | None => StoreError::Unavailable(error.to_string()),
    }
}

/// What SQLite means, when it happened while the line at `position` was read.
pub(crate) fn line_error(error: rusqlite::Error, position: Position) -> StoreError {
    match is_damage(&error) {
        true => StoreError::Corrupt { position, why: error.to_string() },
        false => store_error(error),
    }
}

/// Whether the file, or a value in it, is not as it was written.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    let unreadable = matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
    );
    let code = error.sqlite_error_code();
    unreadable || matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// A stored value that can't be what was written.
pub(crate) fn damaged(column: usize, why: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Null, Box::new(why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn sqlite(code: std::os::raw::c_int) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("as SQLite says".into()))
    }

    #[test]
    fn each_failure_says_what_to_do() {
        let said = |code| store_error(sqlite(code)).to_string();
        assert_eq!(said(ffi::SQLITE_FULL), "the store is full (as SQLite says); make room and try again");
        assert_eq!(
            said(ffi::SQLITE_BUSY),
            "the store can't be reached: another program has kept the file locked for too long (as SQLite says)"
        );
        assert_eq!(
            said(ffi::SQLITE_TOOBIG),
            "the store can't be reached: nothing longer than 64 MiB can be kept (as SQLite says)"
        );
        assert_eq!(
            said(ffi::SQLITE_CORRUPT),
            "the store can't be reached: the file is damaged; restore a backup (as SQLite says)"
        );
        assert_eq!(said(ffi::SQLITE_IOERR), "the store can't be reached: as SQLite says");
        let row = store_error(rusqlite::Error::IntegralValueOutOfRange(2, -1)).to_string();
        assert!(
            row.starts_with("the store can't be reached: a stored row is damaged; restore a backup ("),
            "{row}"
        );
    }

    #[test]
    fn damage_of_a_line_names_its_position() {
        let seven = Position::from(7);
        let error = line_error(sqlite(ffi::SQLITE_CORRUPT), seven);
        assert_eq!(error.to_string(), "the line at position 7 is damaged: as SQLite says");
        assert!(matches!(line_error(sqlite(ffi::SQLITE_IOERR), seven), StoreError::Unavailable(_)));
    }
}
