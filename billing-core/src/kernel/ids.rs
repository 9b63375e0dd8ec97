//! Names of things that never change: a prefix that says what it is, and a time-ordered number.
//!
//! Ids are ordered by time so that what is written together lies together in a store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::text;
use super::timestamp::Timestamp;
use super::wire::{self, Compact};

/// Why an id was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The id of something else.
    #[error(
        "an id that starts with {expected} is wanted here, not {found:?}: check that it was not put in the wrong place"
    )]
    Prefix {
        /// The prefix that is wanted.
        expected: &'static str,
        /// The start of what was given.
        found: String,
    },
    /// The right prefix, but not followed by 32 lower-case hexadecimal digits.
    #[error(
        "{found:?} is not an id: {expected} is followed by 32 digits 0-9 and a-f; copy it whole, in lower case"
    )]
    Digits {
        /// The prefix that is wanted.
        expected: &'static str,
        /// The start of what was given.
        found: String,
    },
}

/// A fresh time-ordered number (UUID version 7) from a moment and ten bytes of chance, both the host's.
///
/// ```
/// use billing_core::kernel::ids::{AccountId, time_ordered};
/// use billing_core::kernel::timestamp::Timestamp;
/// let now = Timestamp::parse("2026-11-30T09:00:00.000Z").unwrap();
/// let id = AccountId::from_uuid(time_ordered(now, [7; 10]));
/// assert_eq!(id.to_string(), "acc_01a22baeb68077078707070707070707");
/// ```
pub fn time_ordered(now: Timestamp, random: [u8; 10]) -> Uuid {
    // A timestamp is never negative.
    Builder::from_unix_timestamp_millis(now.millis().unsigned_abs(), &random).into_uuid()
}

/// The number of the `counter`-th thing that a command makes: deciding the command again gives the same one.
///
/// A UUID of version 8: 48 bits of milliseconds, so that it is ordered by time, then 74 bits of
/// SHA-256(command id ‖ part ‖ counter, four bytes, big-endian). `part` is the account that a run's command is
/// about, sixteen zero bytes where the command is not one of a run's.
pub fn mint(now: Timestamp, command: CommandId, part: Option<AccountId>, counter: u32) -> Uuid {
    let mut seed = [0; 36];
    seed[..16].copy_from_slice(command.uuid().as_bytes());
    seed[16..32].copy_from_slice(part.map_or(Uuid::nil(), AccountId::uuid).as_bytes());
    seed[32..].copy_from_slice(&counter.to_be_bytes());
    let digest = Sha256::digest(seed);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&now.millis().to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&digest[..10]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// Writes prefix and digits on the stack: each recorded line has several ids.
fn spell<'b>(prefix: &str, uuid: Uuid, buffer: &'b mut [u8; 36]) -> &'b str {
    let (start, digits) = buffer.split_at_mut(4);
    start.copy_from_slice(prefix.as_bytes());
    uuid.as_simple().encode_lower(digits);
    // Prefix and digits are ASCII, so the default is never taken.
    std::str::from_utf8(buffer).unwrap_or_default()
}

fn read(expected: &'static str, text: &str) -> Result<Uuid, IdError> {
    let Some(digits) = text.strip_prefix(expected) else {
        return Err(IdError::Prefix { expected, found: text::shown(text) });
    };
    // The length and the case are ours to check: the parser takes hyphens, braces and capitals too.
    Some(digits.as_bytes())
        .filter(|digits| digits.len() == 32 && digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f')))
        .and_then(|digits| Uuid::try_parse_ascii(digits).ok())
        .ok_or_else(|| IdError::Digits { expected, found: text::shown(text) })
}

macro_rules! typed_id {
    ($($(#[$meta:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id with this number.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The number in this id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(spell(Self::PREFIX, self.0, &mut [0; 36]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read(Self::PREFIX, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(spell(Self::PREFIX, self.0, &mut [0; 36]))
                } else {
                    serializer.serialize_bytes(self.0.as_bytes())
                }
            }
        }

        impl Compact for $name {
            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                wire::text_or_bytes(deserializer, concat!("an id that starts with ", $prefix))
            }
        }
    )+};
}

