//! A receivables ledger in CSV: what fits becomes rows, what does not is named with its line and its reason.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Read};
use std::str::FromStr;

use billing_core::kernel::calendar::Date;
use billing_core::kernel::currency::Currency;
use billing_core::kernel::money::Money;
use billing_core::kernel::text::Reference;
use csv::{ByteRecord, StringRecord, Trim};

/// One invoice of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line on which it stands.
    pub(crate) line: u64,
    /// The customer's number.
    pub(crate) customer: Reference,
    /// The invoice's number without leading zeros: some files have lost them.
    pub(crate) number: Reference,
    /// The date on it.
    pub(crate) invoiced_on: Date,
    /// When it was due.
    pub(crate) due_on: Date,
    /// What was invoiced.
    pub(crate) amount: Money,
    /// Whether the customer disputed it.
    pub(crate) disputed: bool,
    /// The day on which it was paid in full, if it was.
    pub(crate) settled_on: Option<Date>,
}

/// A row that can't be imported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {reason}")]
pub(crate) struct WrongRow {
    /// Where it stands.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Rows that fit, in the order of the file.
    pub(crate) rows: Vec<Row>,
    /// Rows that don't.
    pub(crate) wrong: Vec<WrongRow>,
}

/// Why nothing of a file can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    /// The system says no.
    #[error("the ledger can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The CSV reader says no.
    #[error("the ledger is not CSV: {0}")]
    NotCsv(#[from] csv::Error),
    /// A column is not there.
    #[error("the ledger has no column {missing}; its columns are {found}")]
    NoColumn {
        /// What was looked for.
        missing: &'static str,
        /// What there is.
        found: String,
    },
}

/// Whether a date begins with its month or its day. The file does not say, and guessing would move money
/// between months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// `1/31/2013`.
    MonthFirst,
    /// `31/1/2013`.
    DayFirst,
}

impl FromStr for DateOrder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mdy" => Ok(DateOrder::MonthFirst),
            "dmy" => Ok(DateOrder::DayFirst),
            _ => Err("say mdy for 1/31/2013 or dmy for 31/1/2013"),
        }
    }
}

impl DateOrder {
    fn read(self, text: &str) -> Option<Date> {
        let mut parts = text.split('/');
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let (month, day) = match self {
            DateOrder::MonthFirst => (first, second),
            DateOrder::DayFirst => (second, first),
        };
        let four_digits = year.len() == 4 && parts.next().is_none();
        let date = Date::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        date.filter(|_| four_digits)
    }
}

/// Reads a ledger. Columns are found by their names, in any order and case; others are not looked at.
pub(crate) fn read(mut file: impl Read, dates: DateOrder, currency: Currency) -> Result<Ledger, LedgerError> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // Spreadsheets write a mark of three bytes in front of UTF-8.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
    let columns = Columns::find(reader.headers()?)?;
    let mut lines = LineCount { bytes, counted: 0, line: 1 };
    let mut ledger = Ledger::default();
    let mut lines_of: BTreeMap<(Reference, Reference), u64> = BTreeMap::new();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        let row = columns.row(line, &record, dates, currency).and_then(|row| {
            match lines_of.entry((row.customer.clone(), row.number.clone())) {
                Entry::Vacant(free) => {
                    free.insert(line);
                    Ok(row)
                }
                Entry::Occupied(before) => {
                    Err(format!("invoice {} stands on line {} already", row.number, before.get()))
                }
            }
        });
        match row {
            Ok(row) => ledger.rows.push(row),
            Err(reason) => ledger.wrong.push(WrongRow { line, reason }),
        }
    }
    Ok(ledger)
}

/// Counts lines as an editor does. The reader's own count does not see empty lines in front of a record.
struct LineCount<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl LineCount<'_> {
    /// The line of a record that the reader looked for from this byte on.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.counted, self.bytes.len());
        let ends = self.bytes[from..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        for byte in &self.bytes[self.counted..from + ends] {
            self.line += u64::from(*byte == b'\n');
        }
        self.counted = from + ends;
        self.line
    }
}

