//! Marks what was searched for in a name.

use askama::filters::Escaper as _;

use super::escape::Visible;

/// `name` as HTML, in which each word of `query` is marked where it stands first.
pub(in crate::serve::web) fn emphasis(name: &str, query: &str) -> String {
    // Lower case of ASCII keeps all offsets.
    let folded = name.to_ascii_lowercase();
    let query = query.to_ascii_lowercase();
    let whole = folded.find(query.trim()).map(|at| (at, at + query.trim().len()));
    let words = query.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut found: Vec<(usize, usize)> = match whole {
        Some(range) => vec![range],
        None => words.take(8).filter_map(|word| folded.find(word).map(|at| (at, at + word.len()))).collect(),
    };
    found.sort_unstable();
    let mut html = String::new();
    let mut at = 0;
    let escape = |html: &mut String, from: usize, to: usize| {
        // Writing to a string cannot fail.
        let _ = Visible.write_escaped_str(html, name.get(from..to).unwrap_or_default());
    };
    for (start, end) in found {
        if start < at || start == end {
            continue;
        }
        escape(&mut html, at, start);
        html.push_str("<mark>");
        escape(&mut html, start, end);
        html.push_str("</mark>");
        at = end;
    }
    escape(&mut html, at, name.len());
    html
}

/// The full name of a declaration as HTML: marked in its last part, if that holds the whole query, else as
/// [`emphasis`] does.
pub(in crate::serve::web) fn last_part_emphasis(name: &str, query: &str) -> String {
    let last = name.rfind('.').map_or(0, |dot| dot + 1);
    let (around, own) = name.split_at(last);
    if own.to_ascii_lowercase().contains(&query.trim().to_ascii_lowercase()) {
        return emphasis(around, "") + &emphasis(own, query);
    }
    emphasis(name, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_name_of_a_declaration_is_marked_first() {
        assert_eq!(last_part_emphasis("acme.Animal.animal", "animal"), "acme.Animal.<mark>animal</mark>");
        assert_eq!(last_part_emphasis("acme.Animal.animal", "animal.a"), "acme.<mark>Animal.a</mark>nimal");
        assert_eq!(last_part_emphasis("<b>.Pet", "pet"), "&#60;b&#62;.<mark>Pet</mark>");
    }

    #[test]
    fn what_was_searched_for_is_marked_and_all_is_escaped() {
        assert_eq!(emphasis("acme.v1.PetStore", "petst"), "acme.v1.<mark>PetSt</mark>ore");
        assert_eq!(emphasis("acme.v1.PetStore", "store ACME"), "<mark>acme</mark>.v1.Pet<mark>Store</mark>");
        assert_eq!(emphasis("<b>ä", "b>"), "&#60;<mark>b&#62;</mark>ä");
        assert_eq!(emphasis("name", "pet"), "name");
        assert_eq!(emphasis("aa", "a aa b a"), "<mark>a</mark>a");
    }
}
