//! Drains the body of a request that is refused already.

use std::time::Duration;

use http_body_util::BodyExt as _;

use super::listen::RequestBody;

/// How long the rest of a refused request is read: a client that is still sending may not see the response.
const READ_ON: Duration = Duration::from_secs(5);

/// Reads the rest of `body` and discards it.
pub(in crate::serve) async fn read_on(mut body: RequestBody) {
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // The response is sent now, even if the client has not sent all of the body.
    let _ = tokio::time::timeout(READ_ON, all).await;
}
