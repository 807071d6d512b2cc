//! Declarations that are called otherwise in Rust than their names alone say. Which ones these are, all files of a
//! commit decide together, while the code of another module sees only those that it imports. So they are kept.

use serde::{Deserialize, Serialize};

use crate::model::Family;

/// The version of the rules by which names are numbered. Names that were kept under another one are found again.
const RULES: &str = "1";

/// A declaration with something behind its name in Rust, because its own is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedName {
    /// `message`, `enum` …
    pub kind: String,
    /// Its full name, with a dot in front.
    pub full: String,
    /// The file that declares it.
    pub file: String,
    /// What stands behind the name of its type.
    pub type_suffix: String,
    /// What stands behind the names of its modules, fields and functions.
    pub module_suffix: String,
}

/// The numbered names of a commit, by the family of the crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberedNames {
    /// In crates of prost.
    pub prost: Vec<NumberedName>,
    /// In crates of buffa.
    pub buffa: Vec<NumberedName>,
}

impl NumberedNames {
    /// The names in crates of `family`.
    #[must_use]
    pub fn of(self, family: Family) -> Vec<NumberedName> {
        match family {
            Family::Prost => self.prost,
            Family::Buffa => self.buffa,
        }
    }

    /// As lines, the first with the version of the rules. No name has a tab or a line break.
    #[must_use]
    pub fn encode(&self) -> String {
        let line = |family: &str, name: &NumberedName| {
            let NumberedName { kind, full, file, type_suffix, module_suffix } = name;
            [family, kind, full, file, type_suffix, module_suffix].join("\t") + "\n"
        };
        let prost = self.prost.iter().map(|name| line("prost", name));
        let lines = prost.chain(self.buffa.iter().map(|name| line("buffa", name)));
        std::iter::once(format!("rules\t{RULES}\n")).chain(lines).collect()
    }

    /// The names of these lines; none if they were kept under other rules.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()?.split_once('\t') != Some(("rules", RULES)) {
            return None;
        }
        let mut names = Self::default();
        for line in lines {
            let [family, kind, full, file, type_suffix, module_suffix] =
                line.split('\t').collect::<Vec<_>>().try_into().ok()?;
            let [kind, full, file] = [kind, full, file].map(str::to_owned);
            let [type_suffix, module_suffix] = [type_suffix, module_suffix].map(str::to_owned);
            let family = match family {
                "prost" => &mut names.prost,
                "buffa" => &mut names.buffa,
                _ => return None,
            };
            family.push(NumberedName { kind, full, file, type_suffix, module_suffix });
        }
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_those_of_other_rules_do_not() {
        let name = |full: &str, suffix: &str| NumberedName {
            kind: "message".into(),
            full: full.into(),
            file: "a b.proto".into(),
            type_suffix: suffix.into(),
            module_suffix: "_2".into(),
        };
        let names = NumberedNames { prost: vec![name(".p.A", "2"), name(".B", "")], buffa: vec![name(".p.A", "2")] };
        assert_eq!(NumberedNames::decode(&names.encode()), Some(names.clone()));
        assert_eq!(NumberedNames::decode(&NumberedNames::default().encode()), Some(NumberedNames::default()));
        assert_eq!(NumberedNames::decode(&names.encode().replace("rules\t1", "rules\t0")), None);
        assert_eq!(NumberedNames::decode("rules\t1\nprost\tmessage\n"), None);
        assert_eq!(NumberedNames::decode(""), None);
        assert_eq!(names.of(Family::Buffa).len(), 1);
    }
}
