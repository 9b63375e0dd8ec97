//! The list of accounts: found by reference, listed by owner and kind.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{Projection, Query, QueryError, RowReader, Rows, account_of, rows::beyond};
use crate::accounts::{AccountKind, Event as Accounts, Parents};
use crate::book::Event;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::{CustomFields, CustomValue};
use crate::kernel::ids::AccountId;
use crate::kernel::sealed::Sealed;
use crate::kernel::text::{Code, Reference};
use crate::log::{ActorId, Recorded};

/// The view "accounts": a row `acc/ACCOUNT` each, `ref/REFERENCE` to find it by, and `child/PARENT/CHILD` for those for
/// whom an account pays, or paid once.
#[derive(Debug)]
pub struct AccountsList;

/// One account. Its name stays sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAccount {
    /// The account.
    pub account: AccountId,
    /// The seller's own number of the customer.
    pub reference: Reference,
    /// The customer's name, sealed.
    pub name: Sealed,
    /// A trial, or a full account.
    pub kind: AccountKind,
    /// The currency that it is billed in.
    pub currency: Currency,
    /// The day on which it was registered.
    pub registered_on: Date,
    /// The seller's own fields, as they are now.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// Who looks after it, from which day on, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<(Date, ActorId)>,
    /// Who pays its invoices, by their dates.
    #[serde(default, skip_serializing_if = "Parents::is_empty")]
    pub parents: Parents,
}

impl ListedAccount {
    /// Who looked after it on a day.
    pub fn owner_on(&self, day: Date) -> Option<&ActorId> {
        let until = self.owners.partition_point(|(from, _)| *from <= day);
        self.owners[..until].last().map(|(_, owner)| owner)
    }
}

impl Projection for AccountsList {
    const NAME: &'static str = "accounts";
    const FOLD: u32 = 3;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        let key = format!("acc/{account}");
        let mut change = |change: &dyn Fn(&mut ListedAccount)| {
            if let Some(mut row) = rows.get(&key) {
                change(&mut row);
                rows.put(key.as_str(), &row);
            }
        };
        match &recorded.event {
            Event::Accounts(event) => match event {
                Accounts::AccountRegistered(registered) => {
                    let row = ListedAccount {
                        account,
                        reference: registered.reference.clone(),
                        name: registered.name.clone(),
                        kind: registered.kind,
                        currency: registered.currency,
                        registered_on: registered.registered_on,
                        custom_fields: registered.custom_fields.clone(),
                        owners: Vec::new(),
                        parents: Parents::default(),
                    };
                    rows.put(format!("ref/{}", row.reference), &account);
                    rows.put(key, &row);
                }
                Accounts::DetailsChanged(details) => change(&|row| {
                    if let Some(name) = &details.name {
                        row.name = name.clone();
                    }
                    if let Some(fields) = &details.custom_fields {
                        row.custom_fields = fields.clone();
                    }
                }),
                Accounts::OwnerAssigned(assigned) => change(&|row| {
                    // An owner from a day on replaces whoever was to follow from that day.
                    row.owners.retain(|(from, _)| *from < assigned.from);
                    row.owners.push((assigned.from, assigned.owner.clone()));
                }),
                Accounts::ParentAssigned(assigned) => change(&|row| row.parents.assign(assigned)),
                Accounts::ChildAssigned(assigned) => {
                    rows.put(format!("{CHILD}{account}/{}", assigned.child), &());
                }
                Accounts::ConvertedToFull(_) => change(&|row| row.kind = AccountKind::Full),
                Accounts::ContactAdded(_)
                | Accounts::ContactChanged(_)
                | Accounts::ContactRemoved(_)
                | Accounts::TermsChanged(_)
                // Invoices of the time before may still be its to pay.
                | Accounts::ChildLeft(_)
                | Accounts::AnchorDayGiven(_)
                | Accounts::PurchaseOrderRequirementSet(_)
                | Accounts::PurchaseOrderGiven(_) => {}
            },
            Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Subscriptions(_)
            | Event::Usage(_)
            | Event::Work(_)
            | Event::Quotes(_)
            | Event::Discounts(_)
            | Event::Invoicing(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
    }
}

/// What the keys `child/PARENT/CHILD` begin with.
const CHILD: &str = "child/";

/// Asks for the accounts that pay for others, or did once, in the order of the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParentAccounts;

impl Query for ParentAccounts {
    type View = AccountsList;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let mut parents: Vec<AccountId> = Vec::new();
        rows.prefixed(CHILD, |key, ()| {
            let parent = key.split('/').nth(1).and_then(|parent| parent.parse().ok());
            parents.extend(parent.filter(|parent| parents.last() != Some(parent)));
            Ok(())
        })?;
        Ok(parents)
    }
}

/// Asks for the account with a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountByReference {
    /// The seller's own number of the customer.
    pub reference: Reference,
}

impl Query for AccountByReference {
    type View = AccountsList;
    type Answer = Option<ListedAccount>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Option<ListedAccount>, QueryError> {
        match rows.get::<AccountId>(&format!("ref/{}", self.reference))? {
            Some(account) => rows.get(&format!("acc/{account}")),
            None => Ok(None),
        }
    }
}

/// Asks for a page of accounts, in the order of their ids: that of their registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsPage {
    /// The last account of the page before.
    pub after: Option<AccountId>,
    /// How many at most.
    pub limit: usize,
    /// Which ones.
    pub filter: AccountsFilter,
}

/// Which accounts to list; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountsFilter {
    /// Those that somebody looks after on a day.
    pub owner: Option<(ActorId, Date)>,
    /// Trials, or full accounts.
    pub kind: Option<AccountKind>,
    /// Those whose field has this value now; what is sealed is compared as it is sealed.
    pub field: Option<(Code, CustomValue)>,
}

