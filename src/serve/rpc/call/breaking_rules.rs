//! The `breaking` section of a `buf.yaml` in requests.

use crate::model::BreakingConfig;
use crate::wire::registry::v1::BreakingRules;

/// The rules of a request.
pub(in crate::serve::rpc) fn breaking_config(rules: BreakingRules) -> BreakingConfig {
    BreakingConfig {
        uses: rules.r#use,
        except: rules.except,
        ignore: rules.ignore,
        ignore_only: rules.ignore_only.into_iter().map(|only| (only.rule, only.paths)).collect(),
        ignore_unstable_packages: rules.ignore_unstable_packages,
    }
}
