//! What is compared.

use crate::model::{DescriptorSet, ModuleName};

/// One of the two versions: a module with all that it imports.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// The compiled files.
    pub descriptors: &'a DescriptorSet,
    /// The module among them that is compared.
    pub module: &'a ModuleName,
}

impl Version<'_> {
    /// Whether both hold the same files, byte for byte. A push may change nothing, or nothing but a README.
    pub(crate) fn is_same_as(self, other: Self) -> bool {
        let encoded = |version: Self| version.descriptors.files.iter().map(|file| &file.encoded);
        self.module == other.module && encoded(self).eq(encoded(other))
    }
}

#[cfg(test)]
mod tests {
    use crate::breaking::{Report, Version, report};
    use crate::model::BreakingConfig;
    use crate::model::testing::{module, set};

    #[test]
    fn a_version_breaks_nothing_for_itself_and_unknown_rules_are_refused_all_the_same() {
        let of = |source: &str| set(&[("acme/pets", "a.proto", source)]);
        let (one, same, other, pets) =
            (of("message Dog {}"), of("message Dog {}"), of("message Cat {}"), module("acme/pets"));
        let version = |descriptors| Version { descriptors, module: &pets };
        assert!(version(&one).is_same_as(version(&same)) && !version(&one).is_same_as(version(&other)));
        let config = BreakingConfig::default();
        assert_eq!(report(version(&one), version(&same), &config).unwrap(), Report::default());
        assert_ne!(report(version(&one), version(&other), &config).unwrap(), Report::default());
        let unknown = BreakingConfig { uses: vec!["NO_RULE".into()], ..config };
        assert!(report(version(&one), version(&same), &unknown).is_err());
    }
}
