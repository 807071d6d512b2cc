//! The `.crate` file: a tar of sorted files with one date and one mode, compressed.
//!
//! It must be a single gzip member: of several, cargo unpacks the first alone, without a word. Large archives are
//! compressed in blocks side by side and joined by sync flushes, which is one member. Blocks are cut by size, so
//! that the bytes do not depend on how many processors there are.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use rayon::prelude::*;

use super::PackageError;

/// The date that cargo itself gives to files in archives, in seconds since 1970.
const MTIME: u64 = 1_153_704_088;

/// Compression level. Level 9 costs nine times this one and saves 8 %.
const LEVEL: u32 = 6;

/// Bytes of a block, before compression. Smaller archives are one block.
const BLOCK: usize = 4 << 20;

/// A file of the crate: path below the crate's own directory, and content.
pub(super) type Entry<'a> = (String, &'a [u8]);

/// Writes `entries`, sorted by path, below the directory `prefix`.
pub(super) fn tar(prefix: &str, entries: &[Entry<'_>]) -> Result<Vec<u8>, PackageError> {
    let failed = |e: std::io::Error| PackageError::Archive(e.to_string());
    let size: usize = entries.iter().map(|(_, content)| content.len() + 1024).sum();
    let mut builder = tar::Builder::new(Vec::with_capacity(size + 1024));
    for (path, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(MTIME);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, format!("{prefix}/{path}"), *content).map_err(failed)?;
    }
    builder.into_inner().map_err(failed)
}

/// Compresses `data` into one gzip member.
pub(super) fn gzip(data: &[u8]) -> Result<Vec<u8>, PackageError> {
    let blocks: Vec<&[u8]> = if data.is_empty() { vec![data] } else { data.chunks(BLOCK).collect() };
    let last = blocks.len() - 1;
    let deflated: Vec<Vec<u8>> =
        blocks.par_iter().enumerate().map(|(i, block)| deflate(block, i == last)).collect::<Result<_, _>>()?;
    let mut crc = Crc::new();
    crc.update(data);
    // RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system; at the end CRC and length.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.reserve_exact(deflated.iter().map(Vec::len).sum::<usize>() + 8);
    deflated.iter().for_each(|block| member.extend_from_slice(block));
    member.extend_from_slice(&crc.sum().to_le_bytes());
    member.extend_from_slice(&crc.amount().to_le_bytes());
    Ok(member)
}

/// Raw deflate of one block, closed if it is the last, else flushed to a byte boundary.
fn deflate(block: &[u8], last: bool) -> Result<Vec<u8>, PackageError> {
    let mut compress = Compress::new(Compression::new(LEVEL), false);
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
    // More than deflate ever makes of a block, so that one call is enough.
    let mut output = Vec::with_capacity(block.len() + block.len() / 128 + 1024);
    loop {
        let consumed = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = block.get(consumed..).unwrap_or_default();
        let status =
            compress.compress_vec(rest, &mut output, flush).map_err(|e| PackageError::Archive(e.to_string()))?;
        // A flush is complete when the output was not filled to the brim.
        let flushed = rest.len() as u64 == compress.total_in() - consumed as u64 && output.len() < output.capacity();
        if status == Status::StreamEnd || (!last && flushed) {
            output.shrink_to_fit();
            return Ok(output);
        }
        output.reserve(1024);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    /// Text that compresses like text, different everywhere.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"etaoin shrdlu\n0,x"[(state >> 28) as usize]
        };
        (0..length).map(|_| next()).collect()
    }

    fn gunzip(member: &[u8]) -> (Vec<u8>, usize) {
        let mut decoder = flate2::bufread::GzDecoder::new(member);
        let mut data = Vec::new();
        decoder.read_to_end(&mut data).unwrap();
        let rest = decoder.into_inner().len();
        (data, rest)
    }

    #[test]
    fn every_size_is_one_member_that_reads_back() {
        for size in [0, 1, 1000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7] {
            let data = text(size);
            let (read, rest) = gunzip(&gzip(&data).unwrap());
            assert!(read == data && rest == 0, "{size} bytes");
        }
        let mut noise = text(BLOCK + 5);
        noise.iter_mut().enumerate().for_each(|(i, byte)| *byte = Sha(i).byte());
        assert!(gunzip(&gzip(&noise).unwrap()).0 == noise);
    }

    /// Bytes that do not compress.
    struct Sha(usize);

    impl Sha {
        fn byte(&self) -> u8 {
            (self.0 as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(31)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9)
                .to_be_bytes()[0]
        }
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        let data = text(3 * BLOCK);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| gzip(&data).unwrap())
        };
        assert!(with(1) == with(3));
    }

    #[test]
    fn long_paths_survive() {
        let long = format!("src/{}/{}.rs", "d".repeat(120), "f".repeat(200));
        let archive = tar("name-1.0.0", &[("a".into(), b"1"), (long.clone(), b"22")]).unwrap();
        let mut archive = tar::Archive::new(&archive[..]);
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            assert_eq!((entry.header().mtime().unwrap(), entry.header().mode().unwrap()), (MTIME, 0o644));
            seen.push((entry.path().unwrap().display().to_string(), entry.size()));
        }
        assert_eq!(seen, [("name-1.0.0/a".to_owned(), 1), (format!("name-1.0.0/{long}"), 2)]);
    }
}
