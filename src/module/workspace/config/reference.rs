//! Full names of modules and of their dependencies, as configuration files write them.

use std::fmt;
use std::str::FromStr;

use super::error::ConfigProblem;
use crate::model::ModuleName;

/// A module and the registry that it lives on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualifiedName {
    /// `host` or `host:port`; empty for the registry that is pushed to.
    pub remote: String,
    /// The module there.
    pub module: ModuleName,
}

impl QualifiedName {
    /// Reads the name of a module of the workspace: `host[:port]/owner/module`, or `owner/module`, which `buf` refuses.
    pub(in crate::module::workspace) fn parse_own(text: &str) -> Result<Self, ConfigProblem> {
        match text.parse() {
            Ok(module) => Ok(Self { remote: String::new(), module }),
            Err(_) => Self::parse(text),
        }
    }

    /// Reads `host[:port]/owner/module`.
    pub(in crate::module::workspace) fn parse(text: &str) -> Result<Self, ConfigProblem> {
        let shape = || ConfigProblem::NotAFullName(text.into());
        let (remote, module) = text.split_once('/').ok_or_else(shape)?;
        if remote.is_empty() || module.matches('/').count() != 1 {
            return Err(shape());
        }
        if !is_host(remote) {
            return Err(ConfigProblem::Host { name: text.into(), host: remote.into() });
        }
        Ok(Self { remote: remote.into(), module: module.parse()? })
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remote.as_str() {
            "" => self.module.fmt(f),
            remote => write!(f, "{remote}/{}", self.module),
        }
    }
}

/// Whether `text` is `host`, `host:port` or `[address]:port`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    if port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()) || port.parse::<u16>().is_err()) {
        return false;
    }
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')),
    }
}

/// A dependency that `buf.yaml` declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DependencyRef {
    /// `host` or `host:port`.
    pub remote: String,
    /// The module there.
    pub module: ModuleName,
    /// A label or commit; none means the module's default label.
    pub reference: Option<String>,
}

impl DependencyRef {
    /// Reads `host[:port]/owner/module[:reference]`.
    pub(in crate::module::workspace) fn parse(text: &str) -> Result<Self, ConfigProblem> {
        // A host may have a colon too, and a label slashes, so the reference starts at the colon of the third part.
        let third = text.match_indices('/').nth(1).map_or(text.len(), |(slash, _)| slash + 1);
        let (name, reference) = match text[third..].split_once(':') {
            Some((module, reference)) => (&text[..third + module.len()], Some(reference)),
            None => (text, None),
        };
        if reference.is_some_and(|reference| reference.is_empty() || reference.contains(':')) {
            return Err(ConfigProblem::NotADependency(text.into()));
        }
        let QualifiedName { remote, module } = QualifiedName::parse(name)?;
        Ok(Self { remote, module, reference: reference.map(str::to_owned) })
    }

    /// The module without the reference.
    #[must_use]
    pub fn name(&self) -> QualifiedName {
        QualifiedName { remote: self.remote.clone(), module: self.module.clone() }
    }
}

impl FromStr for DependencyRef {
    type Err = ConfigProblem;

    fn from_str(text: &str) -> Result<Self, ConfigProblem> {
        Self::parse(text)
    }
}

impl fmt::Display for DependencyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.remote, self.module)?;
        self.reference.iter().try_for_each(|reference| write!(f, ":{reference}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_a_host_an_owner_and_a_module() {
        for good in ["buf.build/acme/pets", "localhost:8080/acme/pets", "[::1]:8080/acme/pets"] {
            assert_eq!(QualifiedName::parse(good).unwrap().to_string(), good);
        }
        assert_eq!(QualifiedName::parse_own("acme/pets").unwrap().to_string(), "acme/pets");
        assert_eq!(QualifiedName::parse_own("buf.build/acme/pets").unwrap().remote, "buf.build");
        assert!(QualifiedName::parse_own("pets").is_err());
        let error = |text| QualifiedName::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(error("acme/pets"), @r#""acme/pets" is not a module's full name; write HOST/OWNER/MODULE, such as registry.example.com/acme/petapis"#);
        insta::assert_snapshot!(error("buf.build/acme/pets/v1"), @r#""buf.build/acme/pets/v1" is not a module's full name; write HOST/OWNER/MODULE, such as registry.example.com/acme/petapis"#);
        insta::assert_snapshot!(error("https://buf.build/acme/pets"), @r#""https://buf.build/acme/pets" is not a module's full name; write HOST/OWNER/MODULE, such as registry.example.com/acme/petapis"#);
        insta::assert_snapshot!(error("buf.build:x/acme/pets"), @r#""buf.build:x/acme/pets" does not start with a host: "buf.build:x" may hold letters, digits, dots, hyphens and a port only"#);
        insta::assert_snapshot!(error("buf.build/acme/pet_apis"), @r#"module name "pet_apis" is not valid: use lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen"#);
    }

    #[test]
    fn a_dependency_may_name_a_label_with_slashes() {
        let label = DependencyRef::parse("localhost:80/acme/pets:feature/v1").unwrap();
        assert_eq!(label.reference.as_deref(), Some("feature/v1"));
        assert_eq!(label.to_string(), "localhost:80/acme/pets:feature/v1");
        assert_eq!(DependencyRef::parse("localhost:80/acme/pets").unwrap().reference, None);
        assert!(DependencyRef::parse("buf.build/acme/pets:").is_err());
        assert!(DependencyRef::parse("buf.build/acme/pets:a:b").is_err());
    }
}
