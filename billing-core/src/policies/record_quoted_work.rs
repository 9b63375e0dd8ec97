//! When a quote is accepted, each of its lines becomes a piece of work, so that it is billed, written off, or waits
//! where everybody looks.

use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::kernel::ids::WorkId;
use crate::quotes::QuoteAccepted;
use crate::work::{self, WorkRecorded};

pub(super) fn record_quoted_work(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(accepted), Some(account)) = (payload::<QuoteAccepted>(happened.event), happened.account) else {
        return Vec::new();
    };
    let Some(quote) = account.quotes.quote(accepted.quote) else { return Vec::new() };
    let work = quote.lines.iter().map(|line| WorkRecorded {
        work: happened.ctx.mint(WorkId::from_uuid),
        description: line.text.clone(),
        done_on: accepted.bill_from,
        quantity: line.quantity,
        unit_price: line.unit_price,
        tax_code: line.tax_code.clone(),
        evidence: Some(quote.reference.clone()),
        done_by: None,
        quote: Some(accepted.quote),
    });
    on_account(account, work.map(work::Event::from))
}
