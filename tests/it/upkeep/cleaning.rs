//! `registry gc`: it says what it would remove, and removes that.

use crate::upkeep::{Filled, on, sql};

#[test]
fn what_has_ended_is_told_first_and_removed_when_asked() {
    let filled = Filled::new();
    let data = filled.data.path();
    on(data, &["gc"]).ok().prints("would remove 0 ended sessions, 0 ended tokens");
    on(data, &["token", "create", "--note", "ended"]).ok();
    sql(
        data,
        "UPDATE tokens SET expires = created + 1 WHERE note = 'ended';
         UPDATE tokens SET created = 1, expires = 2 WHERE note = 'ended';
         INSERT INTO sessions SELECT zeroblob(32), id, 1, 2 FROM tokens WHERE note <> 'ended' LIMIT 1;
         INSERT INTO resting_names VALUES ('gone', zeroblob(16), 1);
         INSERT INTO blobs (digest, content) VALUES (zeroblob(32), x'00')",
    );
    let told = on(data, &["gc", "--json"]).ok().json();
    let counts = |told: &serde_json::Value| ["sessions", "tokens", "names", "contents"].map(|what| told[what].as_u64());
    assert_eq!((counts(&told), told["removed"].as_bool()), ([Some(1); 4], Some(false)));
    let removed = on(data, &["gc", "--yes", "--json"]).ok().json();
    assert_eq!((counts(&removed), removed["removed"].as_bool()), ([Some(1); 4], Some(true)));
    assert_eq!(counts(&on(data, &["gc", "--json"]).ok().json()), [Some(0); 4]);
    on(data, &["repair", "--accept-rows"]).ok();
    on(data, &["verify"]).ok();
    filled.serve(data).is_well();
}
