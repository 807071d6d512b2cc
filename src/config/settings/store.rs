//! The database that several servers share.

use std::path::PathBuf;
use std::str::FromStr;

use crate::config::resolve::{Effective, Resolver};
use crate::config::{ConfigError, Origin, settings_table};
use crate::model::{PasswordSource, StoreAddress};

/// A database on a server, and how to sign in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// Its address.
    pub address: StoreAddress,
    /// Where the password is when the address has none: where the tools of PostgreSQL look for it.
    pub passwords: PasswordSource,
}

pub(super) fn settings(from: &mut Resolver<'_>) -> Result<Option<StoreSettings>, ConfigError> {
    let parse = |text: &str| StoreAddress::from_str(text).map_err(|error| error.to_string());
    let Some(address) = from.shown(&settings_table::STORE, parse)? else { return Ok(None) };
    let home = || from.env.get("HOME").map(|home| PathBuf::from(home).join(".pgpass"));
    let passwords = PasswordSource {
        password: from.env.get("PGPASSWORD").map(Into::into),
        file: from.env.get("PGPASSFILE").map(PathBuf::from).or_else(home),
    };
    Ok(Some(StoreSettings { address, passwords }))
}

/// Refuses settings of the database in the data directory, among these, beside one on a server.
pub(super) fn check_alone(given: &[Effective]) -> Result<(), ConfigError> {
    for (setting, instead) in [
        (&settings_table::MAX_STORE_BYTES, "the server of the database has limits of its own"),
        (&settings_table::BACKUP_DIR, "pg_dump, or what the server of the database has for that, makes its backups"),
    ] {
        let given = given.iter().find(|effective| effective.setting == setting);
        if let Some(given) = given.filter(|given| given.origin != Origin::Default) {
            let problem =
                format!("it is about the database of the data directory, and --store names another; {instead}");
            return Err(ConfigError::Value { name: setting.name, origin: given.origin.clone(), problem });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Environment, Flags, Settings};

    fn load(flags: &[(&'static str, &str)], env: &[(&str, &str)]) -> Result<Settings, String> {
        let flags: Flags = flags.iter().map(|(name, value)| (*name, vec![(*value).to_owned()])).collect();
        Settings::load(&flags, &Environment::of(env), None).map_err(|error| error.to_string())
    }

    const HOME: (&str, &str) = ("HOME", "/users/me");
    const STORE: (&str, &str) = ("store", "postgres://registry:secret@db/acme");

    #[test]
    fn the_password_is_where_the_tools_of_postgresql_look_for_it() {
        let passwords = |env: &[(&str, &str)]| load(&[STORE], env).unwrap().store.unwrap().passwords;
        assert_eq!(passwords(&[HOME]).file.as_deref(), Some(Path::new("/users/me/.pgpass")));
        let named = passwords(&[HOME, ("PGPASSFILE", "/run/secrets/db"), ("PGPASSWORD", "x")]);
        assert_eq!((named.password.as_deref(), named.file.as_deref()), (Some("x"), Some(Path::new("/run/secrets/db"))));
        assert_eq!(load(&[], &[HOME]).unwrap().store, None);
    }

    #[test]
    fn no_password_is_shown_and_no_other_address_taken() {
        let settings = load(&[STORE], &[HOME]).unwrap();
        let shown = settings.effective().iter().find(|effective| effective.setting.name == "store").unwrap();
        assert_eq!(shown.texts, ["postgres://registry@db/acme"]);
        assert!(!format!("{settings:?}").contains("secret"));
        let error = load(&[("store", "/var/lib/registry")], &[HOME]).unwrap_err();
        assert!(error.starts_with("store (from --store): \"/var/lib/registry\" is no address of a store"), "{error}");
    }

    #[test]
    fn what_is_about_the_data_directory_alone_is_refused() {
        for (name, value) in [("max-store-bytes", "1GiB"), ("backup-dir", "/backups")] {
            let error = load(&[STORE, (name, value)], &[HOME]).unwrap_err();
            assert!(
                error.starts_with(&format!("{name} (from --{name}): it is about the database of the data")),
                "{error}"
            );
            load(&[(name, value)], &[HOME]).unwrap();
        }
    }
}
