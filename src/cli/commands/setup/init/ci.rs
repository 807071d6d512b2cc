//! Files for CI. They need no program of ours there: `buf` pushes, and cargo takes the token from a variable.

use clap::ValueEnum;

use crate::cli::arguments::registry_name::RegistryName;
use crate::config::client::authority;

/// A kind of CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Ci {
    /// A workflow of GitHub Actions
    Github,
    /// Jobs of GitLab CI
    Gitlab,
    /// A hook of pre-commit, which compiles the schemas
    PreCommit,
}

/// The end of a line of a template that only a server without TLS needs.
const PLAIN_HTTP: &str = " # plain-http";

impl Ci {
    /// Where the text belongs.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Github => ".github/workflows/registry.yml",
            Self::Gitlab => ".gitlab-ci.yml",
            Self::PreCommit => ".pre-commit-config.yaml",
        }
    }

    /// What remains to be done.
    pub(super) fn advice(self) -> String {
        let secret = match self {
            Self::Github => {
                "keep the token of `registry token create --scope write --note ci` as the secret REGISTRY_TOKEN"
            }
            Self::Gitlab => {
                "keep the token of `registry token create --scope write --note ci` as the masked variable REGISTRY_TOKEN"
            }
            Self::PreCommit => "`pre-commit install` puts it to work; it needs the program buf",
        };
        format!("this is for {}; {secret}", self.file())
    }

    /// The text for the registry of this name at `url`.
    pub(super) fn text(self, name: &RegistryName, url: &str) -> String {
        let template = match self {
            Self::Github => include_str!("../../../../../assets/ci/github.yml"),
            Self::Gitlab => include_str!("../../../../../assets/ci/gitlab.yml"),
            Self::PreCommit => include_str!("../../../../../assets/ci/pre-commit.yml"),
        };
        let text = template
            .replace("PROVIDER_VARIABLE", &name.variable("CREDENTIAL_PROVIDER"))
            .replace("TOKEN_VARIABLE", &name.variable("TOKEN"))
            .replace("HOST", authority(url));
        let is_plain = url.starts_with("http://");
        let line = |line: &str| match line.strip_suffix(PLAIN_HTTP) {
            Some(line) => is_plain.then(|| format!("{line}\n")),
            None => Some(format!("{line}\n")),
        };
        text.lines().filter_map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_yaml_and_names_the_registry() {
        for ci in [Ci::Github, Ci::Gitlab, Ci::PreCommit] {
            for url in ["https://r.example", "http://localhost:8780"] {
                let text = ci.text(&"acme-sdks".parse().unwrap(), url);
                let parsed = serde_saphyr::from_str::<serde_json::Value>(&text).unwrap();
                assert!(parsed.is_object(), "{text}");
                for word in ["VARIABLE", "HOST", "plain-http"] {
                    assert!(!text.contains(word), "{word} was left in {text}");
                }
                assert_eq!(text.contains("buf-config"), url.starts_with("http://") && ci != Ci::PreCommit, "{text}");
            }
        }
        let github = Ci::Github.text(&"acme-sdks".parse().unwrap(), "https://r.example");
        assert!(github.contains("CARGO_REGISTRIES_ACME_SDKS_TOKEN: Bearer ${{ secrets.REGISTRY_TOKEN }}"), "{github}");
        assert!(github.contains("BUF_TOKEN: ${{ secrets.REGISTRY_TOKEN }}@r.example"), "{github}");
    }
}
