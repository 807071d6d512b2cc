//! Makes a crate from inputs that were read from the store. It uses no store, clock or network, so it can run in this
//! process or in another one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::thread_pool::{Threads, run_on};
use crate::fail_point::{self, FailPoint};
use crate::generate::{Bounds, Cost, ExternCrate, GenerateError, Generator, Plan, Request, generate_with};
use crate::model::{
    CommitId, CrateName, DescriptorSet, FeatureMode, Generated, Limits, ModuleName, NumberedName, Plugin, SdkVersion,
    Snapshot,
};
use crate::package::{CrateSpec, Package, PackageError, Part, PartBuilder, PreviousCrate, SdkDependency, package};

/// Bytes of memory for each byte of code from an external plugin, which is parsed as Rust and packed.
const TEXT: u64 = 150;

/// Everything that a crate is made of.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::publish) struct CrateInput {
    pub name: CrateName,
    pub version: SdkVersion,
    pub commit: CommitId,
    /// The plugin, with the module options.
    pub plugin: Plugin,
    pub features: FeatureMode,
    pub descriptors: Files,
    pub snapshot: Snapshot,
    /// The SDKs whose types the code may use.
    pub dependencies: Vec<SdkDependency>,
    /// The numbered names in the crates of other modules.
    pub numbered: BTreeMap<ModuleName, Vec<NumberedName>>,
    /// The previous crate of this module by this plugin, with its reuse index.
    pub earlier: Option<(Vec<u8>, Bytes)>,
    /// The generated code of an external plugin, which has run already.
    pub generated: Option<Generated>,
    pub index_url: String,
    pub module_url: String,
    /// The most bytes of the unpacked crate.
    pub most_bytes: u64,
}

/// Compiled files, compared by their encoding.
#[derive(Debug, Clone)]
pub(in crate::publish) struct Files(pub Arc<DescriptorSet>);

impl PartialEq for Files {
    fn eq(&self, other: &Self) -> bool {
        let mut both = self.0.files.iter().zip(&other.0.files);
        let same = |(a, b): (&crate::model::DescriptorFile, &crate::model::DescriptorFile)| {
            (&a.origin, &a.encoded, &a.proto) == (&b.origin, &b.encoded, &b.proto)
        };
        self.0.files.len() == other.0.files.len() && both.all(same)
    }
}

/// Why no crate was made.
#[derive(Debug, thiserror::Error)]
pub(in crate::publish) enum MakeError {
    /// The plugin failed.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The plugin's output cannot be packaged.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Making the crate may take more memory than `admit` allows.
    #[error("it may take {} MiB of memory", .0.memory >> 20)]
    TooLarge(Cost),
}

impl CrateInput {
    fn module(&self) -> &ModuleName {
        self.name.module()
    }

    /// Runs an external generator for this crate.
    pub(in crate::publish) fn generate_with(&self, generator: &dyn Generator) -> Result<Generated, GenerateError> {
        let externs = self.externs();
        generate_with(generator, &self.plugin, &self.request(&externs))
    }

    fn externs(&self) -> Vec<ExternCrate> {
        let of = |sdk: &SdkDependency| {
            let module = sdk.crate_name.module().clone();
            let numbered = self.numbered.get(&module).cloned();
            ExternCrate { module, lib_name: sdk.crate_name.lib_name(), numbered }
        };
        self.dependencies.iter().map(of).collect()
    }

    fn request<'a>(&'a self, externs: &'a [ExternCrate]) -> Request<'a> {
        Request { descriptors: &self.descriptors.0, module: self.module(), externs, options: &self.plugin.options }
    }

