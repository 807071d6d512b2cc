//! How much one owner may keep: what is too much is refused with the flag that changes it, and nothing of it is there.

use serde_json::json;

use crate::support::{Answer, Module, Registry, Transcript, http, pets, run};

fn cli(registry: &Registry, line: &str) -> Transcript {
    registry.cli(line.split(' '))
}

fn organization(registry: &Registry, name: &str) -> Answer {
    let method = "buf.registry.owner.v1.OrganizationService/CreateOrganizations";
    registry.call(method, &json!({ "values": [{ "name": name }] }))
}

#[test]
fn what_one_owner_may_keep_is_bounded_by_settings() {
    let registry = Registry::with(|options| {
        options.flag("eager-plugins", "").flag("max-modules-per-owner", "2").flag("max-labels-per-module", "2");
        options.flag("max-tokens-per-user", "3").flag("max-organizations-per-user", "2");
        options.flag("max-store-bytes-per-owner", "50KiB");
    });
    let module = |name: &str| Module::new(name).file("a.proto", pets("name"));
    module("acme/pets").push(&registry);
    module("acme/shop").push(&registry);
    let refused = module("acme/more").try_push(&registry).refused();
    refused.says("the total of owner acme is 3 modules, more than the limit of 2").says("--max-modules-per-owner");
    cli(&registry, "module create acme/more").refused().says("--max-modules-per-owner");
    cli(&registry, "module info acme/more").refused().says("is not in this registry");

    // Another content, because labels of the same one would be the same push.
    let labelled = |label: &str, field: &str| {
        Module::new("acme/pets").file("a.proto", pets(field)).argument(&format!("--label={label}")).try_push(&registry)
    };
    labelled("next", "b").ok();
    let refused = labelled("third", "c").refused();
    refused.says("3 labels, more than the limit of 2").says("--max-labels-per-module");
    labelled("next", "d").ok();

    let large = Module::new("acme/shop").file("a.proto", format!("{}// {}", pets("e"), "x".repeat(60_000)));
    large.try_push(&registry).refused().says("--max-store-bytes-per-owner");
    module("acme/shop").push(&registry);

    // Those that the start made count too.
    let refused = (0..4).map(|_| cli(&registry, "token create")).find(|created| !created.succeeded());
    refused.unwrap().refused().says("4 tokens, more than the limit of 3").says("--max-tokens-per-user");
    // acme is the first organization.
    organization(&registry, "second").ok();
    let third = organization(&registry, "third").is(429).text();
    assert!(third.contains("3 organizations, more than the limit of 2"), "{third}");
    assert!(third.contains("--max-organizations-per-user"), "{third}");
    cli(&registry, "organization member list third").refused().says("there is no user or organization third");
    // The same by a form.
    let headers = vec![
        registry.authorization(),
        format!("host: {}", registry.host()),
        format!("origin: {}", registry.url),
        "content-type: application/x-www-form-urlencoded".into(),
    ];
    let form = http::send(&registry.url, "POST", "/settings/organizations", headers, b"name=fourth");
    assert!(form.status == 413 && form.text().contains("--max-organizations-per-user"), "{}", form.text());
}

#[test]
fn of_many_who_take_the_last_place_at_once_one_gets_it() {
    let registry = Registry::with(|options| {
        options.flag("eager-plugins", "").flag("max-modules-per-owner", "3");
    });
    organization(&registry, "acme").ok();
    let create = |at: usize| {
        let mut command = registry.command();
        run(command.args(["module", "create", &format!("acme/m{at}")])).succeeded()
    };
    let made = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|at| scope.spawn(move || create(at))).collect();
        tries.into_iter().map(|one| usize::from(one.join().unwrap())).sum::<usize>()
    });
    assert_eq!(made, 3);
}

#[test]
fn sdks_are_listed_in_pages_that_meet_without_gap() {
    let registry = Registry::start();
    for field in ["a", "b", "c"] {
        Module::new("acme/pets").file("pets.proto", pets(field)).push(&registry);
    }
    let list = |size: u32, token: &str| {
        let request = json!({ "module": { "owner": "acme", "name": "pets" }, "pageSize": size, "pageToken": token });
        registry.call("registry.v1.SdkService/ListSdks", &request)
    };
    let (mut found, mut token, mut pages) = (vec![], String::new(), 0);
    loop {
        let page = list(2, &token).ok().json();
        let sdks = page["sdks"].as_array().unwrap();
        assert!(!sdks.is_empty() && sdks.len() <= 2, "{page}");
        found.extend(sdks.iter().map(|sdk| format!("{} {}", sdk["crateName"], sdk["version"])));
        token = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
        pages += 1;
        if token.is_empty() {
            break;
        }
    }
    let all = cli(&registry, "sdk list acme/pets --json").ok().json();
    let all: Vec<_> =
        all.as_array().unwrap().iter().map(|sdk| format!("{} {}", sdk["crate"], sdk["version"])).collect();
    assert_eq!(found, all);
    assert!(pages == found.len().div_ceil(2) && pages >= 2, "{found:?}");
    assert!(list(251, "").is(400).text().contains("at most 250 items fit on a page"));
    assert!(list(2, "made-up").is(400).text().contains("page_token is not one that this registry gave out"));
}
