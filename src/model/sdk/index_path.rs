//! Where the index page of a crate is.

/// The index path of a crate (<https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>): directories
/// by the first letters, in lower case.
#[must_use]
pub fn index_path(name: &str) -> Option<String> {
    if !name.is_ascii() || name.is_empty() {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    Some(match lower.len() {
        1 => format!("1/{lower}"),
        2 => format!("2/{lower}"),
        3 => format!("3/{}/{lower}", &lower[..1]),
        _ => format!("{}/{}/{lower}", &lower[..2], &lower[2..4]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_cargo_builds_them() {
        assert_eq!(index_path("a").as_deref(), Some("1/a"));
        assert_eq!(index_path("AB").as_deref(), Some("2/ab"));
        assert_eq!(index_path("abc").as_deref(), Some("3/a/abc"));
        assert_eq!(index_path("acme_pets").as_deref(), Some("ac/me/acme_pets"));
        assert_eq!(index_path("é"), None);
    }
}
