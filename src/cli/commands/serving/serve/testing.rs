//! The ready message of a server, for tests.

use crate::model::TokenSecret;
use crate::publish::Clock;
use crate::serve::{FirstUser, OwnLogin, Ready, Reload};
use crate::store::{Store, StoreOptions};

/// The message of a first start, or of a later one.
pub(super) fn ready(is_first: bool) -> Ready {
    let token = |text| TokenSecret::presented(text).unwrap();
    let first = FirstUser { name: "pat".into(), admin_token: token("reg_admin"), write_token: token("reg_write") };
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path(), StoreOptions::default()).unwrap();
    Ready {
        own_login: OwnLogin::new(&store, &Clock::system()),
        url: "http://127.0.0.1:8780".into(),
        cargo_index: "sparse+http://127.0.0.1:8780/gen/cargo/".into(),
        first: is_first.then_some(first),
        data_dir: "/data".into(),
        store: None,
        buf_config_dir: "/data/buf".into(),
        reload: Reload::default(),
    }
}
