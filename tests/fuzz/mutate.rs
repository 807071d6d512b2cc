//! Makes new inputs of old ones.

use fastrand::Rng;

/// Largest input, in bytes: what is quadratic shows before that.
const MOST: usize = 8 << 10;

/// Numbers at whose edges counting goes wrong.
const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "127",
    "128",
    "255",
    "536870911",
    "2147483647",
    "2147483648",
    "18446744073709551615",
    "18446744073709551616",
];

/// A new input: one of `inputs`, changed in a few places.
pub(crate) fn input(random: &mut Rng, inputs: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = inputs[random.usize(..inputs.len())].clone();
    for _ in 0..=random.u8(..6) {
        change(random, &mut input, inputs, words);
    }
    input.truncate(MOST);
    input
}

fn change(random: &mut Rng, input: &mut Vec<u8>, inputs: &[Vec<u8>], words: &[&str]) {
    let at = random.usize(..=input.len());
    let end = at + random.usize(..=(input.len() - at).min(64));
    match random.u8(..9) {
        0 if at < input.len() => input[at] ^= 1 << random.u8(..8),
        1 if at < input.len() => input[at] = random.u8(..),
        2 => insert(input, at, &[random.u8(..)]),
        3 => drop(input.drain(at..end)),
        4 => {
            let most = 1 << random.u8(..9);
            let again = input[at..end].repeat(1 + random.usize(..most));
            insert(input, at, &again);
        }
        5 => {
            let other = &inputs[random.usize(..inputs.len())];
            let from = random.usize(..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        6 => insert(input, at, NUMBERS[random.usize(..NUMBERS.len())].as_bytes()),
        _ if !words.is_empty() => insert(input, at, words[random.usize(..words.len())].as_bytes()),
        _ => input.push(random.u8(..)),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let room = MOST.saturating_sub(input.len()).min(bytes.len());
    input.splice(at..at, bytes[..room].iter().copied());
}
