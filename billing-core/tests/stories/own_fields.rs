//! Fields of the seller's own: defined, checked wherever they are given, relaxed and retired, found by their value, and
//! shown on documents as they were when these were issued.

use billing_core::audit::export;
use billing_core::decision::Command;
use billing_core::kernel::document::DocumentId;
use billing_core::prelude::*;
use billing_core::projections::documents::FullDocument;
use billing_core::projections::line_fields::LineFields;
use billing_core::settings::CustomFieldDefined;
use billing_core::store::Store;
use billing_core::subscriptions::SubscriptionFieldsChanged;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::firm::*;

fn text(text: &str) -> CustomValue {
    CustomValue::Text(text.parse().unwrap())
}

fn sealed(text: &str) -> CustomValue {
    CustomValue::Sealed(Sealed::marked(text).unwrap())
}

fn fields(values: &[(&str, CustomValue)]) -> CustomFields {
    let mut fields = CustomFields::default();
    values.iter().for_each(|(name, value)| fields.insert(name.parse().unwrap(), value.clone()).unwrap());
    fields
}

fn field(on: FieldOwner, name: &str, kind: FieldKind, required: bool, personal: bool) -> DefineCustomField {
    DefineCustomField {
        on,
        name: name.parse().unwrap(),
        definition: FieldDefinition { kind, required, personal },
    }
}

fn one_of(options: &[&str]) -> FieldKind {
    FieldKind::OneOf(options.iter().map(|option| option.parse().unwrap()).collect())
}

fn details(account: AccountId, values: &[(&str, CustomValue)]) -> ChangeDetails {
    ChangeDetails { account, name: None, custom_fields: Some(fields(values)), on: date("2026-01-10") }
}

fn plan_with(values: &[(&str, CustomValue)]) -> PublishPlan {
    let price = Price::Flat(money("GBP 30.00"));
    let monthly = PublishPlan::monthly(
        "own".parse().unwrap(),
        "Own".parse().unwrap(),
        price,
        "standard".parse().unwrap(),
    );
    PublishPlan { custom_fields: fields(values), ..monthly }
}

#[test]
fn a_definition_is_added_relaxed_or_retired_and_nothing_else() {
    let story = firm();
    let define = |kind, required, personal| field(FieldOwner::Account, "depot", kind, required, personal);
    let done = story.give(define(one_of(&["north", "south"]), true, false));
    assert_eq!(
        done.first::<CustomFieldDefined>().unwrap().to_string(),
        "Field depot of accounts defined: one of north, south, required."
    );
    assert!(story.give(define(one_of(&["north", "south"]), true, false)).is_nothing());
    story.give(define(one_of(&["north", "south", "west"]), true, false));
    story.give(define(one_of(&["north", "south", "west"]), false, false));
    for (stricter, code) in [
        (define(FieldKind::Text, false, false), "settings.field_kind_changed"),
        (define(one_of(&["north", "south"]), false, false), "settings.field_tightened"),
        (define(one_of(&["north", "south", "west"]), true, false), "settings.field_tightened"),
        (define(one_of(&[]), false, false), "settings.no_options"),
        (field(FieldOwner::Account, "age", FieldKind::Number, false, true), "settings.personal_not_text"),
    ] {
        assert_eq!(story.refused(stricter), code);
    }
    story.give(field(FieldOwner::Account, "contact", FieldKind::Text, false, true));
    let open = field(FieldOwner::Account, "contact", FieldKind::Text, false, false);
    assert_eq!(story.refused(open), "settings.field_tightened", "sealed values are on record");

    let retire = |name: &str| RetireCustomField { on: FieldOwner::Account, name: name.parse().unwrap() };
    assert_eq!(story.refused(retire("region")), "settings.no_such_field");
    let done = story.give(retire("depot"));
    assert_eq!(done.events[0].event.to_string(), "Field depot of accounts retired.");
    assert!(story.give(retire("depot")).is_nothing());
    assert_eq!(
        story.refused(define(FieldKind::Text, false, false)),
        "settings.field_kind_changed",
        "for good"
    );
    story.give(define(one_of(&["north", "south", "west"]), true, false));
    for number in 0..48 {
        story.give(field(FieldOwner::Account, &format!("f{number}"), FieldKind::Flag, false, false));
    }
    let more = field(FieldOwner::Account, "more", FieldKind::Flag, false, false);
    assert_eq!(story.refused(more), "settings.too_many_fields");
    let settings = story.engine.settings().unwrap();
    assert_eq!(settings.custom_fields(FieldOwner::Account).iter().count(), 50);
    assert_eq!(settings.custom_fields(FieldOwner::Plan).iter().count(), 0);
    story.laws();
}

