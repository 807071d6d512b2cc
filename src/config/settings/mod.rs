//! The settings of `registry serve` as checked values.

pub(super) mod backup;
pub(super) mod blobs;
pub(super) mod connections;
pub(super) mod log;
pub(super) mod otlp;
pub(super) mod store;
pub(super) mod upstream;
pub(super) mod verify;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

use crate::model::{Authority, BreakingGate, LabelPattern, Limits, PluginRef, Quotas, WebhookReceivers};

use super::file::ConfigFile;
use super::mirrors::ConfiguredMirror;
use super::plugins::ConfiguredPlugin;
use super::resolve::{Effective, Environment, Flags, Resolver};
use super::{ConfigError, dirs, settings_table, value};
use backup::BackupSettings;
use blobs::BlobSettings;
use connections::{ConnectionSettings, TlsFiles};
use log::{AuditLog, LogSettings};
use otlp::OtlpSettings;
use store::StoreSettings;
use upstream::UpstreamSettings;
use verify::VerifyWith;

/// The environment variable that names the configuration file when `--config` does not.
const FILE_VARIABLE: &str = "REGISTRY_CONFIG";

/// All settings of `registry serve`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory; it need not exist yet.
    pub data_dir: PathBuf,
    /// The database that several servers share, in place of that of the data directory.
    pub store: Option<StoreSettings>,
    /// The object store for the crates of those servers, in place of the database.
    pub blobs: Option<BlobSettings>,
    /// Address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// URL under which clients reach the server, without a slash at its end; from each request if absent.
    pub public_url: Option<String>,
    /// More hosts under which clients may use the server.
    pub allowed_hosts: Vec<Authority>,
    /// Proxies whose `Forwarded` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The certificate, if the server speaks TLS.
    pub tls: Option<TlsFiles>,
    /// Address of a second listener, for metrics alone.
    pub metrics_listen: Option<SocketAddr>,
    /// The receiver of traces.
    pub otlp: Option<OtlpSettings>,
    /// Whether public modules can be read without a token.
    pub anonymous_reads: bool,
    /// The most sign-ins of one address or user in ten minutes.
    pub sign_in_attempts: u64,
    /// Plugins that generate on every push.
    pub eager_plugins: Vec<PluginRef>,
    /// Labels that generate on every push, besides the default label of each module.
    pub eager_labels: Vec<LabelPattern>,
    /// What is done with pushes that break users of the last release.
    pub breaking: Vec<BreakingGate>,
    /// Whether unstable packages may break.
    pub breaking_ignore_unstable_packages: bool,
    /// How long the reply to a push waits for its crates.
    pub push_wait: Duration,
    /// The time limit of a page.
    pub page_timeout: Duration,
    /// How many crates are generated at the same time.
    pub workers: usize,
    /// Memory for the crates that are generated in the server's own process, in bytes.
    pub build_memory: u64,
    /// The most memory of a process that makes a large SDK, in bytes.
    pub max_sdk_memory: u64,
    /// The time limit of a process that makes a large SDK.
    pub sdk_timeout: Duration,
    /// External plugins, from the file.
    pub plugins: Vec<ConfiguredPlugin>,
    /// The time limit of an external plugin for one module.
    pub plugin_timeout: Duration,
    /// How crates are checked before they are published, if they are.
    pub verify: Option<VerifyWith>,
    /// The limits on all clients together.
    pub connections: ConnectionSettings,
    /// Limits on input.
    pub limits: Limits,
    /// The most memory of an external plugin, in bytes.
    pub max_plugin_bytes: u64,
    /// The most bytes of an external plugin's response.
    pub max_plugin_answer_bytes: u64,
    /// How long the name of a deleted organization rests.
    pub name_rest: Duration,
    /// The most bytes of the database.
    pub max_store_bytes: Option<u64>,
    /// The quotas of one owner.
    pub quotas: Quotas,
    /// Receivers of webhooks that are allowed although their addresses are not public.
    pub webhook_allow: Vec<WebhookReceivers>,
    /// Whether webhooks are called.
    pub webhooks: bool,
    /// Where records of the audit log are written as lines of JSON.
    pub audit_log: Option<AuditLog>,
    /// The backups that the server makes by itself.
    pub backup: Option<BackupSettings>,
    /// The registry that missing dependencies of a push are fetched from.
    pub upstream: Option<UpstreamSettings>,
    /// Modules of other registries that are taken in on a schedule, from the file.
    pub mirrors: Vec<ConfiguredMirror>,
    /// Whether downloads of crates are counted.
    pub usage: bool,
    /// The log.
    pub log: LogSettings,
    effective: Vec<Effective>,
}

