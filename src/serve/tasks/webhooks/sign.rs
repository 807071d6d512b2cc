//! Signatures by Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::model::{Timestamp, WebhookSecret};

/// The value of `webhook-signature`: of the id, the time in seconds and the body, with a dot between them.
pub(super) fn signature(secret: &WebhookSecret, id: &str, at: Timestamp, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signed = hmac::Context::with_key(&key);
    signed.update(format!("{id}.{}.", at.as_seconds()).as_bytes());
    signed.update(body);
    format!("v1,{}", STANDARD.encode(signed.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_openssl_makes() {
        // printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 -binary | base64
        let (secret, at) = (WebhookSecret::from_bytes([7; 32]), Timestamp::from_micros(1_700_000_000_000_000));
        assert_eq!(signature(&secret, "msg_1", at, b"{}"), "v1,nuLLyheCKcS2N8JNOFt5stk98R+umYWr26/ZTfdtGM8=");
    }
}
