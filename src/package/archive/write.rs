//! The `.crate` file: a tar of sorted files with one date and one mode, compressed.
//!
//! It must be a single gzip member: of several, cargo unpacks the first alone, without a word. Large archives are
//! compressed in blocks side by side and joined by sync flushes, which is one member. A generated file, and every
//! large one, has blocks of its own: the headers around it name the crate's version, and its blocks must not, so
//! that the next version can take them over. Blocks are cut by size, so that the bytes do not depend on how many
//! processors there are.

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use rayon::prelude::*;

use crate::package::error::PackageError;

/// The date that cargo itself gives to files in archives, in seconds since 1970.
const MTIME: u64 = 1_153_704_088;

/// Compression level. Level 9 costs nine times this one and saves 8 %.
const LEVEL: u32 = 6;

/// Bytes of a block, before compression. Smaller archives are one block.
const BLOCK: usize = 4 << 20;

/// Least bytes of a file that is compressed by itself, whatever it is. All of googleapis gets 3 % larger by it.
const LARGE: u64 = 16 << 10;

/// Zeros for the end of the last block of a file, and for the end of the archive.
const ZEROS: [u8; 1024] = [0; 1024];

/// A file of the crate.
pub(in crate::package) struct Entry<'a> {
    /// Its path below the crate's own directory.
    pub path: String,
    /// Its content.
    pub content: &'a Content,
    /// Whether it was generated.
    pub generated: bool,
}

impl Entry<'_> {
    /// Whether it has blocks of its own in a large archive.
    fn is_alone(&self) -> bool {
        self.generated || self.content.len() >= LARGE
    }
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::package) enum Content {
    /// As it is.
    Plain(Bytes),
    /// As it stands in a large archive.
    Deflated(Deflated),
}

/// Compressed content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::package) struct Deflated {
    /// Bytes before compression.
    pub size: u64,
    /// CRC-32 of these bytes.
    pub crc: u32,
    /// Blocks of raw deflate, each flushed to a byte boundary, none of them the last of a stream.
    pub blocks: Bytes,
}

impl Content {
    /// Bytes before compression.
    pub(in crate::package) fn len(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Deflated(deflated) => deflated.size,
        }
    }

    /// The bytes before compression.
    fn plain(&self) -> Result<Bytes, PackageError> {
        match self {
            Self::Plain(bytes) => Ok(bytes.clone()),
            Self::Deflated(deflated) => deflated.inflate(),
        }
    }

    /// The same, compressed.
    pub(in crate::package) fn deflated(&self) -> Result<Deflated, PackageError> {
        match self {
            Self::Plain(bytes) => Deflated::of(bytes),
            Self::Deflated(deflated) => Ok(deflated.clone()),
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}

impl Deflated {
    fn of(content: &[u8]) -> Result<Self, PackageError> {
        let blocks: Vec<Vec<u8>> =
            content.par_chunks(BLOCK).map(|block| deflate(block, false)).collect::<Result<_, _>>()?;
        let crc = crc32fast::hash(content);
        Ok(Self { size: content.len() as u64, crc, blocks: blocks.concat().into() })
    }

    fn inflate(&self) -> Result<Bytes, PackageError> {
        let failed = || PackageError::Archive("compressed content cannot be read back".into());
        let size = usize::try_from(self.size).map_err(|_| failed())?;
        let mut plain = Vec::with_capacity(size + 1);
        let mut decompress = Decompress::new(false);
        decompress.decompress_vec(&self.blocks, &mut plain, FlushDecompress::Sync).map_err(|_| failed())?;
        if plain.len() == size { Ok(plain.into()) } else { Err(failed()) }
    }
}

/// A finished archive.
pub(in crate::package) struct Archive {
    /// The `.crate` file.
    pub bytes: Bytes,
    /// Bytes before compression.
    pub unpacked: u64,
    /// Where the blocks of each entry are in `bytes`, if it has blocks of its own.
    pub places: Vec<Option<BlockRange>>,
}

/// Blocks inside an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::package) struct BlockRange {
    /// Where they start, in bytes.
    pub offset: usize,
    /// Compressed bytes.
    pub length: usize,
    /// CRC-32 of the content.
    pub crc: u32,
}

/// The layout of an archive: its headers and its size, known before anything is compressed.
pub(in crate::package) struct ArchiveLayout<'a> {
    entries: &'a [Entry<'a>],
    headers: Vec<Vec<u8>>,
    /// Bytes before compression.
    pub unpacked: u64,
}

