//! The real, unmodified `buf`.
//!
//! Each [`Buf`] has a home, a cache and a working directory of its own, so no test sees the downloads of another. In
//! arguments and files, `HOST` stands for the registry's address.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::inputs::input;
use super::registry::Registry;
use super::transcript::{Transcript, run, run_with_input};

/// `buf` with the set-up of one user.
pub(crate) struct Buf {
    host: String,
    token: Option<String>,
    environment: Vec<(String, String)>,
    directory: TempDir,
}

impl Buf {
    /// `buf` with the token of the registry's administrator.
    pub(crate) fn new(registry: &Registry) -> Self {
        Self::with_token(registry, Some(&registry.token))
    }

    /// `buf` with this token in `BUF_TOKEN`; without one it has only the login of `buf registry login`.
    pub(crate) fn with_token(registry: &Registry, token: Option<&str>) -> Self {
        let host = registry.url.split_once("://").expect("a URL").1.to_owned();
        let buf = Self {
            host,
            token: token.map(str::to_owned),
            environment: vec![],
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(buf.directory.path().join("work")).unwrap();
        buf.configure("version: v1\ntls:\n  use: \"false\"\n");
        buf
    }

    /// `buf` of a user of both registries who pushes to `registry`. For this `buf`, `other` is the public registry: the
    /// only other registry that a module may depend on.
    pub(crate) fn between(registry: &Registry, other: &Registry) -> Self {
        let tokens = [registry, other].map(|one| format!("{}@{}", one.token, one.host())).join(",");
        let mut buf = Self::with_token(registry, Some(&tokens));
        buf.environment.push(("BUF_TESTING_PUBLIC_REGISTRY".into(), other.host().to_owned()));
        buf
    }

    /// Puts a program of this name first in its `PATH`.
    pub(crate) fn program(mut self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let directory = self.directory.path().join("bin");
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap_or_default());
        self.environment.push(("PATH".into(), path));
        self
    }

