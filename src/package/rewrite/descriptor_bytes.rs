//! Takes the embedded descriptor set out of a generated file and puts it beside it. As a list of numbers it is the
//! most expensive part of a crate: 1 MiB costs rustc three seconds and half a gigabyte; `include_bytes!` costs
//! nothing. Name, type and value of the constant stay.

const HEAD: &str = "\npub const FILE_DESCRIPTOR_SET: &[u8] = &[\n";
const TAIL: &str = "];\n";

/// The text with the list replaced by the inclusion of a file called `name`, and that file's bytes; nothing if
/// there is no such list.
pub(in crate::package) fn extract(text: &str, name: &str) -> Option<(String, Vec<u8>)> {
    // Comments start with slashes and defaults are escaped, so only generated code starts a line like this.
    let start = text.rfind(HEAD)?;
    let list = start + HEAD.len();
    let end = list + text[list..].find(TAIL)?;
    let bytes = parse(&text.as_bytes()[list..end])?;
    let inclusion = format!("\npub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!({name:?});\n");
    Some(([&text[..start], &inclusion, &text[end + TAIL.len()..]].concat(), bytes))
}

/// Reads `0x0a, 0x1b, …` with any white space between.
fn parse(list: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(list.len() / 6 + 1);
    let mut rest = list.trim_ascii_start();
    while let [b'0', b'x', high, low, b',', behind @ ..] = rest {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
        rest = behind.trim_ascii_start();
    }
    rest.is_empty().then_some(bytes)
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_becomes_a_file() {
        let text = "// @generated\n/// doc\npub const FILE_DESCRIPTOR_SET: &[u8] = &[\n    0x0a, 0xff, \n    0x00,\n];\n// end\n";
        let (text, bytes) = extract(text, "a.b.fds.binpb").unwrap();
        assert_eq!(bytes, [0x0a, 0xff, 0x00]);
        assert_eq!(
            text,
            "// @generated\n/// doc\npub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(\"a.b.fds.binpb\");\n// end\n"
        );
    }

    #[test]
    fn anything_else_stays() {
        for text in ["", "struct A;\n", "\npub const FILE_DESCRIPTOR_SET: &[u8] = &[\n    10,\n];\n"] {
            assert_eq!(extract(text, "x"), None);
        }
        let (_, bytes) = extract("\npub const FILE_DESCRIPTOR_SET: &[u8] = &[\n];\n", "x").unwrap();
        assert!(bytes.is_empty());
    }
}
