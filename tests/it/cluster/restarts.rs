//! A database that is stopped and started again while clients push.

use super::kills::some_seed;
use crate::chaos::{Crates, World};
use crate::support::{PostgresServer, Stop, eventually};

/// Pushes that are acknowledged before the database is stopped, and after it was started again.
const PUSHES: usize = 2;

#[test]
fn a_database_that_is_started_again_has_all_that_was_acknowledged() {
    let mut world = World::new(PostgresServer::start_careful(), Crates::InTheDatabase, some_seed());
    world.push_during(|world| {
        for stop in [Stop::Fast, Stop::Immediate] {
            let pushes_go_on = |world: &World| {
                let enough = world.acknowledged() + PUSHES;
                eventually("pushes go on", || world.acknowledged() >= enough);
            };
            pushes_go_on(world);
            world.server.stop(stop);
            eventually("both say so", || [0, 1].iter().all(|at| world.node(*at).get("/readyz").status == 503));
            world.server.start_again();
            pushes_go_on(world);
        }
    });
    eventually("both are ready", || [0, 1].iter().all(|at| world.node(*at).get("/readyz").status == 200));
    world.audit();
}
