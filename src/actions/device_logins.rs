//! Logins of programs, as `buf registry login` starts them: a program asks with a code of its own, and a user approves or
//! denies in a browser (RFC 8628). The token is made when the program asks for it, so that no secret waits anywhere.
//!
//! Anybody can start a login, so their number is limited. A new login replaces an old one of the network with the most.

use std::sync::Arc;

use super::tokens::{self, NewToken};
use super::{ActionError, Actor, Caller};
use crate::model::{OwnerId, Scope, Timestamp, TokenSecret};
use crate::store::{DeviceLogin, LoginAsker, LoginDecision, LoginLimits};

/// The time to approve a login, in seconds.
pub(crate) const LIVES_FOR: i64 = 900;

/// The interval between two requests of a program, in seconds.
pub(crate) const INTERVAL: i64 = 5;

const LIMITS: LoginLimits = LoginLimits { all: 1000, of_network: 20 };

/// The letters of user codes (RFC 8628, section 6.1): no vowels, so that codes are not words, and no letters that look
/// alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The answer to a program that asks for its token.
pub(crate) enum LoginAnswer {
    /// Nobody has decided yet.
    Pending,
    /// The last request was a moment ago.
    SlowDown,
    /// A user has denied it.
    Denied,
    /// There is no such login, or not any more.
    Expired,
    /// The token. It is told once.
    Approved(TokenSecret),
}

/// Starts a login of the program that asks with `device`. Returns the code that the user enters, which is made of
/// `random`; none if another login has it already.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn start(
    actor: &Actor<'_>,
    device: &TokenSecret,
    random: &TokenSecret,
    asker: LoginAsker,
) -> Result<Option<String>, ActionError> {
    let (user_code, started) = (user_code(random.reveal()), actor.at);
    let login = DeviceLogin { user_code, asker, started, asked: None, decision: LoginDecision::Pending };
    let is_started = actor.store.start_login(device.hash(), &login, live_since(started), LIMITS)?;
    Ok(is_started.then_some(login.user_code))
}

/// The login that waits for a decision under this code.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn waiting(actor: &Actor<'_>, user_code: &str) -> Result<Option<DeviceLogin>, ActionError> {
    let found = actor.store.waiting_login(user_code)?;
    Ok(found.filter(|login| lives(login, actor.at)))
}

/// Approves a token of `scope` for the caller; `false` if no login waits under this code any more.
///
/// # Errors
/// When the caller is no user, or may not create such a token.
pub(crate) fn approve(actor: &Actor<'_>, login: &DeviceLogin, scope: Scope) -> Result<bool, ActionError> {
    actor.caller.require_write()?;
    let user = actor.user()?;
    tokens::check(actor, user, &new_token(login, scope, actor.at))?;
    decide(actor, login, LoginDecision::Approved(user.id, scope), "login.approve")
}

/// Denies a login; `false` if none waits under this code any more.
///
/// # Errors
/// When the caller is no user.
pub(crate) fn deny(actor: &Actor<'_>, login: &DeviceLogin) -> Result<bool, ActionError> {
    actor.user()?;
    decide(actor, login, LoginDecision::Denied, "login.deny")
}

fn decide(
    actor: &Actor<'_>,
    login: &DeviceLogin,
    decision: LoginDecision,
    action: &'static str,
) -> Result<bool, ActionError> {
    let subject = format!("{} from {}", login.asker.program, login.asker.client);
    actor.store.transaction_in(&[], "decide a login", |tx| {
        let is_decided = tx.decide_login(&login.user_code, decision, actor.at)?;
        if is_decided {
            tx.audit(&actor.event(action, subject.clone()))?;
        }
        Ok(is_decided)
    })
}

/// Answers a program that asks with `device`. The token of an approved login is made now, in the name of whoever approved
/// it.
///
/// # Errors
/// When the token cannot be made: the user has too many by now, for example.
pub(crate) fn ask(actor: &Actor<'_>, device: &TokenSecret) -> Result<LoginAnswer, ActionError> {
    let hash = device.hash();
    let found = actor.store.device_login(hash)?;
    let Some(login) = found.filter(|login| lives(login, actor.at)) else { return Ok(LoginAnswer::Expired) };
    match login.decision {
        LoginDecision::Pending => {
            // A second of grace: clocks and networks are not exact. A request of the future is one before the clock was put
            // right.
            let is_early = |last: Timestamp| (0..INTERVAL - 1).contains(&(actor.at.as_seconds() - last.as_seconds()));
            if login.asked.is_some_and(is_early) {
                return Ok(LoginAnswer::SlowDown);
            }
            actor.store.note_login_asked(hash, actor.at)?;
            Ok(LoginAnswer::Pending)
        }
        LoginDecision::Denied => {
            let is_first =
                actor.store.transaction_in::<_, ActionError>(&[], "end a login", |tx| Ok(tx.end_login(hash)?))?;
            Ok(if is_first { LoginAnswer::Denied } else { LoginAnswer::Expired })
        }
        LoginDecision::Approved(user, scope) => collect(actor, &login, device, (user, scope)),
    }
}

/// Ends an approved login, and makes its token.
fn collect(
    actor: &Actor<'_>,
    login: &DeviceLogin,
    device: &TokenSecret,
    (user, scope): (OwnerId, Scope),
) -> Result<LoginAnswer, ActionError> {
    let Some(user) = actor.store.owner_by_id(user)?.filter(|user| user.disabled.is_none()) else {
        return Ok(LoginAnswer::Denied);
    };
    let caller = Caller::User { user: Arc::new(user.clone()), scope, token: None };
    let by = Actor { caller: &caller, ..*actor };
    let new = new_token(login, scope, login.started);
    tokens::check(&by, &user, &new)?;
    let issued = actor.store.transaction_in(&[], "end a login", |tx| match tx.end_login(device.hash())? {
        true => tokens::issue(tx, &by, &user, new.clone()).map(Some),
        false => Ok(None),
    })?;
    Ok(issued.map_or(LoginAnswer::Expired, |issued| LoginAnswer::Approved(issued.secret)))
}

fn new_token(login: &DeviceLogin, scope: Scope, from: Timestamp) -> NewToken {
    let note = format!("login of {} from {}", login.asker.program, login.asker.client);
    NewToken { scope, note, expires: Some(from.plus_days(tokens::LIFE_FOR_PROGRAMS_DAYS)) }
}

fn lives(login: &DeviceLogin, now: Timestamp) -> bool {
    login.started >= live_since(now)
}

/// Logins that were started before this have ended.
fn live_since(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.as_micros() - LIVES_FOR * 1_000_000 + 1)
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

    #[test]
    fn a_code_is_eight_letters_that_nobody_mistakes() {
        let code = user_code("reg_00112233445566778899aabbccddeeff0011223344556677");
        assert_eq!(code.len(), 9);
        assert!(code.chars().all(|c| c == '-' || LETTERS.contains(&(c as u8))), "{code}");
    }

    #[test]
    fn a_login_lives_for_its_time_and_not_a_moment_longer() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert!(at(0) >= live_since(at(LIVES_FOR - 1)));
        assert!(at(0) < live_since(at(LIVES_FOR)));
    }
}
