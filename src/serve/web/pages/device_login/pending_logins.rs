//! Pending logins: a program has started them, and a user must approve them in a browser (RFC 8628). They live for
//! minutes, so they are kept in memory: a restart ends them, and the program starts again. Anybody can start a login,
//! so their number is limited. A new login replaces an old one of the network with the most logins.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use crate::model::{Timestamp, TokenSecret};

/// The time to approve a login, in seconds.
pub(in crate::serve::web) const LIVES_FOR: i64 = 900;

/// The interval between two requests of a program, in seconds.
pub(in crate::serve::web) const INTERVAL: i64 = 5;

/// The most pending logins.
const MOST: usize = 1000;

/// The most pending logins from one network.
const MOST_OF_ONE: usize = 20;

/// The letters of user codes (RFC 8628, section 6.1): no vowels, so that codes are not words, and no letters that look
/// alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The state of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::web) enum LoginState {
    Pending,
    SlowDown,
    Denied,
    Expired,
    Approved(TokenSecret),
}

/// The program that wants to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve::web) struct Asker {
    /// The name that the program gives itself, which is not verified.
    pub program: String,
    /// The user agent of its request, which is not verified either.
    pub agent: String,
    /// The address of the program.
    pub client: IpAddr,
    /// The network of the address, for the limit.
    pub network: IpNet,
}

struct Login {
    user_code: String,
    asker: Asker,
    started: Timestamp,
    asked: Option<Timestamp>,
    outcome: LoginState,
}

/// The pending logins.
#[derive(Default)]
pub(in crate::serve) struct Devices(Mutex<HashMap<String, Login>>);

impl Devices {
    fn logins(&self, now: Timestamp) -> MutexGuard<'_, HashMap<String, Login>> {
        let mut logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logins.retain(|_, login| !is_over(login.started, now));
        logins
    }

    /// Starts a login. Returns the code that the user enters, or none if another login has the code already.
    pub(in crate::serve::web) fn start(
        &self,
        device_code: &str,
        random: &str,
        asker: Asker,
        now: Timestamp,
    ) -> Option<String> {
        let mut logins = self.logins(now);
        let user_code = user_code(random);
        if logins.values().any(|login| login.user_code == user_code) {
            return None;
        }
        make_room(&mut logins, &asker.network);
        let login =
            Login { user_code: user_code.clone(), asker, started: now, asked: None, outcome: LoginState::Pending };
        logins.insert(device_code.into(), login);
        Some(user_code)
    }

    /// The program that waits with the code that a user entered, and since when.
    pub(in crate::serve::web) fn waiting(&self, user_code: &str, now: Timestamp) -> Option<(Asker, Timestamp)> {
        let pending = |login: &&Login| login.user_code == user_code && login.outcome == LoginState::Pending;
        self.logins(now).values().find(pending).map(|login| (login.asker.clone(), login.started))
    }

    /// Approves or denies a login; `false` if no login waits with the code.
    pub(in crate::serve::web) fn decide(&self, user_code: &str, outcome: LoginState, now: Timestamp) -> bool {
        let mut logins = self.logins(now);
        let pending = |login: &&mut Login| login.user_code == user_code && login.outcome == LoginState::Pending;
        let Some(login) = logins.values_mut().find(pending) else { return false };
        login.outcome = outcome;
        true
    }

    /// The state of a login, for the program. A final state is returned once.
    pub(in crate::serve::web) fn ask(&self, device_code: &str, now: Timestamp) -> LoginState {
        let mut logins = self.logins(now);
        let Some(login) = logins.get_mut(device_code) else { return LoginState::Expired };
        if login.outcome != LoginState::Pending {
            return logins.remove(device_code).map_or(LoginState::Expired, |login| login.outcome);
        }
        let last = login.asked.replace(now);
        // A second of grace: clocks and networks are not exact.
        let hasty = last.is_some_and(|last| now.as_seconds() - last.as_seconds() < INTERVAL - 1);
        if hasty { LoginState::SlowDown } else { LoginState::Pending }
    }
}

