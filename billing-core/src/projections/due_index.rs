//! The due index: which accounts a billing run has to visit, without reading any account.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::changed::may_change_the_bill;
use super::{Projection, Query, QueryError, RowReader, Rows, account_of, rows::beyond};
use crate::accounts::{AccountKind, Event as Accounts};
use crate::book::Event;
use crate::catalogue::Timing;
use crate::decision::Department as _;
use crate::invoicing::{Commitments, Event as Invoicing, Line, Subject};
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::ids::{AccountId, InvoiceId, SubscriptionId, WorkId};
use crate::kernel::period::{DaySet, Period};
use crate::kernel::text::Code;
use crate::log::Payload as _;
use crate::log::Recorded;
use crate::subscriptions::{self, CancellationWithdrawn, Event as Subscriptions, Timeline};
use crate::work::Event as Work;

/// The view "due".
///
/// `acc/ACCOUNT` holds what the account asked for and which days of it are billed; `bill/INVOICE` what an
/// invoice billed, in case it is voided; `due/GROUP/ACCOUNT` the first day through which something is due. The
/// groups are in the order of the accounts, so that a run can go through them page by page while it changes
/// them.
///
/// It may name an account for which nothing is due, as after a change that was taken back: billing it then
/// does nothing. It never leaves one out.
#[derive(Debug)]
pub struct DueIndex;

impl Projection for DueIndex {
    const NAME: &'static str = "due";
    const FOLD: u32 = 2;

    fn watch(recorded: &Recorded<Event>, rows: &mut Rows<'_>) {
        let Some(account) = account_of(recorded) else { return };
        match &recorded.event {
            Event::Accounts(event) => watch_accounts(account, event, rows),
            Event::Subscriptions(event) => change(account, rows, |row| row.ask_for(event)),
            Event::Work(event) => change(account, rows, |row| match event {
                Work::WorkRecorded(work) => drop(row.work.insert(work.work, work.done_on)),
                Work::WorkWrittenOff(work) => drop(row.work.remove(&work.work)),
                Work::LateWorkNoted(_) => {}
            }),
            Event::Invoicing(event) => watch_invoicing(account, event, rows),
            Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            // What is accepted is due as the work that follows from it.
            | Event::Quotes(_)
            // A discount makes a bill smaller, and no bill due.
            | Event::Discounts(_)
            | Event::Usage(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
        if may_change_the_bill(&recorded.event) {
            change(account, rows, |row| row.changed = true);
        }
    }
}

fn watch_accounts(account: AccountId, event: &Accounts, rows: &mut Rows<'_>) {
    match event {
        Accounts::AccountRegistered(registered) => match registered.kind {
            AccountKind::Trial => change(account, rows, |row| row.trial = true),
            AccountKind::Full => {}
        },
        Accounts::ConvertedToFull(_) => change(account, rows, |row| row.trial = false),
        Accounts::DetailsChanged(_)
        | Accounts::ContactAdded(_)
        | Accounts::ContactChanged(_)
        | Accounts::ContactRemoved(_)
        | Accounts::TermsChanged(_)
        | Accounts::PurchaseOrderRequirementSet(_)
        | Accounts::PurchaseOrderGiven(_)
        | Accounts::AnchorDayGiven(_)
        | Accounts::OwnerAssigned(_)
        | Accounts::ParentAssigned(_)
        | Accounts::ChildAssigned(_)
        | Accounts::ChildLeft(_) => {}
    }
}

fn watch_invoicing(account: AccountId, event: &Invoicing, rows: &mut Rows<'_>) {
    let bill = |lines: &[Line], rows: &mut Rows<'_>| {
        let entries: Vec<Entry> = lines.iter().filter_map(Entry::of).collect();
        let matters = !entries.is_empty();
        if matters {
            change(account, rows, |row| {
                entries.iter().for_each(|entry| row.bill(entry));
                row.commitments.watch(event);
            });
        }
        matters.then_some(entries)
    };
    match event {
        Invoicing::InvoiceIssued(issued) => {
            if let Some(entries) = bill(&issued.lines, rows) {
                rows.put(bill_key(issued.invoice), &entries);
            }
        }
        Invoicing::CreditNoteIssued(note) => drop(bill(&note.lines, rows)),
        Invoicing::InvoiceVoided(voided) => {
            let Some(entries) = rows.get::<Vec<Entry>>(&bill_key(voided.invoice)) else { return };
            rows.remove(&bill_key(voided.invoice));
            change(account, rows, |row| {
                entries.iter().for_each(|entry| row.take_back(entry));
                row.commitments.watch(event);
            });
        }
        // A draft bills nothing: the account stays due.
        Invoicing::InvoiceBroughtForward(_)
        | Invoicing::ConsolidatedInvoiceIssued(_)
        | Invoicing::DebtPassedOn(_)
        | Invoicing::DebtTakenBack(_)
        | Invoicing::BillDrafted(_)
        | Invoicing::DraftApproved(_)
        | Invoicing::DraftWithdrawn(_)
        | Invoicing::SaleRecorded(_) => {}
    }
}

/// The row of an account.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    /// A trial is not billed.
    trial: bool,
    /// Whether something was asked for since it was last billed that may change the next bill.
    changed: bool,
    /// Where the account is listed, and for which day.
    listed: Option<(Group, Date)>,
    /// What it asked for.
    subscriptions: subscriptions::State,
    /// Which days of that are billed.
    days: BTreeMap<SubscriptionId, BTreeMap<Code, Days>>,
    /// What counts towards minimum commitments.
    #[serde(skip_serializing_if = "Commitments::is_empty")]
    commitments: Commitments,
    /// Work that is not billed, and when it was done.
    work: BTreeMap<WorkId, Date>,
}

