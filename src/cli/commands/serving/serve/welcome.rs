//! The text that `registry serve` prints when it is ready.

use super::login::Left;
use crate::serve::{FirstUser, Ready};

/// The lines: everything that a new user needs at the first start, and two lines at later starts. `left` says where the
/// login is kept.
pub(super) fn lines(ready: &Ready, left: Option<&Left>) -> Vec<String> {
    let place = ready.store.as_ref().map_or_else(|| ready.data_dir.display().to_string(), ToString::to_string);
    let mut lines = vec![format!("registry is ready at {}", ready.url), format!("data is kept in {place}")];
    if let Some(first) = &ready.first {
        lines.extend(first_use(ready, first, left));
    }
    lines
}

fn first_use(ready: &Ready, first: &FirstUser, left: Option<&Left>) -> Vec<String> {
    let (user, token, url) = (&first.name, first.write_token.reveal(), &ready.url);
    let (admin, log_in) = match left {
        Some(left) => (format!("{} holds one of scope admin", left.path.display()), String::new()),
        None => (
            format!("`registry token create --data-dir {} --scope admin` makes one", ready.data_dir.display()),
            format!(
                "\nNo login was left for the other commands, so log in first, with the token:\n  registry login {url} --token-stdin\n"
            ),
        ),
    };
    // Another server stays the default, so this one is named.
    let named = if left.is_some_and(|left| !left.is_default) { format!(" --server {url}") } else { String::new() };
    let default = match named.is_empty() {
        true => String::new(),
        false => format!("\nTo make this server the default of all commands:\n  registry server use {url}\n"),
    };
    let text = format!(
        "
User {user} was created. This token may read, push and create modules. It is shown only once:
  {token}
To create users and their tokens, {admin}.
{log_in}
To set a cargo project up, in its directory, for good:
  registry init{named}
Or a shell, for cargo, buf and registry alike:
  eval \"$(registry env{named})\"
{default}
Then push a module and add a crate:
  registry push ./proto --module {user}/example --create{named}
  cargo add --registry buf {user}_example_community_neoeinstein-prost
"
    );
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::serving::serve::testing::ready;

    #[test]
    fn the_first_start_shows_the_token_and_every_step_and_later_ones_do_not() {
        let left = Left { path: "/home/client.toml".into(), is_default: true };
        let text = lines(&ready(true), Some(&left)).join("\n");
        assert!(text.contains("  reg_write\n") && text.contains("  registry init\n"), "{text}");
        assert!(text.contains("registry push ./proto --module pat/example --create\n"), "{text}");
        assert!(text.contains("/home/client.toml holds one of scope admin"), "{text}");
        assert!(!text.contains("reg_admin") && !text.contains("--server"), "{text}");
        assert_eq!(lines(&ready(false), None).len(), 2);
    }

    #[test]
    fn a_server_that_is_not_the_default_is_named_in_every_step() {
        let left = Left { path: "/home/client.toml".into(), is_default: false };
        let text = lines(&ready(true), Some(&left)).join("\n");
        let named = "--server http://127.0.0.1:8780";
        for line in ["registry init ", "eval \"$(registry env ", "registry push ./proto --module pat/example --create "]
        {
            assert!(text.contains(&format!("{line}{named}")), "{text}");
        }
        assert!(text.contains("registry server use http://127.0.0.1:8780"), "{text}");
    }

    #[test]
    fn without_a_login_the_ways_to_tokens_are_shown() {
        let text = lines(&ready(true), None).join("\n");
        assert!(text.contains("`registry token create --data-dir /data --scope admin` makes one"), "{text}");
        assert!(text.contains("registry login http://127.0.0.1:8780 --token-stdin"), "{text}");
    }
}
