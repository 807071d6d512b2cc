//! `buf registry module commit`.

use crate::support::{Buf, Registry};

/// Three commits of acme/common on main, oldest first.
fn three(buf: &Buf) -> Vec<String> {
    let commits = ["one", "two", "three"].map(|text| {
        buf.write("common/README.md", text);
        buf.push("common")
    });
    commits.to_vec()
}

#[test]
fn commits_are_listed_newest_first_page_by_page() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let mut commits = three(&buf);
    let list = ["registry", "module", "commit", "list", "HOST/acme/common", "--format", "json", "--page-size", "2"];
    let page = buf.run(list).ok().json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let commits = page["commits"].as_array().unwrap().iter();
        commits.map(|commit| commit["commit"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&page), [commits[2].clone(), commits[1].clone()]);
    let token = page["next_page"].as_str().unwrap();
    let rest = ["registry", "module", "commit", "list", "HOST/acme/common", "--format", "json", "--page-token", token];
    let page = buf.run(rest).ok().json();
    assert_eq!(ids(&page), [commits[0].clone()]);
    assert!(page["next_page"].as_str().unwrap_or_default().is_empty(), "{page}");
    let reverse = buf.run(["registry", "module", "commit", "list", "HOST/acme/common", "--reverse"]).ok();
    let listed: Vec<_> = reverse.stdout.lines().map(|line| line.rsplit_once(':').unwrap().1.to_owned()).collect();
    assert_eq!(listed, commits);
    commits.truncate(1);
    let one = format!("HOST/acme/common:{}", commits[0]);
    buf.run(["registry", "module", "commit", "list", &one]).ok().prints_exactly(&one.replace("HOST", buf.host()));
}

#[test]
fn the_list_of_a_label_is_its_history() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let commits = three(&buf);
    let second = format!("HOST/acme/common:{}", commits[1]);
    buf.run(["registry", "module", "commit", "add-label", &second, "--label", "stable"]).ok();
    let third = format!("HOST/acme/common:{}", commits[2]);
    buf.run(["registry", "module", "commit", "add-label", &third, "--label", "stable,other"]).ok();
    let listed = buf.run(["registry", "module", "commit", "list", "HOST/acme/common:stable"]).ok();
    let listed: Vec<_> = listed.stdout.lines().map(|line| line.rsplit_once(':').unwrap().1).collect();
    assert_eq!(listed, [&commits[2], &commits[1]]);
    // Labels only go on.
    buf.run(["registry", "module", "commit", "add-label", &second, "--label", "stable"])
        .fails()
        .says("failed_precondition")
        .says("stable");
}

#[test]
fn a_commit_is_told_by_id_and_found_by_label() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme().common();
    let id = buf.push("common");
    let reference = format!("HOST/acme/common:{id}");
    let info = buf.run(["registry", "module", "commit", "info", &reference, "--format", "json"]).ok().json();
    assert_eq!(info["commit"], *id, "{info}");
    for found in ["HOST/acme/common", "HOST/acme/common:main", &reference] {
        let resolved = buf.run(["registry", "module", "commit", "resolve", found]).ok();
        resolved.prints_exactly(&format!("{}/acme/common:{id}", buf.host()));
    }
    let gone = "HOST/acme/common:00000000000040008000000000000000";
    buf.run(["registry", "module", "commit", "info", gone]).fails().says("does not exist");
    buf.run(["registry", "module", "commit", "resolve", "HOST/acme/common:none"]).fails().says("does not exist");
    buf.run(["registry", "module", "commit", "list", "HOST/acme/none"]).fails().says("does not exist");
    buf.run(["registry", "module", "commit", "list", "HOST/acme/common", "--page-token", "mine"])
        .fails()
        .says("page_token is not one that this registry gave out");
}

#[test]
fn a_module_without_commits_has_an_empty_list() {
    let registry = Registry::start();
    let buf = Buf::new(&registry).acme();
    buf.run(["registry", "module", "create", "HOST/acme/common"]).ok();
    buf.run(["registry", "module", "commit", "list", "HOST/acme/common"]).ok();
}
