//! The settings of a module, for its admins: the gate before a release.

use askama::Template;
use http::Response;

use crate::actions::access::{Access, require};
use crate::actions::settings;
use crate::publish::{Gate, GateOrigin, ResolveError, resolve_commit};
use crate::serve::http::error::Answer;
use crate::serve::http::response::Body;
use crate::store::Module;

use crate::serve::web::page::form::Fields;
use crate::serve::web::page::module_header::{ModuleAtCommit, ModuleHeader, Tab};
use crate::serve::web::page::page_request::{Chrome, PageRequest, ok, see_other};
use crate::serve::web::page::params::Params;

/// A gate on a page.
pub(in crate::serve::web) struct GateView {
    /// What is done.
    pub policy: String,
    /// Whose words these are.
    pub origin: &'static str,
    /// What stands in the field: the subject's own words, or `default`.
    pub own: String,
}

impl GateView {
    /// `gate` as it is shown on the settings of whoever has the origin `own`.
    pub(in crate::serve::web) fn of(gate: &Gate, own: GateOrigin) -> Self {
        let policy = gate.policy.to_string();
        let origin = match gate.origin {
            GateOrigin::Module => "module",
            GateOrigin::Owner => "owner",
            GateOrigin::Server => "server",
        };
        Self { own: if gate.origin == own { policy.clone() } else { "default".into() }, policy, origin }
    }
}

#[derive(Template)]
#[template(path = "module_settings.html", config = "assets/askama.toml")]
struct ModuleSettingsView {
    chrome: Chrome,
    /// The tabs, which a module without commits has not.
    head: Option<ModuleHeader>,
    owner: String,
    name: String,
    path: String,
    gate: GateView,
}

/// `/{owner}/{module}/settings`.
pub(in crate::serve::web) fn page(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = administered(visit, params)?;
    let gate = visit.state.publisher.gate(&module)?;
    let name = module.name.clone();
    let head = match resolve_commit(visit.store(), &module, "") {
        Err(ResolveError::NoCommits { .. }) => None,
        _ => {
            let at = ModuleAtCommit::of(visit.store(), module.clone(), "")?;
            Some(at.head(visit, Tab::Settings, &|reference| format!("/{name}/docs/{reference}"))?)
        }
    };
    ok(&ModuleSettingsView {
        chrome: visit.chrome(format!("Settings · {}", module.name)),
        head,
        owner: module.name.owner().to_string(),
        name: module.name.name().to_string(),
        path: path(&module),
        gate: GateView::of(&gate, GateOrigin::Module),
    })
}

/// `POST /{owner}/{module}/settings`: changes the gate.
pub(in crate::serve::web) fn change(
    visit: &PageRequest<'_>,
    params: &Params,
    fields: &Fields,
) -> Answer<Response<Body>> {
    let module = administered(visit, params)?;
    settings::set_module_gate(&visit.actor(), &module, settings::gate(fields.get("breaking"))?.as_ref())?;
    Ok(see_other(&path(&module)))
}

fn administered(visit: &PageRequest<'_>, params: &Params) -> Answer<Module> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let doing = format!("change the settings of module {}", module.name);
    require(visit.store(), &visit.caller, module.owner, Access::Admin, &doing)?;
    Ok(module)
}

/// The address of the settings of a module.
pub(in crate::serve::web) fn path(module: &Module) -> String {
    format!("/{}/settings", module.name)
}
