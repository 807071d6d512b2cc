//! Converts wire values to the texts of the command line, also for JSON.

use buffa::EnumValue;

use crate::wire::buf::registry::module::v1::{ModuleState, ModuleVisibility};
use crate::wire::registry::v1::SdkState;

type WireTime = buffa_types::google::protobuf::Timestamp;

/// RFC 3339 in whole seconds, if there is a time.
pub(in crate::cli) fn time(time: Option<&WireTime>) -> Option<String> {
    time.map(|time| crate::wire::time_from_wire(time).to_string())
}

/// `queued`, `running`, `served` or `failed`.
pub(in crate::cli) fn sdk_state(state: EnumValue<SdkState>) -> &'static str {
    match state.as_known() {
        Some(SdkState::SDK_STATE_QUEUED) => "queued",
        Some(SdkState::SDK_STATE_RUNNING) => "running",
        Some(SdkState::SDK_STATE_SERVED) => "served",
        Some(SdkState::SDK_STATE_FAILED) => "failed",
        Some(SdkState::SDK_STATE_UNSPECIFIED) | None => "unknown",
    }
}

/// `public` or `private`.
pub(in crate::cli) fn visibility(visibility: EnumValue<ModuleVisibility>) -> &'static str {
    match visibility.as_known() {
        Some(ModuleVisibility::MODULE_VISIBILITY_PUBLIC) => "public",
        Some(ModuleVisibility::MODULE_VISIBILITY_PRIVATE) => "private",
        Some(ModuleVisibility::MODULE_VISIBILITY_UNSPECIFIED) | None => "unknown",
    }
}

/// Whether the module is deprecated.
pub(in crate::cli) fn is_deprecated(state: EnumValue<ModuleState>) -> bool {
    state.as_known() == Some(ModuleState::MODULE_STATE_DEPRECATED)
}
