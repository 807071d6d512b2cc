//! Nodes whose links to the database and to the object store are slow and cut again and again.

use super::kills::some_seed;
use crate::chaos::{Crates, World};
use crate::support::{Fault, Link, PostgresServer, Registry, eventually, http};

/// Answers of several connections overtake each other.
const SLOW: Fault = Fault { delay: 3, cut_one_in: 0, frozen: false, refuses: false };

/// Connections end in the middle of what is sent, in both directions.
const CUT: Fault = Fault { delay: 1, cut_one_in: 60, frozen: false, refuses: false };

/// How much happens before a test goes on.
const PUSHES: usize = 2;
const CUTS: u64 = 3;

/// Waits until clients have pushed on, and the link was cut.
fn goes_on(world: &World, link: &Link) {
    let (pushes, cuts) = (world.acknowledged() + PUSHES, link.cuts() + CUTS);
    eventually("pushes go on, and connections are cut", || world.acknowledged() >= pushes && link.cuts() >= cuts);
}

fn both_are_ready(world: &World) {
    for at in [0, 1] {
        eventually("it is ready", || world.node(at).get("/readyz").status == 200);
    }
}

#[test]
fn nodes_whose_links_to_the_database_are_bad_lose_nothing_that_either_acknowledged() {
    let mut world = World::new(PostgresServer::start(), Crates::InTheDatabase, some_seed());
    world.push_during(|world| {
        for (slow, cut) in [(0, 1), (1, 0)] {
            world.links[slow].set(SLOW);
            world.links[cut].set(CUT);
            goes_on(world, &world.links[cut]);
            world.links[slow].cut();
        }
        world.links.iter().for_each(Link::heal);
        // One of them loses the database altogether. A load balancer asks the other.
        world.links[1].set(Fault { refuses: true, ..Fault::default() });
        world.links[1].cut();
        eventually("it says so", || world.node(1).get("/readyz").status == 503);
        assert_eq!(world.node(0).get("/readyz").status, 200);
        world.links[1].heal();
    });
    both_are_ready(&world);
    world.audit();
}

/// Downloads every version of a crate that its index page names. A download is whole, or none: whoever has all bytes that
/// were announced has those of the index. Returns how many were whole.
fn download_all(node: &Registry, name: &str) -> usize {
    let headers = || vec![node.authorization()];
    let index = format!("/gen/cargo/ac/me/{name}");
    let page = http::try_send(&node.url, "GET", &index, headers(), &[]).filter(|page| page.status == 200);
    let mut whole = 0;
    for line in page.map(|page| page.lines()).unwrap_or_default() {
        let path = format!("/gen/cargo/api/v1/crates/{name}/{}/download", line["vers"].as_str().unwrap());
        let Some(answer) = http::try_send(&node.url, "GET", &path, headers(), &[]) else { continue };
        match answer.status {
            200 => {
                let digest = registry::model::Sha256Digest::of(&answer.body).to_string();
                assert_eq!(line["cksum"], *digest, "{path}");
                whole += 1;
            }
            // Cargo tries again.
            503 => assert!(!answer.header("retry-after").is_empty(), "{}", answer.text()),
            other => panic!("{path} is {other}: {}", answer.text()),
        }
    }
    whole
}

#[test]
fn nodes_whose_links_to_the_object_store_are_bad_serve_whole_crates_or_none() {
    let mut world = World::new(PostgresServer::start(), Crates::InAnObjectStore, some_seed());
    world.push_during(|world| {
        let link = &world.objects.as_ref().unwrap().link;
        for fault in [Fault { cut_one_in: 8, ..CUT }, SLOW, Fault { cut_one_in: 4, ..CUT }] {
            link.set(fault);
            let (pushes, cuts) =
                (world.acknowledged() + PUSHES, link.cuts() + if fault.cut_one_in > 0 { CUTS } else { 0 });
            let mut whole = 0;
            eventually("crates are downloaded, and connections are cut", || {
                let names = ["acme_pets", "acme_farm"].map(|module| format!("{module}_community_neoeinstein-prost"));
                for (at, name) in [0, 1].into_iter().flat_map(|at| names.iter().map(move |name| (at, name))) {
                    whole += download_all(world.node(at), name);
                }
                whole > 0 && world.acknowledged() >= pushes && link.cuts() >= cuts
            });
            link.cut();
        }
        link.heal();
    });
    both_are_ready(&world);
    world.audit();
}
