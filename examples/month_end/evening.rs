//! The finance team's last evening of the month: what was invoiced, earned, owed, and what is to be done next.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

use billing_core::prelude::*;
use comfy_table::{CellAlignment, Table};

use super::firm::Firm;
use super::{Month, Outcome};
use crate::table::{figures, grouped, words};

/// Longer tables are cut off here and say so.
const MOST_ROWS: usize = 24;

pub(super) fn report(firm: &Firm, month: &mut Month, out: &mut dyn Write) -> Outcome {
    invoices(firm, month, out)?;
    revenue(firm, month, out)?;
    aged_debt(firm, month, out)?;
    status_board(firm, month, out)?;
    month_figures(firm, month, out)?;
    timeline(firm, month, "C-006", out)?;
    month.head = firm.book.head()?;
    closing(firm, month, out)
}

fn invoices(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let asked = DocumentsIssued { from: month.first, to: month.last, after: None, limit: usize::MAX };
    let mut sold = firm.book.ask(&asked)?.value;
    sold.retain(|summary| summary.document.net.is_some());
    sold.sort_by_key(|summary| {
        let number = summary.document.number.clone().unwrap_or_default();
        (number.len(), number)
    });
    let mut table = words(&["Number", "Customer", "Issued", "Due", "Net", "VAT", "Gross", "Open", "State"]);
    to_the_right(&mut table, 4..8);
    let zero = Sum::zero(Currency::GBP);
    let (mut net, mut vat, mut gross, mut open, mut count) = (zero, zero, zero, zero, 0);
    for summary in &sold {
        let document = &summary.document;
        // A credit note lowers what was sold.
        let sign = |amount: Sum| match document.document {
            DocumentId::CreditNote(_) => amount.negated(),
            DocumentId::Invoice(_) | DocumentId::Receipt(_) => amount,
        };
        let of = |amount: Option<Money>| sign(amount.map_or(zero, Sum::from));
        net = net.plus(of(document.net))?;
        vat = vat.plus(of(document.tax))?;
        gross = gross.plus(of(Some(document.gross)))?;
        open = open.plus(sign(summary.open))?;
        count += 1;
        if count <= MOST_ROWS {
            table.add_row([
                document.number.clone().unwrap_or_default(),
                firm.name(document.account),
                document.issued_on.to_string(),
                document.due.last().map(|due| due.date.to_string()).unwrap_or_default(),
                figure(of(document.net)),
                figure(of(document.tax)),
                figure(of(Some(document.gross))),
                figure(sign(summary.open)),
                state(summary.state).to_owned(),
            ]);
        }
    }
    let all = format!("{count} documents{}", cut(count));
    table.add_row([
        String::new(),
        all,
        String::new(),
        String::new(),
        figure(net),
        figure(vat),
        figure(gross),
        figure(open),
        String::new(),
    ]);
    title(out, "Invoices of the month", &table)
}

fn revenue(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let report = firm.book.ask(&RevenueReport { month: month.first, currency: Currency::GBP })?.value;
    let mut table = figures(&["Revenue, before VAT", "GBP"]);
    for (kind, amount) in &report.kinds {
        table.add_row([revenue_kind(*kind), &figure(amount)]);
    }
    for (what, amount) in [
        ("Invoiced less credited", report.net),
        ("+ deferred from before", report.deferred_start),
        ("- deferred to later months", report.deferred_end),
        ("= earned this month", report.recognised),
        ("VAT on what was invoiced", report.tax),
    ] {
        table.add_row([what, &figure(amount)]);
    }
    title(out, "Revenue", &table)
}

fn aged_debt(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let (by, buckets) = (Basis::DueDate, Buckets::default());
    let report = firm.book.ask(&AgedDebt { as_of: month.last, by, buckets, account: None })?.value;
    let mut headings = vec!["Customer"];
    headings.extend(report.labels.iter().map(|label| if label == "not_due" { "not due" } else { label }));
    headings.extend(["disputed", "unapplied", "total"]);
    let mut table = figures(&headings);
    let row = |name: String, debt: &billing_core::projections::aged_debt::Debt| {
        let ages = debt.columns.iter().map(|column| figure(column.amount));
        let rest = [debt.disputed, debt.unapplied, debt.total].map(figure);
        [name].into_iter().chain(ages).chain(rest).collect::<Vec<_>>()
    };
    for line in report.accounts.iter().take(MOST_ROWS) {
        table.add_row(row(firm.name(line.account), &line.debt));
    }
    for total in &report.totals {
        table.add_row(row(
            format!("{} customers{}", report.accounts.len(), cut(report.accounts.len())),
            total,
        ));
    }
    title(out, &format!("Aged debt on {}, days past due", month.last), &table)
}

fn status_board(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let board = firm.book.ask(&StatusBoard { as_of: month.last })?.value;
    let mut table = words(&[
        "Customer",
        "Balance",
        "Overdue",
        "Unapplied",
        "Promised",
        "Disputed",
        "Last payment",
        "Hold",
        "Next",
    ]);
    to_the_right(&mut table, 1..6);
    let gbp = |balance: &Balance| figure(balance.of(Currency::GBP));
    let mut total = Balance::default();
    board.iter().for_each(|line| total.add_balance(&line.balance));
    for line in board.iter().take(MOST_ROWS) {
        let last = line.last_payment.map(|last| format!("{} {}", last.on, figure(last.amount)));
        table.add_row([
            firm.name(line.account),
            gbp(&line.balance),
            gbp(&line.overdue),
            gbp(&line.unapplied),
            gbp(&line.promised),
            gbp(&line.disputed),
            last.unwrap_or_default(),
            line.hold.map(|hold| hold.to_string()).unwrap_or_default(),
            line.next_action.to_string(),
        ]);
    }
    table.add_row([format!("{} customers{}", board.len(), cut(board.len())), gbp(&total)]);
    title(out, &format!("Payment status on {}", month.last), &table)
}

