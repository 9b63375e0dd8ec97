//! The log, folded into explanations, one commit after the other.

use std::collections::BTreeMap;

use super::behind::{Behind, Wishes};
use super::ledger::{Ledger, On, earlier_line};
use super::{Asked, EarlierLine, ExplainError, Explanation, Figure, LineExplained, Step, TaxExplained};
use crate::book::{Event, payload};
use crate::decision::Department as _;
use crate::engine::plan::read_request;
use crate::invoicing::{
    ConsolidatedInvoiceIssued, CreditNoteIssued, InvoiceIssued, InvoiceVoided, Line, TaxTotal,
};
use crate::kernel::document::DocumentId;
use crate::kernel::exact::Exact;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::{Money, MoneyError};
use crate::log::{CommandKey, Origin, Recorded, StreamId};
use crate::numbering::{NumberAssigned, SeriesOpened, number_of};
use crate::store::{Store, StoreError};
use crate::usage::Usage;

/// What is kept while the log is read.
pub(super) struct Fold {
    only: Option<DocumentId>,
    accounts: BTreeMap<AccountId, (Ledger, Wishes)>,
    series: BTreeMap<StreamId, SeriesOpened>,
    numbers: BTreeMap<DocumentId, String>,
    /// The facts of the commit that is being read.
    commit: Vec<Recorded<Event>>,
    explained: Vec<Explanation>,
    failed: Option<ExplainError>,
}

/// What an invoice and a credit note have in common.
struct Document<'a> {
    id: DocumentId,
    /// The invoice that it corrects.
    corrected: Option<InvoiceId>,
    on: On<'a>,
    taxes: &'a [TaxTotal],
    explanation: Explanation,
}

impl Fold {
    pub(super) fn new(only: Option<DocumentId>) -> Fold {
        Fold {
            only,
            accounts: BTreeMap::new(),
            series: BTreeMap::new(),
            numbers: BTreeMap::new(),
            commit: Vec::new(),
            explained: Vec::new(),
            failed: None,
        }
    }

    pub(super) fn add(&mut self, fact: Recorded<Event>) {
        if self.commit.first().is_some_and(|first| first.command != fact.command) {
            self.close_commit();
        }
        self.commit.push(fact);
    }

    pub(super) fn explained(mut self) -> Result<Vec<Explanation>, ExplainError> {
        self.close_commit();
        self.failed.map_or(Ok(self.explained), Err)
    }

    /// Takes the facts of a commit: first what its documents rest on, then the documents.
    fn close_commit(&mut self) {
        let facts = std::mem::take(&mut self.commit);
        facts.iter().for_each(|fact| self.rests_on(fact));
        // A bill's lines were drawn up together, what is given back first, and parted into documents afterwards.
        let gives_back = |fact: &&Recorded<Event>| {
            payload::<CreditNoteIssued>(&fact.event).is_some_and(|note| note.invoice.is_none())
        };
        let (first, then): (Vec<_>, Vec<_>) = facts.iter().partition(gives_back);
        for fact in first.into_iter().chain(then) {
            if let Err(error) = self.document(fact, &facts) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn rests_on(&mut self, fact: &Recorded<Event>) {
        if let Some(opened) = payload::<SeriesOpened>(&fact.event) {
            self.series.insert(fact.stream.clone(), opened.clone());
        }
        if let Some(assigned) = payload::<NumberAssigned>(&fact.event)
            && let Some(opened) = self.series.get(&fact.stream)
        {
            self.numbers.insert(assigned.document, number_of(opened, fact.version));
        }
        if let StreamId::Account(id) | StreamId::Usage(id) = fact.stream {
            let (ledger, wishes) = self.accounts.entry(id).or_default();
            wishes.add(fact);
            if let Event::Usage(event) = &fact.event {
                Usage::evolve(&mut ledger.usage, event);
            }
        }
    }

    fn document(&mut self, fact: &Recorded<Event>, commit: &[Recorded<Event>]) -> Result<(), ExplainError> {
        let StreamId::Account(account) = fact.stream else { return Ok(()) };
        let (ledger, wishes) = self.accounts.entry(account).or_default();
        if let Some(voided) = payload::<InvoiceVoided>(&fact.event) {
            ledger.void(voided.invoice);
        }
        if let Some(issued) = payload::<ConsolidatedInvoiceIssued>(&fact.event) {
            return self.passes_on(issued);
        }
        let Some(document) = invoice(fact, account).or_else(|| credit_note(fact, account)) else {
            return Ok(());
        };
        let Document { id, mut explanation, .. } = document;
        let wanted = self.only.is_none_or(|only| only == id);
        let failed = |why: MoneyError| ExplainError::Amount { document: id, why };
        let on = On { beside: beside(fact, commit), ..document.on };
        for (number, line) in (1..).zip(on.lines) {
            if wanted {
                let explained = line_explained(number, line, on, ledger, wishes, &self.numbers);
                explanation.lines.push(explained.map_err(failed)?);
            }
            ledger.add_line(number, line, on);
        }
        if wanted {
            for total in document.taxes {
                explanation.taxes.push(tax_explained(total, document.corrected, on, ledger).map_err(failed)?);
            }
            explanation.number = self.numbers.get(&id).cloned();
            explanation.causes = causes(fact, commit);
            self.explained.push(explanation);
        }
        ledger.close(document.taxes, document.corrected, on);
        Ok(())
    }

    fn passes_on(&self, issued: &ConsolidatedInvoiceIssued) -> Result<(), ExplainError> {
        let document = DocumentId::Invoice(issued.invoice);
        if self.only != Some(document) {
            return Ok(());
        }
        let open = issued.lines.iter().flat_map(|line| &line.invoices);
        Err(ExplainError::PassesOn { document, invoices: open.map(|open| open.invoice).collect() })
    }
}

/// The name of a command, where the store keeps its request.
pub(super) fn command_name(
    store: &dyn Store,
    book: &Origin,
    command: &CommandKey,
) -> Result<Option<String>, StoreError> {
    let request = store.command(book, command)?.and_then(|record| record.request);
    Ok(request.and_then(|request| read_request(&request).ok()).map(|(name, _)| name))
}

fn invoice(fact: &Recorded<Event>, account: AccountId) -> Option<Document<'_>> {
    let issued = payload::<InvoiceIssued>(&fact.event)?;
    let on = On {
        invoice: Some(issued.invoice),
        lines: &issued.lines,
        beside: &[],
        position: fact.position,
        line_rounding: issued.line_rounding,
        tax_rounding: issued.tax_rounding,
    };
    let id = DocumentId::Invoice(issued.invoice);
    let explanation = Explanation {
        document: id,
        number: None,
        account,
        issued_on: issued.issued_on,
        asked: asked(fact),
        causes: Vec::new(),
        dialect: issued.dialect,
        catalogue: Some(issued.catalogue),
        line_rounding: issued.line_rounding,
        tax_rounding: issued.tax_rounding,
        lines: Vec::new(),
        taxes: Vec::new(),
        net: issued.net,
        tax: issued.tax,
        gross: issued.gross,
    };
    Some(Document { id, corrected: None, on, taxes: &issued.taxes, explanation })
}

fn credit_note(fact: &Recorded<Event>, account: AccountId) -> Option<Document<'_>> {
    let note = payload::<CreditNoteIssued>(&fact.event)?;
    let on = On {
        invoice: None,
        lines: &note.lines,
        beside: &[],
        position: fact.position,
        line_rounding: note.line_rounding,
        tax_rounding: note.tax_rounding,
    };
    let id = DocumentId::CreditNote(note.credit_note);
    let explanation = Explanation {
        document: id,
        number: None,
        account,
        issued_on: note.issued_on,
        asked: asked(fact),
        causes: Vec::new(),
        dialect: note.dialect,
        catalogue: None,
        line_rounding: note.line_rounding,
        tax_rounding: note.tax_rounding,
        lines: Vec::new(),
        taxes: Vec::new(),
        net: note.net,
        tax: note.tax,
        gross: note.credit.negated(),
    };
    Some(Document { id, corrected: note.invoice, on, taxes: &note.taxes, explanation })
}

