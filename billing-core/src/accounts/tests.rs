//! Decisions about accounts.

use std::collections::BTreeSet;

use super::{
    AccountKind, AccountRegistered, AddContact, AssignOwner, ChangeContact, ChangeDetails, ChangeTerms,
    Contact, ContactAdded, ContactRole, ConvertToFull, GivePurchaseOrder, RegisterAccount, RemoveContact,
    RequirePurchaseOrder, State,
};
use crate::book::{Event, payload};
use crate::decision::Department;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::{CustomFields, CustomValue};
use crate::kernel::ids::{AccountId, ContactId};
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::settings::OpenBook;
use crate::settings::tests::open_book;
use crate::testing::Scenario;

fn account() -> AccountId {
    "acc_0123456789abcdef0123456789abcdef".parse().unwrap()
}

fn contact_id() -> ContactId {
    "con_0123456789abcdef0123456789abcdef".parse().unwrap()
}

fn sealed(text: &str) -> Sealed {
    Sealed::marked(text).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn register() -> RegisterAccount {
    RegisterAccount {
        account: Some(account()),
        reference: "C-1007".parse().unwrap(),
        name: sealed("Ada Lovelace"),
        kind: AccountKind::Trial,
        currency: None,
        terms: None,
        purchase_order_required: false,
        custom_fields: CustomFields::default(),
        owner: Some("user:ann".parse().unwrap()),
        registered_on: date("2026-01-10"),
        anchor_day: None,
    }
}

fn ada() -> Contact {
    Contact {
        name: sealed("Ada Lovelace"),
        email: Some(sealed("ada@example.com")),
        phone: None,
        roles: BTreeSet::from([ContactRole::Primary, ContactRole::Billing]),
    }
}

fn new_book() -> Scenario {
    Scenario::new().given(OpenBook { currency: Currency::EUR, ..open_book() })
}

fn registered() -> Scenario {
    new_book().given(register())
}

fn page(scenario: &Scenario) -> State {
    let mut state = State::default();
    for planned in scenario.history() {
        if let Event::Accounts(event) = &planned.event {
            super::Accounts::evolve(&mut state, event);
        }
    }
    state
}

/// What accounts recorded last, in a sentence.
fn last_sentence(scenario: &Scenario) -> String {
    let mut own = scenario.history().iter().filter(|planned| matches!(planned.event, Event::Accounts(_)));
    own.next_back().map(|planned| planned.event.to_string()).unwrap_or_default()
}

#[test]
fn a_customer_is_registered_in_the_currency_of_the_book_with_an_owner() {
    let mut scenario = new_book();
    let events = scenario.when(register()).unwrap();
    assert_eq!(
        events[0].to_string(),
        "Account acc_0123456789abcdef0123456789abcdef registered on 2026-01-10 as C-1007: trial, in EUR."
    );
    assert_eq!(events[1].to_string(), "Account looked after by user:ann from 2026-01-10 on.");
    let state = page(&scenario);
    assert_eq!((state.currency(), state.kind()), (Currency::EUR, AccountKind::Trial));
    assert_eq!(state.reference().map(|reference| reference.as_str()), Some("C-1007"));
    assert_eq!(state.owner(date("2026-01-09")), None);
    assert_eq!(state.owner(date("2026-01-10")).map(|owner| owner.as_str()), Some("user:ann"));
}

#[test]
fn the_reference_is_claimed_for_the_account() {
    let mut scenario = new_book();
    let events = scenario.when(register()).unwrap();
    let claims = events[0].claims();
    assert_eq!((claims[0].space, claims[0].key.as_str(), claims.len()), ("account.reference", "C-1007", 1));
    assert!(events[1].claims().is_empty());
}

#[test]
fn an_id_is_minted_where_the_host_made_none() {
    let mut scenario = new_book();
    let mut register = RegisterAccount { account: None, ..register() };
    let one = scenario.when(register.clone()).unwrap();
    register.reference = "C-1008".parse().unwrap();
    let two = scenario.when(register).unwrap();
    let id = |event| payload::<AccountRegistered>(event).unwrap().account;
    assert_ne!(id(&one[0]), id(&two[0]));
}

#[test]
fn registering_twice_is_harmless_when_it_is_the_same_customer() {
    let mut scenario = registered().given(AddContact { account: account(), contact: None, details: ada() });
    assert_eq!(scenario.when(register()), Ok(vec![]));
    let other = RegisterAccount { name: sealed("Ada King"), ..register() };
    assert_eq!(scenario.refused(other), "accounts.already_registered");
    let other = RegisterAccount { owner: Some("user:bo".parse().unwrap()), ..register() };
    assert_eq!(scenario.refused(other), "accounts.already_registered");
}

#[test]
fn only_details_that_differ_are_changed() {
    let mut scenario = registered();
    let mut custom_fields = CustomFields::default();
    custom_fields.insert("depot".parse().unwrap(), CustomValue::Number(3)).unwrap();
    let change = ChangeDetails {
        account: account(),
        name: Some(sealed("Ada Lovelace")),
        custom_fields: Some(custom_fields.clone()),
        on: date("2026-02-01"),
    };
    scenario.when(change.clone()).unwrap();
    assert_eq!(last_sentence(&scenario), "Custom fields of the account changed on 2026-02-01.");
    assert_eq!(scenario.when(change), Ok(vec![]));
    assert_eq!(page(&scenario).custom_fields(), &custom_fields);
    assert_eq!(page(&scenario).name(), Some(&sealed("Ada Lovelace")));
}

#[test]
fn contacts_come_change_and_go() {
    let add = AddContact { account: account(), contact: Some(contact_id()), details: ada() };
    let mut scenario = registered().given(add.clone());
    assert_eq!(
        last_sentence(&scenario),
        "Contact con_0123456789abcdef0123456789abcdef added for billing, primary."
    );
    assert_eq!(scenario.when(add.clone()), Ok(vec![]));
    assert_eq!(page(&scenario).contacts_for(ContactRole::Billing).count(), 1);
    assert_eq!(page(&scenario).contacts_for(ContactRole::Legal).count(), 0);

    let details = Contact { roles: BTreeSet::from([ContactRole::Legal]), ..ada() };
    let again = AddContact { details: details.clone(), ..add };
    assert_eq!(scenario.refused(again), "accounts.contact_exists");
    let change = ChangeContact { account: account(), contact: contact_id(), details };
    let mut scenario = scenario.given(change.clone());
    assert_eq!(
        last_sentence(&scenario),
        "Contact con_0123456789abcdef0123456789abcdef changed, now for legal."
    );
    assert_eq!(scenario.when(change.clone()), Ok(vec![]));

    let remove = RemoveContact { account: account(), contact: contact_id() };
    let mut scenario = scenario.given(remove.clone());
    assert_eq!(last_sentence(&scenario), "Contact con_0123456789abcdef0123456789abcdef removed.");
    assert_eq!(page(&scenario).contacts().count(), 0);
    assert_eq!(scenario.refused(remove), "accounts.no_such_contact");
    assert_eq!(scenario.refused(change), "accounts.no_such_contact");
}

#[test]
fn a_contact_can_be_reached() {
    let mut scenario = registered().given(AddContact { account: account(), contact: None, details: ada() });
    let contact = scenario
        .history()
        .iter()
        .find_map(|planned| payload::<ContactAdded>(&planned.event))
        .unwrap()
        .contact;
    let details = Contact { email: None, ..ada() };
    let add = AddContact { account: account(), contact: None, details: details.clone() };
    assert_eq!(scenario.refused(add), "accounts.contact_unreachable");
    let change = ChangeContact { account: account(), contact, details: details.clone() };
    assert_eq!(scenario.refused(change), "accounts.contact_unreachable");
    let details = Contact { phone: Some(sealed("+44 20 7946 0000")), ..details };
    scenario.when(ChangeContact { account: account(), contact, details }).unwrap();
}

#[test]
fn terms_hold_from_their_date_on() {
    let net = |terms: Option<PaymentTerms>, from| ChangeTerms { account: account(), terms, from: date(from) };
    let scenario =
        registered().given(net(Some(PaymentTerms::NetDays(14)), "2026-03-01")).given(net(None, "2026-06-01"));
    assert_eq!(last_sentence(&scenario), "Invoices from 2026-06-01 on have the book's terms.");
    let state = page(&scenario);
    assert_eq!(state.own_terms(date("2026-02-28")), None);
    assert_eq!(state.own_terms(date("2026-03-01")), Some(&PaymentTerms::NetDays(14)));
    assert_eq!(state.own_terms(date("2026-05-31")), Some(&PaymentTerms::NetDays(14)));
    assert_eq!(state.own_terms(date("2026-06-01")), None);
    let books = scenario.books(account());
    let book_terms = state.terms(books.settings().unwrap(), date("2026-06-01"));
    assert_eq!(book_terms, &PaymentTerms::NetDays(30));
    let mut scenario = scenario;
    assert_eq!(scenario.when(net(Some(PaymentTerms::NetDays(14)), "2026-04-01")), Ok(vec![]));
}

#[test]
fn a_purchase_order_is_required_and_given() {
    let require = RequirePurchaseOrder { account: account(), required: true };
    let number = "PO 4711".parse().unwrap();
    let give = GivePurchaseOrder { account: account(), number, on: date("2026-02-01") };
    let mut scenario = registered().given(require.clone()).given(give.clone());
    assert_eq!(last_sentence(&scenario), "Purchase order PO 4711 given on 2026-02-01.");
    assert_eq!(scenario.when(require), Ok(vec![]));
    assert_eq!(scenario.when(give), Ok(vec![]));
    let state = page(&scenario);
    assert!(state.purchase_order_required());
    assert_eq!(state.purchase_order().map(|number| number.as_str()), Some("PO 4711"));
    let scenario = scenario.given(RequirePurchaseOrder { account: account(), required: false });
    assert_eq!(last_sentence(&scenario), "Purchase order no longer required before an invoice is issued.");
}

#[test]
fn an_owner_looks_after_the_account_from_a_date_on() {
    let assign =
        AssignOwner { account: account(), owner: "user:bo".parse().unwrap(), from: date("2026-02-15") };
    let mut scenario = registered().given(assign.clone());
    assert_eq!(scenario.when(assign), Ok(vec![]));
    let state = page(&scenario);
    assert_eq!(state.owner(date("2026-02-14")).map(|owner| owner.as_str()), Some("user:ann"));
    assert_eq!(state.owner(date("2026-02-15")).map(|owner| owner.as_str()), Some("user:bo"));
}

#[test]
fn a_trial_becomes_a_full_account_once() {
    let convert = |on| ConvertToFull { account: account(), on: date(on) };
    let mut scenario = registered();
    assert_eq!(scenario.refused(convert("2026-01-09")), "accounts.converted_before_registered");
    let mut scenario = scenario.given(convert("2026-01-10"));
    assert_eq!(last_sentence(&scenario), "Trial converted to a full account on 2026-01-10.");
    assert_eq!(page(&scenario).kind(), AccountKind::Full);
    assert_eq!(scenario.when(convert("2026-03-01")), Ok(vec![]));
}

#[test]
fn what_is_absent_is_not_written() {
    let added = ContactAdded { contact: contact_id(), details: ada() };
    assert_eq!(
        serde_json::to_string(&added).unwrap(),
        concat!(
            r#"{"contact":"con_0123456789abcdef0123456789abcdef","details":{"name":"plain:Ada Lovelace","#,
            r#""email":"plain:ada@example.com","roles":["billing","primary"]}}"#
        )
    );
}
