//! Who the customers are, what they buy, and how they pay.

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// A few days before it is due.
    InTime,
    /// On the very day on which the first reminder falls due.
    AsTheReminderFallsDue,
    /// Half in time, the other half after the second reminder.
    InHalves,
    /// In time, rounded up to the next fifty pounds.
    RoundedUp,
    /// Late; promises to, and does.
    AsPromised,
    /// Late; promises to, does not, and pays after the next letter.
    AfterABrokenPromise,
    /// After a dispute that it loses.
    AfterADispute,
    /// Not at all.
    Never,
}

/// A customer that the story follows.
pub(super) struct Character {
    pub(super) reference: &'static str,
    pub(super) name: &'static str,
    pub(super) plan: &'static str,
    pub(super) seats: u32,
    pub(super) habit: Habit,
    /// Number and amount of an invoice that was written before the book was opened.
    pub(super) brought_forward: Option<(&'static str, &'static str)>,
}

/// How many customers the story follows from the first month on.
pub const DOZEN: usize = CAST.len();

pub(super) const CAST: [Character; 12] = [
    character("C-001", "Harbour Café", "starter", 1, Habit::InTime, Some(("OLD-201", "GBP 36.00"))),
    character(
        "C-002",
        "Birch & Daughters",
        "team",
        4,
        Habit::AsTheReminderFallsDue,
        Some(("OLD-202", "GBP 60.00")),
    ),
    character("C-003", "Quayside Dental", "team", 6, Habit::InHalves, Some(("OLD-203", "GBP 90.00"))),
    character("C-004", "Old Mill Bakery", "starter", 1, Habit::RoundedUp, Some(("OLD-204", "GBP 36.00"))),
    character("C-005", "Penrose Architects", "studio", 1, Habit::AsPromised, Some(("OLD-205", "GBP 142.80"))),
    character(
        "C-006",
        "Vale Removals",
        "starter",
        1,
        Habit::AfterABrokenPromise,
        Some(("OLD-206", "GBP 36.00")),
    ),
    character(
        "C-007",
        "Larkspur Florists",
        "studio",
        1,
        Habit::AfterADispute,
        Some(("OLD-207", "GBP 142.80")),
    ),
    character("C-008", "Northgate Gym", "starter", 1, Habit::InTime, None),
    character("C-009", "Saffron Kitchen", "studio", 1, Habit::InTime, None),
    character("C-010", "Tern Surveyors", "team", 3, Habit::InTime, None),
    character("C-011", "Moss & Reed", "team", 2, Habit::InTime, None),
    character("C-012", "Kestrel Couriers", "starter", 1, Habit::Never, Some(("OLD-212", "GBP 36.00"))),
];

const fn character(
    reference: &'static str,
    name: &'static str,
    plan: &'static str,
    seats: u32,
    habit: Habit,
    brought_forward: Option<(&'static str, &'static str)>,
) -> Character {
    Character { reference, name, plan, seats, habit, brought_forward }
}

/// The names of those who try the firm out, one a month.
pub(super) const ON_TRIAL: [&str; 12] = [
    "Wren Pottery",
    "Dale Cycles",
    "Osprey Sails",
    "Hazel Optics",
    "Fenland Bees",
    "Juniper Tutors",
    "Slate Roofing",
    "Heron Boats",
    "Amber Joinery",
    "Cobalt Press",
    "Thistle Vets",
    "Linden Music",
];

impl Habit {
    /// The habit of a customer by its reference; those who began with a trial pay in time.
    pub(super) fn of(reference: &str) -> Option<Habit> {
        let followed = CAST.iter().find(|character| character.reference == reference);
        let converted = reference.starts_with("T-").then_some(Habit::InTime);
        followed.map(|character| character.habit).or(converted)
    }
}
