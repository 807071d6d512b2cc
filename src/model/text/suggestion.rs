//! Suggestions for a mistyped name.

/// Below this similarity (0 to 1) a candidate would puzzle more than help.
const LEAST_SIMILARITY: f64 = 0.7;

/// Longest name that is compared, in bytes: comparing takes time with the product of the lengths.
const LONGEST: usize = 256;

/// The candidate that is most like `wanted`, if any is like it; the first of equals.
#[must_use]
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let short = |name: &str| name.len() <= LONGEST;
    for candidate in candidates.into_iter().filter(|candidate| short(wanted) && short(candidate)) {
        let similarity = strsim::jaro_winkler(wanted, candidate);
        if similarity >= LEAST_SIMILARITY && best.is_none_or(|(most, _)| similarity > most) {
            best = Some((similarity, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `; did you mean NAME?`, or nothing: the end of a message about an unknown name.
#[must_use]
pub fn did_you_mean<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wanted, candidates).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let names = ["acme/pets", "acme/shop", "googleapis/googleapis"];
        assert_eq!(nearest("acme/pest", names), Some("acme/pets"));
        assert_eq!(did_you_mean("acme/shpo", names), "; did you mean acme/shop?");
        assert_eq!(did_you_mean("zzzz", names), "");
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(nearest(&long, [long.as_str()]), None);
    }
}
