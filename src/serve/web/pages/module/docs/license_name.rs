//! The name of a licence by its text: what authors paste into `LICENSE` files again and again.

/// The most bytes that are read. Whatever tells licences apart stands in the beginning.
const READ: usize = 4 << 10;

/// SPDX identifiers, with words that stand in the text of that licence and of none further down.
const KNOWN: &[(&str, &[&str])] = &[
    ("Apache-2.0", &["apache license", "version 2.0"]),
    ("AGPL-3.0", &["gnu affero general public license", "version 3"]),
    ("LGPL-3.0", &["gnu lesser general public license", "version 3"]),
    ("GPL-3.0", &["gnu general public license", "version 3"]),
    ("GPL-2.0", &["gnu general public license", "version 2"]),
    ("MPL-2.0", &["mozilla public license", "2.0"]),
    ("BSL-1.0", &["boost software license"]),
    ("Unlicense", &["this is free and unencumbered software released into the public domain"]),
    ("CC0-1.0", &["cc0 1.0 universal"]),
    ("ISC", &["permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"]),
    ("BSD-3-Clause", &["redistribution and use in source and binary forms", "neither the name"]),
    ("BSD-2-Clause", &["redistribution and use in source and binary forms"]),
    ("MIT", &["permission is hereby granted, free of charge, to any person obtaining a copy"]),
];

/// The SPDX identifier of the licence with this text, if it is a common one.
pub(super) fn license_name(text: &[u8]) -> Option<&'static str> {
    let beginning = String::from_utf8_lossy(text.get(..READ).unwrap_or(text)).to_ascii_lowercase();
    let words = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |(_, all): &&(&str, &[&str])| all.iter().all(|part| words.contains(part));
    KNOWN.iter().find(fits).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_licences_are_known_by_their_text() {
        let apache = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/LICENSE"));
        assert_eq!(license_name(apache), Some("Apache-2.0"));
        let mit = "MIT License\n\nPermission is hereby granted, free of charge, to any\nperson obtaining a copy of it";
        assert_eq!(license_name(mit.as_bytes()), Some("MIT"));
        let bsd = "Redistribution and use in source and binary\nforms, with or without";
        assert_eq!(license_name(bsd.as_bytes()), Some("BSD-2-Clause"));
        let names = format!("{bsd} ... Neither the name of the copyright holder");
        assert_eq!(license_name(names.as_bytes()), Some("BSD-3-Clause"));
        assert_eq!(license_name(b"\xffAll rights reserved"), None);
    }
}
