//! Compressed messages: as the library below unpacks them, but whoever sends too much hears of the limit and its flag.

use std::io::Read;

use bytes::Bytes;
use connectrpc::compression::{CompressionProvider, CompressionRegistry, GzipProvider};
use connectrpc::{ConnectError, ErrorCode};

use crate::model::Limits;

use super::admit::{Reading, too_much};
use super::call::refused;

/// The encodings that are spoken. No message unpacks to more than `most` bytes.
pub(super) fn encodings(most: u64, limits: Limits) -> CompressionRegistry {
    CompressionRegistry::new().register(Gzip { gzip: GzipProvider::default(), most, limits })
}

struct Gzip {
    gzip: GzipProvider,
    /// Bytes.
    most: u64,
    limits: Limits,
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
        let most = usize::try_from(self.most).unwrap_or(usize::MAX).min(max_size);
        self.gzip.decompress_with_limit(data, most).map_err(|error| match error.code {
            ErrorCode::ResourceExhausted => refused(too_much(self.most, &self.limits, Reading::Unpacking)),
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_too_much_hears_of_the_flag() {
        let limits = Limits { body: 1000, ..Limits::default() };
        let packed = GzipProvider::default().compress(&[b' '; 1001]).unwrap();
        let encodings = encodings(limits.body, limits);
        let error = encodings.decompress_with_limit("gzip", packed, usize::MAX).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResourceExhausted);
        let message = error.message.unwrap();
        assert!(message.contains("limit of 1000") && message.contains("--max-body-bytes"), "{message}");
        let packed = GzipProvider::default().compress(&[b' '; 1000]).unwrap();
        assert_eq!(encodings.decompress_with_limit("gzip", packed, usize::MAX).unwrap().len(), 1000);
    }
}
