//! The files of configuration that modules bring, for `tests/fuzz`.

use super::read_options;
use super::workspace::fuzzing;

/// A `buf.yaml`, and the older `buf.work.yaml`.
pub(crate) fn buf_yaml(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        fuzzing::buf_yaml(text);
    }
}

/// A `buf.lock`.
pub(crate) fn buf_lock(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        fuzzing::buf_lock(text);
    }
}

/// A `registry.yaml`: its attributes are attributes.
pub(crate) fn registry_yaml(data: &[u8]) {
    let Ok(options) = read_options("registry.yaml".into(), data) else { return };
    for (path, attribute) in options.type_attribute.iter().chain(&options.field_attribute) {
        assert!(path.starts_with('.'), "{path:?}");
        let file = format!("{attribute}\nstruct A;");
        assert!(
            syn::parse_file(&file).is_ok_and(|file| file.items.len() == 1),
            "{attribute:?} is more than attributes"
        );
    }
}
