//! The table that is printed.

/// Rows of: what, how much, beside what.
pub(crate) struct Table(Vec<[String; 4]>);

impl Table {
    /// A table with its head.
    pub(crate) fn new() -> Self {
        Self(vec![["what", "measured", "beside", "ratio"].map(str::to_owned)])
    }

    /// Adds a row; `ratio` is measured over beside, or not a number if there is nothing to compare with.
    pub(crate) fn row(&mut self, what: &str, measured: String, beside: String, ratio: f64) {
        eprintln!("{what}: {measured}");
        let ratio = if ratio.is_nan() { String::new() } else { format!("{ratio:.2}") };
        self.0.push([what.to_owned(), measured, beside, ratio]);
    }

    /// Prints it as Markdown.
    pub(crate) fn print(&self) {
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2), width(3)];
        for (index, row) in self.0.iter().enumerate() {
            let cell = |column: usize| format!(" {:width$} ", row[column], width = widths[column]);
            println!("|{}|{}|{}|{}|", cell(0), cell(1), cell(2), cell(3));
            if index == 0 {
                let line = |column: usize| "-".repeat(widths[column] + 2);
                println!("|{}|{}|{}|{}|", line(0), line(1), line(2), line(3));
            }
        }
    }
}

/// The middle of `values`.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
