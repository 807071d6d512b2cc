//! Waiting for crates that are being made.

use std::time::Duration;

use crate::cli::error::CliError;
use crate::cli::output::progress::Progress;
use crate::cli::output::wire_text;
use crate::client::Client;
use crate::wire::registry::v1::{Sdk, SdkState};

/// The pause between the first and the second request; each pause is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Waits until each SDK is served or failed, and returns them.
///
/// # Errors
/// When the server stops responding.
pub(in crate::cli) async fn settled(
    client: &Client,
    sdks: Vec<Sdk>,
    progress: &mut Progress,
) -> Result<Vec<Sdk>, CliError> {
    let (mut settled, all) = (Vec::with_capacity(sdks.len()), sdks.len());
    for sdk in sdks {
        let place = format!("crate {} of {all}", settled.len() + 1);
        settled.push(one_settled(client, sdk, &place, progress).await?);
    }
    Ok(settled)
}

async fn one_settled(client: &Client, mut sdk: Sdk, place: &str, progress: &mut Progress) -> Result<Sdk, CliError> {
    let mut pause = FIRST_PAUSE;
    while is_pending(&sdk) {
        progress.step(format!("{place}: {} is {}", sdk.crate_name, wire_text::sdk_state(sdk.state)));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        sdk = client.refresh_sdk(&sdk).await?;
    }
    Ok(sdk)
}

fn is_pending(sdk: &Sdk) -> bool {
    matches!(sdk.state.as_known(), Some(SdkState::SDK_STATE_QUEUED | SdkState::SDK_STATE_RUNNING))
}
