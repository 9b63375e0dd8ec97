//! The read models of a book, rebuilt from its log and compared row by row.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use billing_core::engine::Engine;
use billing_core::log::Digest;
use billing_core::projections::accounts_list::AccountsList;
use billing_core::projections::documents::Documents;
use billing_core::projections::due_index::DueIndex;
use billing_core::projections::receivables::Receivables;
use billing_core::projections::revenue::Revenue;
use billing_core::projections::review_queue::Review;
use billing_core::projections::timeline::Timelines;
use billing_core::projections::work_book::WorkBook;
use billing_core::projections::{Projection, Query, QueryError, RowReader};
use billing_core::store::Store;
use billing_examples::program::Outcome;

/// What the rows of a view come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rows {
    /// How many there are.
    pub(crate) count: u64,
    /// A hash over all of them, in the order of their keys.
    pub(crate) digest: Digest,
}

/// Asks nothing: the engine brings the view up to date before it answers.
struct UpToDate<P>(PhantomData<P>);

impl<P: Projection> Query for UpToDate<P> {
    type View = P;
    type Answer = ();

    fn answer(&self, _: &RowReader<'_>) -> Result<(), QueryError> {
        Ok(())
    }
}

/// Brings every view of a book up to date, and takes the hash of its rows. The read models of a status board, of
/// aged debt, of the month's figures and of the weekly cash are all answers from `receivables`.
pub(crate) fn rows<S: Store>(engine: &Engine<S>) -> Outcome<BTreeMap<&'static str, Rows>> {
    Ok(BTreeMap::from([
        rows_of::<AccountsList, S>(engine)?,
        rows_of::<Documents, S>(engine)?,
        rows_of::<DueIndex, S>(engine)?,
        rows_of::<Receivables, S>(engine)?,
        rows_of::<Revenue, S>(engine)?,
        rows_of::<Review, S>(engine)?,
        rows_of::<Timelines, S>(engine)?,
        rows_of::<WorkBook, S>(engine)?,
    ]))
}

fn rows_of<P: Projection + 'static, S: Store>(engine: &Engine<S>) -> Outcome<(&'static str, Rows)> {
    engine.ask(&UpToDate::<P>(PhantomData))?;
    engine.save_views()?;
    let mut rows = Rows { count: 0, digest: Digest::of(b"") };
    engine.store().rows().scan(engine.book(), P::NAME, "", None, &mut |key, row| {
        rows.count += 1;
        rows.digest = Digest::of(format!("{}\t{key}\t{row}", rows.digest).as_bytes());
        ControlFlow::Continue(())
    })?;
    Ok((P::NAME, rows))
}
