//! The seal at the end of a backup: a digest of all bytes before it. SQLite reads as many pages as its header names, so
//! a backup is a database that any program for SQLite opens.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

/// The last bytes of every backup.
pub(super) const MARK: &[u8; 16] = b"registry backup\n";

/// Bytes of a digest and the mark.
const LENGTH: usize = 32 + MARK.len();

/// How many bytes are read at a time.
const BLOCK: usize = 1 << 20;

/// What stands at the end of a file, as its reader found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seal {
    /// The bytes before the seal, so many, are those that were sealed.
    Intact(u64),
    /// They are others.
    Broken,
    /// There is no seal: the file ends early, or is no backup.
    Absent,
}

/// The seal of these bytes.
pub(super) fn of(mut content: impl Read) -> io::Result<Vec<u8>> {
    let (mut digest, mut block) = (Sha256::new(), vec![0; BLOCK]);
    loop {
        match content.read(&mut block)? {
            0 => break,
            length => digest.update(&block[..length]),
        }
    }
    Ok([digest.finalize().as_slice(), MARK].concat())
}

/// Copies what is before the seal, and compares it with the seal. `copied` is told the bytes so far.
pub(super) fn unseal(from: &mut dyn Read, to: &mut dyn Write, copied: &mut dyn FnMut(u64)) -> io::Result<Seal> {
    let (mut digest, mut length) = (Sha256::new(), 0);
    // The end of what was read is held back: it may be the seal.
    let mut held = Vec::with_capacity(BLOCK + LENGTH);
    while from.take(BLOCK as u64).read_to_end(&mut held)? > 0 {
        let content = held.len().saturating_sub(LENGTH);
        digest.update(&held[..content]);
        to.write_all(&held[..content])?;
        length += content as u64;
        copied(length);
        held.drain(..content);
    }
    Ok(match held.split_at_checked(LENGTH - MARK.len()) {
        Some((sealed, mark)) if mark == MARK && sealed == digest.finalize().as_slice() => Seal::Intact(length),
        Some((_, mark)) if mark == MARK => Seal::Broken,
        _ => Seal::Absent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsealed(bytes: &[u8]) -> (Seal, Vec<u8>) {
        let mut content = vec![];
        let seal = unseal(&mut &bytes[..], &mut content, &mut |_| {}).unwrap();
        (seal, content)
    }

    #[test]
    fn what_was_sealed_comes_back_whatever_its_length() {
        for length in [0, 1, LENGTH, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + LENGTH] {
            let content = vec![7; length];
            let sealed = [content.clone(), of(&content[..]).unwrap()].concat();
            assert_eq!(unsealed(&sealed), (Seal::Intact(length as u64), content));
        }
    }

    #[test]
    fn any_flipped_bit_and_any_lost_byte_is_found() {
        let content = b"what was copied";
        let sealed = [content.to_vec(), of(&content[..]).unwrap()].concat();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(unsealed(&flipped).0, Seal::Intact(_)), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(unsealed(&sealed[..length]).0, Seal::Absent, "{length} bytes");
        }
    }
}
