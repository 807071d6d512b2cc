//! Names, versions and paths, for `tests/fuzz`: accepted texts are written as they were read.

use std::fmt::{Debug, Display};
use std::path::{Component, Path};
use std::str::FromStr;

use super::{
    CommitId, CrateName, FilePath, LabelName, LabelPattern, Limits, ModuleFile, ModuleName, OwnerName, PluginName,
    PluginRef, PluginVersion, ReleaseTime, RepositoryName, SdkVersion, Sha256Digest, ShortCommit, Snapshot,
    WebhookEvents, WebhookReceivers, WebhookUrl, check_attributes,
};

fn round_trip<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let written = value.to_string();
        assert!(written.parse::<T>().is_ok_and(|again| again == value), "{text:?} is written {written:?}");
        assert!(!written.contains(char::is_control), "{written:?}");
    }
}

/// Names and versions of everything that has some.
pub(crate) fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    round_trip::<ModuleName>(text);
    round_trip::<OwnerName>(text);
    round_trip::<RepositoryName>(text);
    round_trip::<LabelName>(text);
    round_trip::<PluginName>(text);
    round_trip::<PluginRef>(text);
    round_trip::<PluginVersion>(text);
    round_trip::<CrateName>(text);
    round_trip::<SdkVersion>(text);
    round_trip::<CommitId>(text);
    round_trip::<ShortCommit>(text);
    round_trip::<Sha256Digest>(text);
    round_trip::<LabelPattern>(text);
    round_trip::<WebhookEvents>(text);
    let _ = text.parse::<WebhookReceivers>();
    if let Ok(url) = text.parse::<WebhookUrl>() {
        assert!(!url.host().is_empty() && !url.as_str().contains(char::is_control), "{text:?}");
    }
    let _ = text.parse::<ReleaseTime>();
    let _ = check_attributes(text);
}

/// The paths of an upload, one a line: accepted paths stay below their directory.
pub(crate) fn paths(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut files = Vec::new();
    for line in text.split('\n') {
        let Ok(path) = line.parse::<FilePath>() else { continue };
        let mut parts = Path::new(path.as_str()).components();
        assert!(parts.all(|part| matches!(part, Component::Normal(_))), "{line:?} leads elsewhere");
        files.push(ModuleFile { path, content: bytes::Bytes::from_static(b"a") });
    }
    let count = files.len();
    if let Ok(snapshot) = Snapshot::new(files, &Limits::default()) {
        assert!(snapshot.files().len() <= count && snapshot.files().is_sorted_by(|a, b| a.path < b.path));
    }
}