/// Where each column stands.
struct Columns {
    width: usize,
    customer: usize,
    number: usize,
    invoiced_on: usize,
    due_on: usize,
    amount: usize,
    disputed: usize,
    settled_on: usize,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, LedgerError> {
        let place = |missing: &'static str| {
            let same = |name: &str| name.eq_ignore_ascii_case(missing);
            let found = || header.iter().collect::<Vec<_>>().join(", ");
            let place = header.iter().position(same);
            place.ok_or_else(|| LedgerError::NoColumn { missing, found: found() })
        };
        Ok(Columns {
            width: header.len(),
            customer: place("customerID")?,
            number: place("invoiceNumber")?,
            invoiced_on: place("InvoiceDate")?,
            due_on: place("DueDate")?,
            amount: place("InvoiceAmount")?,
            disputed: place("Disputed")?,
            settled_on: place("SettledDate")?,
        })
    }

    fn row(
        &self,
        line: u64,
        record: &ByteRecord,
        dates: DateOrder,
        currency: Currency,
    ) -> Result<Row, String> {
        if record.len() != self.width {
            return Err(format!("it has {} columns and the header has {}", record.len(), self.width));
        }
        let text =
            |column: usize| std::str::from_utf8(&record[column]).map_err(|_| "it is not UTF-8".to_owned());
        let date = |name: &str, column: usize| {
            let text = text(column)?;
            dates.read(text).ok_or_else(|| format!("{name} {text:?} is no date in the order that was given"))
        };
        let reference =
            |name: &str, text: &str| Reference::parse(text).map_err(|why| format!("{name}: {why}"));
        let disputed = match text(self.disputed)? {
            answer if answer.eq_ignore_ascii_case("yes") => true,
            answer if answer.eq_ignore_ascii_case("no") => false,
            other => return Err(format!("Disputed is Yes or No, not {other:?}")),
        };
        let row = Row {
            line,
            customer: reference("customerID", text(self.customer)?)?,
            number: reference("invoiceNumber", without_zeros(text(self.number)?))?,
            invoiced_on: date("InvoiceDate", self.invoiced_on)?,
            due_on: date("DueDate", self.due_on)?,
            amount: Money::from_major(text(self.amount)?, currency)
                .map_err(|why| format!("InvoiceAmount: {why}"))?,
            disputed,
            settled_on: match text(self.settled_on)? {
                "" => None,
                _ => Some(date("SettledDate", self.settled_on)?),
            },
        };
        match row.settled_on {
            Some(settled) if settled < row.invoiced_on => {
                Err(format!("it was settled on {settled}, before it was invoiced on {}", row.invoiced_on))
            }
            Some(_) | None => Ok(row),
        }
    }
}

/// `0000611365` and `611365` are one number, `000` is `0`.
fn without_zeros(number: &str) -> &str {
    let short = number.trim_start_matches('0');
    if short.is_empty() && !number.is_empty() { "0" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "customerid,INVOICENUMBER,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill";

    fn ledger(rows: &str) -> Ledger {
        let text = format!("{HEADER}\n{rows}");
        read(text.as_bytes(), DateOrder::MonthFirst, Currency::GBP).unwrap()
    }

    fn reason(row: &str) -> String {
        ledger(row).wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_row_is_read_by_the_names_of_its_columns() {
        let ledger = ledger("C-1,0000611365,1/2/2013,2/1/2013,38.0,No,1/15/2013,\n");
        let row = &ledger.rows[0];
        assert_eq!(
            (row.line, row.number.as_str(), row.amount.to_string().as_str()),
            (2, "611365", "GBP 38.00")
        );
        assert_eq!(row.settled_on, Date::from_ymd_opt(2013, 1, 15));
        assert_eq!(ledger.wrong, []);
    }

    #[test]
    fn line_ends_of_either_kind_count_the_same_lines() {
        let row = "C-1,1,1/2/2013,2/1/2013,38.0,No,,";
        for end in ["\n", "\r\n"] {
            let text = ["\u{feff}", HEADER, end, row].concat();
            let text = [&text, "", "C-1,1", &row.replace("C-1,1", "C-1,2")].join(end);
            let ledger = read(text.as_bytes(), DateOrder::MonthFirst, Currency::GBP).unwrap();
            let lines: Vec<u64> = ledger.rows.iter().map(|row| row.line).collect();
            assert_eq!((lines, ledger.wrong[0].line), (vec![2, 5], 4), "{end:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        assert_eq!(reason("C-1,1\n"), "line 2: it has 2 columns and the header has 8");
        assert_eq!(
            reason("C-1,1,15/2/2013,2/1/2013,38.0,No,,\n"),
            "line 2: InvoiceDate \"15/2/2013\" is no date in the order that was given"
        );
        assert_eq!(reason("C-1,1,1/2/2013,2/1/2013,38.0,,,\n"), "line 2: Disputed is Yes or No, not \"\"");
        assert_eq!(
            reason("C-1,1,1/2/2013,2/1/2013,38.0,No,1/1/2013,\n"),
            "line 2: it was settled on 2013-01-01, before it was invoiced on 2013-01-02"
        );
        let twice = "C-1,1,1/2/2013,2/1/2013,38.0,No,,\nC-1,01,1/2/2013,2/1/2013,38.0,No,,\n";
        assert_eq!(reason(twice), "line 3: invoice 1 stands on line 2 already");
        for amount in ["38.005", "", "1e3", "£38"] {
            assert!(
                reason(&format!("C-1,1,1/2/2013,2/1/2013,{amount},No,,\n")).contains("InvoiceAmount: "),
                "{amount}"
            );
        }
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = read("customerID,Disputed\n".as_bytes(), DateOrder::DayFirst, Currency::GBP).unwrap_err();
        let said = "the ledger has no column invoiceNumber; its columns are customerID, Disputed";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn dates_are_read_in_the_order_that_was_given() {
        let read = |order: DateOrder, text| order.read(text).map(|date| date.to_string());
        assert_eq!(read(DateOrder::MonthFirst, "1/2/2013").as_deref(), Some("2013-01-02"));
        assert_eq!(read(DateOrder::DayFirst, "01/02/2013").as_deref(), Some("2013-02-01"));
        for wrong in ["1/2/13", "1/2", "1/2/2013/4", "2/29/2013", "", "2013-01-02"] {
            assert_eq!(DateOrder::MonthFirst.read(wrong), None, "{wrong}");
        }
    }
}
