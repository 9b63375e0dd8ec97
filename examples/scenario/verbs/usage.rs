//! Usage, as it is counted.

use crate::firm::Firm;
use crate::form::action::{Action, UsageForm};
use crate::verdict::{Outcome, Stop};

/// Records usage of a metered plan.
pub(crate) fn record(_firm: &mut Firm<'_>, _customer: usize, _form: &UsageForm, _action: &Action) -> Outcome {
    Err(Stop::unsupported("verb record_usage"))
}
