//! A registry on PostgreSQL beside one on its own file, and two servers on one database beside one. Server, database and
//! clients share the cores of this machine.

use std::time::Duration;

use registry::client::Client;
use registry::model::{ModuleName, TokenSecret};
use registry::wire::buf::registry::module::v1::ModuleVisibility;

use super::load::{Shot, rate};
use super::pushing::{address, authorization, ten_files, until_served};
use super::serving::fetch;
use super::support::{Database, Module, Registry};
use super::table::{Table, median};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(700);

/// Index pages, a crate and pushes.
pub(crate) fn rows(table: &mut Table) {
    let database = Database::new();
    let (home, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let on_file = Registry::start();
    let first = Registry::with(|options| {
        options.keep(home.path(), None).flag("store", database.address());
    });
    let second = Registry::with(|options| {
        options.keep(away.path(), Some(&first.token)).flag("store", database.address());
    });
    let text = "syntax = \"proto3\";\npackage acme.pets.v1;\nmessage Pet { string name = 1; }\n";
    let [_, pushed] =
        [&on_file, &first].map(|registry| Module::new("acme/pets").file("pets.proto", text).push(registry));
    let name = &pushed.sdk("community/neoeinstein-prost").name;
    let page = format!("/gen/cargo/{}/{}/{name}", &name[..2], &name[2..4]);
    for is_known in [false, true] {
        let what = format!("index page, {}, on PostgreSQL", if is_known { 304 } else { 200 });
        compare(table, &what, ("on a file", &on_file), &[&first], |registry| shot(registry, &page, is_known));
    }
    let crate_path = |registry: &Registry| {
        let versions = fetch(address(registry), &page, &authorization(registry)).0;
        let line: serde_json::Value =
            serde_json::from_slice(versions.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        format!("/gen/cargo/api/v1/crates/{name}/{}/download", line["vers"].as_str().unwrap())
    };
    compare(table, "crate, on PostgreSQL", ("on a file", &on_file), &[&first], |registry| {
        shot(registry, &crate_path(registry), false)
    });
    compare(table, "index page, 200, by two servers", ("by one", &first), &[&first, &second], |registry| {
        shot(registry, &page, false)
    });
    pushes(table, &on_file, &first);
}

fn shot(registry: &Registry, path: &str, is_known: bool) -> Shot {
    let authorization = authorization(registry);
    if !is_known {
        return Shot::get(path, &authorization, 200);
    }
    let (_, etag) = fetch(address(registry), path, &authorization);
    Shot::get(path, &format!("{authorization}if-none-match: {etag}\r\n"), 304)
}

/// What `ours` answer together, beside what `peer` answers.
fn compare(
    table: &mut Table,
    what: &str,
    (beside, peer): (&str, &Registry),
    ours: &[&Registry],
    shot: impl Fn(&Registry) -> Shot,
) {
    let shots: Vec<_> = ours.iter().map(|registry| (address(registry), shot(registry))).collect();
    let (of_peer, each) = ((address(peer), shot(peer)), CONNECTIONS / ours.len());
    let (mut rates, mut of_peers) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let together = std::thread::scope(|scope| {
            let running: Vec<_> =
                shots.iter().map(|(address, shot)| scope.spawn(move || rate(*address, shot, each, ROUND))).collect();
            running.into_iter().map(|one| one.join().unwrap()).sum::<f64>()
        });
        rates.push(together);
        of_peers.push(rate(of_peer.0, &of_peer.1, CONNECTIONS, ROUND));
    }
    let ratios = rates.iter().zip(&of_peers).map(|(ours, theirs)| ours / theirs).collect();
    let (ours, theirs) = (median(rates), median(of_peers));
    table.row(what, format!("{ours:.0}/s"), format!("{beside} {theirs:.0}/s"), median(ratios));
}

/// Pushes of ten files until their crates are in the index.
fn pushes(table: &mut Table, on_file: &Registry, on_server: &Registry) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let name: ModuleName = "bench/pets".parse().unwrap();
    let mut times = [vec![], vec![]];
    for (times, registry) in times.iter_mut().zip([on_file, on_server]) {
        let client = Client::new(&registry.url, TokenSecret::presented(&registry.token)).unwrap();
        runtime.block_on(client.create_organization(name.owner())).unwrap();
        let public = ModuleVisibility::MODULE_VISIBILITY_PUBLIC;
        runtime.block_on(client.create_module(&name, public, None)).unwrap();
        for run in 0..ROUNDS {
            times.push(until_served(registry, &runtime, &client, &name, ten_files(run)) * 1e3);
        }
    }
    let [on_file, on_server] = times.map(median);
    let what = "push of 10 files to crates in the index, on PostgreSQL";
    table.row(what, format!("{on_server:.0} ms"), format!("on a file {on_file:.0} ms"), on_server / on_file);
}
