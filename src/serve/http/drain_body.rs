//! The rest of a request that is refused already.

use std::time::Duration;

use http_body_util::BodyExt as _;

use super::listen::RequestBody;

/// How long the rest of a refused request is read. A client that is still sending might not see the answer.
const READ_ON: Duration = Duration::from_secs(5);

/// Reads what is left of `body` and forgets it.
pub(in crate::serve) async fn read_on(mut body: RequestBody) {
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whether the client came to its end or not, it is answered now.
    let _ = tokio::time::timeout(READ_ON, all).await;
}
