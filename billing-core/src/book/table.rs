//! The macro behind the org chart: one enum over all departments' events, one over their rejections, and the
//! list of commands. The chart itself stands in `book/mod.rs`.

/// Declares the firm: each department with its page and its commands.
macro_rules! departments {
    ($($variant:ident = $module:ident [$($command:ident),* $(,)?];)+) => {
        /// Any event of the book: one variant a department.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event { $(#[doc = concat!("Of `", stringify!($module), "`.")] $variant($crate::$module::Event)),+ }

        impl Event {
            /// Every stored word of the firm with its newest schema number.
            pub fn words() -> Vec<(&'static str, u32)> {
                use $crate::log::DepartmentEvent as _;
                let mut words = Vec::new();
                $(words.extend_from_slice(<$crate::$module::Event>::WORDS);)+
                words
            }

            /// The stored word.
            pub fn event_type(&self) -> &'static str {
                use $crate::log::DepartmentEvent as _;
                match self { $(Event::$variant(event) => event.event_type()),+ }
            }

            /// The schema number under which it is written.
            pub fn schema(&self) -> u32 {
                use $crate::log::DepartmentEvent as _;
                match self { $(Event::$variant(event) => event.schema()),+ }
            }

            /// The payload as one line of JSON.
            pub fn payload(&self) -> Result<String, serde_json::Error> {
                use $crate::log::DepartmentEvent as _;
                match self { $(Event::$variant(event) => event.payload()),+ }
            }

            /// What it takes for its stream alone.
            pub fn claims(&self) -> Vec<$crate::decision::Claim> {
                use $crate::decision::Department as _;
                match self { $(Event::$variant(event) => <$crate::$module::$variant>::claims(event)),+ }
            }

            /// Reads a stored payload.
            pub fn decode(event_type: &str, schema: u32, data: &str) -> Result<Event, $crate::log::DecodeError> {
                use $crate::log::DepartmentEvent as _;
                match event_type.split_once('.').map(|(department, _)| department) {
                    $(Some(stringify!($module)) =>
                        <$crate::$module::Event>::decode(event_type, schema, data).map(Event::$variant),)+
                    Some(_) | None => Err($crate::log::DecodeError::UnknownType(event_type.to_owned())),
                }
            }
        }

        impl std::fmt::Display for Event {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(Event::$variant(event) => event.fmt(f)),+ }
            }
        }

        $(impl From<$crate::$module::Event> for Event {
            fn from(event: $crate::$module::Event) -> Self { Event::$variant(event) }
        }

        impl OfBook for $crate::$module::Event {
            fn of(event: &Event) -> Option<&Self> {
                if let Event::$variant(event) = event { Some(event) } else { None }
            }
        })+

        /// Any department's no.
        #[derive(Debug, Clone, PartialEq, thiserror::Error)]
        pub enum Rejection {
            $(#[doc = concat!("Of `", stringify!($module), "`.")] #[error(transparent)] $variant($crate::$module::Rejection)),+
        }

        impl Rejection {
            /// Stable, for programs.
            pub fn code(&self) -> &'static str {
                use $crate::decision::Rejection as _;
                match self { $(Rejection::$variant(rule) => rule.code()),+ }
            }

            /// For people: what to do now.
            pub fn advice(&self) -> &'static str {
                use $crate::decision::Rejection as _;
                match self { $(Rejection::$variant(rule) => rule.advice()),+ }
            }
        }

        $(impl From<$crate::$module::Rejection> for Rejection {
            fn from(rule: $crate::$module::Rejection) -> Self { Rejection::$variant(rule) }
        })+

        /// The names of all commands, in the order of the chart.
        pub const COMMANDS: &[&str] =
            &[$($(<$crate::$module::$command as $crate::decision::Command>::NAME,)*)+];

        /// Decides a stored request again; `None` where no command has that name.
        pub(crate) fn plan_named(
            name: &str,
            data: &str,
            books: Books,
            ctx: &$crate::decision::Context<'_>,
        ) -> Option<Result<$crate::engine::plan::Planned, $crate::engine::plan::Redecided>> {
            $($(if name == <$crate::$module::$command as $crate::decision::Command>::NAME {
                return Some($crate::engine::plan::redecide::<$crate::$module::$command>(data, books, ctx));
            })*)+
            None
        }
    };
}

pub(crate) use departments;
