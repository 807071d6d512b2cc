//! Tasks and answers arrive unchanged.

use std::sync::Arc;

use bytes::Bytes;

use super::protocol::{Answer, Task};
use crate::generate::{Bounds, Catalogue};
use crate::model::testing::set;
use crate::model::{
    FeatureMode, Generated, GeneratedFile, Insertion, Limits, ModuleFile, NumberedName, Plugin, PluginResponse,
    Snapshot,
};
use crate::package::{DependencyKind, SdkDependency};
use crate::publish::build::make_crate::{CrateInput, Files};
use crate::publish::build::resource_usage::Usage;

const SOURCE: &str = "package app.v1; import \"lib.proto\"; /* A cart. */ message Cart { lib.v1.Money sum = 1; }";

fn plugin() -> Plugin {
    Catalogue::embedded().unwrap().find(&"community/neoeinstein-prost".parse().unwrap()).unwrap().clone()
}

fn file(path: &str, content: &'static str) -> ModuleFile {
    ModuleFile { path: path.parse().unwrap(), content: Bytes::from_static(content.as_bytes()) }
}

fn input() -> CrateInput {
    let files = vec![file("app.proto", SOURCE), file("LICENSE", "MIT")];
    let dependency = SdkDependency {
        crate_name: "acme_lib_community_neoeinstein-prost".parse().unwrap(),
        version: "0.5.0-20240523144506-aaaaaaaaaaaa.1".parse().unwrap(),
        kind: DependencyKind::OtherModule,
        features: ["lib.v1".to_owned()].into(),
    };
    let numbered = NumberedName {
        kind: "message".into(),
        full: ".lib.v1.Money".into(),
        file: "lib.proto".into(),
        type_suffix: "2".into(),
        module_suffix: "_2".into(),
    };
    let descriptors =
        set(&[("acme/lib", "lib.proto", "package lib.v1; message Money {}"), ("acme/app", "app.proto", SOURCE)]);
    CrateInput {
        name: "acme_app_community_neoeinstein-prost".parse().unwrap(),
        version: "0.5.0-20240523144506-ce529d32d80c.4".parse().unwrap(),
        commit: "ce529d32d80c4d0bb2f5c9d1d7a5f001".parse().unwrap(),
        plugin: plugin(),
        features: FeatureMode::Grouped,
        descriptors: Files(Arc::new(descriptors)),
        snapshot: Snapshot::new(files, &Limits::default()).unwrap(),
        dependencies: vec![dependency],
        numbered: [("acme/lib".parse().unwrap(), vec![numbered])].into(),
        earlier: Some((b"index".to_vec(), Bytes::from_static(b"crate"))),
        generated: None,
        index_url: "sparse+https://registry.test/gen/cargo/".into(),
        module_url: "https://registry.test/acme/app".into(),
        most_bytes: 1 << 20,
    }
}

fn generated() -> Generated {
    let file = |name: &str, descriptors| GeneratedFile {
        name: name.into(),
        content: format!("// {name}"),
        descriptors,
        renamed: vec![],
    };
    Generated { files: vec![file("a.rs", None), file("b.rs", Some(Bytes::from_static(&[0xff, 0])))] }
}

fn plugin_response() -> PluginResponse {
    PluginResponse {
        files: [("a.rs".into(), "// a".into()), ("b.rs".into(), String::new())].into(),
        insertions: vec![Insertion { name: "c.rs".into(), point: "module".into(), content: "d".into() }],
    }
}

#[test]
fn tasks_arrive_as_they_were_sent() {
    let made_elsewhere = CrateInput { generated: Some(generated()), earlier: None, ..input() };
    let generation = Task::Generation { plugin: Box::new(plugin()), request: Bytes::from_static(b"request") };
    for task in [Task::Crate(Box::new(input())), Task::Crate(Box::new(made_elsewhere)), generation] {
        assert_eq!(Task::decode(task.encode().into()).unwrap(), task);
    }
    assert!(Task::decode(Bytes::from_static(b"\xff")).is_err());
}

#[test]
fn answers_arrive_as_they_were_sent() {
    let usage = Usage { expected_bytes: 1, memory_bytes: 2, cpu_ms: 3 };
    let package = input().make(0, None, |_| Some(Bounds::none())).unwrap();
    for answer in [Answer::Crate(package), Answer::Generation(plugin_response()), Answer::Failed("no".into())] {
        assert_eq!(Answer::decode(answer.encode(usage).into()).unwrap(), (answer, usage));
    }
}

#[test]
fn a_crate_is_the_same_wherever_it_is_made() {
    let Task::Crate(elsewhere) = Task::decode(Task::Crate(Box::new(input())).encode().into()).unwrap() else {
        panic!()
    };
    let made = |input: &CrateInput| input.make(0, None, |_| Some(Bounds::none())).unwrap();
    assert_eq!(made(&elsewhere), made(&input()));
}
