//! Publishing a plan or an add-on.

use serde::{Deserialize, Serialize};

use super::Catalogue;
use super::commitment::Commitment;
use super::events::PlanPublished;
use super::phase::{Alignment, Charge, Meter, Phase, PhaseKind};
use super::plan::{Existing, Plan, PlanKind, Timing};
use super::price::Price;
use super::rejection::Rejection;
use super::sellable::{fields_fit, sellable};
use super::state::State;
use super::tiers::not_negative;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::{Date, Interval};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Label};
use crate::log::{Scope, StreamId};

/// Publish a plan or an add-on, or a new version of it. Who subscribed to an earlier version keeps it, unless the new
/// one says when existing subscribers move to it: then [`MigrationRun`](crate::runs::MigrationRun) moves them.
///
/// A version that is sold from a later day on is announced: until then the one before it is sold. It takes the place
/// of every version that was announced for its first day or a later one.
///
/// ```
/// use billing_core::catalogue::{Phase, PhaseKind, Price, PublishPlan};
/// let seat = Price::PerSeat("GBP 12.50".parse()?);
/// let basic = PublishPlan {
///     phases: vec![Phase { kind: PhaseKind::Trial, lasts: "14 days".parse()?, prices: vec![], anchor_day: None }],
///     set_up: vec!["GBP 99.00".parse()?],
///     ..PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, seat, "standard".parse()?)
/// };
/// # let _ = basic;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishPlan {
    /// Its code.
    pub plan: Code,
    /// Its name as it stands on documents.
    pub name: Label,
    /// Whether it stands alone.
    pub kind: PlanKind,
    /// How long a period is.
    pub interval: Interval,
    /// When a period is billed.
    pub timing: Timing,
    /// One price a currency.
    pub prices: Vec<Price>,
    /// Its tax code, which must have been set.
    pub tax_code: Code,
    /// What comes before its prices count: trials, introductory prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// Charged once, on the first day that is not a trial; one amount a currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_up: Vec<Money>,
    /// How long it is served after the trial; without it, until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Interval>,
    /// Where its periods begin.
    #[serde(default, skip_serializing_if = "Alignment::is_account")]
    pub alignment: Alignment,
    /// How many of an add-on a subscription may have at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// What is counted to bill it; without it, what was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// What is charged beside it, on lines of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// The first day that an agreement on it may count from; without it, any day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// What becomes of those who agreed on an earlier version.
    #[serde(default, skip_serializing_if = "Existing::is_grandfathered")]
    pub existing: Existing,
    /// What its customers agree to spend in a whole period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

impl Command for PublishPlan {
    type Department = Catalogue;
    const NAME: &'static str = "catalogue.publish_plan";
    const SCOPE: Scope = Scope::Catalogue;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Catalogue> {
        let catalogue = books.catalogue_to_change()?;
        let newest = catalogue.plan(&self.plan);
        if self.kind == PlanKind::AddOn && self.plan.as_str() == "plan" {
            return Err(Rejection::ReservedCode.into());
        }
        if let Some(was) = newest.map(|plan| plan.kind).filter(|was| *was != self.kind) {
            return Err(Rejection::KindChanged { code: self.plan.clone(), was, now: self.kind }.into());
        }
        self.check_prices(catalogue)?;
        if let (Some(sold), Some(on)) = (self.effective_from, self.existing.first_day())
            && on < sold
        {
            return Err(Rejection::MigratesBeforeSold { code: self.plan.clone(), on, sold }.into());
        }
        let had = newest.map(|newest| &newest.custom_fields);
        fields_fit(books, FieldOwner::Plan, &self.custom_fields, had)?;
        if newest.is_some_and(|newest| *newest == self.version(newest.version)) {
            return Ok(vec![]);
        }
        let plan = self.version(newest.map_or(0, |newest| newest.version).saturating_add(1));
        Ok(vec![Fact::on(StreamId::Catalogue, PlanPublished { plan })])
    }
}

