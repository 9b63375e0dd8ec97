//! Publishing an item.

use serde::{Deserialize, Serialize};

use super::Catalogue;
use super::events::ItemPublished;
use super::plan::Item;
use super::sellable::{fields_fit, sellable};
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::text::{Code, Label};
use crate::kernel::unit_price::UnitPrice;
use crate::log::{Scope, StreamId};

/// Publish something that is sold once, or a new version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishItem {
    /// Its code.
    pub item: Code,
    /// Its name as it stands on documents.
    pub name: Label,
    /// One unit price a currency.
    pub unit_prices: Vec<UnitPrice>,
    /// Its tax code, which must have been set.
    pub tax_code: Code,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

impl Command for PublishItem {
    type Department = Catalogue;
    const NAME: &'static str = "catalogue.publish_item";
    const SCOPE: Scope = Scope::Catalogue;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Catalogue> {
        let catalogue = books.catalogue_to_change()?;
        let newest = catalogue.item(&self.item);
        let currencies = self.unit_prices.iter().map(|price| price.currency()).collect();
        sellable(catalogue, &self.item, &self.tax_code, currencies)?;
        let had = newest.map(|newest| &newest.custom_fields);
        fields_fit(books, FieldOwner::Item, &self.custom_fields, had)?;
        if newest.is_some_and(|newest| *newest == self.version(newest.version)) {
            return Ok(vec![]);
        }
        let item = self.version(newest.map_or(0, |newest| newest.version).saturating_add(1));
        Ok(vec![Fact::on(StreamId::Catalogue, ItemPublished { item })])
    }
}

impl PublishItem {
    fn version(&self, version: u32) -> Item {
        let PublishItem { item: code, name, mut unit_prices, tax_code, custom_fields } = self.clone();
        unit_prices.sort_by_key(|price| price.currency().code());
        Item { code, version, name, unit_prices, tax_code, custom_fields }
    }
}
