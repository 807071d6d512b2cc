//! A crate under another time of its version, for views of the index.

use std::io::{self, Read as _};

use flate2::read::GzDecoder;

use crate::model::{CrateName, ReleaseTime, SdkVersion};

/// The most bytes of a stored block of deflate (RFC 1951, 3.2.4).
const BLOCK: usize = 0xffff;

/// The crate `name` `version` with `time` in its version, in its manifest and in the names of its files. What it needs of
/// its own commit, in that time's version too, is named there alike.
///
/// Its files are stored and not compressed: the bytes follow from those of the crate alone, whatever compresses them in a
/// later program, so the checksums in lock files hold.
///
/// # Errors
/// When the archive cannot be read.
pub fn with_time(archive: &[u8], name: &CrateName, version: &SdkVersion, time: &ReleaseTime) -> io::Result<Vec<u8>> {
    let new = SdkVersion { time: time.clone(), ..version.clone() };
    let (old_root, new_root) = (format!("{name}-{version}/"), format!("{name}-{new}/"));
    let mut builder = tar::Builder::new(vec![]);
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries()? {
        let mut entry = entry?;
        let mut content = vec![];
        entry.read_to_end(&mut content)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path =
            path.strip_prefix(&old_root).ok_or_else(|| io::Error::other(format!("{path} is not in {old_root}")))?;
        if path == "Cargo.toml" {
            content = retimed(&String::from_utf8_lossy(&content), version, time).into_bytes();
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(entry.header().mtime()?);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, format!("{new_root}{path}"), &content[..])?;
    }
    Ok(stored(&builder.into_inner()?))
}

/// A manifest or an index line of the crate with `time` wherever its commit is named.
#[must_use]
pub fn retimed(text: &str, version: &SdkVersion, time: &ReleaseTime) -> String {
    let stem = |time: &ReleaseTime| format!("-{}-{}.", time.as_str(), version.commit);
    text.replace(&stem(&version.time), &stem(time))
}

/// One member of gzip (RFC 1952) that holds `content` as it is.
fn stored(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / BLOCK * 5 + 32);
    out.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    let mut blocks = content.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    // RFC 1952 counts the size modulo 2^32.
    out.extend_from_slice(&u32::try_from(content.len() & 0xffff_ffff).unwrap_or(u32::MAX).to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0.5.0-00000000000000-ce529d32d80c.1";
    const NEW: &str = "0.5.0-99240523144506-ce529d32d80c.1";
    const CRATE: &str = "acme_pets_community_neoeinstein-tonic";

    #[test]
    fn a_crate_under_another_time_is_the_same_in_all_else() {
        let files = |root: &str, version: &str| {
            let long = format!("src/{}.rs", "long".repeat(60));
            let manifest = format!(
                "version = \"{version}\"\n[dependencies.p]\nversion = \">={version}, <{}a\"\n[dependencies.q]\n\
                 version = \"0.5.0-20240523144506-aaaaaaaaaaaa.1\"\n",
                version.strip_suffix('1').unwrap()
            );
            let large = "x".repeat(200_000);
            [("Cargo.toml".to_owned(), manifest), (long, large), ("README.md".to_owned(), OLD.to_owned())]
                .map(|(path, text)| (format!("{root}/{path}"), text))
        };
        let mut builder = tar::Builder::new(vec![]);
        for (path, text) in files(&format!("{CRATE}-{OLD}"), OLD) {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        let archive = stored(&builder.into_inner().unwrap());
        let time = ReleaseTime::in_view(crate::model::Timestamp::from_micros(1_716_475_506_000_000));
        let name = CRATE.parse().unwrap();
        let retimed = with_time(&archive, &name, &OLD.parse().unwrap(), &time).unwrap();
        let mut found = vec![];
        for entry in tar::Archive::new(GzDecoder::new(&retimed[..])).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            found.push((entry.path().unwrap().to_str().unwrap().to_owned(), text));
        }
        assert_eq!(found, files(&format!("{CRATE}-{NEW}"), NEW));
        assert!(
            with_time(
                &archive,
                &"acme_shop_community_neoeinstein-tonic".parse().unwrap(),
                &OLD.parse().unwrap(),
                &time
            )
            .is_err()
        );
        assert!(with_time(&archive[..100], &name, &OLD.parse().unwrap(), &time).is_err());
    }
}
