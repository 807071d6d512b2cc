//! The context of one RPC: the caller, the caller's rights, and refusals.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use connectrpc::{ConnectError, RequestContext, Response, ServiceResult};
use tokio::task::block_in_place;

use crate::actions::access::{self, Access, access, may_read};
use crate::actions::{ActionError, Actor, Caller};
use crate::model::OwnerId;
use crate::publish::Publisher;
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::origin::Origin;
use crate::serve::state::State;
use crate::serve::suggest;
use crate::store::{Module, Owner, Role, Store};
use crate::wire::findings_to_detail;

/// The part of a client's deadline that is reserved for sending the response.
pub(in crate::serve::rpc) const TIME_TO_ANSWER: Duration = Duration::from_millis(300);

/// How long a push waits for its turn if its client sends no deadline.
pub(in crate::serve::rpc) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Serves all RPCs.
pub(in crate::serve::rpc) struct Rpc {
    /// None where the RPCs are only listed or fuzzed: they refuse every call then.
    state: Option<Arc<State>>,
}

/// One call, with everything that serving it takes.
pub(in crate::serve::rpc) struct Call {
    /// What all requests share.
    pub state: Arc<State>,
    /// The caller.
    pub caller: Caller,
    /// The client's address.
    pub client: Option<IpAddr>,
}

impl Rpc {
    pub(in crate::serve::rpc) fn new(state: Option<Arc<State>>) -> Self {
        Self { state }
    }

    /// Serves a call that only reads. `work` may block.
    pub(in crate::serve::rpc) fn read<T>(
        &self,
        ctx: &RequestContext,
        work: impl FnOnce(&Call) -> Answer<T>,
    ) -> ServiceResult<T> {
        answer(self.reader(ctx).and_then(|call| block_in_place(|| work(&call))))
    }

    /// Serves a call that changes something. `work` may block.
    pub(in crate::serve::rpc) fn write<T>(
        &self,
        ctx: &RequestContext,
        work: impl FnOnce(&Call) -> Answer<T>,
    ) -> ServiceResult<T> {
        answer(self.writer(ctx).and_then(|call| block_in_place(|| work(&call))))
    }

    /// A call by a caller who may read: a user, or anyone if the registry allows anonymous reads.
    ///
    /// # Errors
    /// When the token is not valid, a needed token is missing, or the client's deadline has passed.
    pub(in crate::serve::rpc) fn reader(&self, ctx: &RequestContext) -> Answer<Call> {
        if ctx.time_remaining().is_some_and(|left| left.is_zero()) {
            return Err(Refusal::late("the deadline of the request had passed before it was read; allow more time"));
        }
        let state = self.state.clone().ok_or_else(|| Refusal::unavailable("the registry is shutting down"))?;
        let caller = state.auth.caller(ctx.headers())?;
        let client = ctx.extensions().get::<Origin>().map(|origin| origin.client);
        let call = Call { state, caller, client };
        if !call.state.anonymous_reads {
            call.user()?;
        }
        Ok(call)
    }

    /// A call by a user with a token of scope write or admin.
    ///
    /// # Errors
    /// As [`Rpc::reader`], and when the token has scope read.
    pub(in crate::serve::rpc) fn writer(&self, ctx: &RequestContext) -> Answer<Call> {
        let call = self.reader(ctx)?;
        call.caller.require_write()?;
        Ok(call)
    }
}

/// The result of a handler as the library expects it.
pub(in crate::serve::rpc) fn answer<T>(result: Answer<T>) -> ServiceResult<T> {
    result.map(Response::new).map_err(refused)
}

/// A refusal as an error of Connect, with the code from the table of [`crate::serve::http::error`].
pub(in crate::serve::rpc) fn refused(refusal: Refusal) -> ConnectError {
    let error = ConnectError::new(refusal.kind.code(), refusal.message);
    match &refusal.findings {
        Some(findings) => error.with_detail(findings_to_detail(findings)),
        None => error,
    }
}

/// How long a response may wait for optional information: at most `most`, and not past the client's deadline.
pub(in crate::serve::rpc) fn patience(ctx: &RequestContext, most: Duration) -> Duration {
    ctx.time_remaining().map_or(most, |left| most.min(left.saturating_sub(TIME_TO_ANSWER)))
}

impl Call {
    /// Waits for a turn to do `work` of a push, and does it on a thread that may block. Work that has begun is finished
    /// even if the client disconnects, and keeps its turn until then.
    ///
    /// # Errors
    /// When the turn does not come, or the work fails.
    pub(in crate::serve::rpc) async fn push_work<T, E>(
        &self,
        ctx: &RequestContext,
        work: impl FnOnce(&Publisher) -> Result<T, E> + Send + 'static,
    ) -> Answer<T>
    where
        T: Send + 'static,
        E: Send + 'static,
        Refusal: From<E>,
    {
        let turn = self.state.push_turns.take(patience(ctx, LONGEST_WAIT)).await?;
        let publisher = Arc::clone(&self.state.publisher);
        let span = tracing::Span::current();
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            span.in_scope(|| work(&publisher))
        });
        Ok(work.await.map_err(|error| Refusal::internal(&error))??)
    }

    pub(in crate::serve::rpc) fn store(&self) -> &Store {
        self.state.store()
    }

    /// `HOST:PORT` of this registry for this client, from [`crate::serve::rpc::answer`].
    pub(in crate::serve::rpc) fn address(&self, ctx: &RequestContext) -> String {
        let host = |url: &str| url.split_once("://").map_or(url, |(_, host)| host).to_owned();
        ctx.extensions().get::<Origin>().map_or_else(|| host(self.state.addresses.own()), |origin| origin.host().into())
    }

    /// The caller as the actor of a change.
    pub(in crate::serve::rpc) fn actor(&self) -> Actor<'_> {
        self.state.actor(&self.caller, self.client)
    }

    /// The user of the caller.
    ///
    /// # Errors
    /// When the caller is anonymous.
    pub(in crate::serve::rpc) fn user(&self) -> Answer<&Owner> {
        self.caller.user().ok_or_else(|| ActionError::NoToken.into())
    }

    /// Refuses callers that do not administer the registry.
    pub(in crate::serve::rpc) fn require_admin(&self, doing: &'static str) -> Answer<()> {
        Ok(self.caller.require_admin(doing)?)
    }

    /// Whether the caller may read `module`.
    pub(in crate::serve::rpc) fn may_read(&self, module: &Module) -> Answer<bool> {
        Ok(may_read(self.store(), &self.caller, module)?)
    }

    /// The members of `organization`, by name. Only members may see them.
    ///
    /// # Errors
    /// When the caller is no member, or the store fails.
    pub(in crate::serve::rpc) fn members(&self, organization: &Owner) -> Answer<Vec<(Owner, Role)>> {
        if access(self.store(), &self.caller, organization.id)? < Access::Read {
            let message = format!("only members of {} see who belongs to it", organization.name);
            return Err(Refusal::forbidden(message));
        }
        Ok(self.store().members(organization.id)?)
    }

    /// Refuses callers that may do less than `least` with the modules of `owner`; `doing` ends "you may not …".
    pub(in crate::serve::rpc) fn require(&self, owner: OwnerId, least: Access, doing: &str) -> Answer<()> {
        Ok(access::require(self.store(), &self.caller, owner, least, doing)?)
    }

    /// The refusal for a module that does not exist for this caller.
    pub(in crate::serve::rpc) fn no_module(&self, name: &crate::model::ModuleName) -> Answer<Refusal> {
        Ok(suggest::unknown_module(self.store(), &self.caller, name)?)
    }
}
