//! Points in time on the wire.

use crate::model::Timestamp;

type Wire = buffa_types::google::protobuf::Timestamp;

/// `time` as it goes on the wire, to the microsecond.
#[must_use]
pub fn time_to_wire(time: Timestamp) -> Wire {
    let micros = time.as_micros();
    // Nanoseconds count forward even before 1970, hence the Euclidean remainder; it is below 1,000,000.
    let nanos = i32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or_default();
    Wire::from_unix(micros.div_euclid(1_000_000), nanos)
}

/// The point in time that came over the wire, cut to the microsecond and to the years that [`Timestamp`] knows.
#[must_use]
pub fn time_from_wire(time: &Wire) -> Timestamp {
    let micros = time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos) / 1_000);
    Timestamp::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_wire_to_the_microsecond() {
        for micros in [0, 1_716_475_506_123_456, -1, -62_000_000_000_000_001] {
            let time = Timestamp::from_micros(micros);
            let wire = time_to_wire(time);
            assert!((0..1_000_000_000).contains(&wire.nanos), "{micros}");
            assert_eq!(time_from_wire(&wire), time);
        }
    }

    #[test]
    fn a_hostile_time_is_clamped() {
        let wire = Wire { seconds: i64::MIN, nanos: i32::MIN, ..Wire::default() };
        assert_eq!(time_from_wire(&wire), Timestamp::from_micros(i64::MIN));
        let wire = Wire { seconds: i64::MAX, nanos: i32::MAX, ..Wire::default() };
        assert_eq!(time_from_wire(&wire), Timestamp::from_micros(i64::MAX));
    }
}
