//! A ZIP archive in memory (APPNOTE 6.3, without its 64-bit extension).

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The most entries, and the most bytes, that the format can count without its 64-bit extension.
const MAX_ENTRIES: usize = 65_534;
const MAX_BYTES: usize = 0xffff_fff0;

/// 1980-01-01, the first date of the format: archives of the same files have the same bytes.
const DATE: u16 = 0x0021;
/// Version 2.0 is enough to unpack.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const DEFLATED: u16 = 8;

/// An archive of these files, or nothing if they are too many or too large for the format.
pub(in crate::serve::web) fn archive<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Option<Vec<u8>> {
    let (mut out, mut directory, mut count) = (vec![], vec![], 0_u16);
    for (name, content) in files {
        let start = u32::try_from(out.len()).ok()?;
        let mut crc = Crc::new();
        crc.update(content);
        let mut packed = DeflateEncoder::new(vec![], Compression::default());
        packed.write_all(content).ok()?;
        let packed = packed.finish().ok()?;
        let mut head = vec![];
        for half in [VERSION, FLAGS, DEFLATED, 0, DATE] {
            head.extend(half.to_le_bytes());
        }
        for word in [crc.sum(), u32::try_from(packed.len()).ok()?, u32::try_from(content.len()).ok()?] {
            head.extend(word.to_le_bytes());
        }
        head.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(&packed);
        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
        count += 1;
        if usize::from(count) > MAX_ENTRIES || out.len() + directory.len() > MAX_BYTES {
            return None;
        }
    }
    let start = u32::try_from(out.len()).ok()?;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).ok()?.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_points_at_the_files() {
        let files = [("a.proto", &b"one"[..]), ("d/b.proto", b"two")];
        let zip = archive(files).unwrap();
        let end = zip.len() - 22;
        assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
        assert_eq!(zip[end + 10], 2);
        let start = u32::from_le_bytes(zip[end + 16..end + 20].try_into().unwrap()) as usize;
        assert_eq!(&zip[start..start + 4], b"PK\x01\x02");
        let name = |at: usize| String::from_utf8_lossy(&zip[at + 46..at + 46 + usize::from(zip[at + 28])]).into_owned();
        assert_eq!(name(start), "a.proto");
        let second = start + 46 + "a.proto".len();
        assert_eq!(name(second), "d/b.proto");
        let local = u32::from_le_bytes(zip[second + 42..second + 46].try_into().unwrap()) as usize;
        assert_eq!(&zip[local..local + 4], b"PK\x03\x04");
        assert_eq!(archive(files).unwrap(), zip);
    }
}
