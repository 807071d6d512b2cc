//! File systems for tests: full, or read-only.

/// A program that mounts a file system and then starts the program in its arguments; none where the system forbids
/// mounts.
pub(crate) fn mounting(script: &str) -> Option<Vec<String>> {
    let mut wrapper: Vec<String> = ["unshare", "--map-root-user", "--mount", "sh", "-c"].map(str::to_owned).to_vec();
    wrapper.extend([format!("{script} && exec \"$@\""), "sh".to_owned()]);
    let mut probe = std::process::Command::new(&wrapper[0]);
    let works = probe.args(&wrapper[1..]).arg("true").output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: this system does not let tests mount anything");
    }
    works.then_some(wrapper)
}
