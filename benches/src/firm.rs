//! A firm to bill for: one plan, one item, VAT at 20 %, and as many customers as are wanted.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

use billing_core::book::{Books, Event, Page};
use billing_core::decision::Context;
use billing_core::engine::plan;
use billing_core::kernel::ids::time_ordered;
use billing_core::log::{Line, StreamId, Version};
use billing_core::prelude::*;
use billing_core::store::AppendBatch;
use billing_store_sqlite::{Durability, SqliteStore};

use crate::Outcome;

/// A book on a file.
pub type Book = Engine<SqliteStore>;

/// Who gives all commands.
pub fn ann() -> Actor {
    Actor::owner("user:ann").unwrap_or_else(|_| unreachable!("a good name"))
}

/// The day on which everything happens.
pub fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 1).unwrap_or_default()
}

/// Opens the book on a file as a host does.
pub fn open(path: &Path) -> Outcome<Book> {
    Ok(Engine::open(SqliteStore::open(path)?, "bench".parse()?, SystemClock)?)
}

/// Opens the book for preparing what is measured later: a loss of power may undo the last commits.
pub fn open_hastily(path: &Path) -> Outcome<Book> {
    let store = SqliteStore::options().durability(Durability::Normal).open(path)?;
    Ok(Engine::open(store, "bench".parse()?, SystemClock)?)
}

/// Founds the firm.
pub fn found(book: &Book) -> Outcome<()> {
    let ann = ann();
    book.execute(&ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
    book.execute(&ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    let price = Price::Flat("GBP 30.00".parse()?);
    book.execute(&ann, PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price, "vat".parse()?))?;
    let (item, name, tax_code) = ("training".parse()?, "Training day".parse()?, "vat".parse()?);
    book.execute(
        &ann,
        PublishItem {
            item,
            name,
            unit_prices: vec!["GBP 450.00".parse()?],
            tax_code,
            custom_fields: Default::default(),
        },
    )?;
    Ok(())
}

/// Registers one customer.
pub fn register(book: &Book, number: usize) -> Outcome<AccountId> {
    let command =
        RegisterAccount::new(format!("C-{number}").parse()?, Sealed::marked("A customer")?, today());
    let done = book.execute(&ann(), command)?;
    Ok(done.first::<AccountRegistered>().ok_or("nobody was registered")?.account)
}

/// Registers customers one after the other.
pub fn customers(book: &Book, count: usize) -> Outcome<Vec<AccountId>> {
    (0..count).map(|number| register(book, number)).collect()
}

/// Registers and subscribes many customers quickly, in two events each: planned by the same code, appended hundreds
/// at a time.
pub fn subscribers(book: &Book, numbers: Range<usize>, from: Date) -> Outcome<()> {
    let (settings, catalogue) = (page(book, &StreamId::Book)?, page(book, &StreamId::Catalogue)?);
    let ((Page::Settings(settings), seen), (Page::Catalogue(catalogue), published)) = (settings, catalogue)
    else {
        return Err("the book's own pages are missing".into());
    };
    let (settings, catalogue) = ((Arc::from(settings), seen), (Arc::from(catalogue), published));
    let (actor, mut batches) = (ann(), Vec::new());
    let begun = book.now().millis() - i64::try_from(numbers.end)?;
    for number in numbers {
        let now = Timestamp::from_millis(begun + i64::try_from(number)?)?;
        let account = AccountId::from_uuid(time_ordered(now, [7; 10]));
        let mut books = Books::new();
        books.refer(settings.clone(), catalogue.clone());
        let stream = StreamId::Account(account);
        books.hold(stream.clone(), Page::new(&stream), Version::NONE);
        let register = RegisterAccount {
            account: Some(account),
            ..RegisterAccount::new(format!("C-{number}").parse()?, Sealed::marked("A customer")?, from)
        };
        let key = CommandId::from_uuid(time_ordered(now, [8; 10])).into();
        let planned = plan::plan(&register, books, &Context::new(now, actor.id(), key));
        let mut planned = planned.map_err(|unplanned| format!("{:?}", unplanned.stop))?;
        batches.push(planned.batch(book.book(), plan::request(&register, key, actor.id(), now)?)?);
        let (held, _) = planned.books.take(&stream).ok_or("no account")?;
        let mut books = Books::new();
        books.refer(settings.clone(), catalogue.clone());
        books.hold(stream, held, Version::from(u64::try_from(planned.events.len())?));
        let subscribe = Subscribe {
            anchor_day: Some(DayOfMonth::FIRST),
            ..Subscribe::new(account, "basic".parse()?, from)
        };
        let key = CommandId::from_uuid(time_ordered(now, [9; 10])).into();
        let planned = plan::plan(&subscribe, books, &Context::new(now, actor.id(), key));
        let mut planned = planned.map_err(|unplanned| format!("{:?}", unplanned.stop))?;
        // The message that confirms the subscription is left out: what is measured is about accounts of two events.
        planned.events.retain(|planned| !matches!(planned.event, Event::Messages(_)));
        batches.push(planned.batch(book.book(), plan::request(&subscribe, key, actor.id(), now)?)?);
        if batches.len() >= 1_024 {
            append(book, std::mem::take(&mut batches))?;
        }
    }
    append(book, batches)
}

fn append(book: &Book, batches: Vec<AppendBatch>) -> Outcome<()> {
    Ok(book.store().append(batches).into_iter().try_for_each(|answer| answer.map(drop))?)
}

/// A page that all decisions share.
fn page(book: &Book, stream: &StreamId) -> Outcome<(Page, Version)> {
    let (mut page, mut version, mut failed) = (Page::new(stream), Version::NONE, None);
    book.store().read_stream(book.book(), stream, version, &mut |row| {
        let event = Line::parse(row.line).map_err(|why| why.to_string()).and_then(|line| {
            Event::decode(line.event_type, line.schema.get(), line.data).map_err(|why| why.to_string())
        });
        match event {
            Ok(event) => page.evolve(&event),
            Err(why) => failed = Some(why),
        }
        version = row.version;
        ControlFlow::Continue(())
    })?;
    failed.map_or(Ok((page, version)), |why| Err(why.into()))
}
