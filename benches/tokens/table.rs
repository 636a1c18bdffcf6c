//! The table that is printed.

use std::fmt::{Display, Formatter, Result};

/// Columns of every part: what, three figures, and the target.
const COLUMNS: usize = 5;

/// Parts with their rows.
#[derive(Default)]
pub(crate) struct Table(Vec<Line>);

enum Line {
    Heads([String; COLUMNS]),
    Row([String; COLUMNS]),
}

impl Table {
    /// Starts a part with its column heads.
    pub(crate) fn part(&mut self, heads: [&str; COLUMNS]) {
        self.0.push(Line::Heads(heads.map(str::to_owned)));
    }

    /// Adds a row to the part.
    pub(crate) fn row(&mut self, cells: [&str; COLUMNS]) {
        self.0.push(Line::Row(cells.map(str::to_owned)));
    }
}

/// A target, and whether it is met.
pub(crate) fn target(text: &str, is_met: bool) -> String {
    format!("{text}: {}", if is_met { "met" } else { "MISSED" })
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut widths = [0; COLUMNS];
        for line in &self.0 {
            for (width, cell) in widths.iter_mut().zip(line.cells()) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let whole = widths.iter().sum::<usize>() + 2 * (COLUMNS - 1);
        for line in &self.0 {
            if let Line::Heads(_) = line {
                writeln!(f)?;
            }
            let cells = line.cells().iter().zip(widths).enumerate();
            let padded = cells.map(|(at, (cell, width))| match at {
                0 => format!("{cell:<width$}"),
                at if at == COLUMNS - 1 => cell.clone(),
                _ => format!("{cell:>width$}"),
            });
            writeln!(f, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
            if let Line::Heads(_) = line {
                writeln!(f, "{}", "─".repeat(whole))?;
            }
        }
        Ok(())
    }
}

impl Line {
    fn cells(&self) -> &[String; COLUMNS] {
        match self {
            Self::Heads(cells) | Self::Row(cells) => cells,
        }
    }
}