    /// Makes the crate, on `threads` if there are any. `admit` gets the estimated cost and returns the bounds for the
    /// work, or `None` to refuse it. `memory` limits the parts that run at the same time.
    pub(in crate::publish) fn make<'b>(
        &self,
        memory: u64,
        threads: Option<&Threads>,
        admit: impl FnOnce(&Cost) -> Option<Bounds<'b>>,
    ) -> Result<Package, MakeError> {
        let externs = self.externs();
        let request = self.request(&externs);
        let reusable =
            self.earlier.as_ref().and_then(|(reuse_index, bytes)| PreviousCrate::new(reuse_index, bytes.clone()));
        let mut parts = PartBuilder::new(&self.plugin, request.descriptors, request.module);
        if let Some(generated) = &self.generated {
            let cost = cost_of(generated);
            let bounds = admit(&cost).ok_or(MakeError::TooLarge(cost))?;
            return run_on(threads, || {
                let made = parts.build(&[], generated.clone())?;
                self.package(&made, reusable.as_ref(), bounds)
            });
        }
        let (plan, mut found, cost) = run_on(threads, || self.plan(&request, &mut parts, reusable.as_ref(), memory))?;
        // `admit` may wait for memory, so no thread of the pool calls it.
        let bounds = admit(&cost).ok_or(MakeError::TooLarge(cost))?;
        run_on(threads, || {
            let size = AtomicU64::new(found.iter().map(Part::unpacked).sum());
            let is_small = || size.load(Ordering::Relaxed) <= self.most_bytes;
            let goes_on = || is_small() && (bounds.goes_on)();
            let made = plan.run(&Bounds { goes_on: &goes_on, ..bounds.clone() }, |modules, generated| {
                let made = parts.build(modules, generated)?;
                size.fetch_add(made.iter().map(Part::unpacked).sum(), Ordering::Relaxed);
                Ok::<_, PackageError>(made)
            });
            if matches!(made, Err(GenerateError::Stopped { .. })) {
                self.check_size(size.load(Ordering::Relaxed))?;
            }
            for made in made.map_err(|error| stopped(error, cost))? {
                found.extend(made?);
            }
            fail_point::reach(FailPoint::SdkGenerated);
            self.package(&found, reusable.as_ref(), bounds)
        })
    }

    /// The files to generate, the files to reuse, and the cost.
    fn plan<'a>(
        &'a self,
        request: &Request<'a>,
        parts: &mut PartBuilder<'_>,
        reusable: Option<&PreviousCrate>,
        memory: u64,
    ) -> Result<(Plan<'a>, Vec<Part>, Cost), GenerateError> {
        let mut plan = Plan::new(&self.plugin, request)?;
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
            tracing::debug!(plugin = %self.plugin.reference(), module = %self.module(), reused = found.len(), "planned");
            plan.leave_out(&known);
        }
        let cost = plan.cost(memory)?;
        Ok((plan, found, cost))
    }

    /// Refuses a crate of which a part is made, where that is too much already.
    fn check_size(&self, code: u64) -> Result<(), PackageError> {
        let what = format!("crate {} {}, as far as it was made,", self.name, self.version);
        Ok(self.limits().check_sdk(what, code)?)
    }

    fn limits(&self) -> Limits {
        Limits { sdk: self.most_bytes, ..Limits::default() }
    }

    /// `bounds` are held until the crate is made.
    fn package(
        &self,
        parts: &[Part],
        reusable: Option<&PreviousCrate>,
        bounds: Bounds<'_>,
    ) -> Result<Package, MakeError> {
        let spec = CrateSpec {
            name: self.name.clone(),
            version: self.version.clone(),
            plugin: &self.plugin,
            descriptors: &self.descriptors.0,
            parts,
            reusable,
            snapshot: &self.snapshot,
            commit: self.commit,
            dependencies: &self.dependencies,
            features: self.features,
            index_url: &self.index_url,
            module_url: &self.module_url,
        };
        let made = package(&spec, &self.limits())?;
        fail_point::reach(FailPoint::SdkPackaged);
        drop(bounds);
        Ok(made)
    }
}

/// The cost of packing code that an external plugin has generated.
fn cost_of(generated: &Generated) -> Cost {
    let memory = generated.files.iter().map(|file| file.content.len() as u64 * TEXT).sum();
    Cost { largest_call: 0, calls: 0, memory }
}

/// A generator that was stopped or took too long was more work than estimated, so its crate counts as too large.
fn stopped(error: GenerateError, cost: Cost) -> MakeError {
    match error {
        GenerateError::Stopped { .. } | GenerateError::TimedOut { .. } => MakeError::TooLarge(cost),
        other => MakeError::Generate(other),
    }
}
