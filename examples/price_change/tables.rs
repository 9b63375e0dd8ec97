//! The sheet as tables for people, one currency after the other.

use std::io::{self, Write};

use billing_core::kernel::money::Money;
use billing_examples::table::{figures, grouped};

use super::sheet::{Made, Sheet, Total};

/// Prints everything.
pub(crate) fn print(out: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
    writeln!(out, "{}", sheet.published)?;
    let Sheet { customers, without_the_plan, plan, .. } = sheet;
    writeln!(
        out,
        "Looked at {customers} customers; {without_the_plan} of them have nothing on an earlier version of {plan}."
    )?;
    sheet.totals.iter().try_for_each(|total| of_currency(out, sheet, total))?;
    for refused in &sheet.refused {
        writeln!(out, "\n{}: no {}: {}", refused.customer, refused.what, refused.why)?;
    }
    match &sheet.made {
        None => {
            writeln!(out, "\nNothing was recorded. Run it with --make to make the change and to bill it.")
        }
        Some(made) => outcome(out, made),
    }
}

fn of_currency(out: &mut dyn Write, sheet: &Sheet, total: &Total) -> io::Result<()> {
    let currency = total.currency;
    if total.agreements > 0 {
        let headings = ["", "customer", "how many", "now", "then", "difference", "a month", "from", ""];
        let mut table = figures(&headings);
        for one in sheet.agreements.iter().filter(|one| one.currency == currency) {
            table.add_row([
                one.customer.clone(),
                one.name.clone(),
                one.quantity.to_string(),
                amount(one.now),
                amount(one.then),
                amount(one.difference),
                amount(one.monthly),
                one.moves_on.map(|day| day.to_string()).unwrap_or_default(),
                one.fate.clone(),
            ]);
        }
        let moved = format!("{} of {} move", total.moved, total.agreements);
        let month = amount(Some(total.monthly));
        table.add_row(["", "all", "", "", "", "", &month, "", &moved]);
        writeln!(
            out,
            "\nWhat a period costs, in {currency}, before VAT and discounts\n{}",
            words_left(table)
        )?;
        let sign = if total.monthly.is_negative() { "" } else { "+" };
        writeln!(out, "Recurring revenue a month, in {currency}: {sign}{month}")?;
    }
    let mut table = figures(&["", "customer", "now", "then", "difference"]);
    for bill in sheet.bills.iter().filter(|bill| bill.now.currency() == currency) {
        let [now, then, difference] = [bill.now, bill.then, bill.difference].map(|sum| amount(Some(sum)));
        table.add_row([bill.customer.clone(), bill.name.clone(), now, then, difference]);
    }
    let sums = [total.billed_now, total.billed_then, total.difference].map(|sum| amount(Some(sum)));
    let [now, then, difference] = sums;
    table.add_row([String::new(), "all".to_owned(), now, then, difference]);
    writeln!(
        out,
        "\nWhat is billed through {}, in {currency}, before VAT\n{}",
        sheet.through,
        words_left(table)
    )
}

/// The customers' names stand to the left, and so does the last column where it holds words.
fn words_left(mut table: comfy_table::Table) -> comfy_table::Table {
    let last = table.column_count().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        if at == 1 || (at == last && last > 4) {
            column.set_cell_alignment(comfy_table::CellAlignment::Left);
        }
    }
    table
}

fn amount(amount: Option<Money>) -> String {
    amount.map_or_else(|| "by use".to_owned(), |amount| grouped(&amount.major()))
}

fn outcome(out: &mut dyn Write, made: &Made) -> io::Result<()> {
    writeln!(out, "\nMade: {} customers moved, {} billed.", made.moved, made.billed)?;
    match made.differing.as_slice() {
        [] => writeln!(
            out,
            "What was recorded for each of {} customers is what was foreseen, event by event, in every field but ids.",
            made.compared
        )?,
        differing => {
            writeln!(
                out,
                "Of {} customers, {} came out otherwise than foreseen:",
                made.compared,
                differing.len()
            )?;
            differing.iter().try_for_each(|one| writeln!(out, "  {one}"))?;
        }
    }
    writeln!(out, "Head: {}", made.head)
}
