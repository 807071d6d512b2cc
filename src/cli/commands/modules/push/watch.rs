//! `registry push --watch`: pushes each time when files were saved.

use std::path::Path;
use std::time::Duration;

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{PushDirectory, PushError};
use crate::model::Snapshot;

/// The time between two looks at the directory. What two of them found alike is complete.
const PAUSE: Duration = Duration::from_millis(300);

/// Reads `directory` again and again, and hands each new state to `push`. What cannot be read or is refused is said
/// once, and waits for the next save; a server that is away is asked again.
///
/// # Errors
/// When the directory is gone.
pub(super) fn watch(
    directory: &Path,
    read: impl Fn() -> Result<PushDirectory, PushError>,
    mut push: impl FnMut(PushDirectory, &mut Output) -> Result<(), CliError>,
    output: &mut Output,
) -> Result<(), CliError> {
    let (mut seen, mut done): (Option<Vec<Snapshot>>, Option<Vec<Snapshot>>) = (None, None);
    let mut said = None;
    loop {
        if !directory.is_dir() {
            let directory = directory.display();
            return Err(CliError::CannotRun(format!("{directory} is gone; nothing is watched any more")));
        }
        let result = match read() {
            Ok(found) => {
                let state = found.snapshots();
                let is_complete = seen.as_ref() == Some(&state);
                let is_new = done.as_ref() != Some(&state);
                seen = Some(state.clone());
                if is_complete && is_new {
                    let result = push(found, output);
                    // A refusal stays one until something is saved; anything else may pass.
                    if result.as_ref().err().is_none_or(CliError::is_refusal) {
                        done = Some(state);
                    }
                    result
                } else {
                    Ok(())
                }
            }
            Err(error) => Err(error.into()),
        };
        let failure = result.err().map(|error| (error.to_string(), error));
        if let Some((text, error)) = &failure
            && said.as_ref() != Some(text)
        {
            output.error(error.code(), text, error.findings());
        }
        let failure = failure.map(|(text, _)| text);
        // Between a refusal and the next save nothing fails, and the refusal stands.
        said = failure.or(said.filter(|_| seen == done));
        std::thread::sleep(PAUSE);
    }
}
