//! Dialects: how a part of a period is reckoned, and where periods begin, in this engine and in those that a firm may
//! come from. A firm that moves over bills on to the cent as it did before.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::zone::Zone;

/// A named set of rules for parts of periods. It stands in the documents that were made by it.
///
/// | | denominator of a part | ratio | unused time |
/// |---|---|---|---|
/// | own, Meteroid, OpenMeter, flexprice | days of the period of the cycle that contains it | exact | price x days / days of the period |
/// | Kill Bill | days of a plain period from the boundary that the part touches | 9 decimals, half up | amount of the line x days / days of the line |
/// | Kill Bill, fixed 30 | 30 for each month | 9 decimals, half up | as Kill Bill |
/// | Lago | days of the period; the day of a cancellation is billed | exact | on a credit note of its own |
/// | by the second | seconds of the period of the cycle, from midnight to midnight in a zone | exact | price x seconds / seconds of the period |
///
/// Periods that follow their subscription ([`Alignment::Subscription`](crate::catalogue::Alignment)) are Lago's
/// anniversaries of its first day also behind a trial or a change of plan: who changes in November to a plan by the
/// year that began in July pays up to July. Elsewhere they begin on that day of the month.
///
/// By the second, days on which clocks change have an hour less or more, as they have where moments are counted and not
/// days. What changes on a day changes at its midnight all the same: a service day is the smallest thing that is billed.
///
/// Every line is rounded once, whatever the dialect. Sources: the published code and test suites of these engines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// This engine's own rules.
    #[default]
    Own,
    /// Those of Kill Bill.
    KillBill,
    /// Those of Kill Bill with months of 30 days.
    #[serde(rename = "kill_bill_fixed_30")]
    KillBillFixed30,
    /// Those of Lago.
    Lago,
    /// Those of Meteroid.
    Meteroid,
    /// Those of OpenMeter.
    #[serde(rename = "openmeter")]
    OpenMeter,
    /// Those of flexprice.
    Flexprice,
    /// The engine's own, but for parts, which are reckoned by the second in this zone; on the wire
    /// `{"by_second":"Europe/London"}`.
    BySecond(Zone),
}

impl Dialect {
    /// Whether it is this engine's own, which is not said.
    pub(crate) fn is_own(&self) -> bool {
        *self == Dialect::Own
    }

    /// Whether periods begin anew with each change of plan, also where the interval stays the same.
    pub(crate) fn begins_anew(self) -> bool {
        match self {
            Dialect::KillBill | Dialect::KillBillFixed30 => true,
            Dialect::Own
            | Dialect::Lago
            | Dialect::Meteroid
            | Dialect::OpenMeter
            | Dialect::Flexprice
            | Dialect::BySecond(_) => false,
        }
    }

    /// Whether unused time is given back on a credit note of its own, and not on the next invoice.
    pub(crate) fn gives_back_by_note(self) -> bool {
        self == Dialect::Lago
    }

    /// Whether the days of a free trial lie in the first period that is billed in arrears, and cost nothing in it.
    pub(crate) fn puts_trials_in_line(self) -> bool {
        self == Dialect::Lago
    }

    /// Whether periods that follow their subscription are anniversaries of its first day, whatever plan it has by then
    /// and whether that day was tried.
    pub(crate) fn keeps_anniversaries(self) -> bool {
        self == Dialect::Lago
    }

    /// The zone in which parts of periods are reckoned by the second; none where they are not.
    pub(crate) fn by_second(self) -> Option<Zone> {
        if let Dialect::BySecond(zone) = self { Some(zone) } else { None }
    }

    /// Whether the day on which a subscription is cancelled is served and billed.
    pub(crate) fn bills_the_last_day(self) -> bool {
        self == Dialect::Lago
    }

    /// Whether a rest is billed as if it had no end: all unused time is given back, and charged again on the return.
    pub(crate) fn rests_without_end(self) -> bool {
        self.begins_anew()
    }

    /// Whether what is served in arrears ends at once where the end of what is billed is asked for.
    pub(crate) fn ends_arrears_at_once(self) -> bool {
        self.begins_anew()
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Dialect::Own => "by the engine's own rules",
            Dialect::KillBill => "as Kill Bill does",
            Dialect::KillBillFixed30 => "as Kill Bill does, with months of 30 days",
            Dialect::Lago => "as Lago does",
            Dialect::Meteroid => "as Meteroid does",
            Dialect::OpenMeter => "as OpenMeter does",
            Dialect::Flexprice => "as flexprice does",
            Dialect::BySecond(zone) => return write!(f, "by the second in {zone}"),
        };
        f.write_str(words)
    }
}
