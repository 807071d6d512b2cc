//! When a delivery is tried again.

use crate::model::{Sha256Digest, Timestamp, WebhookEvent};
use crate::store::Delivery;

/// The most tries.
const TRIES: u32 = 8;

/// The pause after the first try, in microseconds. Each pause is six times as long as the one before: the seventh and
/// last takes 13 hours.
const FIRST: i64 = 1_000_000;

const FACTOR: i64 = 6;

/// The time of the next try, if the one that was made at `now` fails too; none after the last. A ping is tried once:
/// somebody waits for what comes of it.
pub(super) fn next_try(delivery: &Delivery, now: Timestamp) -> Option<Timestamp> {
    let tries = delivery.tries.saturating_add(1);
    if tries >= TRIES || delivery.event == WebhookEvent::Ping {
        return None;
    }
    let pause = FIRST.saturating_mul(FACTOR.saturating_pow(tries - 1));
    let at = now.as_micros().saturating_add(pause).saturating_add(jitter(delivery, pause));
    Some(Timestamp::from_micros(at))
}

/// Up to a quarter of `pause`, another one for each delivery and try: what failed together is not tried again together.
fn jitter(delivery: &Delivery, pause: i64) -> i64 {
    let digest = Sha256Digest::of(format!("{} {} {}", delivery.webhook, delivery.id, delivery.tries).as_bytes());
    let [first, second, ..] = *digest.as_bytes();
    pause / 4 * i64::from(u16::from_be_bytes([first, second])) / i64::from(u16::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::WebhookId;
    use crate::store::DeliveryState;

    pub(in crate::serve::tasks::webhooks) fn delivery(id: i64, event: WebhookEvent, tries: u32) -> Delivery {
        Delivery {
            id,
            webhook: WebhookId::from_bytes([1; 16]),
            module: None,
            commit: None,
            event,
            data: "{}".into(),
            state: DeliveryState::Pending,
            created: Timestamp::from_micros(1_700_000_000_000_000),
            tries,
            next_try: None,
            last_try: None,
            status: None,
            message: None,
        }
    }

    #[test]
    fn each_pause_is_longer_and_the_last_try_is_the_eighth() {
        let now = Timestamp::from_micros(0);
        let pause = |tries| next_try(&delivery(1, WebhookEvent::Push, tries), now).map(Timestamp::as_seconds);
        let pauses: Vec<_> = (0..9).map(pause).collect();
        assert_eq!((pauses[7], pauses[8]), (None, None));
        for (tries, pause) in pauses[..7].iter().enumerate() {
            let (least, pause) = (6_i64.pow(tries as u32), pause.unwrap());
            assert!(pause >= least && pause <= least * 5 / 4, "{pauses:?}");
        }
        assert_eq!(next_try(&delivery(1, WebhookEvent::Ping, 0), now), None);
        let others: std::collections::BTreeSet<_> =
            (0..20).map(|id| next_try(&delivery(id, WebhookEvent::Push, 6), now).unwrap()).collect();
        assert_eq!(others.len(), 20);
    }
}
