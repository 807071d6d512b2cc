//! What is wrong in the sources of a refused request, as a detail of its error.

use base64::Engine as _;
use buffa::Message as _;
use connectrpc::ErrorDetail;

use super::base64::BASE64;
use super::registry::v1::{SourceFinding, SourceFindings};
use crate::model::{Diagnostic, Diagnostics};

/// The full name of [`SourceFindings`].
const TYPE: &str = "registry.v1.SourceFindings";

/// The detail that carries `findings`.
#[must_use]
pub fn findings_to_detail(findings: &Diagnostics) -> ErrorDetail {
    let finding = |found: &Diagnostic| {
        let (line, column) = found.position.unwrap_or_default();
        SourceFinding {
            path: found.path.clone(),
            line: u32::try_from(line).unwrap_or_default(),
            column: u32::try_from(column).unwrap_or_default(),
            message: found.message.clone(),
            source_line: found.source_line.clone().unwrap_or_default(),
        }
    };
    ErrorDetail::from_message(TYPE, &SourceFindings { findings: findings.0.iter().map(finding).collect() })
}

/// The findings among the details of an error; none if there are none, or they are malformed.
#[must_use]
pub fn findings_from_details(details: &[ErrorDetail]) -> Option<Diagnostics> {
    let detail = details.iter().find(|detail| detail.type_url.rsplit('/').next() == Some(TYPE))?;
    let bytes = BASE64.decode(detail.value.as_ref()?).ok()?;
    let decoded = SourceFindings::decode_from_slice(&bytes).ok()?;
    let finding = |found: SourceFinding| Diagnostic {
        position: (found.line > 0 && found.column > 0).then_some((found.line as usize, found.column as usize)),
        path: found.path,
        message: found.message,
        source_line: (!found.source_line.is_empty()).then_some(found.source_line),
    };
    let findings: Vec<_> = decoded.findings.into_iter().map(finding).collect();
    (!findings.is_empty()).then_some(Diagnostics(findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_come_out_as_they_went_in() {
        let source = "syntax = \"proto3\";\nmessage X { strin a = 1; }\n";
        let findings = Diagnostics(vec![
            Diagnostic::at("a.proto", source, 2, 13, "name 'strin' is not defined"),
            Diagnostic::in_file("b.proto", "is empty"),
        ]);
        assert_eq!(findings_from_details(&[findings_to_detail(&findings)]), Some(findings));
    }

    #[test]
    fn what_is_no_list_of_findings_is_none() {
        let other = ErrorDetail { type_url: "google.rpc.RetryInfo".into(), value: Some("CgA".into()), debug: None };
        let broken = ErrorDetail { type_url: TYPE.into(), value: Some("*".into()), debug: None };
        assert_eq!(findings_from_details(&[]), None);
        assert_eq!(findings_from_details(&[other, broken]), None);
    }
}
