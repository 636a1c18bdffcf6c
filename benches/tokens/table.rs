//! The tables that are printed, in Markdown, so that they can be copied into the documents.

use std::fmt::{Display, Formatter, Result};

/// Several parts with rows.
#[derive(Default)]
pub(crate) struct Table(Vec<Part>);

/// Rows with the same number of cells; the first row has the column heads.
struct Part(Vec<Vec<String>>);

impl Table {
    /// Starts a part with its column heads.
    pub(crate) fn part<const N: usize>(&mut self, heads: [&str; N]) {
        self.0.push(Part(vec![heads.map(str::to_owned).to_vec()]));
    }

    /// Adds a row to the last part.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        if let Some(part) = self.0.last_mut() {
            part.0.push(cells.map(str::to_owned).to_vec());
        }
    }
}

/// The text of a target and whether it is met.
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
            is_numeric: cells().skip(1).all(is_figure),
        }
    }
}

/// How the cells of a column are padded.
struct Column {
    width: usize,
    is_numeric: bool,
}

impl Column {
    fn padded(&self, cell: &str) -> String {
        let width = self.width;
        if self.is_numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    }

    fn rule(&self) -> String {
        let dashes = "-".repeat(self.width + 1);
        if self.is_numeric { format!("{dashes}:") } else { format!("{dashes}-") }
    }
}
