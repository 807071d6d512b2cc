//! Writes the login for the other commands of this user.

use std::path::PathBuf;

use crate::cli::output::Output;
use crate::config::client::Login;
use crate::config::{ConfigError, Environment};
use crate::serve::Ready;

/// Writes the login at the first start; later starts only update the URL. Returns the path of the login, if there is
/// one. The server runs even if the file cannot be written: the token was printed, too.
pub(super) fn leave(ready: &Ready, env: &Environment, output: &mut Output) -> Option<PathBuf> {
    update(ready, env, output).unwrap_or_else(|error| {
        output.warn(format!("{error}; give --server and --token to the other commands"));
        None
    })
}

fn update(ready: &Ready, env: &Environment, output: &mut Output) -> Result<Option<PathBuf>, ConfigError> {
    let left = Login::read(env)?;
    let Some(login) = new_content(ready, left.as_ref()) else { return Ok(None) };
    let path = login.write(env)?;
    if let Some(other) = left.filter(|other| other.data_dir != login.data_dir) {
        output.warn(format!("{} held the login for {}; it was replaced", path.display(), other.url));
    }
    Ok(Some(path))
}

/// The new content of the file, if it changes.
fn new_content(ready: &Ready, left: Option<&Login>) -> Option<Login> {
    let login = |token: String, write_token: Option<String>| Login {
        url: ready.url.clone(),
        token,
        write_token,
        data_dir: ready.data_dir.clone(),
        buf_config_dir: ready.buf_config_dir.clone(),
    };
    if let Some(first) = &ready.first {
        return Some(login(first.admin_token.reveal().into(), Some(first.write_token.reveal().into())));
    }
    let ours = left.filter(|left| left.data_dir == ready.data_dir)?;
    let login = login(ours.token.clone(), ours.write_token.clone());
    (login != *ours).then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::serve::testing::ready;

    #[test]
    fn a_new_token_is_left_and_a_new_url_is_followed() {
        let first = new_content(&ready(true), None).unwrap();
        assert_eq!((first.url.as_str(), first.token.as_str()), ("http://127.0.0.1:8780", "reg_admin"));
        assert_eq!(first.write_token.as_deref(), Some("reg_write"));
        assert_eq!(new_content(&ready(false), Some(&first)), None);
        let moved = Login { url: "http://127.0.0.1:1".into(), ..first.clone() };
        assert_eq!(new_content(&ready(false), Some(&moved)), Some(first.clone()));
    }

    #[test]
    fn the_login_of_another_data_directory_is_left_alone() {
        let first = new_content(&ready(true), None).unwrap();
        let other = Login { data_dir: "/other".into(), url: "http://other".into(), ..first };
        assert_eq!(new_content(&ready(false), Some(&other)), None);
        assert_eq!(new_content(&ready(false), None), None);
    }
}
