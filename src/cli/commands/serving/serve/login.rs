//! Leaves a login for the other commands of this user.

use std::path::{Path, PathBuf};

use crate::cli::commands::setup::login::note;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::config::client::{Login, Logins};
use crate::serve::{FirstUser, Ready};

/// Where the login is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    /// The file.
    pub path: PathBuf,
    /// Whether the other commands use this server unless told otherwise.
    pub is_default: bool,
}

/// Leaves the login of the first start. A later start follows the server's URL, and makes a login if there is none for
/// its data directory. The server runs even if the file cannot be written: the first token was printed, too.
pub(super) fn leave(ready: &Ready, env: &Environment, output: &mut Output) -> Option<Left> {
    if ready.first.is_none() && Logins::path(env).is_err() {
        return None;
    }
    let left = update(ready, env, output);
    left.unwrap_or_else(|error| {
        output.warn(format!("{error}; give --server and --token to the other commands"));
        None
    })
}

fn update(ready: &Ready, env: &Environment, output: &mut Output) -> Result<Option<Left>, CliError> {
    let (data_dir, buf_config_dir) =
        (std::path::absolute(&ready.data_dir)?, std::path::absolute(&ready.buf_config_dir)?);
    let Some(tokens) = tokens(ready, &data_dir, env, output)? else { return Ok(None) };
    let login = Login {
        url: ready.url.clone(),
        data_dir: Some(data_dir.clone()),
        buf_config_dir: Some(buf_config_dir),
        ..tokens
    };
    let (path, (is_default, other)) = Logins::change(env, |logins| {
        let other = logins.of_url(&login.url).and_then(|before| before.data_dir.clone());
        logins.put(login);
        let is_default = logins.default_login().is_some_and(|login| login.data_dir.as_ref() == Some(&data_dir));
        (is_default, other.filter(|other| *other != data_dir))
    })?;
    if let Some(other) = other {
        output.warn(format!(
            "the server of {} had this address before; its login stays in {}, and counts again when it starts",
            other.display(),
            path.display()
        ));
    }
    Ok(Some(Left { path, is_default }))
}

/// User and tokens: of the first start, those that are kept, or new ones. None if there is nobody to make them for.
fn tokens(ready: &Ready, data_dir: &Path, env: &Environment, output: &mut Output) -> Result<Option<Login>, CliError> {
    if let Some(first) = &ready.first {
        return Ok(Some(of_user(first)));
    }
    let logins = Logins::read(env)?;
    if let Some(held) = logins.of_data_dir(data_dir)
        && ready.own_login.accepts(&held.token)?
    {
        return Ok(Some(held.clone()));
    }
    let path = Logins::require_writable(env)?;
    let made = ready.own_login.create(&note(&path, data_dir, ready.store.is_some()))?;
    if let Some(user) = &made {
        output.say(format!(
            "no login for this data directory was found; {} now holds one of {}",
            path.display(),
            user.name
        ));
    }
    Ok(made.as_ref().map(of_user))
}

fn of_user(user: &FirstUser) -> Login {
    Login {
        user: Some(user.name.clone()),
        token: user.admin_token.reveal().into(),
        write_token: Some(user.write_token.reveal().into()),
        ..Login::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::serving::serve::testing::ready;

    /// What starts with these messages leave.
    fn left(env: &Environment, starts: &[&Ready]) -> Logins {
        for ready in starts {
            leave(ready, env, &mut Output::new(false)).unwrap();
        }
        Logins::read(env).unwrap()
    }

    #[test]
    fn tokens_are_left_and_a_new_url_is_followed() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        let first = left(&env, &[&ready(true)]).default_login().unwrap().clone();
        assert_eq!((first.url.as_str(), first.token.as_str()), ("http://127.0.0.1:8780", "reg_admin"));
        assert_eq!((first.usual_token(), first.user.as_deref()), ("reg_write", Some("pat")));
        let moved = Ready { url: "http://127.0.0.1:1".into(), ..ready(true) };
        let logins = left(&env, &[&moved]);
        assert_eq!((logins.all().len(), logins.all()[0].url.as_str()), (1, "http://127.0.0.1:1"));
    }

    #[test]
    fn a_second_server_destroys_no_login_and_is_not_the_default() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment::of(&[("XDG_CONFIG_HOME", home.path().to_str().unwrap())]);
        let second = Ready { url: "http://127.0.0.1:2".into(), data_dir: "/second".into(), ..ready(true) };
        let logins = left(&env, &[&ready(true), &second]);
        assert_eq!(logins.all().len(), 2);
        assert_eq!(logins.default_login().unwrap().url, "http://127.0.0.1:8780");
        let same_address = Ready { data_dir: "/third".into(), ..ready(true) };
        assert_eq!(left(&env, &[&same_address]).all().len(), 3);
    }
}
