//! The `breaking` section of a `buf.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::directory::Directory;
use crate::model::BreakingConfig;

/// The section as it is written. A push reads it for a check alone, so a path that cannot be one is left out.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct BreakingShape {
    #[serde(rename = "use")]
    uses: Option<Vec<String>>,
    except: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    ignore_only: Option<BTreeMap<String, Vec<String>>>,
    ignore_unstable_packages: Option<bool>,
    #[serde(rename = "disable_builtin")]
    _disable_builtin: Option<IgnoredAny>,
}

impl BreakingShape {
    /// The section with paths relative to the module in `directory`. Paths of other modules are left out.
    pub(super) fn of_module(&self, directory: &Directory) -> BreakingConfig {
        let inside = |paths: &Vec<String>| -> Vec<String> {
            let relative = |path: &String| {
                let path = Directory::parse(path).ok()?;
                if path.holds(directory) {
                    return Some(Directory::default().to_string());
                }
                directory.relative(&path).map(|path| path.to_string())
            };
            paths.iter().filter_map(relative).collect()
        };
        let only = self.ignore_only.iter().flatten().map(|(rule, paths)| (rule.clone(), inside(paths)));
        BreakingConfig {
            uses: self.uses.clone().unwrap_or_default(),
            except: self.except.clone().unwrap_or_default(),
            ignore: self.ignore.as_ref().map(inside).unwrap_or_default(),
            ignore_only: only.collect(),
            ignore_unstable_packages: self.ignore_unstable_packages.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_module() {
        let shape = BreakingShape {
            ignore: Some(vec!["proto/a".into(), "other/b.proto".into()]),
            ignore_only: Some(BTreeMap::from([("FILE".into(), vec!["./proto".into()])])),
            ..BreakingShape::default()
        };
        let config = shape.of_module(&Directory::parse("proto").unwrap());
        assert_eq!(config.ignore, ["a"]);
        assert_eq!(config.ignore_only["FILE"], ["."]);
    }
}
