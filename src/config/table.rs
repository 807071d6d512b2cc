//! Every setting of `registry serve`, described once.

/// What shape a setting's value has on the command line and in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number; sizes also take `KiB`, `MiB` and `GiB`.
    Number,
    /// True or false; the bare flag means true.
    Switch,
    /// Several texts: the flag is repeated, the environment separates by commas, the file holds an array.
    List,
}

/// One setting. Its name is the flag without dashes and the key in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name in kebab case.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// Shape of the value.
    pub kind: Kind,
    /// Placeholder of the value in `--help`.
    pub value: &'static str,
    /// The default as text; list items are separated by commas, an empty text is "not set".
    pub default: &'static str,
    /// Text that `--help` shows instead of a default that depends on the machine, or that explains an empty one.
    pub default_note: &'static str,
    /// What it does, for `--help` and the documentation.
    pub help: &'static str,
}

/// Declares the settings and [`ALL`] together, so that none can be left out.
macro_rules! settings {
    ($($id:ident: $name:literal, $env:literal, $kind:ident, $value:literal, $default:literal, $note:literal, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $id: Setting = Setting {
                name: $name, env: $env, kind: Kind::$kind, value: $value, default: $default, default_note: $note,
                help: $help,
            };
        )*

        /// All settings, in the order of `--help`.
        pub const ALL: &[Setting] = &[$($id),*];
    };
}

