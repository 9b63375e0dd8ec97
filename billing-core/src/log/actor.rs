//! Who asks: an opaque id that stands in every line, and what that actor may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Names an actor in the log, as `kind:id`: `user:ann`, `run:billing`, `portal:7f3a`.
///
/// Opaque on purpose: a log outlives the people in it, so an id is never a name or an e-mail address.
/// Lower-case letters, digits and `._-`, 1 to 32 of them before the colon and 1 to 64 after it; nothing in
/// it ever needs escaping in JSON.
///
/// ```
/// use billing_core::log::ActorId;
/// let ann: ActorId = "user:ann".parse()?;
/// assert_eq!(ann.to_string(), "user:ann");
/// assert!("Ann Smith".parse::<ActorId>().is_err());
/// # Ok::<(), billing_core::log::actor::ActorError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActorId(Arc<str>);

/// An actor id that is not written `kind:id`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} does not name an actor; write kind:id in lower-case letters, digits and ._- (as user:ann)")]
pub struct ActorError(pub String);

impl ActorId {
    /// The id as it stands in a line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ActorId {
    type Err = ActorError;

    fn from_str(text: &str) -> Result<Self, ActorError> {
        let plain = |part: &str, most: usize| {
            (1..=most).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        };
        match text.split_once(':') {
            Some((kind, id)) if plain(kind, 32) && plain(id, 64) => Ok(ActorId(text.into())),
            Some(_) | None => Err(ActorError(text.chars().take(120).collect())),
        }
    }
}

impl TryFrom<String> for ActorId {
    type Error = ActorError;

    fn try_from(text: String) -> Result<Self, ActorError> {
        text.parse()
    }
}

impl From<ActorId> for String {
    fn from(id: ActorId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an actor must hold to give a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Open the book; set seller, policies, ladders, number series.
    Settings,
    /// Publish plans, prices and items.
    Catalogue,
    /// Register accounts and change their details.
    Accounts,
    /// Sell: subscribe, change, cancel, record work.
    Sales,
    /// Record usage: all that a meter needs.
    Usage,
    /// Issue, credit and void documents; run the billing.
    Billing,
    /// Record, allocate and refund money.
    Payments,
    /// Chase, promise, dispute, hold.
    CreditControl,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 8] = [
        Scope::Settings,
        Scope::Catalogue,
        Scope::Accounts,
        Scope::Sales,
        Scope::Usage,
        Scope::Billing,
        Scope::Payments,
        Scope::CreditControl,
    ];
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scope::Settings => "settings",
            Scope::Catalogue => "catalogue",
            Scope::Accounts => "accounts",
            Scope::Sales => "sales",
            Scope::Usage => "usage",
            Scope::Billing => "billing",
            Scope::Payments => "payments",
            Scope::CreditControl => "credit control",
        })
    }
}

/// Somebody who gives commands: an id and the scopes that the host has granted.
///
/// ```
/// use billing_core::log::{Actor, Scope};
/// let clerk = Actor::new("user:bo".parse()?, [Scope::Payments]);
/// assert!(clerk.may(Scope::Payments));
/// assert!(!clerk.may(Scope::Settings));
/// # Ok::<(), billing_core::log::actor::ActorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    id: ActorId,
    scopes: BTreeSet<Scope>,
}

impl Actor {
    /// An actor that holds just these scopes.
    pub fn new(id: ActorId, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Actor { id, scopes: scopes.into_iter().collect() }
    }

    /// An actor that may do everything: the owner of the book, or a host that checks rights itself.
    pub fn owner(id: &str) -> Result<Self, ActorError> {
        Ok(Actor::new(id.parse()?, Scope::ALL))
    }

    /// The id that is written into the log.
    pub fn id(&self) -> &ActorId {
        &self.id
    }

    /// Whether the actor holds the scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_need_escaping_is_refused() {
        for text in ["", "ann", "user:", ":ann", "user:Ann", "user:a\"b", "user:a b", "user:a:b", "us er:a"] {
            assert!(text.parse::<ActorId>().is_err(), "{text:?}");
        }
        let error = "Ann".parse::<ActorId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"Ann\" does not name an actor; write kind:id in lower-case letters, digits and ._- (as user:ann)"
        );
    }
}