/// The billed days of a component.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Days {
    /// On the terms that are asked for.
    billed: DaySet,
    /// On other terms: to be given back, and billed again where they are served.
    stale: DaySet,
    /// What was charged once, by the day for which it was agreed.
    fees: BTreeSet<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Group {
    Changed,
    Unchanged,
}

impl Group {
    fn prefix(self) -> &'static str {
        match self {
            Group::Changed => "due/changed/",
            Group::Unchanged => "due/unchanged/",
        }
    }
}

/// What a line of a document billed or gave back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Service(SubscriptionId, Code, Period),
    Unused(SubscriptionId, Code, Period),
    Fee(SubscriptionId, Code, Date),
    Work(WorkId),
    /// What may change what a period is short of a commitment.
    Committed,
}

impl Entry {
    fn of(line: &Line) -> Option<Entry> {
        match &line.subject {
            Subject::Service { subscription, component, period, .. } => {
                Some(Entry::Service(*subscription, component.clone(), *period))
            }
            Subject::Unused { subscription, component, period, .. } => {
                Some(Entry::Unused(*subscription, component.clone(), *period))
            }
            Subject::Fee { subscription, component, on, .. } => {
                Some(Entry::Fee(*subscription, component.clone(), *on))
            }
            Subject::Work { work } => Some(Entry::Work(*work)),
            Subject::LateUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Correction { .. } => Some(Entry::Committed),
            Subject::InterimUsage { .. } | Subject::Item { .. } => None,
        }
    }
}

impl Row {
    /// Follows what the customer asked for. Days that were billed from then on may be billed on other terms.
    fn ask_for(&mut self, event: &Subscriptions) {
        let withdrawn = CancellationWithdrawn::of(event).map(|withdrawn| withdrawn.subscription);
        let ended = withdrawn.and_then(|id| self.subscriptions.subscription(id)?.cancelled_from());
        subscriptions::Subscriptions::evolve(&mut self.subscriptions, event);
        let (subscription, component, from) = match event {
            // Fields say nothing about days.
            Subscriptions::SubscriptionFieldsChanged(_) => return,
            Subscriptions::SubscriptionStarted(started) => (started.subscription, None, started.from),
            Subscriptions::QuantityChanged(changed) => {
                (changed.subscription, Some(&changed.component), changed.from)
            }
            // A plan can bring another cycle with it, so all its components are looked at.
            Subscriptions::PlanChanged(changed) => (changed.subscription, None, changed.from),
            Subscriptions::SubscriptionMigrated(migrated) => (migrated.subscription, None, migrated.from),
            Subscriptions::PriceAgreed(agreed) => (agreed.subscription, Some(&agreed.component), agreed.from),
            Subscriptions::AddOnAdded(added) => {
                (added.subscription, Some(&added.agreed.component), added.from)
            }
            Subscriptions::AnchorDayChanged(changed) => (changed.subscription, None, changed.from),
            Subscriptions::PeriodsRealigned(realigned) => (realigned.subscription, None, realigned.from),
            Subscriptions::BillingPaused(paused) => (paused.subscription, None, paused.from),
            // It may end a pause that was planned for later, on days that stay as they are.
            Subscriptions::BillingResumed(resumed) => (resumed.subscription, None, resumed.from),
            // What was given back since is asked for again; what is billed may stand.
            Subscriptions::CancellationWithdrawn(withdrawn) => {
                (withdrawn.subscription, None, ended.unwrap_or(Date::MIN))
            }
            Subscriptions::AddOnRemoved(removed) => {
                (removed.subscription, Some(&removed.add_on), removed.from)
            }
            Subscriptions::SubscriptionCancelled(cancelled) => (cancelled.subscription, None, cancelled.from),
        };
        let Row { subscriptions, days, .. } = self;
        let realigned = matches!(event, Subscriptions::PeriodsRealigned(_));
        let components = days.get_mut(&subscription).into_iter().flatten();
        for (code, days) in
            components.filter(|(code, _)| component.is_none_or(|component| component == *code))
        {
            // Where periods are realigned, the one that is running keeps what is billed of it.
            let keeps_until = || {
                let terms = subscriptions.subscription(subscription)?.component(code)?.terms_on(from)?;
                terms.cycle.next_boundary_after(from).ok()
            };
            let from = if realigned { keeps_until().unwrap_or(from) } else { from };
            let Ok(changed) = Period::new(from, Date::MAX) else { continue };
            for period in cut(&mut days.billed, changed) {
                add(&mut days.stale, period);
            }
        }
    }

