//! The tables that are printed: Markdown, so that one can be taken into the docs as it is.

use std::fmt::{Display, Formatter, Result};

/// Parts with their rows.
#[derive(Default)]
pub(crate) struct Table(Vec<Part>);

/// Rows of equally many cells; the first are the column heads.
struct Part(Vec<Vec<String>>);

impl Table {
    /// Starts a part with its column heads.
    pub(crate) fn part<const N: usize>(&mut self, heads: [&str; N]) {
        self.0.push(Part(vec![heads.map(str::to_owned).to_vec()]));
    }

    /// Adds a row to the part.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        if let Some(part) = self.0.last_mut() {
            part.0.push(cells.map(str::to_owned).to_vec());
        }
    }
}

/// A target, and whether it is met.
pub(crate) fn target(text: &str, is_met: bool) -> String {
    format!("{text}: {}", if is_met { "met" } else { "MISSED" })
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.iter().try_for_each(|part| write!(f, "\n{part}"))
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let columns: Vec<_> = (0..self.0.first().map_or(0, Vec::len)).map(|at| self.column(at)).collect();
        for (at, row) in self.0.iter().enumerate() {
            let cells = row.iter().zip(&columns).map(|(cell, column)| column.padded(cell));
            writeln!(f, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
            if at == 0 {
                let rules = columns.iter().map(Column::rule);
                writeln!(f, "|{}|", rules.collect::<Vec<_>>().join("|"))?;
            }
        }
        Ok(())
    }
}

impl Part {
    fn column(&self, at: usize) -> Column {
        let cells = || self.0.iter().filter_map(|row| row.get(at));
        let is_figure = |cell: &String| cell.is_empty() || cell.parse::<f64>().is_ok();
        Column {
            width: cells().map(|cell| cell.chars().count()).max().unwrap_or_default(),
            is_of_figures: cells().skip(1).all(is_figure),
        }
    }
}

/// How the cells of a column are set.
struct Column {
    width: usize,
    is_of_figures: bool,
}

impl Column {
    fn padded(&self, cell: &str) -> String {
        let width = self.width;
        if self.is_of_figures { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    }

    fn rule(&self) -> String {
        let dashes = "-".repeat(self.width + 1);
        if self.is_of_figures { format!("{dashes}:") } else { format!("{dashes}-") }
    }
}
