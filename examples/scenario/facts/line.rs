//! A line of a document, as cases speak of it.

use std::fmt;

use billing_core::invoicing::{Line, Part, Subject};
use billing_core::kernel::document::DocumentId;
use billing_core::kernel::ids::SubscriptionId;
use billing_core::prelude::*;

use crate::verdict::Outcome;

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct ShownLine {
    pub(crate) kind: Kind,
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    pub(crate) amount: Money,
    pub(crate) discount: Money,
    pub(crate) rate: Rate,
    pub(crate) part: Option<Part>,
    pub(crate) subscription: Option<SubscriptionId>,
    /// What was not credited of it yet.
    pub(crate) left: Money,
    /// The document that it stands on, and its number there.
    pub(crate) document: Option<(DocumentId, u32)>,
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Recurring,
    Trial,
    Fixed,
    Usage,
    TrueUp,
    UnusedTimeCredit,
    Adjustment,
    /// Usage that was billed before its period was over, taken off the bill of the period.
    BilledBefore,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Recurring => "recurring",
            Kind::Trial => "trial",
            Kind::Fixed => "fixed",
            Kind::Usage => "usage",
            Kind::TrueUp => "true_up",
            Kind::UnusedTimeCredit => "unused_time_credit",
            Kind::Adjustment => "line_adjustment",
            Kind::BilledBefore => "progressive_credit",
        }
    }
}

/// A line of a document of a day.
pub(crate) fn shown(line: &Line, number: u32, document: DocumentId, issued_on: Date) -> Outcome<ShownLine> {
    let (kind, period, subscription) = match &line.subject {
        Subject::Service { subscription, period, phase, meter, .. } => {
            let kind = match (phase, meter) {
                (PhaseKind::Trial, _) => Kind::Trial,
                (PhaseKind::Introductory | PhaseKind::Standing, None) => Kind::Recurring,
                (PhaseKind::Introductory | PhaseKind::Standing, Some(_)) => Kind::Usage,
            };
            (kind, Some(period), Some(*subscription))
        }
        Subject::Fee { subscription, .. } => (Kind::Fixed, None, Some(*subscription)),
        Subject::TrueUp { subscription, period, .. } => (Kind::TrueUp, Some(period), Some(*subscription)),
        Subject::TrueUpTakenBack { subscription, period, .. } => {
            (Kind::Adjustment, Some(period), Some(*subscription))
        }
        Subject::Unused { subscription, period, .. } => {
            (Kind::UnusedTimeCredit, Some(period), Some(*subscription))
        }
        Subject::LateUsage { subscription, period, .. }
        | Subject::InterimUsage { subscription, period, line: None, .. } => {
            (Kind::Usage, Some(period), Some(*subscription))
        }
        Subject::InterimUsage { subscription, period, line: Some(_), .. } => {
            (Kind::BilledBefore, Some(period), Some(*subscription))
        }
        Subject::Work { .. } | Subject::Item { .. } => (Kind::Fixed, None, None),
        Subject::Correction { .. } => (Kind::Adjustment, None, None),
    };
    let discounts = line.discounts.iter().map(|discount| discount.amount);
    let discount = Money::sum(line.net.currency(), discounts)?;
    Ok(ShownLine {
        kind,
        from: period.map_or(issued_on, Period::from),
        to: period.map(Period::to),
        // What it was before discounts.
        amount: line.net.plus(discount)?,
        discount,
        rate: line.rate,
        part: line.part,
        subscription,
        left: line.net,
        document: Some((document, number)),
    })
}

impl fmt::Display for ShownLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.from)?;
        self.to.map_or(Ok(()), |to| write!(f, "..{to}"))?;
        write!(f, " {}", self.amount.major())
    }
}
