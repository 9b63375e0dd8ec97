//! The page of an account, or of its usage, as bytes, for the engine's own snapshots: read again and again, and by nobody else.

use std::sync::OnceLock;

use super::Account;
use crate::kernel::ids::AccountId;
use crate::log::Digest;
use crate::usage;

/// Writes a page; `None` if it can't be written, which costs the time to fold it and nothing else.
pub(crate) fn write(account: &Account) -> Option<Vec<u8>> {
    rmp_serde::to_vec_named(account).ok()
}

/// Reads the page of an account. `None` where the bytes say anything else, or are of another account: the events
/// tell it all.
pub(crate) fn read(id: AccountId, bytes: &[u8]) -> Option<Account> {
    rmp_serde::from_slice(bytes).ok().filter(|account: &Account| account.id == id)
}

/// Writes the page of an account's usage; `None` as with [`write`].
pub(crate) fn write_usage(id: AccountId, usage: &usage::State) -> Option<Vec<u8>> {
    rmp_serde::to_vec_named(&(id, usage)).ok()
}

/// Reads the page of an account's usage; `None` as with [`read`].
pub(crate) fn read_usage(id: AccountId, bytes: &[u8]) -> Option<usage::State> {
    let read: Option<(AccountId, usage::State)> = rmp_serde::from_slice(bytes).ok();
    read.filter(|(of, _)| *of == id).map(|(_, usage)| usage)
}

/// The number of the fold that makes these pages. Raised with each change of what a page keeps or how: a field
/// that an older snapshot lacks would be read as if it had never been said. A test over the golden log's pages
/// fails when a page changes under the same number.
pub const FOLD: u32 = 6;

/// What fold made a snapshot: the version of the library, and the number of the fold.
pub(crate) fn fingerprint() -> Digest {
    static FINGERPRINT: OnceLock<Digest> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| {
        Digest::of(format!("{} MessagePack, fold {FOLD}", env!("CARGO_PKG_VERSION")).as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_snapshot_of_an_account_is_read() {
        let id = |number| AccountId::from_uuid(uuid::Uuid::from_u128(number));
        let bytes = write(&Account::new(id(1))).unwrap();
        assert_eq!(read(id(1), &bytes).map(|account| account.id), Some(id(1)));
        assert!(read(id(2), &bytes).is_none(), "of another account");
        for end in 0..bytes.len() {
            assert!(read(id(1), &bytes[..end]).is_none(), "cut at {end}");
        }
    }
}
