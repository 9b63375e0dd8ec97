//! When a number series is chosen, it is opened, so that its first document finds it.

use super::Happened;
use crate::book::Event;
use crate::decision::Fact;
use crate::log::StreamId;
use crate::numbering::{self, SeriesOpened};
use crate::settings::{self, SeriesChoice};

pub(super) fn open_series(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let Event::Settings(event) = happened.event else { return Vec::new() };
    match event {
        settings::Event::BookOpened(opened) => opened.series.iter().map(opening).collect(),
        settings::Event::SeriesChosen(chosen) => vec![opening(&chosen.series)],
        settings::Event::PoliciesChosen(_)
        | settings::Event::LadderSet(_)
        | settings::Event::CustomFieldDefined(_)
        | settings::Event::CustomFieldRetired(_) => Vec::new(),
    }
}

fn opening(choice: &SeriesChoice) -> Fact<Event> {
    let opened = SeriesOpened {
        series: choice.series.clone(),
        documents: choice.documents,
        prefix: choice.prefix.clone(),
        year: choice.year,
        first: choice.first,
        digits: choice.digits,
    };
    Fact::on(StreamId::Series(choice.series.clone()), numbering::Event::from(opened))
}

#[cfg(test)]
mod tests {
    use crate::policies::given::{customer, words};

    #[test]
    fn opening_the_book_opens_a_series_for_each_kind_of_document() {
        let customer = customer();
        let opened = customer.scenario.history().iter().filter(|fact| fact.cause == Some(0));
        let opened: Vec<_> = opened
            .map(|fact| (fact.stream.to_string(), words(std::slice::from_ref(&fact.event))[0]))
            .collect();
        assert_eq!(
            opened.iter().map(|(stream, _)| stream.as_str()).collect::<Vec<_>>(),
            ["series/invoices", "series/credit-notes", "series/receipts"]
        );
        assert!(opened.iter().all(|(_, word)| *word == "numbering.series_opened"));
    }

    #[test]
    fn a_series_chosen_later_is_opened_too() {
        let mut customer = customer();
        let kind = crate::kernel::document::DocumentKind::Invoice;
        let mut series = crate::settings::SeriesChoice::standard(kind);
        series.series = "invoices-2027".parse().unwrap();
        series.prefix = "2027/INV-".parse().unwrap();
        let events = customer.does(crate::settings::ChooseSeries { series });
        assert_eq!(words(&events), ["settings.series_chosen", "numbering.series_opened"]);
        assert_eq!(customer.scenario.history().last().unwrap().stream.to_string(), "series/invoices-2027");
    }
}
