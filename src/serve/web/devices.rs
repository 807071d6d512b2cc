//! Logins that a program has started and a person has to approve in a browser (RFC 8628). They live for minutes, so
//! they are kept in memory only: a restart ends them, and the program starts over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{Timestamp, TokenSecret};

/// How long a person has to approve, in seconds.
pub(super) const LIVES_FOR: i64 = 900;

/// How long a program waits between two questions, in seconds.
pub(super) const INTERVAL: i64 = 5;

/// Most logins that wait at the same time: anybody can start one.
const MOST: usize = 1000;

/// Letters of user codes: no vowels, so that no word comes out, and none that look alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What became of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Pending,
    SlowDown,
    Denied,
    Expired,
    Approved(TokenSecret),
}

struct Login {
    user_code: String,
    started: Timestamp,
    asked: Option<Timestamp>,
    outcome: Outcome,
}

/// The logins that wait.
#[derive(Default)]
pub(in crate::serve) struct Devices(Mutex<HashMap<String, Login>>);

impl Devices {
    fn logins(&self, now: Timestamp) -> MutexGuard<'_, HashMap<String, Login>> {
        let mut logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logins.retain(|_, login| !is_over(login.started, now));
        logins
    }

    /// Starts a login; returns the code that the person enters, or nothing if too many wait already.
    pub(super) fn start(&self, device_code: &str, random: &str, now: Timestamp) -> Option<String> {
        let mut logins = self.logins(now);
        let user_code = user_code(random);
        if logins.len() >= MOST || logins.values().any(|login| login.user_code == user_code) {
            return None;
        }
        let login = Login { user_code: user_code.clone(), started: now, asked: None, outcome: Outcome::Pending };
        logins.insert(device_code.into(), login);
        Some(user_code)
    }

    /// Whether a login waits under the code that a person entered.
    pub(super) fn waits(&self, user_code: &str, now: Timestamp) -> bool {
        let pending = |login: &Login| login.user_code == user_code && login.outcome == Outcome::Pending;
        self.logins(now).values().any(pending)
    }

    /// Approves or denies; `false` if no such login waits.
    pub(super) fn decide(&self, user_code: &str, outcome: Outcome, now: Timestamp) -> bool {
        let mut logins = self.logins(now);
        let pending = |login: &&mut Login| login.user_code == user_code && login.outcome == Outcome::Pending;
        let Some(login) = logins.values_mut().find(pending) else { return false };
        login.outcome = outcome;
        true
    }

    /// What the program is told. An answer that ends the login is given once.
    pub(super) fn ask(&self, device_code: &str, now: Timestamp) -> Outcome {
        let mut logins = self.logins(now);
        let Some(login) = logins.get_mut(device_code) else { return Outcome::Expired };
        if login.outcome != Outcome::Pending {
            return logins.remove(device_code).map_or(Outcome::Expired, |login| login.outcome);
        }
        let last = login.asked.replace(now);
        // A second of grace: clocks and networks are not exact.
        let hasty = last.is_some_and(|last| now.as_seconds() - last.as_seconds() < INTERVAL - 1);
        if hasty { Outcome::SlowDown } else { Outcome::Pending }
    }
}

fn is_over(started: Timestamp, now: Timestamp) -> bool {
    now.as_seconds() - started.as_seconds() >= LIVES_FOR
}

/// Eight letters in two groups, from random hexadecimal digits.
fn user_code(random: &str) -> String {
    let digits: Vec<u8> =
        random.bytes().filter_map(|c| (c as char).to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    let letter = |pair: &[u8]| char::from(LETTERS[(usize::from(pair[0]) * 16 + usize::from(pair[1])) % LETTERS.len()]);
    let letters: Vec<char> = digits.chunks_exact(2).map(letter).take(8).collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    format!("{}-{}", first.iter().collect::<String>(), second.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "reg_00112233445566778899aabbccddeeff0011223344556677";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_login_is_approved_once() {
        let devices = Devices::default();
        let code = devices.start("device", RANDOM, at(0)).unwrap();
        assert_eq!(code.len(), 9);
        assert_eq!(devices.ask("device", at(5)), Outcome::Pending);
        assert_eq!(devices.ask("device", at(6)), Outcome::SlowDown);
        let secret = TokenSecret::presented("reg_1").unwrap();
        assert!(devices.waits(&code, at(7)));
        assert!(devices.decide(&code, Outcome::Approved(secret.clone()), at(7)));
        assert!(!devices.decide(&code, Outcome::Denied, at(8)), "it was decided already");
        assert_eq!(devices.ask("device", at(12)), Outcome::Approved(secret));
        assert_eq!(devices.ask("device", at(17)), Outcome::Expired);
    }

    #[test]
    fn logins_end_by_themselves_and_do_not_pile_up() {
        let devices = Devices::default();
        let code = devices.start("device", RANDOM, at(0)).unwrap();
        assert_eq!(devices.start("other", RANDOM, at(1)), None, "the same code twice");
        assert!(!devices.waits(&code, at(LIVES_FOR)));
        assert_eq!(devices.ask("device", at(LIVES_FOR)), Outcome::Expired);
        assert!(devices.start("other", RANDOM, at(LIVES_FOR)).is_some());
    }
}