    /// Replaces `buf`'s own configuration file.
    pub(crate) fn configure(&self, config: &str) {
        let directory = self.directory.path().join("config");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("config.yaml"), config).unwrap();
    }

    /// The registry's host for names of modules.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Adds or replaces a file in the directory where it runs.
    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.write(path, content);
        self
    }

    /// Adds or replaces a file in the directory where it runs.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.replace("HOST", &self.host)).unwrap();
    }

    /// The text of a file in the working directory, with `HOST` in place of the registry's address.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.path(path);
        let text = std::fs::read_to_string(&path);
        let text = text.unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()));
        text.replace(&self.host, "HOST")
    }

    /// A path in the working directory.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join("work").join(path)
    }

    /// Its home.
    pub(crate) fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// The file with the logins.
    pub(crate) fn netrc(&self) -> PathBuf {
        self.directory.path().join("netrc")
    }

    /// Removes the download cache.
    pub(crate) fn forget(&self) {
        // There is none before the first download.
        let _ = std::fs::remove_dir_all(self.directory.path().join("cache"));
    }

    /// Runs `buf`.
    pub(crate) fn run<const N: usize>(&self, arguments: [&str; N]) -> Transcript {
        run(&mut self.command(&arguments))
    }

    /// Runs `buf` with a text on its standard input.
    pub(crate) fn run_with_input<const N: usize>(&self, arguments: [&str; N], text: &str) -> Transcript {
        run_with_input(&mut self.command(&arguments), text)
    }

    /// Runs `buf` on a terminal, and types `typed`.
    pub(crate) fn at_a_terminal<const N: usize>(&self, arguments: [&str; N], typed: &str) -> Transcript {
        let plain = self.command(&arguments);
        let words = std::iter::once(plain.get_program()).chain(plain.get_args());
        let line: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--echo", "never", "--command", &line.join(" "), "/dev/null"]);
        command.env_clear().current_dir(self.path(""));
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        run_with_input(&mut command, typed)
    }

    /// Pushes the directory, creates missing modules, and returns the commit that is printed last.
    #[track_caller]
    pub(crate) fn push(&self, directory: &str) -> String {
        commit(&self.run(["push", directory, "--create"]).ok())
    }

    /// The crate version of a module and a plugin.
    #[track_caller]
    pub(crate) fn version(&self, module: &str, plugin: &str) -> String {
        let (module, plugin) = (format!("HOST/{module}"), format!("HOST/{plugin}"));
        let told = self.run(["registry", "sdk", "version", "--module", &module, "--plugin", &plugin]).ok();
        told.stdout.trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let own = |name: &str| self.directory.path().join(name);
        let mut command = Command::new(input("buf").join("buf"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", own("home"))
            .env("BUF_CACHE_DIR", own("cache"))
            .env("BUF_CONFIG_DIR", own("config"))
            .env("NETRC", self.netrc())
            // A server that does not answer should fail the test, not hold it up.
            .env("BUF_TIMEOUT", "60s")
            .current_dir(self.path(""))
            .args(arguments.iter().map(|argument| argument.replace("HOST", &self.host)));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(token) = &self.token {
            command.env("BUF_TOKEN", token);
        }
        command
    }
}

/// The commit at the end of the output of a push.
#[track_caller]
pub(crate) fn commit(pushed: &Transcript) -> String {
    let last = pushed.stdout.trim_end().rsplit(['\n', ':']).next().unwrap_or_default();
    assert!(last.len() == 32 && last.bytes().all(|b| b.is_ascii_hexdigit()), "no commit was printed:\n{pushed}");
    last.to_owned()
}

/// Every file below a directory with its content, by its path.
pub(crate) fn tree(directory: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder);
        for entry in entries.unwrap_or_else(|error| panic!("could not read {}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The rules of all categories by which `buf breaking` refuses the change between two sets of files, sorted.
pub(crate) fn breaking_rules_of_buf(old: &[(String, String)], new: &[(String, String)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    for (side, files) in [("old", old), ("new", new)] {
        let side = directory.path().join(side);
        std::fs::create_dir(&side).unwrap();
        for (path, text) in files {
            std::fs::write(side.join(path), text).unwrap();
        }
        let rules = "version: v2\nbreaking:\n  use: [FILE, PACKAGE, WIRE_JSON, WIRE, CSR]\n";
        std::fs::write(side.join("buf.yaml"), rules).unwrap();
    }
    let mut command = local_buf(directory.path());
    command.args(["breaking", "new", "--against", "old", "--error-format", "json"]);
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 100)), "{}", String::from_utf8_lossy(&output.stderr));
    let findings = String::from_utf8(output.stdout).unwrap();
    let rule = |line: &str| {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        finding["type"].as_str().unwrap().to_owned()
    };
    let rules: std::collections::BTreeSet<_> = findings.lines().map(rule).collect();
    rules.into_iter().collect()
}

/// The breaking rules of version v2 with their categories, both sorted.
pub(crate) fn listed_breaking_rules() -> Vec<(String, Vec<String>)> {
    let directory = tempfile::tempdir().unwrap();
    let mut command = local_buf(directory.path());
    command.args(["config", "ls-breaking-rules", "--version", "v2", "--format", "json"]);
    let listed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let rule = |line: &str| {
        let rule: serde_json::Value = serde_json::from_str(line).unwrap();
        let categories = rule["categories"].as_array().unwrap().iter();
        let mut categories: Vec<_> = categories.map(|category| category.as_str().unwrap().to_owned()).collect();
        categories.sort();
        (rule["id"].as_str().unwrap().to_owned(), categories)
    };
    let mut rules: Vec<_> = listed.lines().map(rule).collect();
    rules.sort();
    rules
}

/// `buf` without a registry.
fn local_buf(home: &Path) -> Command {
    let mut command = Command::new(input("buf/buf"));
    command.current_dir(home).env("HOME", home).env("XDG_CACHE_HOME", home.join("cache"));
    command
}
