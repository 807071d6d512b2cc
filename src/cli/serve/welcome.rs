//! What `registry serve` prints when it is ready.

use crate::serve::Ready;

/// The lines: everything a newcomer needs at the first start, two lines later.
pub(super) fn lines(ready: &Ready) -> Vec<String> {
    let mut lines =
        vec![format!("registry is ready at {}", ready.url), format!("data is kept in {}", ready.data_dir.display())];
    if let Some(token) = &ready.token {
        lines.extend(first_use(ready, token.reveal()));
    }
    lines
}

fn first_use(ready: &Ready, token: &str) -> Vec<String> {
    let user = ready.user.as_deref().unwrap_or("you");
    let text = format!(
        "
User {user} was created. This token is shown only once:
  {token}

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
    use crate::model::TokenSecret;

    fn ready(token: Option<TokenSecret>) -> Ready {
        Ready {
            url: "http://127.0.0.1:8780".into(),
            cargo_index: "sparse+http://127.0.0.1:8780/gen/cargo/".into(),
            token,
            user: Some("pat".into()),
            data_dir: "/data".into(),
            buf_config_dir: "/data/buf".into(),
        }
    }

    #[test]
    fn the_first_start_shows_the_token_ready_to_copy_and_later_ones_do_not() {
        let text = lines(&ready(TokenSecret::presented("reg_x"))).join("\n");
        assert!(text.contains("cargo login --registry buf \"Bearer reg_x\""), "{text}");
        assert!(text.contains("  index = \"sparse+http://127.0.0.1:8780/gen/cargo/\"\n"), "{text}");
        assert!(text.contains("registry push ./proto --module pat/example --create"), "{text}");
        assert_eq!(lines(&ready(None)).len(), 2);
    }
}
