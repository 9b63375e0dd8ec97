//! Tables for people: a heading, thin rules, words to the left and figures to the right.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// One rule under the heading, and no other lines: figures are read down the column.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table whose first column holds words and the others figures.
///
/// ```
/// let mut table = billing_examples::table::figures(&["week", "amount"]);
/// table.add_row(["2012-W02", "75.21"]);
/// assert!(table.to_string().contains("  75.21"));
/// ```
pub fn figures(headings: &[&str]) -> Table {
    let mut table = words(headings);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A table of words.
pub fn words(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings);
    table
}

/// A figure with its thousands set apart: `147,703.18`.
///
/// ```
/// use billing_examples::table::grouped;
/// assert_eq!(grouped("147703.18"), "147,703.18");
/// assert_eq!(grouped("-100"), "-100");
/// assert_eq!(grouped("-1234567"), "-1,234,567");
/// ```
pub fn grouped(figure: &str) -> String {
    let (sign, unsigned) = figure.strip_prefix('-').map_or(("", figure), |rest| ("-", rest));
    let (whole, decimals) = unsigned.split_at(unsigned.find('.').unwrap_or(unsigned.len()));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + decimals
}