/// The lines of a bill that stand on its other document: what is given back on a note, the rest on the invoice.
fn beside<'a>(fact: &Recorded<Event>, commit: &'a [Recorded<Event>]) -> &'a [Line] {
    let lines = |other: &'a Recorded<Event>| {
        let note = payload::<CreditNoteIssued>(&other.event).filter(|note| note.invoice.is_none());
        payload::<InvoiceIssued>(&other.event)
            .map(|issued| issued.lines.as_slice())
            .or(note.map(|note| note.lines.as_slice()))
    };
    commit.iter().filter(|other| other.position != fact.position).find_map(lines).unwrap_or_default()
}

fn asked(fact: &Recorded<Event>) -> Asked {
    Asked { by: fact.by.clone(), name: None, command: fact.command, at: fact.at, position: fact.position }
}

/// The facts of the same commit that a fact follows from, the nearest first.
fn causes(fact: &Recorded<Event>, commit: &[Recorded<Event>]) -> Vec<Behind> {
    let mut causes = Vec::new();
    let mut cause = fact.cause;
    while let Some(found) = commit.iter().find(|earlier| Some(earlier.position) == cause) {
        causes.push(Behind::of(found));
        // A cause stands before what follows from it.
        cause = found.cause.filter(|next| *next < found.position);
    }
    causes
}

fn line_explained(
    number: u32,
    line: &Line,
    on: On<'_>,
    ledger: &Ledger,
    wishes: &Wishes,
    numbers: &BTreeMap<DocumentId, String>,
) -> Result<LineExplained, MoneyError> {
    let (working, steps) = ledger.working(line, on)?;
    let exact = working.value()?;
    let rounded = exact.rounded(on.line_rounding)?;
    let earlier = earlier_line(line);
    Ok(LineExplained {
        number,
        text: line.text.clone(),
        net: line.net,
        category: line.tax,
        rate: line.rate,
        working,
        exact: Figure(exact),
        rounded,
        residue: Figure(Exact::from(rounded).minus(exact)?),
        steps,
        earlier: earlier.map(|line| EarlierLine {
            line,
            number: numbers.get(&DocumentId::Invoice(line.invoice)).cloned(),
        }),
        behind: wishes.behind(line, earlier.and_then(|line| ledger.issued_at(line))),
    })
}

fn tax_explained(
    total: &TaxTotal,
    corrected: Option<InvoiceId>,
    on: On<'_>,
    ledger: &Ledger,
) -> Result<TaxExplained, MoneyError> {
    let steps = match corrected {
        Some(invoice) => ledger.tax_back(invoice, total, on)?,
        None => Vec::new(),
    };
    let exact = tax_of(total.base, total.rate, &steps)?;
    let rounded = exact.rounded(on.tax_rounding)?;
    Ok(TaxExplained {
        category: total.category,
        rate: total.rate,
        base: total.base,
        exact: Figure(exact),
        rounded,
        residue: Figure(Exact::from(rounded).minus(exact)?),
        steps,
        tax: total.tax,
    })
}

/// VAT on a base; where it is given back, on what is given back.
pub(super) fn tax_of(
    base: Money,
    rate: crate::kernel::rate::Rate,
    steps: &[Step],
) -> Result<Exact, MoneyError> {
    let of = if steps.contains(&Step::GivenBack) { base.negated() } else { base };
    Exact::from(of).percent(rate)
}
