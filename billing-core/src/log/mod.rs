//! Floor 1, the log: what a line is, how lines are chained, how an event's words are read back.

pub mod actor;
pub mod chain;
pub mod command_key;
pub mod events;
pub mod head;
pub mod line;
pub mod recorded;
pub mod seal;
pub mod stream;

pub use actor::{Actor, ActorId, Scope};
pub use chain::{Digest, Link};
pub use command_key::CommandKey;
pub use events::{DecodeError, DepartmentEvent, Payload};
pub use head::{Head, Origin};
pub use line::{Line, LineError, Position, Version};
pub use recorded::Recorded;
pub use seal::{NewEvent, SealedLine, Tail, seal};
pub use stream::StreamId;