settings! {
    DATA_DIR: "data-dir", "REGISTRY_DATA_DIR", Text, "DIR", "", "$XDG_DATA_HOME/registry, else ~/.local/share/registry",
        "Directory that holds everything the server keeps";
    LISTEN: "listen", "REGISTRY_LISTEN", Text, "ADDRESS", "127.0.0.1:8780", "",
        "Address and port to listen on; a port that is taken is an error";
    PUBLIC_URL: "public-url", "REGISTRY_PUBLIC_URL", Text, "URL", "", "taken from each request's Host",
        "URL under which clients reach the server; written into crates, so choose one that lasts";
    TLS_CERT: "tls-cert", "REGISTRY_TLS_CERT", Text, "FILE", "", "plain HTTP",
        "Certificate chain in PEM, with which the server speaks TLS; takes --tls-key too";
    TLS_KEY: "tls-key", "REGISTRY_TLS_KEY", Text, "FILE", "", "plain HTTP",
        "Private key of the certificate, in PEM";
    ANONYMOUS_READS: "anonymous-reads", "REGISTRY_ANONYMOUS_READS", Switch, "BOOL", "false", "",
        "Let anybody read public modules and their crates without a token";
    EAGER_PLUGINS: "eager-plugins", "REGISTRY_EAGER_PLUGINS", List, "PLUGIN",
        "community/neoeinstein-prost,community/neoeinstein-tonic", "",
        "Plugins that generate on every push, as owner/name or owner/name:v1.2.3; repeatable, empty for none";
    EAGER_LABEL: "eager-label", "REGISTRY_EAGER_LABEL", List, "PATTERN", "*", "",
        "Labels that generate on every push as the default label does, * for any characters; repeatable, empty for none";
    PUSH_WAIT: "push-wait", "REGISTRY_PUSH_WAIT", Number, "SECONDS", "10", "",
        "How long the reply to a push waits for its crates; slower ones go on afterwards";
    PAGE_TIMEOUT: "page-timeout", "REGISTRY_PAGE_TIMEOUT", Number, "SECONDS", "30", "",
        "How long a page for browsers may take to make";
    WORKERS: "workers", "REGISTRY_WORKERS", Number, "COUNT", "", "one per processor core",
        "How many crates are generated at the same time";
    BUILD_MEMORY: "build-memory", "REGISTRY_BUILD_MEMORY", Number, "SIZE", "768MiB", "",
        "Memory for the crates that are generated at the same time; those of large modules wait for each other";
    PLUGIN_TIMEOUT: "plugin-timeout", "REGISTRY_PLUGIN_TIMEOUT", Number, "SECONDS", "120", "",
        "How long a plugin that is a program of its own may take for one module";
    VERIFY: "verify", "REGISTRY_VERIFY", Text, "HOW", "off", "",
        "Whether each crate is compiled before it is published: check (by `cargo check`, which takes a while) or off";
    VERIFY_CARGO: "verify-cargo", "REGISTRY_VERIFY_CARGO", Text, "PROGRAM", "cargo", "",
        "The cargo that checks crates, by path or name";
    VERIFY_CARGO_HOME: "verify-cargo-home", "REGISTRY_VERIFY_CARGO_HOME", Text, "DIR", "", "verify/home in the data directory",
        "That cargo's home: its config.toml says where runtime crates come from, and whether the network is used";
    VERIFY_TIMEOUT: "verify-timeout", "REGISTRY_VERIFY_TIMEOUT", Number, "SECONDS", "600", "",
        "How long the check of one crate may take";
    MAX_BODY_BYTES: "max-body-bytes", "REGISTRY_MAX_BODY_BYTES", Number, "SIZE", "256MiB", "",
        "Largest request, and so the largest push";
    MAX_FILES: "max-files", "REGISTRY_MAX_FILES", Number, "COUNT", "20000", "",
        "Most files in one push";
    MAX_FILE_BYTES: "max-file-bytes", "REGISTRY_MAX_FILE_BYTES", Number, "SIZE", "16MiB", "",
        "Largest single file in a push";
    MAX_NESTING: "max-nesting", "REGISTRY_MAX_NESTING", Number, "LEVELS", "30", "",
        "Deepest nesting of messages, groups and option values in a source";
    MAX_SDK_BYTES: "max-sdk-bytes", "REGISTRY_MAX_SDK_BYTES", Number, "SIZE", "400MiB", "",
        "Largest unpacked crate; cargo itself refuses more than 512 MiB";
    MAX_PLUGIN_BYTES: "max-plugin-bytes", "REGISTRY_MAX_PLUGIN_BYTES", Number, "SIZE", "4GiB", "",
        "Most memory of a plugin that is a program of its own";
    MAX_PLUGIN_ANSWER_BYTES: "max-plugin-answer-bytes", "REGISTRY_MAX_PLUGIN_ANSWER_BYTES", Number, "SIZE", "1GiB", "",
        "Largest answer of a plugin that is a program of its own";
    MAX_STORE_BYTES: "max-store-bytes", "REGISTRY_MAX_STORE_BYTES", Number, "SIZE", "", "no limit but the disk",
        "Largest database; pushes beyond it are refused";
    MAX_STORE_BYTES_PER_OWNER: "max-store-bytes-per-owner", "REGISTRY_MAX_STORE_BYTES_PER_OWNER", Number, "SIZE", "", "no limit but --max-store-bytes",
        "Most bytes of files and crates of one owner; pushes beyond it are refused";
    MAX_MODULES_PER_OWNER: "max-modules-per-owner", "REGISTRY_MAX_MODULES_PER_OWNER", Number, "COUNT", "10000", "",
        "Most modules of one owner";
    MAX_LABELS_PER_MODULE: "max-labels-per-module", "REGISTRY_MAX_LABELS_PER_MODULE", Number, "COUNT", "10000", "",
        "Most labels of one module, archived ones too";
    MAX_TOKENS_PER_USER: "max-tokens-per-user", "REGISTRY_MAX_TOKENS_PER_USER", Number, "COUNT", "1000", "",
        "Most tokens of one user that are neither revoked nor expired";
    MAX_ORGANIZATIONS_PER_USER: "max-organizations-per-user", "REGISTRY_MAX_ORGANIZATIONS_PER_USER", Number, "COUNT", "100", "",
        "Most organizations that one user creates";
    UPSTREAM: "upstream", "REGISTRY_UPSTREAM", Text, "URL", "", "no upstream: such a push is refused",
        "Address of the registry that dependencies of a push are fetched from when they are not here";
    UPSTREAM_TOKEN_FILE: "upstream-token-file", "REGISTRY_UPSTREAM_TOKEN_FILE", Text, "FILE", "", "no token",
        "File that holds the token for the upstream";
    UPSTREAM_TIMEOUT: "upstream-timeout", "REGISTRY_UPSTREAM_TIMEOUT", Number, "SECONDS", "30", "",
        "How long fetching a commit, with all that it needs, from the upstream may take";
    UPSTREAM_MAX_BYTES: "upstream-max-bytes", "REGISTRY_UPSTREAM_MAX_BYTES", Number, "SIZE", "64MiB", "",
        "Most that is fetched from the upstream for a commit, with all that it needs";
    LOG_FORMAT: "log-format", "REGISTRY_LOG_FORMAT", Text, "FORMAT", "text", "",
        "How the log on standard error is written: text or json";
    LOG_LEVEL: "log-level", "REGISTRY_LOG_LEVEL", Text, "LEVEL", "info", "",
        "What is logged: error, warn, info, debug or trace";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_name_follows_from_the_name() {
        for setting in ALL {
            let expected = format!("REGISTRY_{}", setting.name.to_uppercase().replace('-', "_"));
            assert_eq!(setting.env, expected);
        }
    }

    #[test]
    fn a_setting_without_default_says_what_happens_instead() {
        for setting in ALL {
            assert_ne!(setting.default.is_empty(), setting.default_note.is_empty(), "{}", setting.name);
        }
    }
}
