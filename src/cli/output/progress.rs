//! The progress of a long command, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The line: what is done, and how long the command has run.
const LINE: &str = "{spinner} {wide_msg} {elapsed}";

/// One line on standard error that names the step; dropping it clears the line.
pub(in crate::cli) struct Progress(ProgressBar);

impl Progress {
    /// A progress line; hidden unless `visible`.
    pub(in crate::cli) fn new(visible: bool) -> Self {
        let bar = if visible { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template(LINE) {
            bar.set_style(style);
        }
        if visible {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    /// Shows the step that begins now.
    pub(in crate::cli) fn step(&mut self, what: String) {
        self.0.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
