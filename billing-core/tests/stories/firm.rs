//! A small firm to tell stories about: live chat by the seat, VAT at 20 %, thirty days to pay.

use billing_core::accounts::{AccountRegistered, RegisterAccount};
use billing_core::catalogue::{PlanKind, Price, PublishItem, PublishPlan, SetTaxCode, Timing};
use billing_core::engine::Done;
use billing_core::invoicing::{BillAccount, InvoiceIssued};
use billing_core::kernel::calendar::Date;
use billing_core::kernel::currency::Currency;
use billing_core::kernel::holidays::{HolidayCalendar, Region};
use billing_core::kernel::ids::{AccountId, InvoiceId, PaymentId, SubscriptionId};
use billing_core::kernel::money::Money;
use billing_core::kernel::sealed::Sealed;
use billing_core::kernel::zone::Zone;
use billing_core::payments::{PaymentReceived, RecordPayment};
use billing_core::projections::aged_debt::{AgedDebt, Basis, Buckets};
use billing_core::settings::{Ladder, OpenBook, SetLadder};
use billing_core::store::Store;
use billing_core::subscriptions::{Subscribe, SubscriptionStarted};
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// An open book with VAT codes, three plans, an add-on and an item.
pub(crate) fn firm() -> Story<MemoryStore> {
    on(MemoryStore::new())
}

pub(crate) fn on<S: Store>(store: S) -> Story<S> {
    let story = Story::on(store);
    story.give(OpenBook {
        holidays: HolidayCalendar::of(Region::EnglandAndWales),
        ..OpenBook::new("Fern & Co".parse().unwrap(), Currency::GBP, Zone::london())
    });
    story.give(SetLadder { ladder: Ladder::default() });
    story.give(SetTaxCode::new("standard".parse().unwrap(), "20%".parse().unwrap(), date("2011-01-04")));
    story.give(SetTaxCode {
        code: "export".parse().unwrap(),
        category: billing_core::catalogue::TaxCategory::OutsideScope,
        rate: "0%".parse().unwrap(),
        from: date("2011-01-04"),
    });
    plan(
        &story,
        "basic",
        PlanKind::Base,
        Timing::InAdvance,
        &[Price::Flat(money("GBP 30.00")), Price::Flat(money("JPY 5000"))],
    );
    plan(&story, "plus", PlanKind::Base, Timing::InAdvance, &[Price::Flat(money("GBP 50.00"))]);
    plan(&story, "seats", PlanKind::Base, Timing::InAdvance, &[Price::PerSeat(money("GBP 12.50"))]);
    plan(&story, "arrears", PlanKind::Base, Timing::InArrears, &[Price::Flat(money("GBP 31.00"))]);
    plan(&story, "chatbot", PlanKind::AddOn, Timing::InAdvance, &[Price::Flat(money("GBP 10.00"))]);
    story.give(PublishItem {
        item: "training".parse().unwrap(),
        name: "Training day".parse().unwrap(),
        unit_prices: vec!["GBP 450.00".parse().unwrap()],
        tax_code: "standard".parse().unwrap(),
        custom_fields: Default::default(),
    });
    story
}

fn plan<S: Store>(story: &Story<S>, code: &str, kind: PlanKind, timing: Timing, prices: &[Price]) {
    story.give(PublishPlan {
        kind,
        timing,
        prices: prices.to_vec(),
        ..PublishPlan::monthly(
            code.parse().unwrap(),
            format!("Plan {code}").parse().unwrap(),
            prices[0].clone(),
            "standard".parse().unwrap(),
        )
    });
}

pub(crate) fn registration(reference: &str) -> RegisterAccount {
    let name = Sealed::marked("A customer").unwrap();
    RegisterAccount {
        owner: Some("user:ann".parse().unwrap()),
        ..RegisterAccount::new(reference.parse().unwrap(), name, date("2026-01-01"))
    }
}

pub(crate) fn customer<S: Store>(story: &Story<S>, reference: &str) -> AccountId {
    story.give(registration(reference)).first::<AccountRegistered>().unwrap().account
}

pub(crate) fn subscribe<S: Store>(
    story: &Story<S>,
    account: AccountId,
    plan: &str,
    quantity: u32,
    from: &str,
) -> SubscriptionId {
    let done = story.give(Subscribe {
        account,
        plan: plan.parse().unwrap(),
        quantity,
        from: date(from),
        anchor_day: Some(billing_core::kernel::calendar::DayOfMonth::FIRST),
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    });
    done.first::<SubscriptionStarted>().unwrap().subscription
}

pub(crate) fn bill<S: Store>(story: &Story<S>, account: AccountId, issue_on: &str, through: &str) -> Done {
    story.give(BillAccount { account, issue_on: date(issue_on), through: date(through) })
}

/// The net amounts of the lines of the one invoice that was issued.
pub(crate) fn nets(done: &Done) -> Vec<String> {
    done.first::<InvoiceIssued>().unwrap().lines.iter().map(|line| line.net.major()).collect()
}

pub(crate) fn invoice_of(done: &Done) -> InvoiceId {
    done.first::<InvoiceIssued>().unwrap().invoice
}

pub(crate) fn pay<S: Store>(story: &Story<S>, account: AccountId, amount: &str, on: &str) -> PaymentId {
    let done = story.give(RecordPayment::new(account, money(amount), date(on)));
    done.first::<PaymentReceived>().unwrap().payment
}

pub(crate) fn aged(as_of: &str) -> AgedDebt {
    AgedDebt {
        as_of: date(as_of),
        by: Basis::DueDate,
        buckets: Buckets::new(vec![30, 60, 90]).unwrap(),
        account: None,
    }
}

/// The balance of an account, as its bookkeeper would say it.
pub(crate) fn owed<S: Store>(story: &Story<S>, as_of: &str) -> String {
    let report = story.engine.ask(&aged(as_of)).unwrap().value;
    let totals: Vec<String> = report.totals.iter().map(|debt| debt.total.to_string()).collect();
    totals.join(", ")
}