#[test]
fn a_book_that_is_not_open_defines_nothing() {
    let story = Story::on(MemoryStore::new());
    let define = field(FieldOwner::Account, "depot", FieldKind::Text, false, false);
    let retire = RetireCustomField { on: FieldOwner::Account, name: "depot".parse().unwrap() };
    for no in [story.try_give(define).unwrap_err(), story.try_give(retire).unwrap_err()] {
        assert!(no.is_not_found(), "{no}");
    }
}

#[test]
fn customers_carry_what_is_defined_and_personal_fields_sealed() {
    let story = firm();
    // Nothing is defined, and anything is taken.
    let early = customer(&story, "C-1");
    story.give(details(early, &[("depot", text("east")), ("note", text("x"))]));
    story.give(field(FieldOwner::Account, "depot", one_of(&["north", "south"]), true, false));
    story.give(field(FieldOwner::Account, "contact", FieldKind::Text, false, true));
    let register = |reference: &str, values: &[(&str, CustomValue)]| RegisterAccount {
        custom_fields: fields(values),
        ..registration(reference)
    };
    for wrong in [
        register("C-2", &[]),
        register("C-2", &[("depot", text("east"))]),
        register("C-2", &[("depot", CustomValue::Number(1))]),
        register("C-2", &[("depot", text("north")), ("note", text("x"))]),
        register("C-2", &[("depot", text("north")), ("contact", text("Ada Lovelace"))]),
        register("C-2", &[("depot", sealed("north"))]),
    ] {
        assert_eq!(story.refused(wrong), "accounts.custom_field");
    }
    let given = [("depot", text("north")), ("contact", sealed("Ada Lovelace"))];
    let late = story.give(register("C-2", &given)).first::<AccountRegistered>().unwrap().account;
    // What was recorded before goes along unchanged, and a new value must fit.
    story.give(details(early, &[("depot", text("east"))]));
    assert_eq!(story.refused(details(early, &[("depot", text("west"))])), "accounts.custom_field");
    assert_eq!(story.refused(details(early, &[])), "accounts.custom_field");
    let renamed = Some(Sealed::marked("Renamed").unwrap());
    story.give(ChangeDetails { account: early, name: renamed, custom_fields: None, on: date("2026-01-11") });

    let with = |name: &str, value: CustomValue| {
        let filter =
            AccountsFilter { field: Some((name.parse().unwrap(), value)), ..AccountsFilter::default() };
        let page = AccountsPage { after: None, limit: 10, filter };
        let found = story.engine.ask(&page).unwrap().value;
        found.into_iter().map(|listed| listed.account).collect::<Vec<_>>()
    };
    assert_eq!(with("depot", text("north")), [late]);
    assert_eq!(with("depot", text("south")), []);
    // It is exported as it was sealed, and shown to nobody.
    let page = story.engine.account(late).unwrap();
    assert!(!format!("{page:?}").contains("Lovelace"));
    let mut log = Vec::new();
    export(story.engine.store(), story.engine.book(), &mut log).unwrap();
    assert!(String::from_utf8(log).unwrap().contains(r#""contact":{"sealed":"plain:Ada Lovelace"}"#));
    story.laws();
}

fn shown<S: Store>(story: &Story<S>, invoice: InvoiceId) -> Vec<LineFields> {
    let document: FullDocument =
        story.engine.ask(&DocumentById { document: DocumentId::Invoice(invoice) }).unwrap().value.unwrap();
    document.lines.into_iter().map(|line| line.fields).collect()
}

#[test]
fn a_document_shows_the_fields_as_they_were_when_it_was_issued() {
    let story = firm();
    let account = customer(&story, "C-1");
    story.give(field(FieldOwner::Subscription, "project", FieldKind::Text, true, false));
    story.give(field(FieldOwner::Plan, "ledger", FieldKind::Number, false, false));
    story.give(field(FieldOwner::Item, "ledger", FieldKind::Number, true, false));
    assert_eq!(story.refused(plan_with(&[("ledger", text("4000"))])), "catalogue.custom_field");
    story.give(plan_with(&[("ledger", CustomValue::Number(4000))]));
    let item = |values: &[(&str, CustomValue)]| PublishItem {
        item: "visit".parse().unwrap(),
        name: "Visit".parse().unwrap(),
        unit_prices: vec!["GBP 90.00".parse().unwrap()],
        tax_code: "standard".parse().unwrap(),
        custom_fields: fields(values),
    };
    assert_eq!(story.refused(item(&[])), "catalogue.custom_field");
    story.give(item(&[("ledger", CustomValue::Number(4100))]));

    let subscribe = |values: &[(&str, CustomValue)]| Subscribe {
        custom_fields: fields(values),
        ..Subscribe::new(account, "own".parse().unwrap(), date("2026-01-01"))
    };
    assert_eq!(story.refused(subscribe(&[])), "subscriptions.custom_field");
    let done = story.give(subscribe(&[("project", text("P-1"))]));
    let subscription = done.first::<SubscriptionStarted>().unwrap().subscription;
    let january = invoice_of(&bill(&story, account, "2026-01-01", "2026-01-01"));

    let change = |values: &[(&str, CustomValue)]| ChangeSubscriptionFields {
        account,
        subscription,
        custom_fields: fields(values),
        on: date("2026-01-20"),
    };
    assert_eq!(story.refused(change(&[("project", CustomValue::Flag(true))])), "subscriptions.custom_field");
    let other = "sub_00000000000000000000000000000000".parse().unwrap();
    let unknown = ChangeSubscriptionFields { subscription: other, ..change(&[("project", text("P-2"))]) };
    assert_eq!(story.refused(unknown), "subscriptions.unknown_subscription");
    let done = story.give(change(&[("project", text("P-2"))]));
    assert_eq!(
        done.first::<SubscriptionFieldsChanged>().unwrap().to_string(),
        format!("Fields of subscription {subscription} changed on 2026-01-20.")
    );
    assert!(story.give(change(&[("project", text("P-2"))])).is_nothing());
    // Another version has other values; the subscription stays on the one that it agreed on.
    story.give(plan_with(&[("ledger", CustomValue::Number(4999))]));

    // The next bill is looked at: a template may print the field.
    let (issue_on, through) = (date("2026-02-01"), date("2026-02-01"));
    let drafted = story.give(BillOrDraft { account, issue_on, through });
    let drafted = drafted.first::<BillDrafted>().unwrap();
    assert_eq!(drafted.changes, [Change::Details].into());
    let february = invoice_of(&story.give(ApproveDraft { account, draft: drafted.draft }));
    let visit = ItemLine { item: "visit".parse().unwrap(), quantity: "1".parse().unwrap(), text: None };
    let sold = story.give(IssueInvoice { account, issue_on, items: vec![visit], work: vec![] });

    let line = |project: Option<&str>, ledger| LineFields {
        subscription: project
            .map_or(CustomFields::default(), |project| fields(&[("project", text(project))])),
        sold: fields(&[("ledger", CustomValue::Number(ledger))]),
    };
    assert_eq!(shown(&story, january), [line(Some("P-1"), 4000)]);
    assert_eq!(shown(&story, february), [line(Some("P-2"), 4000)]);
    assert_eq!(shown(&story, invoice_of(&sold)), [line(None, 4100)]);
    assert_eq!(ChangeSubscriptionFields::NAME, "subscriptions.change_subscription_fields");
    story.laws();
}
