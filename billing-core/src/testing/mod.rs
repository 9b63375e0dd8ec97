//! What a host's own tests, and ours, stand on: scenarios with their laws, and the kit every store must pass.

pub mod conformance;
pub mod faulty;
pub mod forger;
pub mod fuzz;
pub mod invariants;
pub mod laws;
pub mod lying;
mod scenario;
mod story;

pub use scenario::Scenario;
pub use story::Story;
