//! Settings: who keeps the book, in which currency and calendar, and by which policies, reminder ladder and
//! number series. One page a book; every other department reads it.

mod choose_policies;
mod choose_series;
mod define_custom_field;
mod dialect;
mod events;
mod ladder;
mod numbered;
mod open_book;
mod page;
mod policy;
mod rejection;
mod retire_custom_field;
mod series;
mod set_ladder;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use choose_policies::ChoosePolicies;
pub use choose_series::ChooseSeries;
pub use define_custom_field::DefineCustomField;
pub use dialect::Dialect;
pub use events::{
    BookOpened, CustomFieldDefined, CustomFieldRetired, Event, LadderSet, PoliciesChosen, SeriesChosen,
};
pub use ladder::{Ladder, LadderError, LadderStep};
pub use open_book::OpenBook;
pub use page::Profile;
pub use policy::{AllocationOrder, Disputed, LateUsage, LateWork, Policies};
pub use rejection::Rejection;
pub use retire_custom_field::RetireCustomField;
pub use series::{SeriesChoice, SeriesPrefix, SeriesPrefixError};
pub use set_ladder::SetLadder;
pub use state::State;

use crate::decision::Department;

/// The department that keeps the book's settings.
#[derive(Debug)]
pub struct Settings;

impl Department for Settings {
    const NAME: &'static str = "settings";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
