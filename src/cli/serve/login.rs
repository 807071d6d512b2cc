//! Leaves the login for the other commands of this user.

use crate::cli::output::Output;
use crate::config::client::Login;
use crate::config::{ConfigError, Environment};
use crate::serve::Ready;

/// Writes the login at first start; later only follows a changed URL. A home that cannot be written is no reason not
/// to serve: the token was printed, too.
pub(super) fn leave(ready: &Ready, env: &Environment, output: &mut Output) {
    if let Err(error) = update(ready, env, output) {
        output.warn(format!("{error}; give --server and --token to the other commands"));
    }
}

fn update(ready: &Ready, env: &Environment, output: &mut Output) -> Result<(), ConfigError> {
    let left = Login::read(env)?;
    let Some(login) = wanted(ready, left.as_ref()) else { return Ok(()) };
    let path = login.write(env)?;
    if let Some(other) = left.filter(|other| other.data_dir != login.data_dir) {
        output.warn(format!("{} held the login for {}; it was replaced", path.display(), other.url));
    }
    Ok(())
}

/// What the file is to hold, unless it is to stay as it is.
fn wanted(ready: &Ready, left: Option<&Login>) -> Option<Login> {
    let login = |token: String| Login {
        url: ready.url.clone(),
        token,
        data_dir: ready.data_dir.clone(),
        buf_config_dir: ready.buf_config_dir.clone(),
    };
    if let Some(token) = &ready.token {
        return Some(login(token.reveal().into()));
    }
    let ours = left.filter(|left| left.data_dir == ready.data_dir)?;
    let login = login(ours.token.clone());
    (login != *ours).then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TokenSecret;

    fn ready(token: Option<&str>) -> Ready {
        Ready {
            url: "http://127.0.0.1:9".into(),
            cargo_index: String::new(),
            token: token.and_then(TokenSecret::presented),
            user: None,
            data_dir: "/data".into(),
            buf_config_dir: "/data/buf".into(),
        }
    }

    #[test]
    fn a_new_token_is_left_and_a_new_url_is_followed() {
        let first = wanted(&ready(Some("reg_x")), None).unwrap();
        assert_eq!((first.url.as_str(), first.token.as_str()), ("http://127.0.0.1:9", "reg_x"));
        assert_eq!(wanted(&ready(None), Some(&first)), None);
        let moved = Login { url: "http://127.0.0.1:1".into(), ..first.clone() };
        assert_eq!(wanted(&ready(None), Some(&moved)), Some(first.clone()));
    }

    #[test]
    fn the_login_of_another_data_directory_is_left_alone() {
        let first = wanted(&ready(Some("reg_x")), None).unwrap();
        let other = Login { data_dir: "/other".into(), url: "http://other".into(), ..first };
        assert_eq!(wanted(&ready(None), Some(&other)), None);
        assert_eq!(wanted(&ready(None), None), None);
    }
}
