//! What messages record: that somebody is to be written to, and about what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recipient::Recipient;
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
    use crate::messages::{CustomerRole, about};

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
