//! The order of jobs when several pushes wait for crates.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Module, Programs, Registry, eventually};

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

/// Notes whose turn it is, and waits for the word to go on.
const SCRIPT: &str = "cat >request
if grep -q acme.giant.v1 request; then module=giant; else module=small; fi
echo $module >>HERE/order
while [ -d HERE ] && [ ! -e HERE/go ]; do sleep 0.01; done
cat HERE/$module";

fn push(registry: &Registry, name: &str) {
    let text = format!("syntax = \"proto3\";\npackage acme.{name}.v1;\nmessage M {{}}\n");
    Module::new(&format!("acme/{name}")).file(&format!("{name}.proto"), text).push(registry);
}

#[test]
fn a_push_that_owes_much_does_not_hold_up_another() {
    let mut programs = Programs::new();
    for module in ["giant", "small"] {
        programs = programs.answer(module, &[(&format!("acme.{module}.v1.rs"), "pub struct M;")]);
    }
    for name in NAMES {
        programs = programs.script(name, SCRIPT, "");
    }
    let (config, order, eager) = (programs.config(), programs.path("order"), NAMES.map(|name| format!("acme/{name}")));
    let registry = Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", &eager.join(",")).flag("workers", "1");
        options.flag("push-wait", "0");
    });
    push(&registry, "giant");
    let turns = || std::fs::read_to_string(&order).unwrap_or_default();
    eventually("the first crate of the giant is being made", || turns() == "giant\n");
    push(&registry, "small");
    std::fs::write(programs.path("go"), "").unwrap();
    eventually("all are made", || turns().lines().count() == 2 * NAMES.len());
    assert_eq!(turns(), "giant\nsmall\n".repeat(NAMES.len()));
}

/// Notes that it was started, and waits for a file `go1`, `go2` … of its own.
const ONE_BY_ONE: &str = "cat >request
echo run >>HERE/runs
go=HERE/go$(wc -l <HERE/runs | tr -d ' ')
while [ -d HERE ] && [ ! -e $go ]; do sleep 0.01; done
cat HERE/answer";

const DTO: &str = "/gen/cargo/ac/me/acme_pets_acme_dto";

/// A registry with one worker and the plugin `acme/dto`, which waits for the word each time.
fn one_by_one(eager: &str) -> (Programs, Registry) {
    let programs =
        Programs::new().answer("answer", &[("acme.pets.v1.rs", "pub struct M;")]).script("dto", ONE_BY_ONE, "");
    let config = programs.config();
    let registry = Registry::with(|options| {
        options.flag("config", &config).flag("eager-plugins", eager).flag("workers", "1").flag("push-wait", "0");
    });
    (programs, registry)
}

fn runs(programs: &Programs) -> usize {
    std::fs::read_to_string(programs.path("runs")).unwrap_or_default().lines().count()
}

#[test]
fn a_crate_that_takes_long_does_not_hold_up_a_small_one() {
    let (programs, registry) = one_by_one("");
    push(&registry, "pets");
    registry.cli(["sdk", "generate", "acme/pets", "--plugin", "acme/dto", "--no-wait"]).ok();
    eventually("the only worker is busy", || runs(&programs) == 1);
    push(&registry, "small");
    let page = registry.get("/gen/cargo/ac/me/acme_small_community_neoeinstein-tonic").ok();
    assert_eq!(page.lines().len(), 1);
    let listed = registry.cli(["sdk", "list", "acme/pets", "--json"]).ok().json();
    assert!(listed[0]["state"] != "served", "{listed}");
}

#[test]
fn an_index_page_waits_for_what_was_pushed_before_and_for_nothing_else() {
    let (programs, registry) = one_by_one("acme/dto");
    let go = |number: usize| std::fs::write(programs.path(&format!("go{number}")), "").unwrap();
    let push = |field: &str| {
        let text = format!("syntax = \"proto3\";\npackage acme.pets.v1;\nmessage M {{ int32 {field} = 1; }}\n");
        Module::new("acme/pets").file("pets.proto", text).push(&registry);
    };
    push("one");
    go(1);
    assert_eq!(registry.get(DTO).ok().lines().len(), 1);
    push("two");
    eventually("the second is being made", || runs(&programs) == 2);
    std::thread::scope(|scope| {
        let asked = Instant::now();
        let page = scope.spawn(|| registry.get(DTO).ok().lines().len());
        std::thread::sleep(Duration::from_secs(1));
        assert!(!page.is_finished(), "it does not wait for the second");
        push("three");
        go(2);
        assert_eq!(page.join().unwrap(), 2);
        assert!(asked.elapsed() < Duration::from_secs(20), "it waited for the third");
    });
    eventually("the third is being made", || runs(&programs) == 3);
    // Now there is no end to it: what is there is served.
    assert_eq!(registry.get(DTO).ok().lines().len(), 2);
}

#[test]
fn pushers_that_do_not_wait_do_not_starve_who_reads() {
    let registry = Registry::with(|options| {
        options.flag("workers", "1").flag("push-wait", "0");
    });
    push(&registry, "busy");
    let page = "/gen/cargo/ac/me/acme_busy_community_neoeinstein-prost";
    let (stop, pushed) = (AtomicBool::new(false), std::sync::atomic::AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let push_on = |pusher: usize| {
            let (registry, stop, pushed) = (&registry, &stop, &pushed);
            scope.spawn(move || {
                for number in 0..1000 {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let text = format!("syntax = \"proto3\";\npackage b;\nmessage M{pusher}x{number} {{}}\n");
                    Module::new("acme/busy").file("busy.proto", text).push(registry);
                    pushed.fetch_add(1, Ordering::Relaxed);
                }
            });
        };
        (0..3).for_each(push_on);
        for _ in 0..3 {
            let before = pushed.load(Ordering::Relaxed);
            eventually("there are pushes", || pushed.load(Ordering::Relaxed) > before + 3);
            let answer = registry.get(page);
            if answer.status != 200 {
                stop.store(true, Ordering::Relaxed);
            }
            answer.is(200);
        }
        stop.store(true, Ordering::Relaxed);
    });
}
