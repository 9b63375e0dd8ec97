//! What a decision can ask about the book: who sells, and what was chosen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::{BookOpened, Event};
use super::ladder::Ladder;
use super::page::Profile;
use super::policy::Policies;
use super::series::{SeriesChoice, SeriesPrefix};
use crate::kernel::currency::Currency;
use crate::kernel::defined_fields::{DefinedFields, FieldOwner};
use crate::kernel::document::DocumentKind;
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Label};
use crate::kernel::zone::Zone;

/// The book's own page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) open: bool,
    pub(super) profile: Profile,
    pub(super) policies: Policies,
    pub(super) ladder: Ladder,
    pub(super) invoices: SeriesChoice,
    pub(super) credit_notes: SeriesChoice,
    pub(super) receipts: SeriesChoice,
    /// Every series ever chosen, with its prefix: neither is used again.
    pub(super) used: BTreeMap<Code, SeriesPrefix>,
    /// The fields of the seller's own, by what carries them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) custom_fields: BTreeMap<FieldOwner, DefinedFields>,
}

impl Default for State {
    /// A book that is not open. Its profile holds the place of one; decisions never see it, because
    /// `Books::settings` gives no page of a book that was not opened.
    fn default() -> Self {
        let profile = Profile {
            seller: Label::parse("not open").expect("two words are a label"),
            currency: Currency::GBP,
            zone: Zone::UTC,
            holidays: HolidayCalendar::weekdays_only(),
            terms: PaymentTerms::OnReceipt,
        };
        State {
            open: false,
            profile,
            policies: Policies::default(),
            ladder: Ladder::default(),
            invoices: SeriesChoice::standard(DocumentKind::Invoice),
            credit_notes: SeriesChoice::standard(DocumentKind::CreditNote),
            receipts: SeriesChoice::standard(DocumentKind::Receipt),
            used: BTreeMap::new(),
            custom_fields: BTreeMap::new(),
        }
    }
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::BookOpened(opened) => {
                let BookOpened { seller, currency, zone, holidays, terms, policies, series } = opened.clone();
                self.open = true;
                self.profile = Profile { seller, currency, zone, holidays, terms };
                self.policies = policies;
                series.into_iter().for_each(|choice| self.choose(choice));
            }
            Event::PoliciesChosen(chosen) => self.policies = chosen.policies,
            Event::LadderSet(set) => self.ladder = set.ladder.clone(),
            Event::SeriesChosen(chosen) => self.choose(chosen.series.clone()),
            Event::CustomFieldDefined(defined) => {
                let fields = self.custom_fields.entry(defined.on).or_default();
                fields.define(defined.name.clone(), defined.definition.clone());
            }
            Event::CustomFieldRetired(retired) => {
                self.custom_fields.entry(retired.on).or_default().retire(&retired.name);
            }
        }
    }

    fn choose(&mut self, choice: SeriesChoice) {
        self.used.insert(choice.series.clone(), choice.prefix.clone());
        match choice.documents {
            DocumentKind::Invoice => self.invoices = choice,
            DocumentKind::CreditNote => self.credit_notes = choice,
            DocumentKind::Receipt => self.receipts = choice,
        }
    }
}