impl PublishPlan {
    /// A plan that is billed by the month, in advance, at one price. Its tax code must have been set.
    ///
    /// ```
    /// use billing_core::catalogue::{Price, PublishPlan, Timing};
    /// let price = Price::Flat("GBP 30.00".parse()?);
    /// let basic = PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price.clone(), "standard".parse()?);
    /// assert_eq!((basic.timing, basic.prices), (Timing::InAdvance, vec![price]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn monthly(plan: Code, name: Label, price: Price, tax_code: Code) -> PublishPlan {
        PublishPlan {
            plan,
            name,
            kind: PlanKind::Base,
            interval: Interval::MONTHLY,
            timing: Timing::InAdvance,
            prices: vec![price],
            tax_code,
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
            custom_fields: CustomFields::default(),
        }
    }

    /// The next version of a plan, as it is until something of it is changed: sold at once, and existing subscribers
    /// keep theirs.
    ///
    /// ```
    /// use billing_core::catalogue::{Existing, Plan, Price, PublishPlan};
    /// fn dearer(basic: &Plan) -> Result<PublishPlan, Box<dyn std::error::Error>> {
    ///     let from = "2027-01-01".parse()?;
    ///     Ok(PublishPlan {
    ///         prices: vec![Price::Flat("GBP 35.00".parse()?)],
    ///         effective_from: Some(from),
    ///         existing: Existing::MigrateAtRenewalFrom(from),
    ///         ..PublishPlan::revising(basic)
    ///     })
    /// }
    /// ```
    pub fn revising(plan: &Plan) -> PublishPlan {
        let plan = plan.clone();
        PublishPlan {
            plan: plan.code,
            name: plan.name,
            kind: plan.kind,
            interval: plan.interval,
            timing: plan.timing,
            prices: plan.prices,
            tax_code: plan.tax_code,
            phases: plan.phases,
            set_up: plan.set_up,
            term: plan.term,
            alignment: plan.alignment,
            at_most: plan.at_most,
            meter: plan.meter,
            charges: plan.charges,
            commitment: plan.commitment,
            custom_fields: plan.custom_fields,
            effective_from: None,
            existing: Existing::Grandfathered,
        }
    }

    /// Every price can be, and there is one for each currency of the plan.
    fn check_prices(&self, catalogue: &State) -> Result<(), Rejection> {
        let currencies: Vec<Currency> = self.prices.iter().map(Price::currency).collect();
        sellable(catalogue, &self.plan, &self.tax_code, currencies.clone())?;
        let phases = self.phases.iter().filter(|phase| match phase.kind {
            PhaseKind::Trial => !phase.prices.is_empty(),
            PhaseKind::Introductory | PhaseKind::Standing => true,
        });
        let beside = phases.map(|phase| (&self.tax_code, &phase.prices));
        let beside = beside.chain(self.charges.iter().map(|charge| (&charge.tax_code, &charge.prices)));
        let priced =
            beside.map(|(tax_code, prices)| (tax_code, prices.iter().map(Price::currency).collect()));
        let committed = self.commitments().map(|commitment| {
            (&commitment.tax_code, commitment.minimums.iter().map(|minimum| minimum.currency()).collect())
        });
        for (tax_code, priced) in priced.chain(committed) {
            let priced: Vec<Currency> = priced;
            sellable(catalogue, &self.plan, tax_code, priced.clone())?;
            if let Some(missing) = currencies.iter().find(|currency| !priced.contains(currency)) {
                return Err(Rejection::NotInEveryCurrency { code: self.plan.clone(), currency: *missing });
            }
        }
        let prices = self.prices.iter().chain(self.phases.iter().flat_map(|phase| &phase.prices));
        for price in prices.chain(self.charges.iter().flat_map(|charge| &charge.prices)) {
            price.check().map_err(|why| Rejection::Price { code: self.plan.clone(), why })?;
        }
        for amount in &self.set_up {
            not_negative(*amount).map_err(|why| Rejection::Price { code: self.plan.clone(), why })?;
        }
        if let Some(minimum) = self
            .commitments()
            .flat_map(|commitment| &commitment.minimums)
            .find(|minimum| !minimum.is_positive())
        {
            return Err(Rejection::NoMinimum { code: self.plan.clone(), minimum: *minimum });
        }
        let twice =
            |at: usize, charge: &Charge| self.charges[..at].iter().any(|other| other.code == charge.code);
        if let Some((_, charge)) = self.charges.iter().enumerate().find(|(at, charge)| twice(*at, charge)) {
            return Err(Rejection::ChargeTwice { code: self.plan.clone(), charge: charge.code.clone() });
        }
        Ok(())
    }

    fn commitments(&self) -> impl Iterator<Item = &Commitment> {
        let of_charges = self.charges.iter().filter_map(|charge| charge.commitment.as_ref());
        self.commitment.iter().chain(of_charges)
    }

    fn version(&self, version: u32) -> Plan {
        let mut asked = self.clone();
        let beside = asked.phases.iter_mut().map(|phase| &mut phase.prices);
        let beside = beside.chain(asked.charges.iter_mut().map(|charge| &mut charge.prices));
        for prices in beside.chain([&mut asked.prices]) {
            prices.sort_by_key(|price| price.currency().code());
        }
        let of_charges = asked.charges.iter_mut().filter_map(|charge| charge.commitment.as_mut());
        let minimums = of_charges.chain(&mut asked.commitment).map(|commitment| &mut commitment.minimums);
        for amounts in minimums.chain([&mut asked.set_up]) {
            amounts.sort_by_key(|amount| amount.currency().code());
        }
        Plan {
            code: asked.plan,
            version,
            name: asked.name,
            kind: asked.kind,
            interval: asked.interval,
            timing: asked.timing,
            prices: asked.prices,
            tax_code: asked.tax_code,
            phases: asked.phases,
            set_up: asked.set_up,
            term: asked.term,
            alignment: asked.alignment,
            at_most: asked.at_most,
            meter: asked.meter,
            charges: asked.charges,
            effective_from: asked.effective_from,
            existing: asked.existing,
            commitment: asked.commitment,
            custom_fields: asked.custom_fields,
        }
    }
}
