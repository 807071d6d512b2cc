//! Decompresses messages like the RPC library, but the refusal of a large message names the limit and its flag.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use connectrpc::compression::{CompressionProvider, CompressionRegistry, GzipProvider};
use connectrpc::{ConnectError, ErrorCode};

use crate::model::Limits;
use crate::serve::http::error::Refusal;
use crate::serve::http::request_memory::{Memory, MemoryPermit};

use super::request_limits::{BodyStage, too_much};
use crate::serve::rpc::call::context::refused;

/// The supported encodings. No message decompresses to more than `most` bytes, or to more bytes than there is memory
/// for.
pub(in crate::serve::rpc) fn encodings(
    most: u64,
    limits: Limits,
    memory: &Arc<Memory>,
    known: bool,
) -> CompressionRegistry {
    let gzip = GzipProvider::default();
    CompressionRegistry::new().register(Gzip { gzip, most, limits, memory: Arc::clone(memory), known })
}

struct Gzip {
    gzip: GzipProvider,
    /// The most decompressed bytes.
    most: u64,
    limits: Limits,
    memory: Arc<Memory>,
    known: bool,
}

/// A decompressed message with its reserved memory.
struct Unpacked {
    message: Bytes,
    _room: MemoryPermit,
}

impl AsRef<[u8]> for Unpacked {
    fn as_ref(&self) -> &[u8] {
        &self.message
    }
}

/// The size of the decompressed message by the last four bytes of gzip (RFC 1952, ISIZE).
fn claimed_size(packed: &[u8]) -> u64 {
    packed.last_chunk().map_or(0, |size| u32::from_le_bytes(*size)).into()
}

impl CompressionProvider for Gzip {
    fn name(&self) -> &'static str {
        self.gzip.name()
    }

    fn compress(&self, data: &[u8]) -> Result<Bytes, ConnectError> {
        self.gzip.compress(data)
    }

    fn decompressor<'a>(&self, data: &'a [u8]) -> Result<Box<dyn Read + 'a>, ConnectError> {
        self.gzip.decompressor(data)
    }

    fn decompress_with_limit(&self, data: &[u8], max_size: usize) -> Result<Bytes, ConnectError> {
        // Decompression stops at the size that the message gives.
        let most = self.most.min(claimed_size(data)).min(max_size as u64);
        let room = self.memory.more(most, self.known).map_err(refused)?;
        let unpacked = self.gzip.decompress_with_limit(data, usize::try_from(most).unwrap_or(usize::MAX));
        let message = unpacked.map_err(|error| match error.code {
            ErrorCode::ResourceExhausted if claimed_size(data) > self.most => {
                refused(too_much(self.most, &self.limits, BodyStage::Unpacking))
            }
            ErrorCode::ResourceExhausted => {
                refused(Refusal::invalid("the compressed message is larger than it says at its end"))
            }
            _ => error,
        })?;
        Ok(Bytes::from_owner(Unpacked { message, _room: room }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_too_much_hears_of_the_flag() {
        let limits = Limits { body: 1000, ..Limits::default() };
        let packed = GzipProvider::default().compress(&[b' '; 1001]).unwrap();
        let encodings = encodings(limits.body, limits, &Arc::new(Memory::new(1 << 20)), true);
        let error = encodings.decompress_with_limit("gzip", packed, usize::MAX).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResourceExhausted);
        let message = error.message.unwrap();
        assert!(message.contains("limit of 1000") && message.contains("--max-body-bytes"), "{message}");
        let packed = GzipProvider::default().compress(&[b' '; 1000]).unwrap();
        assert_eq!(encodings.decompress_with_limit("gzip", packed, usize::MAX).unwrap().len(), 1000);
    }

    #[test]
    fn what_unpacks_needs_room_for_as_long_as_it_is_there() {
        let memory = Arc::new(Memory::new(1 << 20));
        let encodings = encodings(1 << 20, Limits::default(), &memory, true);
        let packed = GzipProvider::default().compress(&[b' '; 800 << 10]).unwrap();
        let unpacked = encodings.decompress_with_limit("gzip", packed.clone(), usize::MAX).unwrap();
        let error = encodings.decompress_with_limit("gzip", packed.clone(), usize::MAX).unwrap_err();
        assert!(error.message.unwrap().contains("--request-memory"));
        drop(unpacked);
        assert!(encodings.decompress_with_limit("gzip", packed.clone(), usize::MAX).is_ok());
        let mut lies = packed.to_vec();
        let end = lies.len() - 4;
        lies[end..].copy_from_slice(&1000_u32.to_le_bytes());
        let error = encodings.decompress_with_limit("gzip", lies.into(), usize::MAX).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
}