    fn bill(&mut self, entry: &Entry) {
        match entry {
            Entry::Service(subscription, component, period) => {
                add(&mut self.days_of(*subscription, component).billed, *period);
                self.changed = false;
            }
            Entry::Unused(subscription, component, period) => {
                let days = self.days_of(*subscription, component);
                // Days on other terms are given back first: the same bill may have charged them anew.
                if cut(&mut days.stale, *period).is_empty() {
                    cut(&mut days.billed, *period);
                }
                self.changed = false;
            }
            Entry::Fee(subscription, component, on) => {
                self.days_of(*subscription, component).fees.insert(*on);
            }
            Entry::Work(work) => drop(self.work.remove(work)),
            Entry::Committed => {}
        }
    }

    /// An invoice was voided: what it billed is not billed, what it gave back is billed as it was.
    fn take_back(&mut self, entry: &Entry) {
        match entry {
            Entry::Service(subscription, component, period) => {
                let days = self.days_of(*subscription, component);
                cut(&mut days.billed, *period);
                cut(&mut days.stale, *period);
            }
            Entry::Unused(subscription, component, period) => {
                add(&mut self.days_of(*subscription, component).stale, *period);
            }
            Entry::Fee(subscription, component, on) => {
                self.days_of(*subscription, component).fees.remove(on);
            }
            // When it was done is no longer known; it is due at once.
            Entry::Work(work) => drop(self.work.insert(*work, Date::MIN)),
            Entry::Committed => {}
        }
    }

    fn days_of(&mut self, subscription: SubscriptionId, component: &Code) -> &mut Days {
        self.days.entry(subscription).or_default().entry(component.clone()).or_default()
    }

    /// The first day through which something may be due.
    fn due_on(&self) -> Option<Date> {
        if self.trial {
            return None;
        }
        let none = Days::default();
        let service = self.subscriptions.components().filter_map(|(subscription, component, intended)| {
            let days = self.days.get(&subscription).and_then(|components| components.get(component));
            // A period beyond the calendar is never due.
            first_due(&intended, days.unwrap_or(&none)).ok().flatten()
        });
        let committed = self.commitments.first_due(&self.subscriptions);
        service.chain(self.work.values().copied()).chain(committed).min()
    }
}

/// The first day through which something of a component may be due: a change whose days are billed on other
/// terms, or days that are asked for and not billed.
fn first_due(intended: &Timeline<'_>, days: &Days) -> Result<Option<Date>, CalendarError> {
    let fees = intended.fees().filter(|(_, fee, _)| !days.fees.contains(&fee.on)).map(|(on, _, _)| on);
    let intended = intended.segments();
    // Days before everything asked for, as after a start that was moved, are given back at once.
    let stale = days.stale.iter().next().map(|period| {
        let begun = intended.iter().rfind(|segment| segment.from <= period.from());
        begun.map_or(Date::MIN, |segment| segment.from)
    });
    let mut first = stale.into_iter().chain(fees).min();
    for (at, segment) in intended.iter().enumerate() {
        let end = intended.get(at + 1).map_or(Date::MAX, |next| next.from);
        let (Some(terms), Ok(stretch)) = (segment.terms, Period::new(segment.from, end)) else { continue };
        let Some(gap) = first_gap(&days.billed, stretch) else { continue };
        let full = terms.cycle.period_containing(gap)?;
        let due = match terms.timing() {
            Timing::InAdvance => full.from().max(segment.from),
            Timing::InArrears => full.to().min(end),
        };
        first = Some(first.map_or(due, |first| first.min(due)));
    }
    Ok(first)
}

