//! Billing on the last working day: a preview first, then the run, changed accounts before the others.

use std::io::Write;
use std::ops::ControlFlow;

use billing_core::book::payload;
use billing_core::prelude::*;

use super::Outcome;
use super::firm::{Firm, all_well, note, watched};

/// Bills next month in advance, and what changed in this one.
pub(super) fn bill(firm: &Firm, day: Date, out: &mut dyn Write) -> Outcome {
    let through = firm.calendar.last_working_days(day, 1)?.pop().unwrap_or(day);
    let through =
        billing_core::kernel::calendar::end_of_month(through)?.succ_opt().ok_or("the calendar ends here")?;
    let run = BillingRun { issue_on: day, through };
    let (invoices, gross) = preview(firm, &run)?;
    note(
        out,
        day,
        format!("preview of the bills for {}: {invoices} invoices, {gross}", through.format("%B")),
    )?;

    let before = firm.book.head()?.position;
    let mut groups: Vec<&'static str> = Vec::new();
    let mut bar = watched("billing");
    let report = firm.book.run(firm.book.new_command_id(), &firm.runner, &run, &mut |progress| {
        if !groups.contains(&progress.group) {
            groups.push(progress.group);
        }
        bar(progress)
    })?;
    let report = all_well(report)?;
    let lines = report.head.position.get() - before.get();
    let groups = groups.join("; then ");
    note(out, day, format!("billed {} customers in {lines} lines of the log: {groups}", report.recorded))
}

/// What the run would invoice, decided by the same code and recorded nowhere.
fn preview(firm: &Firm, run: &BillingRun) -> Outcome<(usize, Sum)> {
    let (mut invoices, mut gross, mut failed) = (0, Sum::zero(Currency::GBP), None);
    firm.book.preview_run(&firm.runner, run, |_, planned| {
        let added = planned.map_err(Box::from).and_then(|planned| {
            for issued in planned.iter().filter_map(|fact| payload::<InvoiceIssued>(&fact.event)) {
                invoices += 1;
                gross = gross.plus(issued.gross)?;
            }
            Outcome::Ok(())
        });
        match added {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => {
                failed = Some(why);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok((invoices, gross)), Err)
}
