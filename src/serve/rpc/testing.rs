//! A registry without a listener, for the tests of the RPCs.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::actions::Caller;
use crate::config::{Environment, Flags, Settings};
use crate::model::{LabelName, Scope, Timestamp, TokenSecret};
use crate::publish::{Catalogue, Clock, GateSettings, PublishSettings, Publisher, Push, PushContent, Running, new_ids};
use crate::serve::http::error::{Answer, Kind};
use crate::serve::http::origin::Addresses;
use crate::serve::state::State;
use crate::store::{Commit, Member, Module, Owner, OwnerKind, Role, Store, Token, Visibility};

use super::call::context::{Call, Rpc};

/// A registry on a temporary store. Its clock moves only with [`Registry::later`].
pub(super) struct Registry {
    pub state: Arc<State>,
    pub rpc: Rpc,
    now: Arc<Mutex<i64>>,
    _running: Running,
    _dir: tempfile::TempDir,
}

impl Registry {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::store::open_for_test(dir.path());
        let environment = Environment::of(&[("HOME", "/nowhere")]);
        let settings = Settings::load(&Flags::default(), &environment, None).unwrap();
        let publish = PublishSettings {
            limits: settings.limits,
            eager: vec![],
            eager_labels: settings.eager_labels.clone(),
            workers: 1,
            build_memory: 256 << 20,
            subprocess: crate::publish::Subprocess { program: None, memory: 0, time: std::time::Duration::ZERO },
            public_url: "http://localhost:8780".into(),
            externals: crate::publish::Externals::default(),
            gate: GateSettings::default(),
            name_rest: settings.name_rest,
            verify: None,
            node_name: "test".into(),
        };
        let now = Arc::new(Mutex::new(1_716_475_506_000_000));
        let time = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp::from_micros(*time.lock().unwrap()));
        let running = Publisher::start(store, Catalogue::embedded().unwrap(), publish, clock).unwrap();
        let state = State::new(
            running.publisher(),
            &settings,
            Arc::new(Addresses::new(&settings, settings.listen)),
            None,
            Arc::default(),
        );
        let rpc = Rpc::new(Some(Arc::clone(&state)));
        Self { state, rpc, now, _running: running, _dir: dir }
    }

    /// Moves the clock by a minute.
    pub(super) fn later(&self) {
        *self.now.lock().unwrap() += 60_000_000;
    }

    pub(super) fn store(&self) -> &Store {
        self.state.store()
    }

    fn owner(&self, name: &str, kind: OwnerKind) -> Owner {
        let now = self.state.publisher.clock().now();
        let owner = Owner {
            id: new_ids::owner(),
            name: name.parse().unwrap(),
            kind,
            description: String::new(),
            url: String::new(),
            created: now,
            updated: now,
            disabled: None,
        };
        let claim = self.state.publisher.claim(None);
        self.store().transaction("test", |tx| tx.claim_owner(&owner, &claim)).unwrap();
        owner
    }

    pub(super) fn user(&self, name: &str) -> Owner {
        self.owner(name, OwnerKind::User { admin: false, bot: false })
    }

    pub(super) fn admin(&self, name: &str) -> Owner {
        self.owner(name, OwnerKind::User { admin: true, bot: false })
    }

    pub(super) fn organization(&self, name: &str, members: &[(&Owner, Role)]) -> Owner {
        let organization = self.owner(name, OwnerKind::Organization);
        for (user, role) in members {
            let member = Member { organization: organization.id, user: user.id, role: *role };
            self.store().transaction("test", |tx| tx.set_member(&member)).unwrap();
        }
        organization
    }

    /// The secret of a new token.
    pub(super) fn token(&self, user: &Owner, scope: Scope) -> TokenSecret {
        let secret = new_ids::secret().unwrap();
        let created = self.state.publisher.clock().now();
        let (id, owner, note) = (new_ids::token(), user.id, String::new());
        let token = Token { id, owner, scope, note, created, expires: None, revoked: None };
        self.store().transaction("test", |tx| tx.create_token(&token, secret.hash())).unwrap();
        secret
    }

    /// A call by `user` with a token of `scope`.
    pub(super) fn call(&self, user: &Owner, scope: Scope) -> Call {
        Call {
            state: Arc::clone(&self.state),
            caller: Caller::User { user: Arc::new(user.clone()), scope, token: Some(new_ids::token()) },
            client: None,
        }
    }

    /// A call without a token.
    pub(super) fn anonymous(&self) -> Call {
        Call { state: Arc::clone(&self.state), caller: Caller::Anonymous, client: None }
    }

    pub(super) fn module(&self, owner: &Owner, name: &str, visibility: Visibility) -> Module {
        let now = self.state.publisher.clock().now();
        let module = Module {
            id: new_ids::module(),
            name: format!("{}/{name}", owner.name).parse().unwrap(),
            owner: owner.id,
            visibility,
            deprecated: false,
            description: String::new(),
            url: String::new(),
            default_label: LabelName::main(),
            created: now,
            updated: now,
        };
        self.store().transaction("test", |tx| tx.create_module(&module)).unwrap();
        module
    }

    /// Pushes one source to labels, or to the default label.
    pub(super) fn push(&self, module: &Module, labels: &[&str], source: (&str, &str), needs: &[&Commit]) -> Commit {
        let (path, text) = source;
        let file =
            crate::model::ModuleFile { path: path.parse().unwrap(), content: Bytes::copy_from_slice(text.as_bytes()) };
        let content = PushContent {
            module: module.clone(),
            snapshot: crate::model::Snapshot::new(vec![file], self.state.publisher.limits()).unwrap(),
            labels: labels.iter().map(|label| label.parse().unwrap()).collect(),
            source_control_url: String::new(),
            breaking: crate::model::BreakingConfig::default(),
        };
        let dependencies = needs.iter().map(|commit| commit.id).collect();
        let push = Push {
            contents: vec![content],
            dependencies,
            by: module.owner.into(),
            viewer: None,
            allow_breaking: false,
        };
        self.state.publisher.push(&push).unwrap().commits.remove(0)
    }
}

/// The kind of a refusal.
pub(super) fn kind<T>(answer: Answer<T>) -> Kind {
    match answer {
        Ok(_) => panic!("it was not refused"),
        Err(refusal) => refusal.kind,
    }
}

/// The message of a refusal.
pub(super) fn words<T>(answer: Answer<T>) -> String {
    match answer {
        Ok(_) => panic!("it was not refused"),
        Err(refusal) => refusal.message,
    }
}