impl Settings {
    /// Reads all sources: `flags` win over `env`, that over the file (`--config`, else `REGISTRY_CONFIG`), that
    /// over the defaults.
    ///
    /// # Errors
    /// When the file cannot be read or holds an unknown key, or a value breaks the rules of its setting.
    pub fn load(flags: &Flags, env: &Environment, file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.or_else(|| env.get(FILE_VARIABLE).map(Path::new));
        let file = path.map(ConfigFile::read).transpose()?;
        let plugins = file.as_ref().map(|file| file.plugins.clone()).unwrap_or_default();
        let mirrors = file.as_ref().map(|file| file.mirrors.clone()).unwrap_or_default();
        let mut from = Resolver { flags, env, file, effective: Vec::new() };
        let data_dir = from.one(&settings_table::DATA_DIR, value::directory, || default_data_dir(env))?;
        let store = store::settings(&mut from)?;
        let blobs = blobs::settings(&mut from, store.is_some())?;
        let settings = Self {
            data_dir: data_dir.clone(),
            store,
            blobs,
            listen: from.plain(&settings_table::LISTEN, value::address)?,
            public_url: from.optional(&settings_table::PUBLIC_URL, value::base_url)?,
            allowed_hosts: from.list(&settings_table::ALLOWED_HOSTS, value::authority)?,
            trusted_proxies: from.list(&settings_table::TRUSTED_PROXIES, value::network)?,
            tls: connections::tls(&mut from)?,
            metrics_listen: from.optional(&settings_table::METRICS_LISTEN, value::address)?,
            otlp: otlp::settings(&mut from)?,
            anonymous_reads: from.plain(&settings_table::ANONYMOUS_READS, value::switch)?,
            sign_in_attempts: from.plain(&settings_table::SIGN_IN_ATTEMPTS, value::count)?,
            name_rest: from.plain(&settings_table::NAME_REST, value::days)?,
            eager_plugins: from.list(&settings_table::EAGER_PLUGINS, plugin)?,
            eager_labels: from.list(&settings_table::EAGER_LABEL, label_pattern)?,
            breaking: from.list(&settings_table::BREAKING, breaking_gate)?,
            breaking_ignore_unstable_packages: from
                .plain(&settings_table::BREAKING_IGNORE_UNSTABLE_PACKAGES, value::switch)?,
            push_wait: from.plain(&settings_table::PUSH_WAIT, value::seconds)?,
            page_timeout: from.plain(&settings_table::PAGE_TIMEOUT, value::timeout)?,
            workers: from.one(&settings_table::WORKERS, workers, || Ok(cores().to_string()))?,
            build_memory: from.plain(&settings_table::BUILD_MEMORY, value::size)?,
            max_sdk_memory: from.plain(&settings_table::MAX_SDK_MEMORY, value::size)?,
            sdk_timeout: from.plain(&settings_table::SDK_TIMEOUT, value::timeout)?,
            plugins,
            plugin_timeout: from.plain(&settings_table::PLUGIN_TIMEOUT, value::timeout)?,
            verify: verify::settings(&mut from)?,
            connections: connections::settings(&mut from)?,
            limits: limits(&mut from)?,
            max_plugin_bytes: from.plain(&settings_table::MAX_PLUGIN_BYTES, value::size)?,
            max_plugin_answer_bytes: from.plain(&settings_table::MAX_PLUGIN_ANSWER_BYTES, value::size)?,
            max_store_bytes: from.optional(&settings_table::MAX_STORE_BYTES, value::size)?,
            quotas: quotas(&mut from)?,
            webhook_allow: from.list(&settings_table::WEBHOOK_ALLOW, webhook_receivers)?,
            webhooks: from.plain(&settings_table::WEBHOOKS, value::switch)?,
            audit_log: from.optional(&settings_table::AUDIT_LOG, audit_log)?,
            backup: backup::settings(&mut from, &data_dir)?,
            upstream: upstream::settings(&mut from)?,
            mirrors,
            usage: from.plain(&settings_table::USAGE, value::switch)?,
            log: log::settings(&mut from)?,
            effective: from.effective,
        };
        if settings.store.is_some() {
            store::check_alone(&settings.effective)?;
        }
        Ok(settings)
    }

