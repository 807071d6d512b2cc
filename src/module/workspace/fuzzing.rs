//! The files of configuration that `buf` reads, for `tests/fuzz`.

use super::config::buf_yaml::Version;
use super::config::yaml::Document;
use super::config::{buf_lock, buf_work_yaml, buf_yaml};

pub(in crate::module) fn buf_yaml(text: &str) {
    let document = Document::new("buf.yaml".into(), text.to_owned());
    let _ = document.version();
    let _ = buf_yaml::parse(&document);
    let _ = buf_work_yaml::parse(&document);
}

pub(in crate::module) fn buf_lock(text: &str) {
    let document = Document::new("buf.lock".into(), text.to_owned());
    for version in [Version::V1Beta1, Version::V1, Version::V2] {
        let _ = buf_lock::parse(&document, version);
    }
}
