//! The package of the well-known types.

/// Its name.
pub const WELL_KNOWN_PACKAGE: &str = "google.protobuf";

/// Whether `package` is that of the well-known types, or below it. All generators lead everything there to their runtime
/// by themselves, and prost refuses a second word about it.
#[must_use]
pub fn is_well_known_package(package: &str) -> bool {
    package.strip_prefix(WELL_KNOWN_PACKAGE).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_only_begin_alike_are_others() {
        let known = ["google.protobuf", "google.protobuf.compiler"];
        assert!(known.into_iter().all(is_well_known_package));
        assert!(!["google", "google.protobuffer", "google.protobuf2.a", ""].into_iter().any(is_well_known_package));
    }
}
