//! The file's form, read strictly: what is not known here is named and never passed over.

pub(crate) mod action;
pub(crate) mod dates;
pub(crate) mod expect;
pub(crate) mod figure;
pub(crate) mod given;
pub(crate) mod interval;
pub(crate) mod plan;
pub(crate) mod price;
pub(crate) mod pure;
pub(crate) mod reader;

use action::Action;
use billing_core::prelude::{Date, Dialect};
use expect::{Expectation, expectations};
use given::Given;
use reader::{list, object, read};
use serde::Deserialize;
use serde_json::Value;

use crate::verdict::{Outcome, Stop};

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) dialect: Convention,
    pub(crate) given: Given,
    pub(crate) actions: Vec<Action>,
    pub(crate) expect: Vec<(String, Expectation)>,
    /// The last day of it.
    pub(crate) last_day: Option<Date>,
}

/// Under whose convention a case is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Convention {
    KillBill,
    #[serde(rename = "kill_bill_fixed_30")]
    KillBillFixed30,
    Lago,
    Meteroid,
    #[serde(rename = "openmeter")]
    OpenMeter,
    #[serde(rename = "flexprice")]
    FlexPrice,
}

impl Convention {
    /// Whether a host that bills in this way voids no invoice on which money stands.
    pub(crate) fn keeps_what_is_paid(self) -> bool {
        matches!(self, Convention::KillBill | Convention::KillBillFixed30)
    }

    /// The dialect that a book chooses to bill in this way.
    pub(crate) fn policy(self) -> Dialect {
        match self {
            Convention::KillBill => Dialect::KillBill,
            Convention::KillBillFixed30 => Dialect::KillBillFixed30,
            Convention::Lago => Dialect::Lago,
            Convention::Meteroid => Dialect::Meteroid,
            Convention::OpenMeter => Dialect::OpenMeter,
            Convention::FlexPrice => Dialect::Flexprice,
        }
    }
}

/// What a case is called, whatever becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) gate: bool,
    pub(crate) portability: String,
}

impl Label {
    pub(crate) fn of(case: &Value) -> Label {
        let text = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
        let gate = case.get("gate").and_then(Value::as_bool).unwrap_or(false);
        Label { id: text("id"), gate, portability: text("portability") }
    }
}

const FOR_PEOPLE: [&str; 8] = ["id", "peer", "topic", "portability", "gate", "rule", "note", "then_in_words"];

impl Case {
    pub(crate) fn read(case: Value) -> Outcome<Case> {
        let mut case = object(case, "case")?;
        case.retain(|key, _| !FOR_PEOPLE.contains(&key.as_str()));
        let last_day = dates::last_day(case.get("actions"), case.get("expect"))?;
        let mut part = |key: &str| case.remove(key);
        let dialect = part("dialect").map_or(Ok(Convention::KillBill), |dialect| read(dialect, "dialect"))?;
        let given = Given::read(part("given").unwrap_or_else(|| Value::Object(Default::default())))?;
        let actions = list(part("actions").filter(|actions| !actions.is_null()), "actions")?;
        let actions = actions.into_iter().map(|action| Action::read(action, &given.zone));
        let actions = actions.collect::<Outcome<Vec<_>>>()?;
        let expect = part("expect").ok_or_else(|| Stop::unsupported("nothing is expected"))?;
        let units: Vec<&str> = given.keys.units.keys().map(String::as_str).collect();
        let expect = expectations(object(expect, "expect")?, &units)?;
        match (case.keys().next(), expect.is_empty()) {
            (Some(other), _) => Err(Stop::unsupported(format!("key {other}"))),
            (None, true) => Err(Stop::unsupported("nothing is expected")),
            (None, false) => Ok(Case { dialect: given.dialect(dialect)?, given, actions, expect, last_day }),
        }
    }
}

impl Given {
    /// A way of prorating that is given by name is a dialect of its own.
    fn dialect(&self, dialect: Convention) -> Outcome<Convention> {
        match self.keys.proration_mode.as_deref() {
            None => Ok(dialect),
            Some("fixed-30" | "fixed_30") => Ok(Convention::KillBillFixed30),
            Some(other) => Err(Stop::unsupported(format!("proration_mode {other:?}"))),
        }
    }
}
