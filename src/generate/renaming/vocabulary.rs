//! The words that a generator's code uses itself. They are learned from what it makes of a small schema whose names are
//! all marked, once for each generator.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::scopes::read;
use crate::model::rust_module;

/// The words of one generator.
#[derive(Debug, Default)]
pub(in crate::generate) struct Vocabulary {
    /// Names that begin its paths: types, traits and crates.
    pub paths: HashSet<String>,
    /// Names of its type parameters, and of types inside its functions.
    pub locals: HashSet<String>,
    /// Names of its functions.
    pub functions: HashSet<String>,
    /// What it writes in front of and after names of services.
    pub affixes: HashSet<(String, String)>,
}

/// The name in the schema that stands for any service.
pub(super) const SERVICE: &str = "Qxprobeservice";

/// Most that is kept: modules may ask for options of their own.
const MOST: usize = 64;

/// What is known so far, by the generators' names and options.
static KNOWN: Mutex<Option<HashMap<String, Arc<Vocabulary>>>> = Mutex::new(None);

/// The words of `generator`, a name with options, which `make` asks for code if they are not known yet.
pub(super) fn of(generator: &str, make: impl FnOnce() -> Vec<String>) -> Arc<Vocabulary> {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(vocabulary) = known().as_ref().and_then(|known| known.get(generator)) {
        return Arc::clone(vocabulary);
    }
    let learned = Arc::new(Vocabulary::learn(&make()));
    let mut known = known();
    let known = known.get_or_insert_default();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(generator.to_owned(), Arc::clone(&learned));
    learned
}

impl Vocabulary {
    /// Reads the words in `texts`.
    fn learn(texts: &[String]) -> Self {
        let mut words = Self::default();
        for text in texts {
            let scopes = read(text, &str::to_owned);
            for start in &scopes.starts {
                let word = scopes.word(start.token);
                let is_path = word.starts_with(char::is_uppercase) || scopes.follows(start.token) == "::";
                if is_path || super::absolute::is_primitive(word) {
                    words.paths.insert(word.to_owned());
                }
            }
            words.locals.extend(scopes.locals.iter().map(|word| (*word).to_owned()));
            let functions = scopes.functions.iter().flat_map(|of| &of.names);
            words.functions.extend(functions.map(|(name, _)| (*name).to_owned()));
            let declared = scopes.modules.iter().flat_map(|module| module.types.keys());
            words.affixes.extend(declared.filter_map(|name| affixes(name)));
        }
        words
    }

    /// Whether a type may not be called so without a look at the code.
    pub(super) fn has_type(&self, name: &str) -> bool {
        self.paths.contains(name) || self.locals.contains(name)
    }
}

/// What stands around the name of the service in `name`.
fn affixes(name: &str) -> Option<(String, String)> {
    let forms = [SERVICE.to_owned(), rust_module(SERVICE)];
    let (before, behind) = forms.iter().find_map(|form| name.split_once(form.as_str()))?;
    Some((before.to_owned(), behind.to_owned())).filter(|(before, behind)| !before.is_empty() || !behind.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_learned_from_code() {
        let text = "pub mod qxprobeservice_client { use tonic::codegen::*; pub struct QxprobeserviceClient<T>(Arc<T>);
            impl<F> Clone for X { fn new(s: &str) -> std::io::Error { value.into() } } }";
        let words = Vocabulary::learn(&[text.to_owned()]);
        for path in ["tonic", "Arc", "Clone", "str", "std"] {
            assert!(words.paths.contains(path), "{path}");
        }
        assert!(words.locals.contains("F") && words.functions.contains("new") && !words.paths.contains("value"));
        let affixes = [("", "_client"), ("", "Client")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(words.affixes, HashSet::from(affixes));
    }
}
