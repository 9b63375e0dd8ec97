//! A rehearsal: commands in a row that are decided and followed up as if they were recorded, and recorded nowhere.

use crate::book::{Account, Books, Event, Rejection};
use crate::catalogue;
use crate::decision::{Command, Context, Department, Missing, Need, Stop};
use crate::error::Error;
use crate::kernel::ids::{AccountId, CommandId};
use crate::log::{Actor, CommandKey, StreamId};
use crate::store::Store;

use super::commands::refusal;
use super::plan::{self, PlannedEvent};
use super::{Engine, Inner, load};

/// What commands would record one after the other, each decided on what those before it left: by the same code as
/// [`Engine::execute`], and recorded nowhere. Commands carry their business dates, so that a later day is rehearsed by
/// naming it. Ids and recorded times will be others, and what must be unique in the book is seen only when it is
/// appended.
///
/// ```
/// use billing_core::prelude::*;
/// # fn ask<S: Store>(book: &Engine<S>, ann: &Actor, account: AccountId, dearer: PublishPlan) -> Result<(), Error> {
/// let first = "2027-01-01".parse().expect("a date");
/// let mut rehearsal = book.rehearse(ann)?;
/// rehearsal.give(&dearer)?;
/// rehearsal.give(&MigrateAccount { account, through: first })?;
/// let bill = rehearsal.give(&BillAccount { account, issue_on: first, through: first })?;
/// # let _ = bill;
/// # Ok(())
/// # }
/// ```
pub struct Rehearsal<'a, S> {
    inner: &'a Inner<S>,
    actor: &'a Actor,
    books: Books,
}

impl<S: Store> Engine<S> {
    /// Begins to rehearse on the book as it stands now. The book's settings and the catalogue stay as they are by then
    /// until the rehearsal changes them; an account is read when it is first asked for.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rehearse<'a>(&'a self, actor: &'a Actor) -> Result<Rehearsal<'a, S>, Error> {
        self.inner.rehearse(actor)
    }
}

impl<S: Store> Inner<S> {
    pub(super) fn rehearse<'a>(&'a self, actor: &'a Actor) -> Result<Rehearsal<'a, S>, Error> {
        Ok(Rehearsal { inner: self, actor, books: self.references()? })
    }
}

impl<S: Store> Rehearsal<'_, S> {
    /// What a command would record now, behind those given before. A no changes nothing.
    ///
    /// # Errors
    /// As [`Engine::execute`], but for what is seen only when it is appended.
    pub fn give<C: Command>(&mut self, command: &C) -> Result<Vec<PlannedEvent>, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.inner.authorise::<C>(self.actor)?;
        let now = self.inner.clock.now();
        let key = CommandKey::from(CommandId::from_uuid(self.inner.ids.fresh(now)));
        let mut asked: Option<StreamId> = None;
        loop {
            let ctx = Context::new(now, self.actor.id(), key);
            match plan::plan(command, std::mem::take(&mut self.books), &ctx) {
                Ok(planned) => {
                    self.books = planned.books;
                    return Ok(planned.events);
                }
                Err(unplanned) => {
                    let plan::Unplanned { stop, books } = *unplanned;
                    self.books = books;
                    match stop {
                        Stop::Need(Need(stream)) if asked.as_ref() != Some(&stream) => {
                            self.load(&stream)?;
                            asked = Some(stream);
                        }
                        stop @ (Stop::Need(_) | Stop::Absent(_) | Stop::Present(_) | Stop::Rejected(_)) => {
                            return Err(refusal(stop));
                        }
                    }
                }
            }
        }
    }

    /// The page of an account as the rehearsal has left it.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where no such account is registered.
    pub fn account(&mut self, id: AccountId) -> Result<&Account, Error> {
        if let Err(Missing::Need(Need(stream))) = self.books.account(id) {
            self.load(&stream)?;
        }
        self.books.account(id).map_err(missing)
    }

    /// The catalogue as the rehearsal has left it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn catalogue(&mut self) -> Result<&catalogue::State, Error> {
        if let Err(Missing::Need(Need(stream))) = self.books.catalogue() {
            self.load(&stream)?;
        }
        self.books.catalogue().map(|(catalogue, _)| catalogue).map_err(missing)
    }

    /// Forgets what was rehearsed on an account, and gives its memory back: it is read anew when it is asked for next.
    /// So a whole book is rehearsed customer by customer.
    pub fn forget(&mut self, id: AccountId) {
        for stream in [StreamId::Account(id), StreamId::Usage(id)] {
            self.books.take(&stream);
        }
    }

    /// Pages are read anew: a rehearsal changes its copy, and holds nobody up.
    fn load(&mut self, stream: &StreamId) -> Result<(), Error> {
        let loaded = load::page(&self.inner.store, &self.inner.book, stream)?;
        self.books.hold(stream.clone(), loaded.page, loaded.version);
        Ok(())
    }
}

fn missing(missing: Missing) -> Error {
    refusal(match missing {
        Missing::Need(need) => Stop::Need(need),
        Missing::Absent(stream) => Stop::Absent(stream),
        Missing::Present(stream) => Stop::Present(stream),
    })
}
