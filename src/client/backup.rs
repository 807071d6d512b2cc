//! Downloads a backup.

use std::io::Write;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};

use super::error::reason;
use super::{Client, ClientError};

/// The most bytes of a refusal that are read.
const LARGEST_REFUSAL: usize = 64 << 10;

impl Client {
    /// Writes a copy of everything in the registry to `out`; `received` is told the bytes so far. The seal at its end is
    /// not compared here.
    ///
    /// # Errors
    /// When the connection ends early, or `out` cannot be written.
    pub async fn backup(&self, out: &mut dyn Write, received: &mut dyn FnMut(u64)) -> Result<u64, ClientError> {
        let uri: Uri = format!("{}/admin/backup", self.url).parse().map_err(|error| self.malformed(error))?;
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        let unreachable = |reason| ClientError::Unreachable { url: self.url.clone(), reason };
        let response = self.plain_client()?.request(request).await.map_err(|error| unreachable(reason(&error)))?;
        let status = response.status();
        if status != StatusCode::OK {
            let body = Limited::new(response.into_body(), LARGEST_REFUSAL).collect().await;
            let body = body.map_err(|error| unreachable(reason(&*error)))?.to_bytes();
            return Err(self.refusal(status, &body));
        }
        let (mut body, mut bytes) = (response.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreachable(reason(&error)))?;
            let Some(part) = frame.data_ref() else { continue };
            out.write_all(part)
                .map_err(|error| self.malformed(format_args!("its backup could not be written: {error}")))?;
            bytes += part.len() as u64;
            received(bytes);
        }
        Ok(bytes)
    }
}
