//! No service day of a component is billed twice. Counted as a sum over documents and not as a set of days, so that
//! it does not share an error with what the bill itself is worked out from.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Event, payload};
use crate::invoicing::{CreditNoteIssued, InvoiceIssued, InvoiceVoided, Line, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::period::Period;
use crate::kernel::text::Code;

type Component = (SubscriptionId, Code);

/// How often each day of each component is billed, net.
#[derive(Debug, Default)]
pub(super) struct Billed {
    counted: Vec<Counted>,
    /// By how much the count changes from this day on; no entry where it does not change.
    steps: BTreeMap<Component, BTreeMap<Date, i64>>,
    /// What an invoice billed more than once, unless the credit note of the same bill gives it back.
    suspected: Vec<(InvoiceId, String)>,
    /// The account's last document, where it is an invoice.
    last: Option<InvoiceId>,
    found: Vec<String>,
}

const NAME: &str = "service-days-once";

/// Days that a line bills, or gives back.
#[derive(Debug)]
struct Counted {
    /// The invoice that the line stands on; none for a credit note, which is never voided.
    by: Option<InvoiceId>,
    /// The invoice whose days they are.
    of: Option<InvoiceId>,
    component: Component,
    period: Period,
    /// 1 where they are billed, -1 where they are given back.
    times: i64,
}

impl Billed {
    pub(super) fn add(&mut self, event: &Event) {
        let mut touched = BTreeSet::new();
        if let Some(issued) = payload::<InvoiceIssued>(event) {
            self.document(Some(issued.invoice), &issued.lines, &mut touched);
            self.last = Some(issued.invoice);
            let twice: Vec<String> =
                touched.iter().filter_map(|component| self.miscounted(component)).collect();
            self.suspected.extend(twice.into_iter().map(|how| (issued.invoice, how)));
            return;
        }
        if let Some(note) = payload::<CreditNoteIssued>(event) {
            self.document(None, &note.lines, &mut touched);
            // What is always given back on a note, by dialect, stands behind the invoice of its bill and does not name it.
            let last =
                self.last.take().filter(|_| note.invoice.is_none() && note.dialect.gives_back_by_note());
            let of_bill = note.beside.or(last);
            self.suspected.retain(|(invoice, _)| of_bill != Some(*invoice));
        }
        if let Some(voided) = payload::<InvoiceVoided>(event) {
            // Gone with an invoice is what it billed, what it gave back, and what others gave back of it.
            let of_it = |counted: &Counted| [counted.by, counted.of].contains(&Some(voided.invoice));
            let (gone, stays) = std::mem::take(&mut self.counted).into_iter().partition::<Vec<_>, _>(of_it);
            self.counted = stays;
            for counted in gone {
                self.step(&counted.component, counted.period, -counted.times);
                touched.insert(counted.component);
            }
        }
        let miscounted: Vec<String> =
            touched.iter().filter_map(|component| self.miscounted(component)).collect();
        self.found.extend(miscounted);
    }

    pub(super) fn check(&self, found: &mut Vec<(&'static str, String)>) {
        let suspected = self.suspected.iter().map(|(_, how)| how);
        found.extend(self.found.iter().chain(suspected).map(|how| (NAME, how.clone())));
    }

    fn document(&mut self, by: Option<InvoiceId>, lines: &[Line], touched: &mut BTreeSet<Component>) {
        for line in lines {
            let counted = match &line.subject {
                // Days that cost nothing, as a free trial's, may be billed once more; metered ones are given back first.
                Subject::Service { meter: None, .. } if line.net.is_zero() => continue,
                Subject::Service { subscription, component, period, .. } => Counted {
                    by,
                    of: by,
                    component: (*subscription, component.clone()),
                    period: *period,
                    times: 1,
                },
                Subject::Unused { subscription, component, period, line, .. } => {
                    let (of, component) = (Some(line.invoice), (*subscription, component.clone()));
                    Counted { by, of, component, period: *period, times: -1 }
                }
                Subject::LateUsage { .. }
                | Subject::InterimUsage { .. }
                | Subject::TrueUp { .. }
                | Subject::TrueUpTakenBack { .. }
                | Subject::Fee { .. }
                | Subject::Work { .. }
                | Subject::Item { .. }
                | Subject::Correction { .. } => continue,
            };
            self.step(&counted.component, counted.period, counted.times);
            touched.insert(counted.component.clone());
            self.counted.push(counted);
        }
    }

    fn step(&mut self, component: &Component, period: Period, times: i64) {
        let steps = self.steps.entry(component.clone()).or_default();
        for (day, by) in [(period.from(), times), (period.to(), -times)] {
            let step = steps.entry(day).or_default();
            *step += by;
            if *step == 0 {
                steps.remove(&day);
            }
        }
    }

    /// What is wrong with the count of a component's days.
    fn miscounted(&self, component: &Component) -> Option<String> {
        let mut count = 0;
        for (day, step) in self.steps.get(component)? {
            count += step;
            if !(0..=1).contains(&count) {
                let (subscription, component) = component;
                let how = if count > 1 { "billed more than once" } else { "given back without being billed" };
                return Some(format!("{component} of {subscription} is {how} from {day} on"));
            }
        }
        None
    }
}
