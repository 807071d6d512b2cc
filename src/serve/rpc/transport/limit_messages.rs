//! Rewords the RPC library's refusals of large requests, to name this server's limit and its flag.

use connectrpc::interceptor::{Next, UnaryRequest, UnaryResponse};
use connectrpc::{ConnectError, Interceptor};

use crate::serve::http::error::{Kind, Refusal};

use crate::serve::rpc::call::context::refused;

/// The library's message for its limit on the memory of a decoded request.
const ELEMENTS: &str = "element memory limit exceeded";

/// An interceptor that rewords the library's refusals.
pub(in crate::serve::rpc) struct OwnWords {
    /// The most bytes of memory for the parts of a decoded request.
    pub(in crate::serve::rpc) most: usize,
}

impl OwnWords {
    fn reword(&self, error: ConnectError) -> ConnectError {
        if !error.message.as_deref().is_some_and(|message| message.contains(ELEMENTS)) {
            return error;
        }
        let message = format!(
            "the request has so many parts that they would take more than {} bytes of memory; send fewer at a time, or \
             raise the server's --request-memory",
            self.most
        );
        refused(Refusal::new(Kind::TooLarge, message))
    }
}

#[connectrpc::async_trait]
impl Interceptor for OwnWords {
    async fn intercept_unary(&self, request: UnaryRequest, next: Next<'_>) -> Result<UnaryResponse, ConnectError> {
        next.run(request).await.map_err(|error| self.reword(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_ours_is_put_into_other_words() {
        let words = OwnWords { most: 100 };
        let theirs = "failed to decode proto request: element memory limit exceeded; if this peer is trusted, raise the limit \
                      with Limits::with_element_memory_limit";
        let ours = words.reword(ConnectError::invalid_argument(theirs)).message.unwrap();
        assert!(ours.contains("--request-memory") && !ours.contains("Limits::"), "{ours}");
        let other = words.reword(ConnectError::invalid_argument("contents is empty")).message.unwrap();
        assert_eq!(other, "contents is empty");
    }
}