    /// Every setting with its value and origin, in the order of the table.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}

fn limits(from: &mut Resolver<'_>) -> Result<Limits, ConfigError> {
    Ok(Limits {
        body: from.plain(&settings_table::MAX_BODY_BYTES, value::size)?,
        files: from.plain(&settings_table::MAX_FILES, value::count)?,
        file: from.plain(&settings_table::MAX_FILE_BYTES, value::size)?,
        nesting: from.plain(&settings_table::MAX_NESTING, value::count)?,
        compile_memory: from.plain(&settings_table::COMPILE_MEMORY, value::size)?,
        compile_time: from.plain(&settings_table::COMPILE_TIMEOUT, value::timeout)?.as_secs(),
        sdk: from.plain(&settings_table::MAX_SDK_BYTES, value::size)?,
    })
}

fn quotas(from: &mut Resolver<'_>) -> Result<Quotas, ConfigError> {
    Ok(Quotas {
        bytes: from.optional(&settings_table::MAX_STORE_BYTES_PER_OWNER, value::size)?,
        modules: Some(from.plain(&settings_table::MAX_MODULES_PER_OWNER, value::count)?),
        labels: Some(from.plain(&settings_table::MAX_LABELS_PER_MODULE, value::count)?),
        tokens: Some(from.plain(&settings_table::MAX_TOKENS_PER_USER, value::count)?),
        organizations: Some(from.plain(&settings_table::MAX_ORGANIZATIONS_PER_USER, value::count)?),
        webhooks: Some(from.plain(&settings_table::MAX_WEBHOOKS_PER_OWNER, value::count)?),
    })
}

fn default_data_dir(env: &Environment) -> Result<String, ConfigError> {
    Ok(dirs::data_home(env)?.display().to_string())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn workers(text: &str) -> Result<usize, String> {
    let number = value::count(text)?;
    usize::try_from(number).ok().filter(|n| *n <= 1024).ok_or_else(|| format!("{number} workers are more than 1024"))
}

fn plugin(text: &str) -> Result<PluginRef, String> {
    PluginRef::from_str(text).map_err(|error| error.to_string())
}

fn breaking_gate(text: &str) -> Result<BreakingGate, String> {
    BreakingGate::from_str(text).map_err(|error| error.to_string())
}

fn audit_log(text: &str) -> Result<AuditLog, String> {
    if text == "-" { Ok(AuditLog::Stdout) } else { value::file(text).map(AuditLog::File) }
}

fn webhook_receivers(text: &str) -> Result<WebhookReceivers, String> {
    WebhookReceivers::from_str(text).map_err(|error| error.to_string())
}

fn label_pattern(text: &str) -> Result<LabelPattern, String> {
    LabelPattern::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    const HOME: (&str, &str) = ("HOME", "/users/me");

    fn load(flags: &[(&'static str, &str)], env: &[(&str, &str)], file: &str) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("registry.toml");
        std::fs::write(&path, file).unwrap();
        let flags = flags.iter().map(|(name, value)| (*name, vec![(*value).to_owned()])).collect();
        Settings::load(&flags, &Environment::of(env), Some(&path)).map_err(|error| error.to_string())
    }

    #[test]
    fn without_any_word_the_defaults_are_in_force() {
        let settings = Settings::load(&Flags::new(), &Environment::of(&[HOME]), None).unwrap();
        assert_eq!(settings.data_dir, Path::new("/users/me/.local/share/registry"));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8780");
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(settings.eager_plugins.len(), 2);
        assert!(!settings.anonymous_reads && settings.workers >= 1 && settings.max_store_bytes.is_none());
        assert!(settings.effective().iter().all(|entry| entry.origin == Origin::Default));
    }

    #[test]
    fn a_flag_wins_over_the_environment_that_over_the_file() {
        let file = "max-files = 3\nworkers = 3\npush-wait = 3\n";
        let env = [HOME, ("REGISTRY_MAX_FILES", "2"), ("REGISTRY_WORKERS", "2")];
        let settings = load(&[("max-files", "1")], &env, file).unwrap();
        assert_eq!((settings.limits.files, settings.workers, settings.push_wait.as_secs()), (1, 2, 3));
        let origin = |name| settings.effective().iter().find(|e| e.setting.name == name).unwrap().origin.clone();
        assert_eq!(origin("max-files"), Origin::Flag("max-files"));
        assert_eq!(origin("workers"), Origin::Environment("REGISTRY_WORKERS"));
        assert!(matches!(origin("push-wait"), Origin::File { line: 3, .. }));
        assert_eq!(origin("listen"), Origin::Default);
    }

    #[test]
    fn every_setting_of_the_table_is_taken_in_order() {
        let settings = load(&[], &[HOME], "").unwrap();
        let taken: Vec<_> = settings.effective().iter().map(|entry| entry.setting.name).collect();
        let known: Vec<_> = settings_table::ALL.iter().map(|setting| setting.name).collect();
        assert_eq!(taken, known);
    }

    #[test]
    fn a_bad_value_names_its_setting_and_where_it_stands() {
        let error = load(&[], &[HOME, ("REGISTRY_EAGER_PLUGINS", "a/b,prost")], "").unwrap_err();
        assert!(error.starts_with("eager-plugins (from REGISTRY_EAGER_PLUGINS): "), "{error}");
        assert_eq!(
            load(&[("log-level", "loud")], &[HOME], "").unwrap_err(),
            "log-level (from --log-level): \"loud\" is not a log level; use error, warn, info, debug or trace"
        );
        assert!(load(&[], &[HOME], "\nmax-files = 0").unwrap_err().contains("registry.toml:2): 0 would allow nothing"));
        assert!(load(&[], &[], "").unwrap_err().contains("--data-dir"));
    }

    #[test]
    fn eager_labels_come_from_all_sources_and_all_labels_are_eager_by_default() {
        let patterns = |flags: &[(&'static str, &str)], env: &[(&str, &str)], file: &str| {
            let settings = load(flags, env, file).unwrap();
            settings.eager_labels.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(patterns(&[], &[HOME], ""), ["*"]);
        let file = "eager-label = [\"release/*\", \"next\"]";
        assert_eq!(patterns(&[], &[HOME], file), ["release/*", "next"]);
        let env = [HOME, ("REGISTRY_EAGER_LABEL", "a,b*")];
        assert_eq!(patterns(&[], &env, file), ["a", "b*"]);
        assert!(patterns(&[("eager-label", "")], &env, file).is_empty());
        let error = load(&[("eager-label", "a:b")], &[HOME], "").unwrap_err();
        assert!(error.starts_with("eager-label (from --eager-label): label \"a:b\" holds ':'"), "{error}");
    }

    #[test]
    fn an_empty_list_in_the_file_means_no_eager_plugins() {
        assert!(load(&[], &[HOME], "eager-plugins = []").unwrap().eager_plugins.is_empty());
    }
}
