//! The warning in the reply to a push, which `buf` shows: new crate versions, and failures.

use std::collections::BTreeSet;

use connectrpc::Response;
use http::HeaderValue;

use crate::model::{CommitId, CrateName, SdkState, SdkVersion};
use crate::serve::http::error::Answer;
use crate::store::SdkKey;
use crate::wire::{BREAKING_HEADER, WARNING_HEADER, encode_warning};

use crate::serve::rpc::call::context::Call;
use crate::serve::rpc::registry_v1::sdk_list::Listing;

/// The most lines: a push of many modules has many crates.
const MOST_LINES: usize = 20;

/// The most characters of a failed plugin's message.
const LONGEST_MESSAGE: usize = 600;

/// An SDK of the push, for one line.
struct PushedSdk {
    name: CrateName,
    version: SdkVersion,
    cargo_add: String,
    /// Whether the push created its commit.
    new: bool,
    state: SdkState,
}

/// The warning in the reply to a push; empty if there is nothing to report. `new` are the commits that the push
/// created.
///
/// # Errors
/// When the store fails.
pub(in crate::serve::rpc) fn of_push(call: &Call, sdks: &[SdkKey], new: &[CommitId]) -> Answer<String> {
    let mut listing = Listing::new(call);
    let mut told = vec![];
    for key in sdks {
        let sdk = listing.name(key)?;
        told.push(PushedSdk {
            cargo_add: listing.cargo_add(&sdk)?,
            name: sdk.name,
            version: sdk.version,
            new: new.contains(&key.commit),
            state: call.state.publisher.sdk_state(key)?.unwrap_or(SdkState::Queued),
        });
    }
    Ok(text(&told))
}

/// What a push breaks, as one text: a push of many modules may break much.
pub(in crate::serve::rpc) fn of_breaking(texts: &[String]) -> String {
    let lines: Vec<_> = texts.iter().flat_map(|text| text.lines()).collect();
    let more = lines.len().saturating_sub(MOST_LINES);
    let shown = lines.into_iter().take(MOST_LINES).collect::<Vec<_>>().join("\n");
    if more > 0 { format!("{shown}\nand {more} more lines; `registry compare` shows all") } else { shown }
}

/// `response` with headers that tell what it breaks: one for `buf`, one for this program.
pub(in crate::serve::rpc) fn with_breaking<T>(mut response: Response<T>, breaking: &str) -> Response<T> {
    for name in [WARNING_HEADER, BREAKING_HEADER] {
        if let Ok(value) = HeaderValue::from_str(&encode_warning(breaking))
            && !value.is_empty()
        {
            response.headers.insert(name, value);
        }
    }
    response
}

fn text(sdks: &[PushedSdk]) -> String {
    let mut lines: BTreeSet<(u8, String)> = BTreeSet::new();
    for PushedSdk { name, version, cargo_add, new, state } in sdks {
        match state {
            SdkState::Failed { message } => {
                lines.insert((0, format!("{name} {version} could not be generated: {}", shortened(message))));
            }
            SdkState::Queued | SdkState::Running => {
                lines.insert((1, format!("{name} {version} is still being generated; cargo will wait for it")));
            }
            SdkState::Served if *new => {
                lines.insert((2, format!("{name} {version} is ready: {cargo_add}")));
            }
            SdkState::Served => {}
        }
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut shown: Vec<String> = lines.into_iter().take(MOST_LINES).map(|(_, line)| line).collect();
    if more > 0 {
        shown.push(format!("and {more} more; `registry sdk list` shows all"));
    }
    shown.join("\n")
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{} …", &message[..end]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(plugin: &str, new: bool, state: SdkState) -> PushedSdk {
        let name: CrateName = format!("acme_pets_community_{plugin}").parse().unwrap();
        let version = "0.5.0-20240523144506-ce529d32d80c.1".parse().unwrap();
        PushedSdk { cargo_add: format!("cargo add --registry buf {name}"), name, version, new, state }
    }

    #[test]
    fn nothing_new_says_nothing() {
        assert_eq!(text(&[told("prost", false, SdkState::Served)]), "");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn failures_come_first_and_each_crate_has_a_line() {
        let failed = SdkState::Failed { message: "no such option".into() };
        let sdks = [
            told("prost", true, SdkState::Served),
            told("tonic", false, failed),
            told("serde", false, SdkState::Running),
        ];
        let text = text(&sdks);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("acme_pets_community_tonic 0.5.0-") && lines[0].ends_with(": no such option"));
        assert!(lines[1].contains("community_serde") && lines[1].contains("still being generated"));
        assert!(lines[2].ends_with("is ready: cargo add --registry buf acme_pets_community_prost"));
    }

    #[test]
    fn a_long_text_is_cut() {
        let many: Vec<_> = (0..30).map(|n| told(&format!("p{n}"), true, SdkState::Served)).collect();
        assert!(text(&many).ends_with("and 10 more; `registry sdk list` shows all"));
        let long = told("prost", true, SdkState::Failed { message: "é".repeat(5000) });
        assert!(text(&[long]).chars().count() < 800);
    }
}
