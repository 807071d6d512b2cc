//! `BUF_TOKEN`: `TOKEN@HOST,TOKEN@HOST`. A token alone would go to every host that `buf` talks to.

/// The host for which a token without a host is kept.
const USUAL_HOST: &str = "buf.build";

/// The prefix of this registry's tokens.
const OURS: &str = "reg_";

/// The value of the variable, and a warning about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BufToken {
    pub value: String,
    pub warning: Option<String>,
}

/// `token` for `host`, with the tokens of the variable for other hosts.
pub(super) fn joined(held: Option<&str>, token: &str, host: &str) -> BufToken {
    let mut warning = None;
    let mut entries = vec![];
    for entry in held.unwrap_or_default().split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.rsplit_once('@') {
            Some((_, named)) if named == host => {}
            Some(_) => entries.push(entry.to_owned()),
            None if entry == token => {}
            None if entry.starts_with(OURS) => {
                warning = Some(
                    "BUF_TOKEN held a token without a host, which buf sends to every host; it was left out".to_owned(),
                );
            }
            None => {
                warning = Some(format!(
                    "BUF_TOKEN held a token without a host, which buf sends to every host; it is kept for {USUAL_HOST} \
                     alone"
                ));
                entries.push(format!("{entry}@{USUAL_HOST}"));
            }
        }
    }
    entries.push(format!("{token}@{host}"));
    BufToken { value: entries.join(","), warning }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(held: &str) -> String {
        joined(Some(held), "reg_new", "localhost:8780").value
    }

    #[test]
    fn the_token_is_for_its_host_alone() {
        let first = joined(None, "reg_new", "localhost:8780");
        assert_eq!(first, BufToken { value: "reg_new@localhost:8780".into(), warning: None });
    }

    #[test]
    fn tokens_for_other_hosts_stay() {
        assert_eq!(value("a@buf.build, b@other:1"), "a@buf.build,b@other:1,reg_new@localhost:8780");
        assert_eq!(value("reg_old@localhost:8780,a@buf.build"), "a@buf.build,reg_new@localhost:8780");
        assert_eq!(value(&value("a@buf.build")), value("a@buf.build"), "a second time changes nothing");
    }

    #[test]
    fn a_token_for_every_host_becomes_one_for_one() {
        let kept = joined(Some("theirs"), "reg_new", "localhost:8780");
        assert_eq!(kept.value, "theirs@buf.build,reg_new@localhost:8780");
        assert!(kept.warning.unwrap().contains("buf.build alone"));
        let dropped = joined(Some("reg_old"), "reg_new", "localhost:8780");
        assert_eq!(dropped.value, "reg_new@localhost:8780");
        assert!(dropped.warning.unwrap().contains("left out"));
        assert_eq!(joined(Some("reg_new"), "reg_new", "localhost:8780").warning, None);
    }
}
