//! The text that `registry serve` prints when it is ready.

use std::path::Path;

use crate::serve::{FirstUser, Ready};

/// The lines: everything that a new user needs at the first start, and two lines at later starts. `left` is the path of
/// the login.
pub(super) fn lines(ready: &Ready, left: Option<&Path>) -> Vec<String> {
    let mut lines =
        vec![format!("registry is ready at {}", ready.url), format!("data is kept in {}", ready.data_dir.display())];
    if let Some(first) = &ready.first {
        lines.extend(first_use(ready, first, left));
    }
    lines
}

fn first_use(ready: &Ready, first: &FirstUser, left: Option<&Path>) -> Vec<String> {
    let (user, token) = (&first.name, first.write_token.reveal());
    let admin = match left {
        Some(path) => format!("{} holds one of scope admin", path.display()),
        None => {
            format!("`registry token create --data-dir {} --scope admin` makes one", ready.data_dir.display())
        }
    };
    let text = format!(
        "
User {user} was created. This token may read, push and create modules. It is shown only once:
  {token}
To create users and their tokens, {admin}.

To use it in a shell, for cargo, buf and registry alike:
  eval \"$(registry env)\"

Or for good, in ~/.cargo/config.toml:
  [registries.buf]
  index = \"{index}\"
  credential-provider = \"cargo:token\"
and once:
  cargo login --registry buf \"Bearer {token}\"

Then push a module and add a crate:
  registry push ./proto --module {user}/example --create
  cargo add --registry buf {user}_example_community_neoeinstein-prost
",
        index = ready.cargo_index
    );
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::serve::testing::ready;

    #[test]
    fn the_first_start_shows_the_token_ready_to_copy_and_later_ones_do_not() {
        let text = lines(&ready(true), Some(Path::new("/home/client.toml"))).join("\n");
        assert!(text.contains("cargo login --registry buf \"Bearer reg_write\""), "{text}");
        assert!(text.contains("  index = \"sparse+http://127.0.0.1:8780/gen/cargo/\"\n"), "{text}");
        assert!(text.contains("registry push ./proto --module pat/example --create"), "{text}");
        assert!(text.contains("/home/client.toml holds one of scope admin"), "{text}");
        assert!(!text.contains("reg_admin"), "{text}");
        assert_eq!(lines(&ready(false), None).len(), 2);
    }

    #[test]
    fn without_a_login_the_way_to_an_admin_token_is_shown() {
        let text = lines(&ready(true), None).join("\n");
        assert!(text.contains("`registry token create --data-dir /data --scope admin` makes one"), "{text}");
    }
}
