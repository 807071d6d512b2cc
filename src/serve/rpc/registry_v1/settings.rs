//! Settings of modules and owners.

use connectrpc::{RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::{Access, access};
use crate::actions::settings::{self, OwnerSettingsChange};
use crate::publish::{self, GateOrigin as Origin};
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Module, Owner};
use crate::wire::registry::v1::{
    Gate, GateOrigin, GetModuleSettingsRequest, GetModuleSettingsResponse, GetOwnerSettingsRequest,
    GetOwnerSettingsResponse, ModuleName as WireName, SettingsService, UpdateModuleSettingsRequest,
    UpdateModuleSettingsResponse, UpdateOwnerSettingsRequest, UpdateOwnerSettingsResponse,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::references;

impl SettingsService for Rpc {
    async fn get_module_settings(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetModuleSettingsRequest>,
    ) -> ServiceResult<GetModuleSettingsResponse> {
        self.read(&ctx, |call| {
            let module = module(call, &request.to_owned_message().module)?;
            Ok(GetModuleSettingsResponse { breaking: gate(&call.state.publisher.gate(&module)?).into() })
        })
    }

    async fn update_module_settings(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateModuleSettingsRequest>,
    ) -> ServiceResult<UpdateModuleSettingsResponse> {
        self.write(&ctx, |call| {
            let request = request.to_owned_message();
            let module = module(call, &request.module)?;
            call.require(module.owner, Access::Admin, &format!("change the settings of module {}", module.name))?;
            if let Some(breaking) = &request.breaking {
                settings::set_module_gate(&call.actor(), &module, settings::gate(breaking)?.as_ref())?;
            }
            Ok(UpdateModuleSettingsResponse { breaking: gate(&call.state.publisher.gate(&module)?).into() })
        })
    }

    async fn get_owner_settings(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetOwnerSettingsRequest>,
    ) -> ServiceResult<GetOwnerSettingsResponse> {
        self.read(&ctx, |call| {
            let owner = references::named_owner(call, &request.to_owned_message().owner)?;
            if access(call.store(), &call.caller, owner.id)? < Access::Read {
                return Err(Refusal::forbidden(format!("only members of {} see its settings", owner.name)));
            }
            let (breaking, unique_names) = owner_settings(call, &owner)?;
            Ok(GetOwnerSettingsResponse { breaking: breaking.into(), unique_names })
        })
    }

    async fn update_owner_settings(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, UpdateOwnerSettingsRequest>,
    ) -> ServiceResult<UpdateOwnerSettingsResponse> {
        self.write(&ctx, |call| {
            let request = request.to_owned_message();
            let owner = references::named_owner(call, &request.owner)?;
            let change = OwnerSettingsChange {
                breaking: request.breaking.as_deref().map(settings::gate).transpose()?,
                unique_names: request.unique_names.as_deref().map(settings::unique_names).transpose()?,
            };
            settings::update_owner(&call.actor(), &owner, change)?;
            let (breaking, unique_names) = owner_settings(call, &owner)?;
            Ok(UpdateOwnerSettingsResponse { breaking: breaking.into(), unique_names })
        })
    }
}

fn module(call: &Call, name: &WireName) -> Answer<Module> {
    references::named_module(call, &name.owner, &name.name)
}

fn owner_settings(call: &Call, owner: &Owner) -> Answer<(Gate, String)> {
    let unique_names = call.store().owner_settings(owner.id)?.unique_names.unwrap_or_default();
    Ok((gate(&call.state.publisher.owner_gate(owner)?), unique_names.to_string()))
}

fn gate(gate: &publish::Gate) -> Gate {
    let origin = match gate.origin {
        Origin::Module => GateOrigin::GATE_ORIGIN_MODULE,
        Origin::Owner => GateOrigin::GATE_ORIGIN_OWNER,
        Origin::Server => GateOrigin::GATE_ORIGIN_SERVER,
    };
    Gate { policy: gate.policy.to_string(), origin: origin.into() }
}
