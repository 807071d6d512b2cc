//! Every setting of `registry serve`, described once.

/// The type of a setting's value on the command line and in the file.
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
    /// A text that nobody is shown: it has no flag, because a command line is seen by every user of the machine.
    Secret,
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
    /// Its description, for `--help` and the documentation.
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
    STORE: "store", "REGISTRY_STORE", Text, "ADDRESS", "", "the database of the data directory",
        "Database on PostgreSQL that several servers share, as postgres://USER@HOST/NAME?sslmode=verify-full; its password is in PGPASSWORD, or in ~/.pgpass or the file that PGPASSFILE names";
    BLOBS: "blobs", "REGISTRY_BLOBS", Text, "ADDRESS", "", "crates are in the database of --store",
        "Object store for the crates of such servers, as s3://BUCKET/PREFIX, with ?endpoint=URL, region=NAME and style=path or virtual behind it; its credentials, and what is left out, are in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; without keys, Kubernetes, the container service or the machine gives them";
    BLOB_CACHE_BYTES: "blob-cache-bytes", "REGISTRY_BLOB_CACHE_BYTES", Number, "SIZE", "1GiB", "",
        "Most bytes of crates that are kept in the data directory too, so that the object store is asked for each only once";
    LISTEN: "listen", "REGISTRY_LISTEN", Text, "ADDRESS", "127.0.0.1:8780", "",
        "Address and port to listen on; a port that is taken is an error";
    PUBLIC_URL: "public-url", "REGISTRY_PUBLIC_URL", Text, "URL", "", "taken from each request, as far as its host is allowed",
        "URL under which clients reach the server; written into crates, so choose one that lasts";
    ALLOWED_HOSTS: "allowed-hosts", "REGISTRY_ALLOWED_HOSTS", List, "HOST", "", "--public-url, and the address that is listened on, by the names of this machine",
        "More hosts under which clients may use the server, as name or name:port; others are answered with the server's own address, and may send no forms; repeatable";
    TRUSTED_PROXIES: "trusted-proxies", "REGISTRY_TRUSTED_PROXIES", List, "ADDRESS", "", "none is believed",
        "Proxies whose X-Forwarded-For, -Host and -Proto, or Forwarded, are believed, as 192.0.2.1 or 10.0.0.0/8; repeatable";
    TLS_CERT: "tls-cert", "REGISTRY_TLS_CERT", Text, "FILE", "", "plain HTTP",
        "Certificate chain in PEM, with which the server speaks TLS; takes --tls-key too";
    TLS_KEY: "tls-key", "REGISTRY_TLS_KEY", Text, "FILE", "", "plain HTTP",
        "Private key of the certificate, in PEM";
    METRICS_LISTEN: "metrics-listen", "REGISTRY_METRICS_LISTEN", Text, "ADDRESS", "", "the metrics are for administrators",
        "Address and port that serve /metrics, /healthz and /readyz to everybody who reaches them, without a token";
    OTLP_ENDPOINT: "otlp-endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", Text, "URL", "", "no traces",
        "Where traces of requests, pushes and SDKs are sent, as OTLP over HTTP with JSON: the address that /v1/traces is under; OTEL_EXPORTER_OTLP_HEADERS holds headers for it, as name=value,name=value, percent-encoded";
    OTLP_HEADERS: "otlp-headers", "OTEL_EXPORTER_OTLP_HEADERS", Secret, "HEADERS", "", "none",
        "Headers of what is sent there, as name=value,name=value, percent-encoded; they are never shown";
    OTLP_TIMEOUT: "otlp-timeout", "OTEL_EXPORTER_OTLP_TIMEOUT", Number, "MILLISECONDS", "10000", "",
        "How long sending them may take";
    ANONYMOUS_READS: "anonymous-reads", "REGISTRY_ANONYMOUS_READS", Switch, "BOOL", "false", "",
        "Let anybody read public modules and their crates without a token";
    SIGN_IN_ATTEMPTS: "sign-in-attempts", "REGISTRY_SIGN_IN_ATTEMPTS", Number, "COUNT", "30", "",
        "Most sign-ins in a browser that fail for one address, or succeed for one user, in ten minutes";
    NAME_REST: "name-rest", "REGISTRY_NAME_REST", Number, "DAYS", "30", "",
        "How long the name of a deleted organization rests before others than its admins can have it";
    EAGER_PLUGINS: "eager-plugins", "REGISTRY_EAGER_PLUGINS", List, "PLUGIN",
        "community/neoeinstein-prost,community/neoeinstein-tonic", "",
        "Plugins that generate on every push, as owner/name or owner/name:v1.2.3; repeatable, empty for none";
    EAGER_LABEL: "eager-label", "REGISTRY_EAGER_LABEL", List, "PATTERN", "*", "",
        "Labels that generate on every push as the default label does, * for any characters; repeatable, empty for none";
    BREAKING: "breaking", "REGISTRY_BREAKING", List, "GATE", "warn:wire_json,warn:rust", "",
        "What is done with pushes to the default label that break users of its head: warn:CATEGORY, refuse:CATEGORY or off, with file, package, wire_json, wire, csr or rust; OWNER= or OWNER/MODULE= in front for some modules only; repeatable. What organizations and modules say for themselves comes first";
    BREAKING_IGNORE_UNSTABLE_PACKAGES: "breaking-ignore-unstable-packages", "REGISTRY_BREAKING_IGNORE_UNSTABLE_PACKAGES", Switch, "BOOL", "false", "",
        "Let packages such as acme.pets.v1alpha1 and v1beta1 break";
    PUSH_WAIT: "push-wait", "REGISTRY_PUSH_WAIT", Number, "SECONDS", "10", "",
        "How long the reply to a push waits for its crates; slower ones go on afterwards";
    PAGE_TIMEOUT: "page-timeout", "REGISTRY_PAGE_TIMEOUT", Number, "SECONDS", "30", "",
        "How long a page for browsers may take to make";
    WORKERS: "workers", "REGISTRY_WORKERS", Number, "COUNT", "", "one per processor core",
        "How many crates are generated at the same time, beside one of a small module";
    BUILD_MEMORY: "build-memory", "REGISTRY_BUILD_MEMORY", Number, "SIZE", "768MiB", "",
        "Memory for the crates that the server generates in its own process; what may take more has one of its own";
    MAX_SDK_MEMORY: "max-sdk-memory", "REGISTRY_MAX_SDK_MEMORY", Number, "SIZE", "4GiB", "",
        "Most memory of such a process: of one for a crate, and of one for remote generation";
    SDK_TIMEOUT: "sdk-timeout", "REGISTRY_SDK_TIMEOUT", Number, "SECONDS", "300", "",
        "How long such a process may take";
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
    MAX_CONNECTIONS: "max-connections", "REGISTRY_MAX_CONNECTIONS", Number, "COUNT", "",
        "as many as the process may have descriptors for, at most 16384",
        "Most connections at the same time; a quarter of them is kept for those who have shown a token";
    MAX_CONNECTIONS_PER_ADDRESS: "max-connections-per-address", "REGISTRY_MAX_CONNECTIONS_PER_ADDRESS", Number, "COUNT", "",
        "half of --max-connections",
        "Most connections from one address; a proxy in front is one address";
    CLIENT_TIMEOUT: "client-timeout", "REGISTRY_CLIENT_TIMEOUT", Number, "SECONDS", "30", "",
        "How long a client may take for its first request, and to send or take the next 64 KiB of one";
    KEEP_ALIVE: "keep-alive", "REGISTRY_KEEP_ALIVE", Number, "SECONDS", "75", "",
        "How long a connection stays open without a request";
    DRAIN_DELAY: "drain-delay", "REGISTRY_DRAIN_DELAY", Number, "SECONDS", "0", "",
        "How long requests are still taken after SIGTERM, while /readyz says 503 so that a load balancer sends no more";
    REQUEST_MEMORY: "request-memory", "REGISTRY_REQUEST_MEMORY", Number, "SIZE", "640MiB", "",
        "Memory for all large requests and answers together; an eighth of it is for those who have shown no token";
    MAX_WAITING_PUSHES: "max-waiting-pushes", "REGISTRY_MAX_WAITING_PUSHES", Number, "COUNT", "256", "",
        "Most pushes that wait for their turn; more are refused";
    MAX_BODY_BYTES: "max-body-bytes", "REGISTRY_MAX_BODY_BYTES", Number, "SIZE", "256MiB", "",
        "Largest request, and so the largest push";
    MAX_FILES: "max-files", "REGISTRY_MAX_FILES", Number, "COUNT", "20000", "",
        "Most files in one push";
    MAX_FILE_BYTES: "max-file-bytes", "REGISTRY_MAX_FILE_BYTES", Number, "SIZE", "16MiB", "",
        "Largest single file in a push";
    MAX_NESTING: "max-nesting", "REGISTRY_MAX_NESTING", Number, "LEVELS", "31", "",
        "Deepest nesting of messages, groups and option values in a source";
    COMPILE_MEMORY: "compile-memory", "REGISTRY_COMPILE_MEMORY", Number, "SIZE", "3GiB", "",
        "Memory for the sources that are compiled at the same time; large ones wait for each other, and one that needs more is refused";
    COMPILE_TIMEOUT: "compile-timeout", "REGISTRY_COMPILE_TIMEOUT", Number, "SECONDS", "60", "",
        "How long compiling one push may take";
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
    MAX_TOKENS_PER_USER: "max-tokens-per-user", "REGISTRY_MAX_TOKENS_PER_USER", Number, "COUNT", "200", "",
        "Most tokens of one user that are neither revoked nor expired";
    MAX_ORGANIZATIONS_PER_USER: "max-organizations-per-user", "REGISTRY_MAX_ORGANIZATIONS_PER_USER", Number, "COUNT", "100", "",
        "Most organizations that one user creates";
    MAX_WEBHOOKS_PER_OWNER: "max-webhooks-per-owner", "REGISTRY_MAX_WEBHOOKS_PER_OWNER", Number, "COUNT", "100", "",
        "Most webhooks of one owner and its modules";
    WEBHOOK_ALLOW: "webhook-allow", "REGISTRY_WEBHOOK_ALLOW", List, "RECEIVER", "", "webhooks go to public addresses only",
        "Receivers of webhooks that need no public address, as 10.0.0.0/8, 192.0.2.1 or a host's name; repeatable";
    WEBHOOKS: "webhooks", "REGISTRY_WEBHOOKS", Switch, "BOOL", "true", "",
        "Call webhooks; without that, as for a copy on trial, their deliveries wait";
    AUDIT_LOG: "audit-log", "REGISTRY_AUDIT_LOG", Text, "FILE", "", "the database alone holds it",
        "File to which every record of the audit log is appended as a line of JSON, or - for standard output";
    BACKUP_DIR: "backup-dir", "REGISTRY_BACKUP_DIR", Text, "DIR", "", "no backups by itself",
        "Directory of its own, best on another disk, that the server writes backups into, as registry-TIME.db";
    BACKUP_EVERY: "backup-every", "REGISTRY_BACKUP_EVERY", Text, "SPAN", "1h", "",
        "How often it does, as 30m, 6h or 1d; a backup that failed is tried again after five minutes";
    BACKUP_KEEP: "backup-keep", "REGISTRY_BACKUP_KEEP", Number, "COUNT", "48", "",
        "How many of these backups are kept; older ones are removed";
    UPSTREAM: "upstream", "REGISTRY_UPSTREAM", Text, "URL", "", "no upstream: such a push is refused",
        "Address of the registry that dependencies of a push are fetched from when they are not here";
    UPSTREAM_TOKEN_FILE: "upstream-token-file", "REGISTRY_UPSTREAM_TOKEN_FILE", Text, "FILE", "", "no token",
        "File that holds the token for the upstream";
    UPSTREAM_TIMEOUT: "upstream-timeout", "REGISTRY_UPSTREAM_TIMEOUT", Number, "SECONDS", "30", "",
        "How long fetching a commit, with all that it needs, from the upstream may take";
    UPSTREAM_MAX_BYTES: "upstream-max-bytes", "REGISTRY_UPSTREAM_MAX_BYTES", Number, "SIZE", "64MiB", "",
        "Most that is fetched from the upstream for a commit, with all that it needs";
    USAGE: "usage", "REGISTRY_USAGE", Switch, "BOOL", "true", "",
        "Count downloads of crates by version and day, and remember which token last took which version";
    LOG_FORMAT: "log-format", "REGISTRY_LOG_FORMAT", Text, "FORMAT", "text", "",
        "How the log on standard error is written: text or json";
    LOG_LEVEL: "log-level", "REGISTRY_LOG_LEVEL", Text, "LEVEL", "info", "",
        "What is logged: error, warn, info, debug or trace";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_name_follows_from_the_name_or_is_that_of_a_standard() {
        assert_eq!(OTLP_ENDPOINT.env, "OTEL_EXPORTER_OTLP_ENDPOINT");
        for setting in ALL.iter().filter(|setting| !setting.env.starts_with("OTEL_")) {
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