/// The first day of a period that is not in the set.
fn first_gap(days: &DaySet, period: Period) -> Option<Date> {
    let covered = days.iter().find(|billed| billed.contains(period.from()));
    let gap = covered.map_or(period.from(), |billed| billed.to());
    Some(gap).filter(|gap| period.contains(*gap))
}

/// Takes the days of a period out of a set, as far as they are in it.
fn cut(days: &mut DaySet, period: Period) -> Vec<Period> {
    let shared: Vec<Period> = days.iter().filter_map(|run| run.intersection(period)).collect();
    // They were found in the set.
    shared.iter().for_each(|run| drop(days.remove(*run)));
    shared
}

/// Adds the days of a period to a set, as far as they are not in it.
fn add(days: &mut DaySet, period: Period) {
    cut(days, period);
    // Nothing of it is in the set any more.
    drop(days.insert(period));
}

/// Changes the row of an account and lists the account where it then belongs.
fn change(account: AccountId, rows: &mut Rows<'_>, change: impl FnOnce(&mut Row)) {
    let key = format!("acc/{account}");
    let mut row: Row = rows.get(&key).unwrap_or_default();
    change(&mut row);
    let group = if row.changed { Group::Changed } else { Group::Unchanged };
    let listed = row.due_on().map(|day| (group, day));
    if listed != row.listed {
        if let Some((from, _)) = row.listed.filter(|(from, _)| listed.is_none_or(|(to, _)| to != *from)) {
            rows.remove(&format!("{}{account}", from.prefix()));
        }
        if let Some((group, day)) = listed {
            rows.put(format!("{}{account}", group.prefix()), &day);
        }
        row.listed = listed;
    }
    rows.put(key, &row);
}

fn bill_key(invoice: InvoiceId) -> String {
    format!("bill/{invoice}")
}

/// Asks which accounts may have something to bill through a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The day: see [`BillAccount`](crate::invoicing::BillAccount).
    pub through: Date,
}

/// The accounts of a billing run. Each list is in the order of the accounts, and none is in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueAccounts {
    /// Those for which something was asked for since they were last billed: they come first.
    pub changed: Vec<AccountId>,
    /// The others.
    pub unchanged: Vec<AccountId>,
}

impl Query for Due {
    type View = DueIndex;
    type Answer = DueAccounts;

    fn answer(&self, rows: &RowReader<'_>) -> Result<DueAccounts, QueryError> {
        let page = |changed| DuePage { through: self.through, changed, after: None, limit: usize::MAX };
        Ok(DueAccounts { changed: page(true).answer(rows)?, unchanged: page(false).answer(rows)? })
    }
}

/// Asks for a page of one of the lists of [`Due`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePage {
    /// The day.
    pub through: Date,
    /// Which list: the accounts that changed something, or the others.
    pub changed: bool,
    /// The last account of the page before.
    pub after: Option<AccountId>,
    /// How many accounts at most.
    pub limit: usize,
}

impl Query for DuePage {
    type View = DueIndex;
    type Answer = Vec<AccountId>;

    fn answer(&self, rows: &RowReader<'_>) -> Result<Vec<AccountId>, QueryError> {
        let prefix = if self.changed { Group::Changed.prefix() } else { Group::Unchanged.prefix() };
        let from = self.after.map_or(prefix.to_owned(), |account| beyond(&format!("{prefix}{account}")));
        let mut accounts = Vec::new();
        rows.scan(&from, &beyond(prefix), |key, due: Date| {
            if accounts.len() >= self.limit {
                return Ok(ControlFlow::Break(()));
            }
            let account = key.strip_prefix(prefix).filter(|_| due <= self.through);
            accounts.extend(account.and_then(|account| account.parse::<AccountId>().ok()));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(accounts)
    }
}
