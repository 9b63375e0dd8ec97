//! A customer that is made up, served and billed without a store.

use std::sync::Arc;

use uuid::Uuid;

use super::{Move, Search};
use crate::accounts::RegisterAccount;
use crate::book::{Books, Event, OfBook, Page, Rejection};
use crate::catalogue;
use crate::decision::{Command, Context, Department, Need, Stop};
use crate::engine::plan::{Unplanned, plan};
use crate::invoicing::BillAccount;
use crate::kernel::balance::Sum;
use crate::kernel::calendar::{Date, plus_days};
use crate::kernel::ids::{AccountId, CommandId, SubscriptionId};
use crate::kernel::sealed::Sealed;
use crate::kernel::text::Code;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, Version};
use crate::settings;
use crate::subscriptions::{self, Cancel, ChangePlan, ChangeQuantity, Subscribe, When};

/// What a customer was served and charged.
pub(super) struct Billed {
    pub(super) days: u32,
    pub(super) charged: Sum,
}

/// The seller: the book's settings and what it sells.
pub(super) struct Shop {
    settings: Arc<settings::State>,
    catalogue: Arc<catalogue::State>,
    by: ActorId,
}

/// One customer with the pages it needs.
struct Customer<'a> {
    shop: &'a Shop,
    books: Books,
    account: AccountId,
    subscription: Option<SubscriptionId>,
    commands: u128,
}

/// A command was refused, or something can't be reckoned: this can't be done.
struct Impossible;

impl Shop {
    /// A seller to customers that are made up.
    pub(super) fn new(settings: &settings::State, catalogue: &catalogue::State) -> Shop {
        let by = "user:customer".parse().expect("it is spelt as a user");
        Shop { settings: Arc::new(settings.clone()), catalogue: Arc::new(catalogue.clone()), by }
    }

    /// What comes of it if somebody subscribes and does these things; `None` where one of them is refused.
    pub(super) fn billed(&self, search: &Search, plan: &Code, steps: &[(u16, Move)]) -> Option<Billed> {
        self.lived(search, plan, steps).ok()
    }

    fn lived(&self, search: &Search, plan: &Code, steps: &[(u16, Move)]) -> Result<Billed, Impossible> {
        let mut customer = self.customer(search)?;
        customer.subscribe(plan, search.from)?;
        for (day, step) in steps {
            let on = day_of(search, *day)?;
            customer.bill(on)?;
            match step {
                Move::Change(plan) => customer.change(plan, on)?,
                Move::BeginAnew(plan) => {
                    customer.cancel(on)?;
                    customer.subscribe(plan, on)?;
                }
                Move::Quantity(quantity) => customer.take(*quantity, on)?,
            }
            customer.bill(on)?;
        }
        let end = day_of(search, search.days)?;
        customer.bill(end)?;
        customer.cancel(end)?;
        // Periods in arrears that end with the cancellation are due on that day.
        customer.bill(end)?;
        customer.came_to(search.from, end)
    }

    fn customer(&self, search: &Search) -> Result<Customer<'_>, Impossible> {
        let account = AccountId::from_uuid(Uuid::from_u128(1));
        let mut books = Books::new();
        let version = Version::from(1);
        books.refer((Arc::clone(&self.settings), version), (Arc::clone(&self.catalogue), version));
        let mut customer = Customer { shop: self, books, account, subscription: None, commands: 0 };
        let name = Sealed::marked("A customer").map_err(|_| Impossible)?;
        let reference = "C-1".parse().map_err(|_| Impossible)?;
        customer.give(&RegisterAccount {
            account: Some(account),
            currency: Some(search.currency),
            ..RegisterAccount::new(reference, name, search.from)
        })?;
        Ok(customer)
    }
}

impl Customer<'_> {
    fn subscribe(&mut self, plan: &Code, from: Date) -> Result<(), Impossible> {
        let events = self.give(&Subscribe::new(self.account, plan.clone(), from))?;
        let mut started = events.iter().filter_map(|event| match subscriptions::Event::of(event) {
            Some(subscriptions::Event::SubscriptionStarted(started)) => Some(started.subscription),
            Some(_) | None => None,
        });
        self.subscription = Some(started.next().ok_or(Impossible)?);
        Ok(())
    }

    fn change(&mut self, plan: &Code, on: Date) -> Result<(), Impossible> {
        let (account, subscription, when) = (self.account, self.current()?, When::On(on));
        let plan = plan.clone();
        self.give(&ChangePlan { account, subscription, plan, quantity: None, when, anchor_day: None })?;
        Ok(())
    }

    fn take(&mut self, quantity: u32, on: Date) -> Result<(), Impossible> {
        let (account, subscription, when) = (self.account, self.current()?, When::On(on));
        self.give(&ChangeQuantity { account, subscription, component: None, quantity, when })?;
        Ok(())
    }

    fn cancel(&mut self, on: Date) -> Result<(), Impossible> {
        let (account, subscription, when) = (self.account, self.current()?, When::On(on));
        self.give(&Cancel { account, subscription, when, reason: None })?;
        Ok(())
    }

    fn bill(&mut self, on: Date) -> Result<(), Impossible> {
        self.give(&BillAccount { account: self.account, issue_on: on, through: on })?;
        Ok(())
    }

    fn current(&self) -> Result<SubscriptionId, Impossible> {
        self.subscription.ok_or(Impossible)
    }

    /// Gives a command; what it recorded. A page that it asks for is new.
    fn give<C: Command>(&mut self, command: &C) -> Result<Vec<Event>, Impossible>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.commands += 1;
        let key = CommandId::from_uuid(Uuid::from_u128(self.commands));
        loop {
            let context = Context::new(Timestamp::EPOCH, &self.shop.by, key);
            match plan(command, std::mem::take(&mut self.books), &context) {
                Ok(planned) => {
                    self.books = planned.books;
                    return Ok(planned.events.into_iter().map(|planned| planned.event).collect());
                }
                Err(unplanned) => {
                    let Unplanned { stop, books } = *unplanned;
                    self.books = books;
                    let Stop::Need(Need(stream)) = stop else { return Err(Impossible) };
                    let page = Page::new(&stream);
                    self.books.hold(stream, page, Version::NONE);
                }
            }
        }
    }

    /// What was served from a day on and before another one, and what is charged for it.
    fn came_to(&self, from: Date, to: Date) -> Result<Billed, Impossible> {
        let account = self.books.account(self.account).map_err(|_| Impossible)?;
        let mut days = 0;
        let mut day = from;
        while day < to {
            let mut plans =
                account.subscriptions.subscriptions().filter_map(|(_, subscription)| subscription.plan());
            days += u32::from(plans.any(|plan| plan.terms_on(day).is_some()));
            day = plus_days(day, 1).map_err(|_| Impossible)?;
        }
        let charged = account.receivables.balance().of(account.accounts.currency());
        Ok(Billed { days, charged })
    }
}

fn day_of(search: &Search, day: u16) -> Result<Date, Impossible> {
    plus_days(search.from, day.into()).map_err(|_| Impossible)
}
