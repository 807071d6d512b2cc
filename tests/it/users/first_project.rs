//! A project that is set up for good: one login serves cargo without variables.

use std::path::Path;

use crate::support::{Buf, Consumer, Module, Registry, pets, registry_command, run};

const CRATE: &str = "acme_pets_community_neoeinstein-prost";

/// A registry with acme/pets, started by a person, who has its login.
fn started(data: &Path) -> Registry {
    let registry = Registry::with(|options| {
        options.keep(data, None);
    });
    Module::new("acme/pets").file("pets.proto", pets("name")).push(&registry);
    registry
}

/// A project whose only variables are where programs and logins are.
fn project(registry: &Registry) -> Consumer {
    let program = Path::new(env!("CARGO_BIN_EXE_registry")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let config = registry.home().join(".config").display().to_string();
    Consumer::in_environment(vec![("PATH".into(), path), ("XDG_CONFIG_HOME".into(), config)], "2024")
}

fn init(registry: &Registry, project: &Consumer, more: &[&str]) -> crate::support::Transcript {
    run(registry_command(registry.home()).arg("init").arg(project.path("")).args(more))
}

#[test]
fn one_login_serves_cargo_without_variables() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let project = project(&registry).file(".cargo/config.toml", "# ours\n[build]\n# two\njobs = 2\n");
    init(&registry, &project, &[]).ok().prints("wrote ").says("for this machine alone");
    assert!(project.read(".cargo/config.toml").starts_with("# ours\n[build]\n# two\njobs = 2\n"));
    init(&registry, &project, &[]).ok().prints("nothing to do in ");
    let added = project.cargo(["add", "--registry", "buf", CRATE]).ok();
    assert!(!added.stderr.contains("warning"), "{added}");
    project.build();

    // Without the login cargo says what to do.
    let cli = |words: &[&str]| run(registry_command(registry.home()).args(words));
    cli(&["logout"]).ok();
    let advice = format!("run `registry login {}`", registry.url);
    project.cargo(["update"]).fails().says(&advice);
    project.cargo(["login", "--registry", "buf"]).fails().says(&advice);
    cli(&["login", "--data-dir", data.path().to_str().unwrap(), &registry.url]).ok();
    project.cargo(["update"]).ok();
    let tokens = cli(&["token", "list", "--json"]).ok().json();
    for token in tokens.as_array().unwrap().iter().filter(|token| token["scope"] == "write") {
        cli(&["token", "revoke", token["id"].as_str().unwrap()]).ok();
    }
    project.cargo(["update"]).fails().says("token rejected for `buf`");
    let advice = format!("`registry login {}` logs cargo in", registry.url);
    project.cargo(["login", "--registry", "buf"]).fails().says(&advice);
}

#[test]
fn a_project_is_set_up_under_any_name_but_not_over_another_registry() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let project =
        project(&registry).file(".cargo/config.toml", "[registries.buf]\nindex = \"sparse+https://other/\"\n");
    init(&registry, &project, &[]).refused().says("registry buf is sparse+https://other/ there");
    init(&registry, &project, &["--name", "acme"]).ok();
    project.cargo(["add", "--registry", "acme", CRATE]).ok();
    project.cargo(["fetch"]).ok();
    init(&registry, &project, &["--name", "not a name"]).could_not_run().says("no name of a registry in cargo");
}

/// The lines of a shell in a file for CI, by job.
fn scripts(yaml: &serde_json::Value, job: &str) -> String {
    let job = yaml.get("jobs").unwrap_or(yaml)[job].clone();
    let steps = job.get("steps").or(job.get("script")).and_then(|steps| steps.as_array()).expect("steps").clone();
    let line = |step: &serde_json::Value| step.as_str().or(step["run"].as_str()).map(str::to_owned);
    steps.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// The variables of a job, with the secret filled in.
fn variables(yaml: &serde_json::Value, job: &str, token: &str) -> Vec<(String, String)> {
    let job = yaml.get("jobs").unwrap_or(yaml)[job].clone();
    let variables =
        job.get("env").or(job.get("variables")).and_then(|env| env.as_object().cloned()).unwrap_or_default();
    let fill = |value: &serde_json::Value| value.as_str().unwrap().replace("${{ secrets.REGISTRY_TOKEN }}", token);
    variables.iter().map(|(name, value)| (name.clone(), fill(value))).collect()
}

#[test]
fn the_files_for_ci_build_and_push() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let cases = [("github", "build", "push"), ("gitlab", "registry-build", "registry-push")];
    for (kind, build, push) in cases {
        let project = project(&registry);
        init(&registry, &project, &[]).ok();
        project.cargo(["add", "--registry", "buf", CRATE]).ok();
        project.cargo(["generate-lockfile"]).ok();
        let printed = init(&registry, &project, &["--ci", kind]).ok();
        let yaml: serde_json::Value = serde_saphyr::from_str(&printed.stdout).unwrap();
        let shell = |job: &str, command: &mut std::process::Command| {
            let variables = variables(&yaml, job, &registry.token);
            let nowhere = tempfile::tempdir().unwrap();
            command.args(["-ec", &scripts(&yaml, job)]).envs(variables).env("REGISTRY_TOKEN", &registry.token);
            run(command.env("XDG_CONFIG_HOME", nowhere.path()))
        };
        let mut sh = std::process::Command::new("sh");
        let cargo = project.command();
        sh.current_dir(project.path("")).envs(cargo.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell(build, &mut sh).ok();

        let buf = Buf::with_token(&registry, None).common();
        let mut sh = std::process::Command::new("sh");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/buf");
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        sh.current_dir(buf.path("common")).env("PATH", path).env("HOME", buf.home());
        registry.cli(["module", "create", "acme/common"]);
        shell(push, &mut sh).ok();
        let commits = registry.cli(["label", "list", "acme/common"]).ok();
        commits.prints("main");
    }
}

#[test]
fn the_hook_before_a_commit_compiles_the_schemas() {
    let data = tempfile::tempdir().unwrap();
    let registry = started(data.path());
    let project = project(&registry);
    let printed = init(&registry, &project, &["--ci", "pre-commit"]).ok().says(".pre-commit-config.yaml");
    let yaml: serde_json::Value = serde_saphyr::from_str(&printed.stdout).unwrap();
    let entry = yaml["repos"][0]["hooks"][0]["entry"].as_str().unwrap().to_owned();
    let buf = Buf::with_token(&registry, None).common();
    let hook = || {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-inputs/buf");
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut sh = std::process::Command::new("sh");
        run(sh.current_dir(buf.path("common")).env("PATH", path).env("HOME", buf.home()).args(["-c", &entry]))
    };
    hook().ok();
    buf.write("common/broken.proto", "syntax = \"proto3\";\nmessage {\n");
    hook().fails().says("broken.proto");
}
