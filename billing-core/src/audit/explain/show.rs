//! An explanation in words: an indented tree that a bookkeeper reads from the top.

use std::fmt;

use super::{Behind, Explanation, LineExplained, Step, TaxExplained};
use crate::kernel::document::DocumentKind;
use crate::kernel::rounding::Rounding;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.document.kind() {
            DocumentKind::Invoice => "Invoice",
            DocumentKind::CreditNote => "Credit note",
            DocumentKind::Receipt => "Receipt",
        };
        match &self.number {
            Some(number) => writeln!(f, "{kind} {number} of {} ({})", self.issued_on, self.document)?,
            None => writeln!(f, "{kind} {} of {}", self.document, self.issued_on)?,
        }
        let asked = &self.asked;
        write!(f, "  asked for by {}", asked.by)?;
        asked.name.iter().try_for_each(|name| write!(f, " with {name}"))?;
        writeln!(f, ", {}, recorded at {} as line {} of the log", asked.command, asked.at, asked.position)?;
        for cause in &self.causes {
            writeln!(f, "  because of line {}: {}", cause.position, cause.sentence)?;
        }
        write!(f, "  parts of periods {}", self.dialect)?;
        match self.catalogue {
            Some(version) => writeln!(f, "; the catalogue at version {version}")?,
            None => writeln!(f)?,
        }
        for line in &self.lines {
            line.write(f, self.line_rounding)?;
        }
        for tax in &self.taxes {
            tax.write(f, self.tax_rounding)?;
        }
        write!(f, "  net {}, VAT {}, total {}", self.net, self.tax, self.gross)
    }
}

impl LineExplained {
    fn write(&self, f: &mut fmt::Formatter<'_>, rounding: Rounding) -> fmt::Result {
        writeln!(f, "  Line {}, {}: {}", self.number, self.text, self.net)?;
        for line in self.working.to_string().lines() {
            writeln!(f, "    {line}")?;
        }
        write!(f, "    = {}", self.exact)?;
        match self.residue.0.fraction().0 {
            0 => writeln!(f)?,
            _ => writeln!(f, ", rounded {rounding}: {} (by {})", self.rounded, self.residue)?,
        }
        steps(f, &self.steps)?;
        if let Some(earlier) = &self.earlier {
            let (invoice, line) = (earlier.line.invoice, earlier.line.line);
            match &earlier.number {
                Some(number) => writeln!(f, "    it changes line {line} of invoice {number} ({invoice})")?,
                None => writeln!(f, "    it changes line {line} of invoice {invoice}")?,
            }
        }
        for Behind { position, at, by, sentence } in &self.behind {
            writeln!(f, "    because of line {position} of the log, {by} at {at}: {sentence}")?;
        }
        Ok(())
    }
}

impl TaxExplained {
    fn write(&self, f: &mut fmt::Formatter<'_>, rounding: Rounding) -> fmt::Result {
        writeln!(f, "  VAT, {} at {}: {}", self.category, self.rate, self.tax)?;
        write!(f, "    {} of {} = {}", self.rate, self.base, self.exact)?;
        match self.residue.0.fraction().0 {
            0 => writeln!(f)?,
            _ => writeln!(f, ", rounded {rounding}: {} (by {})", self.rounded, self.residue)?,
        }
        steps(f, &self.steps)
    }
}

fn steps(f: &mut fmt::Formatter<'_>, steps: &[Step]) -> fmt::Result {
    steps.iter().try_for_each(|step| writeln!(f, "    {step}"))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Discount { name, off, .. } => write!(f, "less {name}: {off}"),
            Step::AllThatIsLeft { left } => write!(f, "instead, all that is left: {left}"),
            Step::AtMostLeft { left } => write!(f, "no more than is left: {left}"),
            Step::LessCharged { charged } => write!(f, "less what was charged before: {charged}"),
            Step::OffCharged { charged } => write!(f, "taken off what was charged before: {charged}"),
            Step::AsCharged { net, before, rounding } => {
                write!(f, "of {before} were charged {net} after discounts: as much of it, rounded {rounding}")
            }
            Step::GivenBack => f.write_str("given back: below zero"),
        }
    }
}
