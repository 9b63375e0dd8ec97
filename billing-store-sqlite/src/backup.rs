//! A copy of a file in use, with the heads that it must have.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use billing_core::log::Head;
use billing_core::store::StoreError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::connect::{Connector, beside};
use crate::failure::store_error;
use crate::tables;
use crate::writer::run;

/// Copies the file as it is at one moment to `to`, which must not exist, and writes the heads that it had then
/// to `<to>.heads`, one a line. The copy has its name only when it is complete and on the disk.
pub(crate) fn backup(connector: &Connector, to: &Path) -> Result<Vec<Head>, StoreError> {
    let io_error =
        |error: io::Error| StoreError::Unavailable(format!("the backup {}: {error}", to.display()));
    if fs::exists(to).map_err(io_error)? {
        return Err(StoreError::Unavailable(format!("there is a file {} already", to.display())));
    }
    let part = beside(to, ".part");
    let _ = fs::remove_file(&part);
    let heads = copy(connector, &part).inspect_err(|_| drop(fs::remove_file(&part)))?;
    let finish = || {
        let mut list = File::create(beside(to, ".heads"))?;
        heads.iter().try_for_each(|head| writeln!(list, "{head}"))?;
        list.sync_all()?;
        File::open(&part)?.sync_all()?;
        fs::rename(&part, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    finish().map_err(io_error)?;
    Ok(heads)
}

fn copy(connector: &Connector, part: &Path) -> Result<Vec<Head>, StoreError> {
    let source = connector.reading().map_err(store_error)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut copy = Connection::open_with_flags(part, flags).map_err(store_error)?;
    // One read transaction around both, so that the heads are those of the copy.
    run(&source, "BEGIN").map_err(store_error)?;
    let heads = tables::heads(&source).map_err(store_error)?;
    let backup = Backup::new(&source, &mut copy).map_err(store_error)?;
    let step = backup.step(-1).map_err(store_error)?;
    if step == StepResult::Done {
        Ok(heads)
    } else {
        Err(StoreError::Unavailable("the copy could not be finished; try again".into()))
    }
}
