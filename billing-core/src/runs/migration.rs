//! The migration run: everybody whom a newer version of a plan moves by a day.

use super::{Group, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::migration_index::ToMigrate;
use crate::store::Store;
use crate::subscriptions::MigrateAccount;

/// Moves existing subscribers to newer versions of their plans, as far as these say so: see
/// [`Existing`](crate::catalogue::Existing). Run it before the billing run, through the same day; a subscriber who is
/// moved late is billed as if moved in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationRun {
    /// The last day from which a move may count.
    pub through: Date,
}

impl Run for MigrationRun {
    type Command = MigrateAccount;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let accounts = engine.ask(&ToMigrate { through: self.through })?.value;
        Ok(vec![Group { name: "on an earlier version", accounts }])
    }

    fn command(&self, account: AccountId) -> MigrateAccount {
        MigrateAccount { account, through: self.through }
    }
}