impl AccountsFilter {
    fn takes(&self, row: &ListedAccount) -> bool {
        self.kind.is_none_or(|kind| kind == row.kind)
            && self.field.as_ref().is_none_or(|(name, value)| row.custom_fields.get(name) == Some(value))
            && self.owner.as_ref().is_none_or(|(owner, day)| row.owner_on(*day) == Some(owner))
    }
}

impl Query for AccountsPage {
    type View = AccountsList;
    type Answer = Vec<ListedAccount>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<ListedAccount>, QueryError> {
        let from = self.after.map_or("acc/".to_owned(), |account| beyond(&format!("acc/{account}")));
        let mut page = Vec::new();
        rows.scan(&from, &beyond("acc/"), |_, row| {
            if page.len() >= self.limit {
                return Ok(ControlFlow::Break(()));
            }
            page.extend(Some(row).filter(|row| self.filter.takes(row)));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{Log, acc, date};
    use super::*;
    use crate::accounts::{AccountRegistered, ConvertedToFull, DetailsChanged, OwnerAssigned};
    use crate::kernel::custom_fields::CustomValue;

    fn register(log: &mut Log, number: u128, kind: AccountKind) {
        let event = AccountRegistered {
            account: acc(number),
            reference: format!("C-{number}").parse().unwrap(),
            name: Sealed::marked("Acme Ltd").unwrap(),
            kind,
            currency: Currency::GBP,
            terms: None,
            purchase_order_required: false,
            custom_fields: Default::default(),
            registered_on: date("2026-01-01"),
            anchor_day: None,
        };
        log.on(acc(number), Accounts::from(event));
    }

    fn assign(log: &mut Log, number: u128, owner: &str, from: &str) {
        let event = OwnerAssigned { owner: owner.parse().unwrap(), from: date(from) };
        log.on(acc(number), Accounts::from(event));
    }

    fn log() -> Log {
        let mut log = Log::default();
        register(&mut log, 1, AccountKind::Full);
        register(&mut log, 2, AccountKind::Trial);
        register(&mut log, 3, AccountKind::Trial);
        assign(&mut log, 1, "user:ann", "2026-01-01");
        assign(&mut log, 2, "user:ann", "2026-01-01");
        assign(&mut log, 2, "user:bob", "2026-03-15");
        log.on(acc(3), Accounts::from(ConvertedToFull { converted_on: date("2026-02-01") }));
        log
    }

    fn listed(filter: AccountsFilter) -> Vec<AccountId> {
        let page = log().ask(&AccountsPage { after: None, limit: 9, filter });
        page.into_iter().map(|row| row.account).collect()
    }

    #[test]
    fn an_account_is_found_by_its_reference() {
        let found = |text: &str| log().ask(&AccountByReference { reference: text.parse().unwrap() });
        assert_eq!(found("C-2").unwrap().account, acc(2));
        assert_eq!(found("C-9"), None);
    }

    #[test]
    fn a_row_has_the_name_and_the_custom_fields_of_now() {
        let depot = |number| {
            let mut fields = CustomFields::default();
            fields.insert("depot".parse().unwrap(), CustomValue::Number(number)).unwrap();
            fields
        };
        let mut log = log();
        let mut change = |name: Option<&str>, custom_fields: Option<CustomFields>| {
            let name = name.map(|name| Sealed::marked(name).unwrap());
            let changed_on = date("2026-04-01");
            log.on(acc(1), Accounts::from(DetailsChanged { name, custom_fields, changed_on }));
            let row = log.ask(&AccountByReference { reference: "C-1".parse().unwrap() }).unwrap();
            (row.name, row.custom_fields)
        };
        let [before, after] = ["Acme Ltd", "Acme plc"].map(|name| Sealed::marked(name).unwrap());
        assert_eq!(change(None, Some(depot(3))), (before, depot(3)));
        assert_eq!(change(Some("Acme plc"), None), (after.clone(), depot(3)));
        assert_eq!(change(None, Some(CustomFields::default())), (after, CustomFields::default()));
    }

    #[test]
    fn a_portfolio_is_that_of_the_day() {
        let of = |owner: &str, day| AccountsFilter {
            owner: Some((owner.parse().unwrap(), date(day))),
            ..AccountsFilter::default()
        };
        assert_eq!(listed(of("user:ann", "2026-03-14")), [acc(1), acc(2)]);
        assert_eq!(listed(of("user:ann", "2026-03-15")), [acc(1)]);
        assert_eq!(listed(of("user:bob", "2026-03-15")), [acc(2)]);
        assert_eq!(listed(of("user:ann", "2025-12-31")), []);
    }

    #[test]
    fn kinds_are_as_they_are_now() {
        let kind = |kind| AccountsFilter { kind: Some(kind), ..AccountsFilter::default() };
        assert_eq!(listed(kind(AccountKind::Full)), [acc(1), acc(3)]);
        assert_eq!(listed(kind(AccountKind::Trial)), [acc(2)]);
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let mut seen: Vec<AccountId> = Vec::new();
        let page = |after| {
            let filter = AccountsFilter::default();
            log().ask(&AccountsPage { after, limit: 2, filter })
        };
        for rows in [page(None), page(Some(acc(2)))] {
            seen.extend(rows.iter().map(|row| row.account));
        }
        assert_eq!(seen, [acc(1), acc(2), acc(3)]);
        assert_eq!(page(Some(acc(3))), []);
        log().assert_rows_do_not_depend_on_saves::<AccountsList>();
    }
}
