//! The figures as tables for people.

use std::io::{self, Write};

use billing_examples::table::{figures, grouped};

use super::figures::{Amount, Figures, InOrder, Report};
use super::reminders::Reminders;

/// Prints everything, one table under the other.
pub(crate) fn print(out: &mut dyn Write, ledger: &Figures) -> io::Result<()> {
    let [invoices, customers] = [ledger.invoices, ledger.customers].map(|count| grouped(&count.to_string()));
    writeln!(out, "{invoices} invoices of {customers} customers, {} in all.", grouped(&ledger.total))?;
    match ledger.import_errors {
        0 => writeln!(out, "Every row was imported.")?,
        1 => writeln!(out, "1 row was not imported; it is named above.")?,
        many => writeln!(out, "{many} rows were not imported; they are named above.")?,
    }
    writeln!(out, "Head: {}", ledger.head)?;
    ledger.reports.iter().try_for_each(|report| position(out, report))?;
    if let Some(weeks) = &ledger.weekly_cash {
        writeln!(out, "\nCash by ISO week of receipt\n{}", amounts("week", "receipts", weeks))?;
    }
    ledger.reminders.as_ref().map_or(Ok(()), |sent| reminders(out, sent))
}

fn position(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "\nPosition at the close of {}", report.as_of)?;
    let mut table = figures(&["", "invoices", "amount"]);
    let mut line = |what: &str, count: u64, amount: &str| {
        table.add_row([what.to_owned(), grouped(&count.to_string()), grouped(amount)]);
    };
    let customers = match report.open_customers {
        1 => "open, of 1 customer".to_owned(),
        many => format!("open, of {many} customers"),
    };
    line(&customers, report.open_count, &report.open_amount);
    line("  of it overdue", report.overdue_count, &report.overdue_amount);
    line("  of it disputed", report.disputed_open_count, &report.disputed_open_amount);
    writeln!(out, "{table}")?;
    writeln!(out, "\nBy days since the due date\n{}", amounts("days", "invoices", &report.by_due_date))?;
    writeln!(
        out,
        "\nBy days since the invoice date\n{}",
        amounts("days", "invoices", &report.by_invoice_date)
    )?;
    month(out, report)
}

fn month(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let month = &report.month;
    let name = report.as_of.format("%B %Y, the whole month").to_string();
    let mut table = figures(&[&name, "amount, or ratio"]);
    let amounts = [
        ("open at its beginning", &month.opening),
        ("+ invoiced", &month.sales),
        ("- received", &month.cash),
        ("= open at its end", &month.closing),
    ];
    for (what, amount) in amounts {
        table.add_row([what, &grouped(amount)]);
    }
    let ratios = [
        ("days sales outstanding (DSO)", month.dso),
        ("DSO by count-back", month.dso_count_back),
        ("best possible DSO", month.best_possible_dso),
        ("average days delinquent", month.average_days_delinquent),
        ("collection effectiveness, %", month.cei),
    ];
    for (what, ratio) in ratios {
        let ratio = ratio.map_or_else(|| "not defined".to_owned(), |ratio| ratio.to_string());
        table.add_row([what.to_owned(), ratio]);
    }
    writeln!(out, "\n{table}")
}

fn amounts(what: &str, counted: &str, lines: &InOrder<Amount>) -> String {
    let mut table = figures(&[what, counted, "amount"]);
    for (name, line) in &lines.0 {
        let name = if name == "not_due" { "not due" } else { name };
        table.add_row([name.to_owned(), grouped(&line.count.to_string()), grouped(&line.amount)]);
    }
    table.to_string()
}

fn reminders(out: &mut dyn Write, reminders: &Reminders) -> io::Result<()> {
    let mut table = figures(&["days overdue", "reminded", "if disputes pause", "paid that day instead"]);
    for (days, step) in &reminders.steps.0 {
        let counts = [step.sent, step.with_dispute_pause, step.same_day_receipts];
        let [sent, paused, paid] = counts.map(|count| grouped(&count.to_string()));
        table.add_row([days.clone(), sent, paused, paid]);
    }
    let letters = grouped(&reminders.letters.to_string());
    writeln!(out, "\nReminders, in invoices\n{table}\nAll that was reminded went out in {letters} letters.")
}