/// Ends the oldest login of a network that is at its limit, and of the network with the most logins if there are too
/// many.
fn make_room(logins: &mut HashMap<String, Login>, network: &IpNet) {
    let mut shares: HashMap<IpNet, usize> = HashMap::new();
    logins.values().for_each(|login| *shares.entry(login.asker.network).or_default() += 1);
    let full = match shares.get(network) {
        Some(share) if *share >= MOST_OF_ONE => Some(*network),
        _ if logins.len() >= MOST => shares.into_iter().max_by_key(|(_, share)| *share).map(|(network, _)| network),
        _ => None,
    };
    let Some(full) = full else { return };
    let oldest = logins.iter().filter(|(_, login)| login.asker.network == full).min_by_key(|(_, login)| login.started);
    if let Some(device_code) = oldest.map(|(device_code, _)| device_code.clone()) {
        logins.remove(&device_code);
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

    fn asker(host: u8) -> Asker {
        let client = IpAddr::from([10, 0, 0, host]);
        Asker { program: "buf".into(), agent: String::new(), client, network: client.into() }
    }

    /// Starts login number `n`, whose code is the number in letters.
    fn start(devices: &Devices, n: usize, host: u8, now: Timestamp) -> Option<String> {
        let letters = (0..8).map(|place| n / LETTERS.len().pow(place) % LETTERS.len());
        let random: String = letters.map(|letter| format!("{letter:02x}")).collect();
        devices.start(&n.to_string(), &random, asker(host), now)
    }

    #[test]
    fn a_login_is_approved_once() {
        let devices = Devices::default();
        let code = devices.start("device", RANDOM, asker(1), at(0)).unwrap();
        assert_eq!(code.len(), 9);
        assert_eq!(devices.ask("device", at(5)), LoginState::Pending);
        assert_eq!(devices.ask("device", at(6)), LoginState::SlowDown);
        let secret = TokenSecret::presented("reg_1").unwrap();
        assert_eq!(devices.waiting(&code, at(7)), Some((asker(1), at(0))));
        assert!(devices.decide(&code, LoginState::Approved(secret.clone()), at(7)));
        assert!(!devices.decide(&code, LoginState::Denied, at(8)), "it was decided already");
        assert_eq!(devices.ask("device", at(12)), LoginState::Approved(secret));
        assert_eq!(devices.ask("device", at(17)), LoginState::Expired);
    }

    #[test]
    fn logins_end_by_themselves() {
        let devices = Devices::default();
        let code = devices.start("device", RANDOM, asker(1), at(0)).unwrap();
        assert_eq!(devices.start("other", RANDOM, asker(1), at(1)), None, "the same code twice");
        assert_eq!(devices.waiting(&code, at(LIVES_FOR)), None);
        assert_eq!(devices.ask("device", at(LIVES_FOR)), LoginState::Expired);
        assert!(devices.start("other", RANDOM, asker(1), at(LIVES_FOR)).is_some());
    }

    #[test]
    fn who_starts_many_ends_the_own_oldest() {
        let devices = Devices::default();
        let other = start(&devices, 0, 2, at(0)).unwrap();
        let later = |n: usize| Timestamp::from_micros(i64::try_from(n).unwrap());
        let codes: Vec<_> = (1..=2000).map(|n| start(&devices, n, 1, later(n)).unwrap()).collect();
        assert_eq!(devices.0.lock().unwrap().len(), MOST_OF_ONE + 1);
        assert!(devices.waiting(&other, at(2)).is_some());
        assert!(devices.waiting(codes.last().unwrap(), at(2)).is_some());
        assert!(devices.waiting(&codes[0], at(2)).is_none());
    }

    #[test]
    fn a_crowd_does_not_end_the_login_of_one() {
        let devices = Devices::default();
        let alone = start(&devices, 0, 0, at(0)).unwrap();
        for n in 1..=3000 {
            assert!(start(&devices, n, u8::try_from(n % 100 + 1).unwrap(), at(1)).is_some());
        }
        assert_eq!(devices.0.lock().unwrap().len(), MOST);
        assert!(devices.waiting(&alone, at(2)).is_some());
    }
}
