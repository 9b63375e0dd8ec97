//! What the book says, as cases speak of it.

pub(crate) mod bill;
pub(crate) mod line;
pub(crate) mod moment;
pub(crate) mod note;
pub(crate) mod overdue;
pub(crate) mod standing;
