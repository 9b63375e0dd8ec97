//! What the catalogue records: tax rates from a date on, and versions of plans and items.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phase::{Alignment, Charge, Meter, Phase};
use super::plan::{Existing, Item, Plan};
use super::tax::TaxCategory;
use crate::kernel::calendar::Date;
use crate::kernel::rate::Rate;
use crate::kernel::text::Code;

crate::events! {
    "catalogue" {
        TaxCodeSet = "tax_code_set" 1;
        PlanPublished = "plan_published" 1;
        ItemPublished = "item_published" 1;
    }
}

/// A tax code means this from a date on, until a later date has another meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxCodeSet {
    /// The tax code, that plans and items name.
    pub code: Code,
    /// Its category.
    pub category: TaxCategory,
    /// Its rate.
    pub rate: Rate,
    /// The first day of it.
    pub from: Date,
}

/// A version of a plan or an add-on can be sold from now on. Its payload is the plan itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanPublished {
    /// The plan.
    pub plan: Plan,
}

/// A version of an item can be sold from now on. Its payload is the item itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemPublished {
    /// The item.
    pub item: Item,
}

impl fmt::Display for TaxCodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaxCodeSet { code, category, rate, from } = self;
        write!(f, "Tax code {code} set to {rate}, {category}, from {from} on.")
    }
}

/// `GBP 30.00 flat, EUR 35.00 flat`
fn listed(f: &mut fmt::Formatter<'_>, prices: &[impl fmt::Display]) -> fmt::Result {
    for (index, price) in prices.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{price}")?;
    }
    Ok(())
}

impl PlanPublished {
    /// What the plan has beside its price.
    fn beside(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            phases,
            set_up,
            term,
            alignment,
            at_most,
            meter,
            charges,
            commitment,
            effective_from,
            existing,
            ..
        } = &self.plan;
        for Phase { kind, lasts, prices, .. } in phases {
            write!(f, "; {kind} for {lasts}")?;
            if !prices.is_empty() {
                f.write_str(" at ")?;
                listed(f, prices)?;
            }
        }
        if !set_up.is_empty() {
            f.write_str("; set-up ")?;
            listed(f, set_up)?;
        }
        if let Some(term) = term {
            write!(f, "; for {term}")?;
        }
        match alignment {
            Alignment::Account => {}
            Alignment::Subscription | Alignment::Calendar | Alignment::Day(_) => {
                write!(f, "; periods {alignment}")?;
            }
        }
        if let Some(at_most) = at_most {
            write!(f, "; at most {at_most} a subscription")?;
        }
        if let Some(Meter { metric, aggregate, threshold }) = meter {
            write!(f, "; metered by the {aggregate} of {metric}")?;
            threshold.iter().try_for_each(|worth| write!(f, ", billed ahead once it is worth {worth}"))?;
        }
        for Charge { code, prices, commitment, .. } in charges {
            write!(f, "; beside it {code} at ")?;
            listed(f, prices)?;
            commitment.iter().try_for_each(|commitment| write!(f, ", {commitment}"))?;
        }
        commitment.iter().try_for_each(|commitment| write!(f, "; all together {commitment}"))?;
        effective_from.iter().try_for_each(|from| write!(f, "; sold from {from} on"))?;
        match existing {
            Existing::Grandfathered => Ok(()),
            Existing::MigrateFrom(_) | Existing::MigrateAtRenewalFrom(_) => write!(f, "; {existing}"),
        }
    }
}

impl fmt::Display for PlanPublished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { code, version, name, kind, interval, timing, prices, tax_code, .. } = &self.plan;
        write!(f, "Version {version} of {kind} {code} ({name}) published: ")?;
        listed(f, prices)?;
        write!(f, " every {interval} {timing}, tax code {tax_code}")?;
        self.beside(f)?;
        f.write_str(".")
    }
}

impl fmt::Display for ItemPublished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Item { code, version, name, unit_prices, tax_code, .. } = &self.item;
        write!(f, "Version {version} of item {code} ({name}) published: ")?;
        listed(f, unit_prices)?;
        write!(f, " each, tax code {tax_code}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{PlanKind, Price, Timing};
    use crate::kernel::calendar::Interval;
    use crate::kernel::text::Label;

    #[test]
    fn a_plan_is_flat_on_the_wire_and_said_in_a_sentence() {
        let plan = Plan {
            code: "basic".parse().unwrap(),
            version: 2,
            name: Label::parse("Basic").unwrap(),
            kind: PlanKind::Base,
            interval: Interval::MONTHLY,
            timing: Timing::InAdvance,
            prices: vec![
                Price::Flat("EUR 35.00".parse().unwrap()),
                Price::PerSeat("GBP 12.50".parse().unwrap()),
            ],
            tax_code: "standard".parse().unwrap(),
            phases: Vec::new(),
            set_up: Vec::new(),
            term: None,
            alignment: Alignment::Account,
            at_most: None,
            meter: None,
            charges: Vec::new(),
            effective_from: None,
            existing: Existing::Grandfathered,
            commitment: None,
            custom_fields: Default::default(),
        };
        let event = PlanPublished { plan };
        let wire = concat!(
            r#"{"plan":"basic","version":2,"name":"Basic","kind":"base","interval":"1 month","#,
            r#""timing":"in_advance","prices":[{"flat":"EUR 35.00"},{"per_seat":"GBP 12.50"}],"#,
            r#""tax_code":"standard"}"#
        );
        assert_eq!(serde_json::to_string(&event).unwrap(), wire);
        assert_eq!(serde_json::from_str::<PlanPublished>(wire).unwrap(), event);
        assert!(serde_json::from_str::<PlanPublished>(&wire.replace("tax_code", "vat")).is_err());
        assert_eq!(
            event.to_string(),
            "Version 2 of plan basic (Basic) published: EUR 35.00 flat, GBP 12.50 a seat every 1 month in advance, \
             tax code standard."
        );
        let from = "2027-01-01".parse().unwrap();
        let existing = Existing::MigrateAtRenewalFrom(from);
        let dated = PlanPublished { plan: Plan { effective_from: Some(from), existing, ..event.plan } };
        let wire = serde_json::to_string(&dated).unwrap();
        let end = r#","effective_from":"2027-01-01","existing":{"migrate_at_renewal_from":"2027-01-01"}}"#;
        assert!(wire.ends_with(end), "{wire}");
        assert_eq!(serde_json::from_str::<PlanPublished>(&wire).unwrap(), dated);
        let end = "; sold from 2027-01-01 on; existing subscribers move to it with the first period from \
                   2027-01-01 on.";
        assert!(dated.to_string().ends_with(end), "{dated}");
    }

    #[test]
    fn an_item_and_a_tax_code_are_said_in_a_sentence() {
        let item = Item {
            code: "request".parse().unwrap(),
            version: 1,
            name: Label::parse("API request").unwrap(),
            unit_prices: vec!["GBP 0.0125".parse().unwrap()],
            tax_code: "standard".parse().unwrap(),
            custom_fields: Default::default(),
        };
        assert_eq!(
            ItemPublished { item }.to_string(),
            "Version 1 of item request (API request) published: GBP 0.0125 each, tax code standard."
        );
        let code = TaxCodeSet {
            code: "standard".parse().unwrap(),
            category: TaxCategory::Standard,
            rate: Rate::percent("20").unwrap(),
            from: "2011-01-04".parse().unwrap(),
        };
        assert_eq!(code.to_string(), "Tax code standard set to 20%, standard rated, from 2011-01-04 on.");
    }
}
