//! One push: from checked snapshots to a durable commit with its SDKs queued.

pub(super) mod compile_commit;
pub(super) mod compile_only;
mod decisions;
pub(super) mod dependencies;
pub(super) mod gate;
mod history;
pub(super) mod import_commit;
pub(super) mod labels;
pub(super) mod request;
mod search_symbols;
mod squash;
mod turn;
pub(super) mod upstream;
mod webhook_news;

use std::time::Instant;

use crate::compile::Compiled;
use crate::fail_point::{self, FailPoint};
use crate::metrics::PushResult;
use crate::module::files_digest;
use crate::publish::numbered_names::named_outline;
use crate::publish::{Publisher, commit_options};
use crate::store::{IndexedModule, StoreError};
use crate::trace;
use compile_commit::compile_commit;
use decisions::{CompiledFacts, PushDecisions};
use dependencies::{Dependencies, ModuleGraph};
use gate::Verdicts;
use request::{Push, PushContent, PushError, Pushed, check_distinct};
use search_symbols::symbols;
use turn::Turn;

/// How often a push passes the gate before it is refused as overtaken. It passes again when another push moved a head
/// meanwhile, and few pushes run at once.
const GATE_ATTEMPTS: usize = 64;

impl Publisher {
    /// Compiles, decides, and stores. When this returns, the push is durable and its SDKs are being made.
    ///
    /// # Errors
    /// When the push is refused; nothing of it was stored then.
    pub fn push(&self, push: &Push) -> Result<Pushed, PushError> {
        let span = tracing::info_span!(
            target: trace::TARGET,
            "push",
            modules = push.contents.iter().map(|content| content.module.name.to_string()).collect::<Vec<_>>().join(", "),
            files = push.contents.iter().map(|content| content.snapshot.files().len()).sum::<usize>(),
            created = tracing::field::Empty,
            otel.failed = tracing::field::Empty,
        );
        let pushed = span.in_scope(|| self.compile_and_store(push));
        span.record("otel.failed", matches!(pushed, Err(PushError::Store(_))));
        span.record("created", pushed.as_ref().map_or(0, |pushed| pushed.created.len()));
        self.metrics.pushed(match &pushed {
            Ok(pushed) if pushed.created.is_empty() => PushResult::Unchanged,
            Ok(_) => PushResult::Created,
            Err(PushError::Store(_)) => PushResult::Failed,
            Err(_) => PushResult::Refused,
        });
        pushed
    }

    fn compile_and_store(&self, push: &Push) -> Result<Pushed, PushError> {
        let names: Vec<_> = push.contents.iter().map(|content| content.module.name.clone()).collect();
        check_distinct(&names)?;
        for content in &push.contents {
            commit_options::check(&self.catalogue, &self.settings.eager, content.snapshot.options())?;
        }
        let dependencies = tracing::info_span!(target: trace::TARGET, "dependencies")
            .in_scope(|| Dependencies::load(&self.store, &push.dependencies, &names, push.viewer))?;
        let mut digests = vec![];
        // `compile` blocks until its own pool is done; `in_place_scope` makes this thread wait, not a worker of the
        // global pool.
        let compiled = rayon::in_place_scope(|scope| {
            scope.spawn(|_| digests = push.contents.iter().map(|it| files_digest(&it.snapshot)).collect());
            tracing::info_span!(target: trace::TARGET, "compile").in_scope(|| self.compile(push, &dependencies))
        })?;
        fail_point::reach(FailPoint::PushCompiled);
        let graph = ModuleGraph::new(&names, &compiled.imports, &dependencies);
        let order = graph.in_order(&names)?;

        let names_to_check = self.names_to_check(push, &compiled)?;
        let decide = || {
            let of = (&graph, &compiled.descriptors);
            let mut decided = PushDecisions::new(self, push, &digests, of, &dependencies);
            order.iter().try_for_each(|name| decided.decide(name))?;
            Ok::<_, PushError>(decided)
        };
        // Most pushes of CI change nothing: then nothing is prepared to be stored.
        let mut facts = (!decide()?.is_unchanged()).then(|| self::facts(push, &compiled));
        let gate = tracing::info_span!(target: trace::TARGET, "gate");
        let mut attempts = 0..GATE_ATTEMPTS;
        let pushed = loop {
            // No other push may move labels between reading the heads and moving them.
            let (turn, mut verdicts) = gate.in_scope(|| self.take_turn_behind_gate(push, &compiled))?;
            verdicts.warnings.extend(self.check_names(&names_to_check)?);
            let decided = decide()?;
            if facts.is_some() || decided.is_unchanged() {
                match decided.store(&names, facts.take().unwrap_or_default(), verdicts, turn.of_store) {
                    Err(PushError::Store(StoreError::Overtaken)) if attempts.next().is_some() => {}
                    Err(PushError::Store(StoreError::Overtaken)) => return Err(PushError::Overtaken),
                    stored => break stored?,
                }
            }
            // Another push, or another node, moved a head meanwhile.
            drop(turn);
            facts = Some(self::facts(push, &compiled));
        };
        self.remember(compiled, &pushed.commits, &names);
        self.wake(&push.modules());
        Ok(pushed)
    }

    /// The turn to move heads of labels, which are those that the gate has seen. Nothing is compiled during a turn, so
    /// a push that was overtaken goes through the gate again.
    fn take_turn_behind_gate(&self, push: &Push, compiled: &Compiled) -> Result<(Turn<'_>, Verdicts), PushError> {
        for _ in 0..GATE_ATTEMPTS {
            let verdicts = self.pass_gate(push, compiled)?;
            let turn = self.take_turn()?;
            if self.is_current(push, &verdicts)? {
                return Ok((turn, verdicts));
            }
        }
        Err(PushError::Overtaken)
    }

    fn compile(&self, push: &Push, dependencies: &Dependencies) -> Result<Compiled, PushError> {
        let contents: Vec<_> = push.contents.iter().map(|content| (&content.module.name, &content.snapshot)).collect();
        // Modules that are pushed together were compiled together last time.
        let earlier = push.contents.first().and_then(|content| self.earlier.get(&content.module.id));
        let started = Instant::now();
        let compiled = compile_commit(&contents, dependencies, &earlier.unwrap_or_default(), &self.settings.limits);
        self.metrics.compiled(started.elapsed());
        Ok(compiled?)
    }
}

/// What is kept of the contents: the symbols of those that are pushed to their default labels, and all outlines.
fn facts(push: &Push, compiled: &Compiled) -> CompiledFacts {
    tracing::info_span!(target: trace::TARGET, "read declarations").in_scope(|| {
        let outline = |content: &PushContent| {
            let name = content.module.name.clone();
            let outline = named_outline(&compiled.descriptors, &name);
            (name, outline)
        };
        let outlines = push.contents.iter().map(outline).collect();
        CompiledFacts { symbols: released_symbols(push, compiled), outlines }
    })
}

/// The symbols of the contents that are pushed to their default labels, for the search index.
fn released_symbols(push: &Push, compiled: &Compiled) -> Vec<IndexedModule> {
    let released = push.contents.iter().filter(|content| content.is_release());
    let index = |content: &PushContent| IndexedModule {
        module: content.module.id,
        symbols: symbols(&compiled.descriptors, &content.module.name),
    };
    released.map(index).collect()
}
