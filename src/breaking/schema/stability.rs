//! Unstable packages: those whose last part is a version with `alpha`, `beta` or `test`.

/// Whether `buf` calls this package unstable: `acme.pets.v1alpha1`, `v1beta`, `v1p1beta2`, `v2test`.
///
/// Source: <https://buf.build/docs/lint/rules/#package_version_suffix>
pub(in crate::breaking) fn is_unstable(package: &str) -> bool {
    let Some((_, version)) = package.rsplit_once('.') else { return false };
    let Some(rest) = version.strip_prefix('v') else { return false };
    let Some(rest) = after_number(rest) else { return false };
    if let Some(test) = rest.strip_prefix("test") {
        return test.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    }
    let rest = match rest.strip_prefix('p') {
        Some(patch) => match after_number(patch) {
            Some(rest) => rest,
            None => return false,
        },
        None => rest,
    };
    let level = rest.strip_prefix("alpha").or_else(|| rest.strip_prefix("beta"));
    level.is_some_and(|number| number.is_empty() || after_number(number) == Some(""))
}

/// What follows a number that begins with no zero.
fn after_number(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len() && !text.starts_with('0')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::is_unstable;

    #[test]
    fn alpha_beta_and_test_are_unstable() {
        for package in ["a.v1alpha1", "a.v1beta2", "a.v1alpha", "a.b.v2p1beta1", "a.v1test", "a.v1testfoo"] {
            assert!(is_unstable(package), "{package}");
        }
        for package in ["", "v1alpha1", "a.v1", "a.v0alpha1", "a.v1gamma1", "a.alpha", "a.v1alpha0", "a.v1alpha1x"] {
            assert!(!is_unstable(package), "{package}");
        }
    }
}
