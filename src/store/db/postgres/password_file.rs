//! Passwords in the format of libpq's `.pgpass`: a line each, `host:port:database:user:password`.

use std::io;
use std::path::Path;

/// Whose password is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) user: String,
}

/// The password of the first line for `account`. A file that does not exist has none.
///
/// # Errors
/// If the file cannot be read, or other users can read it.
pub(super) fn find_password(path: &Path, account: &Account) -> io::Result<Option<String>> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&path.metadata()?.permissions()) & 0o077 != 0 {
        return Err(io::Error::other("other users can read it; `chmod 600` it"));
    }
    Ok(text.lines().find_map(|line| password_in(line, account)))
}

fn password_in(line: &str, account: &Account) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let fields = fields(line);
    let [host, port, database, user, password] = fields.as_slice() else { return None };
    let port_of_account = account.port.to_string();
    let wanted =
        [(host, &account.host), (port, &port_of_account), (database, &account.database), (user, &account.user)];
    wanted.iter().all(|(field, value)| *field == "*" || field == value).then(|| password.clone())
}

/// The fields of a line; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let taken = match character {
            ':' => {
                fields.push(String::new());
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(field) = fields.last_mut() {
            field.push(taken);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let of = |user: &str| Account { host: "db".into(), port: 5432, database: "acme".into(), user: user.into() };
        let text = "# db:5432:acme:root:no\ndb:5433:acme:root:no\n*:*:acme:root:a\\:b\\\\c\n*:*:*:*:any\n";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("passwords");
        assert_eq!(find_password(&path, &of("root")).unwrap(), None);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            let permit = |mode| std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode));
            permit(0o644).unwrap();
            assert!(find_password(&path, &of("root")).unwrap_err().to_string().contains("chmod 600"));
            permit(0o600).unwrap();
        }
        assert_eq!(find_password(&path, &of("root")).unwrap().as_deref(), Some("a:b\\c"));
        assert_eq!(find_password(&path, &of("guest")).unwrap().as_deref(), Some("any"));
    }
}
