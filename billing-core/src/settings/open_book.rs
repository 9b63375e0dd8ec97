//! Opening the book.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::BookOpened;
use super::numbered::{unused, usable};
use super::page::Profile;
use super::policy::Policies;
use super::rejection::Rejection;
use super::series::SeriesChoice;
use super::state::State;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Department, Fact};
use crate::kernel::currency::Currency;
use crate::kernel::document::DocumentKind;
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Label;
use crate::kernel::zone::Zone;
use crate::log::{Scope, StreamId};

/// Open the book: the first command of every book. Kinds of documents for which no series is given get their
/// standard one.
///
/// ```
/// use billing_core::kernel::holidays::{HolidayCalendar, Region};
/// use billing_core::kernel::{currency::Currency, terms::PaymentTerms, zone::Zone};
/// use billing_core::settings::OpenBook;
/// let open = OpenBook {
///     holidays: HolidayCalendar::of(Region::EnglandAndWales),
///     ..OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london())
/// };
/// assert_eq!(open.terms, PaymentTerms::NetDays(30));
/// # Ok::<(), billing_core::kernel::text::TextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenBook {
    /// The seller's name as it stands on documents.
    pub seller: Label,
    /// The currency of the books, and of accounts that name no other.
    pub currency: Currency,
    /// Where the seller's days begin and end.
    pub zone: Zone,
    /// Which days are worked.
    pub holidays: HolidayCalendar,
    /// The terms of accounts that have none of their own.
    pub terms: PaymentTerms,
    /// The policies.
    pub policies: Policies,
    /// Number series; at most one for each kind of document.
    pub series: Vec<SeriesChoice>,
}

impl Command for OpenBook {
    type Department = Settings;
    const NAME: &'static str = "settings.open_book";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if settings.is_open() {
            let opened = self.opened(|kind| settings.series_choice(kind).clone());
            return match is_as_opened(settings, &opened) {
                true => Ok(vec![]),
                false => Err(Rejection::AlreadyOpen { seller: settings.profile().seller.clone() }.into()),
            };
        }
        let given =
            |documents| self.series.iter().filter(move |choice| choice.documents == documents).count();
        if let Some(documents) = DocumentKind::ALL.into_iter().find(|documents| given(*documents) > 1) {
            return Err(Rejection::TwoSeries { documents }.into());
        }
        let opened = self.opened(SeriesChoice::standard);
        opened.series.iter().try_for_each(usable)?;
        all_differ(&opened)?;
        Ok(vec![Fact::on(StreamId::Book, opened)])
    }
}

impl OpenBook {
    /// A book of a seller who works from Monday to Friday, is paid within 30 days and takes every policy and
    /// number series as it comes.
    pub fn new(seller: Label, currency: Currency, zone: Zone) -> OpenBook {
        OpenBook {
            seller,
            currency,
            zone,
            holidays: HolidayCalendar::weekdays_only(),
            terms: PaymentTerms::NetDays(30),
            policies: Policies::default(),
            series: Vec::new(),
        }
    }

    fn opened(&self, otherwise: impl Fn(DocumentKind) -> SeriesChoice) -> BookOpened {
        let chosen = |documents| {
            let given = self.series.iter().find(|choice| choice.documents == documents);
            given.cloned().unwrap_or_else(|| otherwise(documents))
        };
        BookOpened {
            seller: self.seller.clone(),
            currency: self.currency,
            zone: self.zone,
            holidays: self.holidays.clone(),
            terms: self.terms.clone(),
            policies: self.policies,
            series: DocumentKind::ALL.map(chosen).into(),
        }
    }
}

/// Whether a book opened like this would be as the book is now.
fn is_as_opened(settings: &State, opened: &BookOpened) -> bool {
    let BookOpened { seller, currency, zone, holidays, terms, policies, series } = opened.clone();
    let profile = Profile { seller, currency, zone, holidays, terms };
    profile == *settings.profile()
        && policies == *settings.policies()
        && series.iter().all(|choice| choice == settings.series_choice(choice.documents))
}

/// Each series against those before it: the page of a book that has only these is asked.
fn all_differ(opened: &BookOpened) -> Result<(), Rejection> {
    let mut page = State::default();
    for choice in &opened.series {
        unused(&page, choice)?;
        let event = super::SeriesChosen { series: choice.clone() }.into();
        Settings::evolve(&mut page, &event);
    }
    Ok(())
}
