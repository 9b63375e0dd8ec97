//! What messages record: that somebody is to be written to, and about what.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::ids::MessageId;
use crate::kernel::text::{Code, Label, Reference};

crate::events! {
    "messages" {
        MessageRequested = "message_requested" 1;
    }
}

/// A message is to be written and sent by the host. Recorded once, so that it is sent once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRequested {
    /// The message.
    pub message: MessageId,
    /// To whom.
    pub to: Recipient,
    /// What it says, for the host's templates: `invoice_issued`, `receipt`, `owner_alert`.
    pub kind: Code,
    /// Ids of the documents, payments or subscriptions that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Reference>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Label>,
}

/// To whom a message goes; on the wire `{"customer":"billing"}` or `"owner"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// To the customer's contact for this.
    Customer(CustomerRole),
    /// To the member of staff who owns the account.
    Owner,
}

/// Which of the customer's contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerRole {
    /// Who gets the bills.
    Billing,
    /// Who pays them.
    Payments,
    /// Who speaks for the customer.
    Primary,
}

/// The ids of what a message is about. Every id is short enough to be a reference; what is not an id and is
/// too long for one is left out.
///
/// ```
/// use billing_core::kernel::ids::InvoiceId;
/// let invoice: InvoiceId = "inv_0123456789abcdef0123456789abcdef".parse().unwrap();
/// assert_eq!(billing_core::messages::about([invoice])[0].as_str(), invoice.to_string());
/// ```
pub fn about(ids: impl IntoIterator<Item: fmt::Display>) -> Vec<Reference> {
    ids.into_iter().filter_map(|id| Reference::parse(&id.to_string()).ok()).collect()
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recipient::Customer(CustomerRole::Billing) => "the customer's billing contact",
            Recipient::Customer(CustomerRole::Payments) => "the customer's payments contact",
            Recipient::Customer(CustomerRole::Primary) => "the customer's primary contact",
            Recipient::Owner => "the owner of the account",
        })
    }
}

impl fmt::Display for MessageRequested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MessageRequested { message, to, kind, about, reason } = self;
        write!(f, "Message {message} ({kind}) requested to {to}")?;
        for (index, id) in about.iter().enumerate() {
            let joint = if index == 0 { " about" } else { "," };
            write!(f, "{joint} {id}")?;
        }
        match reason {
            Some(reason) => write!(f, ": {reason}."),
            None => f.write_str("."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(to: Recipient, ids: &[&str], reason: Option<&str>) -> MessageRequested {
        MessageRequested {
            message: "msg_0123456789abcdef0123456789abcdef".parse().unwrap(),
            to,
            kind: "owner_alert".parse().unwrap(),
            about: about(ids),
            reason: reason.map(|text| Label::parse(text).unwrap()),
        }
    }

    #[test]
    fn a_message_is_said_in_a_sentence() {
        let start = "Message msg_0123456789abcdef0123456789abcdef (owner_alert) requested to";
        let plain = message(Recipient::Owner, &[], None);
        assert_eq!(plain.to_string(), format!("{start} the owner of the account."));
        let full =
            message(Recipient::Customer(CustomerRole::Billing), &["inv_1", "inv_2"], Some("plan changed"));
        assert_eq!(
            full.to_string(),
            format!("{start} the customer's billing contact about inv_1, inv_2: plan changed.")
        );
    }

    #[test]
    fn recipients_have_their_words_on_the_wire() {
        let customer = Recipient::Customer(CustomerRole::Payments);
        assert_eq!(serde_json::to_string(&customer).unwrap(), r#"{"customer":"payments"}"#);
        assert_eq!(serde_json::to_string(&Recipient::Owner).unwrap(), r#""owner""#);
    }
}