impl<'a> ArchiveLayout<'a> {
    /// Of `entries`, sorted by path, below the directory `prefix`.
    pub(in crate::package) fn new(prefix: &str, entries: &'a [Entry<'a>]) -> Result<Self, PackageError> {
        let headers: Vec<_> = entries.par_iter().map(|entry| header(prefix, entry)).collect::<Result<_, _>>()?;
        let contents = entries.iter().map(|entry| entry.content.len().next_multiple_of(512));
        let unpacked = headers.iter().map(|header| header.len() as u64).chain(contents).sum::<u64>();
        Ok(Self { entries, headers, unpacked: unpacked + ZEROS.len() as u64 })
    }

    /// Compresses it.
    pub(in crate::package) fn write(&self) -> Result<Archive, PackageError> {
        let is_small = self.unpacked <= BLOCK as u64;
        let contents = self.entries.iter().map(|entry| run_content(entry, is_small));
        let contents: Vec<Bytes> = contents.collect::<Result<_, _>>()?;
        let mut pieces = Vec::new();
        let mut run = Run::default();
        for (index, entry) in self.entries.iter().enumerate() {
            run.push(&self.headers[index]);
            if is_small || !entry.is_alone() {
                run.push(&contents[index]);
            } else {
                pieces.push(Piece::Run(std::mem::take(&mut run)));
                pieces.push(Piece::Alone(index, entry.content));
            }
            let rest = entry.content.len().next_multiple_of(512) - entry.content.len();
            run.push(&ZEROS[..usize::try_from(rest).unwrap_or_default()]);
            if run.length >= BLOCK && !is_small {
                pieces.push(Piece::Run(std::mem::take(&mut run)));
            }
        }
        run.push(&ZEROS);
        pieces.push(Piece::Run(run));
        join(&pieces, self.entries.len(), self.unpacked)
    }
}

/// The bytes of an entry inside a run, for an entry without blocks of its own.
fn run_content(entry: &Entry<'_>, is_small: bool) -> Result<Bytes, PackageError> {
    if is_small || !entry.is_alone() { entry.content.plain() } else { Ok(Bytes::new()) }
}

/// A unit of compression.
enum Piece<'a> {
    Run(Run<'a>),
    /// The content of the entry with this index.
    Alone(usize, &'a Content),
}

/// Headers and small files.
#[derive(Default)]
struct Run<'a> {
    parts: Vec<&'a [u8]>,
    length: usize,
}

impl<'a> Run<'a> {
    fn push(&mut self, part: &'a [u8]) {
        self.parts.push(part);
        self.length += part.len();
    }
}

