//! The code of one SDK: made, or taken over from the crate that the plugin made of the module last.

use std::collections::HashSet;
use std::time::Duration;

use crate::generate::{Plan, Request, generate_with};
use crate::model::{CrateName, Plugin};
use crate::package::{Part, Parts, Reusable};

use super::Publisher;
use super::build::BuildError;

/// How long a plugin may take for one call.
const PLUGIN_WITHIN: Duration = Duration::from_secs(600);

impl Publisher {
    /// The parts of the crate `name`. What `reusable` holds of them is not made again.
    pub(super) fn parts(
        &self,
        plugin: &Plugin,
        request: &Request<'_>,
        reusable: Option<&Reusable>,
    ) -> Result<Vec<Part>, BuildError> {
        let mut parts = Parts::new(plugin, request.descriptors, request.module);
        if let Some(external) = self.settings.externals.get(plugin) {
            // What an executable depends on is not known, so nothing is taken over.
            return Ok(parts.of(&[], generate_with(&self.watched(external), plugin, request)?)?);
        }
        let mut plan = Plan::new(plugin, request)?;
        let mut found = Vec::new();
        if parts.is_large() {
            let mut known = HashSet::new();
            for fingerprint in plan.fingerprints()? {
                match reusable.and_then(|reusable| parts.reuse(reusable, fingerprint.digest)) {
                    Some(part) => {
                        known.insert(fingerprint.modules);
                        found.push(part);
                    }
                    None => parts.expect(fingerprint.modules, fingerprint.digest),
                }
            }
            tracing::debug!(plugin = %plugin.reference(), module = %request.module, reused = found.len(), "planned");
            plan.leave_out(&known);
        }
        for made in plan.run(Some(PLUGIN_WITHIN), |modules, generated| parts.of(modules, generated))? {
            found.extend(made?);
        }
        Ok(found)
    }

    /// What can be taken over into the next crate `name`; whatever is in the way of that is no reason not to make it.
    pub(super) fn reusable(&self, name: &CrateName) -> Option<Reusable> {
        match self.store.newest_recipe(name) {
            Ok(found) => found.and_then(|(recipe, crate_bytes)| Reusable::new(&recipe, crate_bytes)),
            Err(error) => {
                tracing::warn!(%error, crate_name = %name, "the last crate cannot be read, so all is made anew");
                None
            }
        }
    }
}
