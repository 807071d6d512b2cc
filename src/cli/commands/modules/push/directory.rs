//! What a push tells about its directory before anything is sent.

use crate::cli::output::Output;
use crate::cli::output::seen_path::seen_path;
use crate::client::PushDirectory;
use crate::model::ModuleName;

/// The most paths that are named.
const SHOWN: usize = 5;

/// Says what is left out, and warns of a directory that is not the one where import paths begin.
pub(super) fn tell(directory: &PushDirectory, module: Option<&ModuleName>, output: &mut Output) {
    let left_out = directory.left_out();
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().take(SHOWN).map(|path| seen_path(path).display().to_string()).collect();
        let more = left_out.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        output.say(format!(
            "left out {}{more}: hidden, build output, or ignored by git; with a buf.yaml nothing is",
            names.join(", ")
        ));
    }
    if let (Some(wrong), Some(module)) = (directory.wrong_root(), module) {
        output.warn(format!(
            "{} has package {}, so import paths seem to begin elsewhere; if so, push that directory: \
             registry push {} --module {module}",
            wrong.file,
            wrong.package,
            seen_path(&wrong.root).display()
        ));
    }
}
