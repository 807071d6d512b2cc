//! Whether a server is ready, by the endpoint for those who watch it.

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};

use super::error::{excerpt, plain, reason};
use super::transport::plain_client;
use super::{Client, ClientError, PROGRAM};

/// The most bytes of an answer, which is one line.
const MAX_ANSWER_BYTES: usize = 4 << 10;

impl Client {
    /// What the server says of itself when it is ready.
    ///
    /// # Errors
    /// When it is not ready; the error holds its words.
    pub async fn readiness(&self) -> Result<String, ClientError> {
        let unreachable = |reason| ClientError::Unreachable { url: self.url.clone(), reason };
        let uri: Uri = format!("{}/readyz", self.url).parse().map_err(|error| self.malformed(error))?;
        let request = Request::get(uri).header(USER_AGENT, PROGRAM).body(Full::new(Bytes::new()));
        let request = request.map_err(|error| self.malformed(error))?;
        let client = plain_client(self.url.starts_with("https://")).map_err(unreachable)?;
        let response = client.request(request).await.map_err(|error| unreachable(reason(&error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| unreachable(reason(&*error)))?.to_bytes();
        let words = plain(String::from_utf8_lossy(&body).trim());
        let (url, message) = (self.url.clone(), excerpt(&words));
        match status {
            _ if status.is_success() => Ok(words),
            StatusCode::SERVICE_UNAVAILABLE => Err(ClientError::NotReady { url, message }),
            _ => Err(ClientError::Unknown { url, message }),
        }
    }
}