/// Compresses all pieces into one gzip member.
fn join(pieces: &[Piece<'_>], entries: usize, unpacked: u64) -> Result<Archive, PackageError> {
    let last = pieces.len() - 1;
    let compress = |(index, piece): (usize, &Piece<'_>)| match piece {
        Piece::Alone(_, content) => content.deflated(),
        Piece::Run(run) => {
            let plain = run.parts.concat();
            let blocks = deflate(&plain, index == last)?.into();
            Ok(Deflated { size: plain.len() as u64, crc: crc32fast::hash(&plain), blocks })
        }
    };
    let made: Vec<Deflated> = pieces.par_iter().enumerate().map(compress).collect::<Result<_, PackageError>>()?;
    // RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system; at the end CRC and length.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.reserve_exact(made.iter().map(|piece| piece.blocks.len()).sum::<usize>() + 8);
    let mut crc = crc32fast::Hasher::new();
    let mut places = vec![None; entries];
    for (piece, made) in pieces.iter().zip(made) {
        if let Piece::Alone(entry, _) = piece {
            places[*entry] = Some(BlockRange { offset: member.len(), length: made.blocks.len(), crc: made.crc });
        }
        crc.combine(&crc32fast::Hasher::new_with_initial_len(made.crc, made.size));
        member.extend_from_slice(&made.blocks);
    }
    member.extend_from_slice(&crc.finalize().to_le_bytes());
    // The length is kept modulo 2^32.
    member.extend_from_slice(&unpacked.to_le_bytes()[..4]);
    Ok(Archive { bytes: member.into(), unpacked, places })
}

/// The header of an entry.
fn header(prefix: &str, entry: &Entry<'_>) -> Result<Vec<u8>, PackageError> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MTIME);
    header.set_size(entry.content.len());
    let failed = |e: std::io::Error| PackageError::Archive(e.to_string());
    let mut builder = tar::Builder::new(Vec::with_capacity(2048));
    let path = format!("{prefix}/{}", entry.path);
    builder.append_data(&mut header, path, std::io::empty()).map_err(failed)?;
    let mut written = builder.into_inner().map_err(failed)?;
    // The builder ends the archive.
    written.truncate(written.len() - ZEROS.len());
    Ok(written)
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
    fn text(length: usize) -> Bytes {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"etaoin shrdlu\n0,x"[(state >> 28) as usize]
        };
        (0..length).map(|_| next()).collect::<Vec<_>>().into()
    }

    /// Bytes that do not compress.
    fn noise(length: usize) -> Bytes {
        let byte = |i: usize| {
            let mixed = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
            mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes()[0]
        };
        (0..length).map(byte).collect::<Vec<_>>().into()
    }

    fn archive(files: &[(&str, Content)]) -> Archive {
        let entry = |(path, content): &'static (&str, Content)| Entry {
            path: (*path).to_owned(),
            content,
            generated: path.starts_with("src/"),
        };
        // Tests may leak.
        let files: &'static [(&'static str, Content)] =
            files.iter().map(|(path, content)| (&*path.to_string().leak(), content.clone())).collect::<Vec<_>>().leak();
        ArchiveLayout::new("name-1.0.0", &files.iter().map(entry).collect::<Vec<_>>()).unwrap().write().unwrap()
    }

    /// The files in an archive that must be one gzip member.
    fn read(archive: &Archive) -> Vec<(String, Vec<u8>)> {
        let mut decoder = flate2::bufread::GzDecoder::new(&archive.bytes[..]);
        let mut data = Vec::new();
        decoder.read_to_end(&mut data).unwrap();
        assert!(decoder.into_inner().is_empty(), "there is a second member");
        assert_eq!(data.len() as u64, archive.unpacked);
        let mut unpacked = tar::Archive::new(&data[..]);
        let entries = unpacked.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            assert_eq!((entry.header().mtime().unwrap(), entry.header().mode().unwrap()), (MTIME, 0o644));
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), content)
        });
        entries.collect()
    }

    #[test]
    fn archives_of_every_size_read_back() {
        for size in [0, 1, 1000, LARGE as usize, BLOCK - 1536, BLOCK, 2 * BLOCK + 7] {
            for content in [text(size), noise(size)] {
                let files = [("a.txt", Content::Plain(content)), ("src/b.rs", Content::Plain(text(5)))];
                let found = read(&archive(&files));
                let expected = files.map(|(path, content)| (format!("name-1.0.0/{path}"), content.plain().unwrap()));
                assert!(found.into_iter().eq(expected.map(|(path, bytes)| (path, bytes.to_vec()))), "{size} bytes");
            }
        }
    }

    #[test]
    fn content_that_was_compressed_before_gives_the_same_bytes() {
        for size in [100, BLOCK + 7] {
            let plain = Content::Plain(text(size));
            let deflated = Content::Deflated(plain.deflated().unwrap());
            let more = Content::Plain(text(1000));
            let one = archive(&[("proto/a.proto", more.clone()), ("src/b.rs", plain)]);
            let other = archive(&[("proto/a.proto", more), ("src/b.rs", deflated)]);
            assert!(one.bytes == other.bytes, "{size} bytes");
        }
    }

    #[test]
    fn blocks_of_a_large_archive_can_be_taken_out() {
        let content = Content::Plain(text(BLOCK));
        let made = archive(&[("proto/a.proto", Content::Plain(text(10))), ("src/b.rs", content.clone())]);
        let [None, Some(place)] = made.places[..] else { panic!("{:?}", made.places) };
        let blocks = made.bytes.slice(place.offset..place.offset + place.length);
        let taken = Deflated { size: BLOCK as u64, crc: place.crc, blocks };
        assert_eq!(taken, content.deflated().unwrap());
        assert!(taken.inflate().unwrap() == text(BLOCK));
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        let files = [("a.proto", Content::Plain(text(3 * BLOCK))), ("src/b.rs", Content::Plain(noise(BLOCK)))];
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| archive(&files).bytes)
        };
        assert!(with(1) == with(3));
    }

    #[test]
    fn long_paths_survive() {
        let long = format!("src/{}/{}.rs", "d".repeat(120), "f".repeat(200));
        let files = [("a", Content::Plain("1".into())), (long.as_str(), Content::Plain("22".into()))];
        let paths: Vec<_> = read(&archive(&files)).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["name-1.0.0/a".to_owned(), format!("name-1.0.0/{long}")]);
    }
}
