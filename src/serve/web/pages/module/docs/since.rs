//! Says of the declarations on a page since when they are there.

use crate::model::DeclarationId;
use crate::serve::http::error::Answer;
use crate::serve::web::pages::module::since::{Releases, Since};

use super::view::{Heading, PackageDocs, PartSince};

/// Fills in the releases of `docs`, which are of `package`.
pub(super) fn fill_in(releases: &mut Releases<'_>, package: &str, docs: &mut PackageDocs) -> Answer<()> {
    let mut filler = Filler { releases, package };
    for service in &mut docs.services {
        let (id, since) = filler.head(&mut service.heading)?;
        for method in &mut service.methods {
            method.since = filler.part(id.part(&method.name), method.deprecated, since.as_ref())?;
        }
    }
    for message in &mut docs.messages {
        let (id, since) = filler.head(&mut message.heading)?;
        for field in &mut message.fields {
            let deprecated = field.notes.iter().any(|note| note == "deprecated");
            field.since = filler.part(id.part(&field.name), deprecated, since.as_ref())?;
        }
    }
    for declared in &mut docs.enums {
        let (id, since) = filler.head(&mut declared.heading)?;
        for value in &mut declared.values {
            value.since = filler.part(id.part(&value.name), value.deprecated, since.as_ref())?;
        }
    }
    Ok(())
}

struct Filler<'f, 'a> {
    releases: &'f mut Releases<'a>,
    package: &'f str,
}

impl Filler<'_, '_> {
    fn head(&mut self, heading: &mut Heading) -> Answer<(DeclarationId, Option<Since>)> {
        let dot = if self.package.is_empty() { "" } else { "." };
        let id = DeclarationId::named(&format!("{}{dot}{}", self.package, heading.anchor));
        heading.since.declared = self.releases.declared(id)?;
        if heading.deprecated {
            heading.since.deprecated = self.releases.deprecated(id)?;
        }
        Ok((id, heading.since.declared.clone()))
    }

    fn part(&mut self, id: DeclarationId, deprecated: bool, whole: Option<&Since>) -> Answer<PartSince> {
        let other = |since: Option<Since>, than: Option<&Since>| since.filter(|since| Some(since) != than);
        let declared = self.releases.declared(id)?;
        let deprecated = if deprecated { self.releases.deprecated(id)? } else { None };
        let deprecated = other(deprecated, declared.as_ref());
        Ok(PartSince { declared: other(declared, whole), deprecated })
    }
}
