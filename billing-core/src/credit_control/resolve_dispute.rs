//! Ending a dispute.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{DisputeResolved, Event};
use super::reason::DisputeOutcome;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DisputeId};
use crate::log::Scope;

/// Ends a dispute. What was not credited is chased from where the ladder stands; a credit is a credit note of its
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveDispute {
    /// Whose.
    pub account: AccountId,
    /// The dispute.
    pub dispute: DisputeId,
    /// How it ended.
    pub outcome: DisputeOutcome,
    /// The day.
    pub on: Date,
}

impl Command for ResolveDispute {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.resolve_dispute";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let (state, dispute) = (&account.credit_control, self.dispute);
        match state.resolved.get(&dispute) {
            Some(outcome) if *outcome == self.outcome => return Ok(Vec::new()),
            Some(outcome) => return Err(Rejection::AlreadyResolved { dispute, outcome: *outcome }.into()),
            None => {}
        }
        if !state.disputes.contains_key(&dispute) {
            return Err(Rejection::UnknownDispute { dispute }.into());
        }
        let resolved = DisputeResolved { dispute, outcome: self.outcome, resolved_on: self.on };
        Ok(vec![account.record(Event::DisputeResolved(resolved))])
    }
}