typed_id! {
    /// A customer's account.
    AccountId "acc_";
    /// A command, named by whoever sends it, so that it can be sent again.
    CommandId "cmd_";
    /// A subscription.
    SubscriptionId "sub_";
    /// An invoice; its number in a series is another thing.
    InvoiceId "inv_";
    /// A credit note.
    CreditNoteId "crn_";
    /// A bill that was drafted, to be looked at before it is issued.
    DraftId "drf_";
    /// Credit that a customer was given, with no document.
    CreditId "crd_";
    /// A payment: an amount that was asked for or sent.
    PaymentId "pay_";
    /// Money given back.
    RefundId "rfd_";
    /// Money that came in.
    ReceiptId "rct_";
    /// A customer's promise to pay.
    PromiseId "prm_";
    /// A dispute about a document.
    DisputeId "dsp_";
    /// A message to a customer.
    MessageId "msg_";
    /// Something that a person has to do.
    TaskId "tsk_";
    /// A piece of work to be billed.
    WorkId "wrk_";
    /// A quote that a customer was given.
    QuoteId "quo_";
    /// A discount that was granted to a customer.
    DiscountId "dsc_";
    /// A person at a customer.
    ContactId "con_";
    /// A run over many accounts.
    RunId "run_";
    /// A hold on billing or chasing.
    HoldId "hld_";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = "inv_0123456789abcdef0123456789abcdef";

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn command(number: u128) -> CommandId {
        CommandId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn an_id_has_one_spelling_everywhere() {
        let id: InvoiceId = SAMPLE.parse().unwrap();
        assert_eq!(id.uuid(), Uuid::from_u128(0x0123456789abcdef0123456789abcdef));
        assert_eq!((id.to_string().as_str(), format!("{id:?}").as_str()), (SAMPLE, SAMPLE));
        let wire = serde_json::to_string(&id).unwrap();
        assert_eq!(wire, format!("{SAMPLE:?}"));
        assert_eq!(serde_json::from_str::<InvoiceId>(&wire).unwrap(), id);
    }

    #[test]
    fn the_id_of_something_else_is_refused() {
        assert_eq!(
            SAMPLE.parse::<AccountId>().unwrap_err().to_string(),
            "an id that starts with acc_ is wanted here, not \"inv_0123456789abcdef0123456789abcdef\": \
             check that it was not put in the wrong place"
        );
        assert!(serde_json::from_str::<AccountId>(&format!("{SAMPLE:?}")).is_err());
    }

    #[test]
    fn other_spellings_are_refused() {
        for digits in [
            "",
            "0123456789abcdef0123456789abcde",
            "0123456789abcdef0123456789abcdef0",
            "0123456789ABCDEF0123456789ABCDEF",
            "01234567-89ab-cdef-0123-456789abcdef",
            "0123456789abcdef0123456789abcdeg",
            " 123456789abcdef0123456789abcdef",
            "{123456789abcdef0123456789abcde}",
        ] {
            let wrong = format!("inv_{digits}").parse::<InvoiceId>();
            assert!(matches!(wrong, Err(IdError::Digits { .. })), "{digits:?}");
        }
        assert_eq!(
            "inv_7".parse::<InvoiceId>().unwrap_err().to_string(),
            "\"inv_7\" is not an id: inv_ is followed by 32 digits 0-9 and a-f; copy it whole, in lower case"
        );
    }

    #[test]
    fn a_minted_number_is_what_the_rule_says() {
        // The first ten bytes of SHA-256(00…01 ‖ 00…00 ‖ 00000002) from another implementation, then the version
        // digit 8 and the variant bits 10.
        let uuid = mint(at(0x0123_4567_89AB), command(1), None, 2);
        assert_eq!(uuid.as_simple().to_string(), "0123456789ab8c1289d2067bfa12c4c3");
        assert_eq!(uuid.get_version_num(), 8);
    }

    #[test]
    fn a_fresh_number_is_a_uuid_of_version_7() {
        let uuid = time_ordered(at(0x0123_4567_89AB), [0xFF; 10]);
        assert_eq!(uuid.as_simple().to_string(), "0123456789ab7fffbfffffffffffffff");
    }

    proptest! {
        #[test]
        fn numbers_are_ordered_by_time(
            times in prop::collection::btree_set(0..=253_402_300_799_999_i64, 2..20),
            seed in any::<u128>(), counter in any::<u32>(), random in any::<[u8; 10]>()
        ) {
            let minted: Vec<_> = times.iter().map(|ms| mint(at(*ms), command(seed), None, counter)).collect();
            prop_assert!(minted.is_sorted());
            let fresh: Vec<_> = times.iter().map(|ms| time_ordered(at(*ms), random).to_string()).collect();
            prop_assert!(fresh.is_sorted());
        }

        #[test]
        fn the_same_decision_mints_the_same_and_another_mints_another(
            a in any::<(u128, u32)>(), b in any::<(u128, u32)>()
        ) {
            let [first, again, other] = [a, a, b].map(|(seed, counter)| mint(at(7), command(seed), None, counter));
            prop_assert_eq!(first, again);
            prop_assert_eq!(first == other, a == b);
        }
    }
}