fn month_figures(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let report = firm.book.ask(&MonthFigures { on: month.last, currency: Currency::GBP })?.value;
    let mut table = figures(&["", "GBP, days, per cent"]);
    for (what, amount) in [
        ("Receivables at the start", report.opening),
        ("+ sales, VAT included", report.sales),
        ("- cash", report.cash),
        ("= receivables this evening", report.closing),
    ] {
        table.add_row([what, &figure(amount)]);
    }
    let ratio = |ratio: Option<_>| {
        ratio.map_or_else(
            || "-".to_owned(),
            |ratio: billing_core::projections::ratio::Ratio| ratio.to_string(),
        )
    };
    table.add_row(["Days sales outstanding", &ratio(report.dso)]);
    table.add_row(["Best possible, were nothing late", &ratio(report.best_possible_dso)]);
    table.add_row(["Collection effectiveness, per cent", &ratio(report.cei)]);
    title(out, "The month in figures", &table)
}

/// What happened to one customer, in sentences. Documents go by their numbers, as people speak of them.
fn timeline(firm: &Firm, month: &Month, reference: &str, out: &mut dyn Write) -> Outcome {
    let account = firm.account(reference).ok_or("the customer is not in the book")?;
    let documents = firm.book.ask(&DocumentsOf { account, after: None, limit: usize::MAX })?.value;
    let numbers: BTreeMap<String, String> = documents
        .into_iter()
        .filter_map(|summary| Some((summary.document.document.to_string(), summary.document.number?)))
        .collect();
    let entries = firm.book.ask(&Timeline { account, after: Position::START, limit: usize::MAX })?.value;
    writeln!(out, "\n{} in {}", firm.name(account), month.first.format("%B"))?;
    for entry in entries {
        let day = entry.at.date_in(&Zone::london());
        if day >= month.first {
            writeln!(out, "  {}  {}", day.format("%e %b"), readable(&entry.sentence, &numbers))?;
        }
    }
    Ok(())
}

/// A sentence with the numbers of its documents, and the other ids cut to their last digits.
fn readable(sentence: &str, numbers: &BTreeMap<String, String>) -> String {
    let words = sentence.split(' ').map(|word| {
        let id = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let is_id = id.len() == 36 && id.as_bytes().get(3) == Some(&b'_');
        if !is_id {
            return word.to_owned();
        }
        let short = numbers.get(id).cloned().unwrap_or_else(|| format!("{}_…{}", &id[..3], &id[32..]));
        word.replace(id, &short)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn closing(firm: &Firm, month: &Month, out: &mut dyn Write) -> Outcome {
    let metrics = firm.book.metrics();
    writeln!(
        out,
        "\n{} commands recorded {} events; {} had nothing to do, {} were refused, {} were decided anew.",
        grouped(&metrics.commands.to_string()),
        grouped(&metrics.events.to_string()),
        grouped(&metrics.nothing_to_do.to_string()),
        metrics.refused,
        metrics.conflicts,
    )?;
    let (sent, spared) = (month.chased.len(), month.spared.len());
    let posted: String = month.posted.iter().map(|(kind, count)| format!(", {kind} {count}")).collect();
    writeln!(out, "Handed to the mailer: reminders {sent}{posted}. Reminders due and not sent: {spared}.")?;
    writeln!(
        out,
        "\nKeep this head outside the file; with it anybody can see later that nothing was changed:"
    )?;
    writeln!(out, "  {}", month.head)?;
    let path = firm.book.store().path();
    writeln!(out, "\nNext: prove the file, or live the month that follows.")?;
    let run = "cargo run --release -p billing-examples --example";
    writeln!(out, "  {run} audit_replay -- --db {} --expect {}", path.display(), month.head)?;
    Ok(writeln!(out, "  {run} month_end -- --db {}", path.display())?)
}

fn title(out: &mut dyn Write, title: &str, table: &Table) -> Outcome {
    Ok(writeln!(out, "\n{title}\n{table}")?)
}

fn to_the_right(table: &mut Table, columns: std::ops::Range<usize>) {
    let figures = table.column_iter_mut().skip(columns.start).take(columns.len());
    figures.for_each(|column| column.set_cell_alignment(CellAlignment::Right));
}

/// An amount without its currency: all of this book is in pounds.
fn figure(amount: impl Display) -> String {
    let text = amount.to_string();
    grouped(text.strip_prefix("GBP ").unwrap_or(&text))
}

fn cut(rows: usize) -> String {
    if rows > MOST_ROWS { format!(", the first {MOST_ROWS} shown") } else { String::new() }
}

fn state(state: DocumentState) -> &'static str {
    match state {
        DocumentState::Open => "open",
        DocumentState::PartPaid => "part paid",
        DocumentState::Paid => "paid",
        DocumentState::Credited => "credited",
        DocumentState::PassedOn => "passed on",
        DocumentState::Void => "void",
    }
}

fn revenue_kind(kind: RevenueKind) -> &'static str {
    match kind {
        RevenueKind::New => "New customers",
        RevenueKind::Recurring => "Recurring",
        RevenueKind::Expansion => "Upgrades and more seats",
        RevenueKind::Contraction => "Downgrades and fewer seats",
        RevenueKind::Churn => "Given back to those who left",
        RevenueKind::OneOff => "Bespoke work and items",
        RevenueKind::Correction => "Corrections",
    }
}
