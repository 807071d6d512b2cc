//! What another registry says of a module, as it goes over the wire: from a mirror, or from the other registry itself
//! when the server mirrors on a schedule.

use buffa::EnumValue;

use super::members::role_from_wire;
use crate::actions::foreign_settings::{ForeignSettings, Texts};
use crate::model::{LabelError, LabelName, OwnerName, PluginRef};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::rpc::call::plugin_ref::plugin_ref;
use crate::store::{Role, Visibility};
use crate::wire::buf::registry::module::v1::{ModuleState, ModuleVisibility};
use crate::wire::registry::v1::{ImportSettingsRequest, ImportedOrganization, Interest, Member};

/// The most members, and the most interests, of one request.
const MOST: usize = 10_000;

/// The settings of a request, whose module is looked up by others.
///
/// # Errors
/// When a name, a role, a label or a plugin is malformed, or there are too many.
pub(in crate::serve) fn foreign_settings(request: ImportSettingsRequest) -> Answer<ForeignSettings> {
    few("members", request.members.len())?;
    few("interests", request.interests.len())?;
    let texts = |wire: ImportedOrganization| Texts { description: wire.description, url: wire.url };
    Ok(ForeignSettings {
        texts: Texts { description: request.description, url: request.url },
        deprecated: deprecated(request.state),
        visibility: visibility(request.visibility),
        make_public: request.make_public,
        organization: request.organization.into_option().map(texts),
        members: request.members.iter().map(member).collect::<Answer<_>>()?,
        interests: request.interests.iter().map(interest).collect::<Answer<_>>()?,
    })
}

fn few(field: &str, count: usize) -> Answer<()> {
    if count <= MOST {
        return Ok(());
    }
    Err(Refusal::invalid(format!("{field} holds {count} items; at most {MOST} go into one request")))
}

fn deprecated(state: EnumValue<ModuleState>) -> Option<bool> {
    match state.as_known() {
        Some(ModuleState::MODULE_STATE_ACTIVE) => Some(false),
        Some(ModuleState::MODULE_STATE_DEPRECATED) => Some(true),
        Some(ModuleState::MODULE_STATE_UNSPECIFIED) | None => None,
    }
}

fn visibility(visibility: EnumValue<ModuleVisibility>) -> Option<Visibility> {
    match visibility.as_known() {
        Some(ModuleVisibility::MODULE_VISIBILITY_PUBLIC) => Some(Visibility::Public),
        Some(ModuleVisibility::MODULE_VISIBILITY_PRIVATE) => Some(Visibility::Private),
        Some(ModuleVisibility::MODULE_VISIBILITY_UNSPECIFIED) | None => None,
    }
}

fn member(wire: &Member) -> Answer<(OwnerName, Role)> {
    Ok((wire.user.parse().map_err(|error| Refusal::invalid(format!("{error}")))?, role_from_wire(wire.role)?))
}

fn interest(wire: &Interest) -> Answer<(LabelName, PluginRef)> {
    let label = wire.label.parse().map_err(|error: LabelError| Refusal::invalid(error.to_string()))?;
    Ok((label, plugin_ref(&wire.plugin, "")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::kind;
    use crate::wire::registry::v1::MemberRole;

    #[test]
    fn what_is_left_out_stays_and_what_is_malformed_is_refused() {
        let none = foreign_settings(ImportSettingsRequest::default()).unwrap();
        assert!(none.deprecated.is_none() && none.visibility.is_none() && none.organization.is_none());
        let with = |user: &str, role: MemberRole| {
            let members = vec![Member { user: user.into(), role: role.into() }];
            foreign_settings(ImportSettingsRequest { members, ..Default::default() })
        };
        assert_eq!(with("pat", MemberRole::MEMBER_ROLE_WRITER).unwrap().members[0].1, Role::Writer);
        assert_eq!(kind(with("pat", MemberRole::MEMBER_ROLE_UNSPECIFIED)), Kind::Invalid);
        assert_eq!(kind(with("../pat", MemberRole::MEMBER_ROLE_READER)), Kind::Invalid);
        let interests = vec![Interest { label: "main".into(), plugin: "none".into(), ..Default::default() }];
        assert_eq!(kind(foreign_settings(ImportSettingsRequest { interests, ..Default::default() })), Kind::Invalid);
        let members = vec![Member::default(); MOST + 1];
        assert_eq!(kind(foreign_settings(ImportSettingsRequest { members, ..Default::default() })), Kind::Invalid);
    }
}
