//! Links: escapes names as parts of paths, and checks addresses that users wrote.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the characters that RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One segment of a path: slashes are escaped too, labels may hold them.
pub(in crate::serve::web) fn segment(text: &str) -> String {
    match text {
        // Browsers remove a segment of dots alone.
        "." | ".." => text.replace('.', "%2E"),
        _ => utf8_percent_encode(text, ESCAPED).to_string(),
    }
}

/// The path of a file: slashes stay.
pub(in crate::serve::web) fn file_path(path: &str) -> String {
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// A line from which on a link to it names it for the server too: a long source is shown in parts.
const FAR: i32 = 500;

/// The end of an address of a source, for one of its lines.
pub(in crate::serve::web) fn at_line(line: i32) -> String {
    if line < FAR { format!("#L{line}") } else { format!("?line={line}#L{line}") }
}

/// A decoded segment. Invalid UTF-8 becomes replacement characters, which no name has.
pub(in crate::serve::web) fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// An address that a user wrote, if it is a web address: nothing else may become a link.
pub(in crate::serve::web) fn external(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let plain = url.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`'));
    (plain && !rest.is_empty() && !rest.starts_with('/') && url.len() <= 2000).then(|| url.to_owned())
}

/// The words of a link to an address that [`external`] lets through: without its scheme, and with the name of a commit cut
/// to the digits that programs show.
pub(in crate::serve::web) fn external_words(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let (before, last) = rest.rsplit_once('/').unwrap_or(("", rest));
    let is_commit = matches!(last.len(), 40 | 64) && last.bytes().all(|b| b.is_ascii_hexdigit());
    if is_commit && !before.is_empty() { format!("{before}/{}", &last[..12]) } else { rest.to_owned() }
}

/// An address of this registry to redirect to after a form: a path, never another host.
pub(in crate::serve::web) fn local(path: &str) -> Option<String> {
    let plain = path.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\'));
    (plain && path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

/// Where the text of a well-known file can be read.
pub(in crate::serve::web) fn well_known_file(path: &str) -> String {
    let folder = match path {
        "google/protobuf/java_features.proto" => "java/core/src/main/resources",
        "google/protobuf/go_features.proto" => "go",
        _ => "src",
    };
    format!("https://github.com/protocolbuffers/protobuf/blob/main/{folder}/{}", file_path(path))
}

/// The types that the reference of Protobuf describes.
const DESCRIBED: [&str; 30] = [
    "Any",
    "Api",
    "BoolValue",
    "BytesValue",
    "DoubleValue",
    "Duration",
    "Empty",
    "Enum",
    "EnumValue",
    "Field",
    "Field.Cardinality",
    "Field.Kind",
    "FieldMask",
    "FloatValue",
    "Int32Value",
    "Int64Value",
    "ListValue",
    "Method",
    "Mixin",
    "NullValue",
    "Option",
    "SourceContext",
    "StringValue",
    "Struct",
    "Syntax",
    "Timestamp",
    "Type",
    "UInt32Value",
    "UInt64Value",
    "Value",
];

/// Where a well-known type is described; `path` is the file that declares it.
pub(in crate::serve::web) fn well_known_type(full: &str, path: &str) -> String {
    let name = full.strip_prefix("google.protobuf.").unwrap_or_default();
    if !DESCRIBED.contains(&name) {
        return well_known_file(path);
    }
    let mut anchor = String::new();
    let mut before = 'A';
    for c in name.rsplit('.').next().unwrap_or_default().chars() {
        if c.is_ascii_uppercase() && !before.is_ascii_uppercase() {
            anchor.push('-');
        }
        anchor.push(c.to_ascii_lowercase());
        before = c;
    }
    format!("https://protobuf.dev/reference/protobuf/google.protobuf/#{anchor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_segment_whatever_it_holds() {
        for label in ["feature/x", "ä b", "a?b#c", "<script>", "100%", ".."] {
            let segment = segment(label);
            assert!(segment.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%".contains(c)), "{segment}");
            assert!(segment != ".." && decode(&segment) == label, "{segment}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        assert!(external("https://example.com/a?b=c#d").is_some());
        for bad in ["javascript:alert(1)", "data:text/html,x", "//evil", "https://", "http://a\"b", "HTTPS:x", ""] {
            assert_eq!(external(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_is_told_without_what_nobody_reads() {
        let commit = format!("https://git.example.com/acme/pets/-/commit/{}", "ab12".repeat(10));
        assert_eq!(external_words(&commit), "git.example.com/acme/pets/-/commit/ab12ab12ab12");
        assert_eq!(external_words("http://example.com/a?b=c"), "example.com/a?b=c");
        assert_eq!(external_words(&format!("https://{}", "a".repeat(40))), "a".repeat(40));
    }

    #[test]
    fn forms_lead_to_this_registry_only() {
        assert!(local("/acme/pets?x=1").is_some());
        for bad in ["https://evil", "//evil", "/\\evil", "evil", ""] {
            assert_eq!(local(bad), None, "{bad}");
        }
    }

    #[test]
    fn well_known_types_lead_to_their_reference() {
        let anchor = |name: &str| {
            let url = well_known_type(name, "google/protobuf/x.proto");
            url.rsplit('/').next().unwrap().to_owned()
        };
        for (name, expected) in [
            ("google.protobuf.Timestamp", "#timestamp"),
            ("google.protobuf.FieldMask", "#field-mask"),
            ("google.protobuf.UInt32Value", "#uint32-value"),
            ("google.protobuf.Value", "#value"),
            ("google.protobuf.FileOptions", "x.proto"),
            ("acme.Timestamp", "x.proto"),
        ] {
            assert_eq!(anchor(name), expected, "{name}");
        }
    }
}
