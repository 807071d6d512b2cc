//! Gives a oneof another name where a type beside it has its own: `oneof kind` and `enum Kind` in one message are
//! both `Kind` to prost-build 0.14.1, and such code does not compile. Later versions call the oneof `KindOneOf`;
//! so is it called here. Well-known APIs have such messages, so refusing them is no answer.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::model::{
    DeclaredKind, DescriptorFile, DescriptorSet, ModuleName, declared_types, rust_module, rust_modules, rust_oneofs,
    rust_type,
};

/// The oneofs of a package that get another name: the modules around each, below the package's, and its old name.
pub(in crate::package) type Renamed = HashSet<(Vec<String>, String)>;

/// The oneofs of `module` that get another name, by the Rust modules of their packages.
pub(in crate::package) fn renamed(descriptors: &DescriptorSet, module: &ModuleName) -> HashMap<Vec<String>, Renamed> {
    let files: Vec<_> = descriptors.of_module(module).collect();
    let renamed: Vec<_> = files.into_par_iter().map(|file| (file.proto.package(), renamed_in(file))).collect();
    let mut found: HashMap<Vec<String>, Renamed> = HashMap::new();
    for (package, renamed) in renamed.into_iter().filter(|(_, renamed)| !renamed.is_empty()) {
        found.entry(rust_modules(package)).or_default().extend(renamed);
    }
    found
}

fn renamed_in(file: &DescriptorFile) -> Renamed {
    let mut found = Renamed::new();
    for declared in declared_types(&file.proto) {
        let DeclaredKind::Message(message) = declared.kind else { continue };
        let plain = message.oneof_decl.iter().map(|oneof| rust_type(oneof.name()));
        let names = plain.zip(rust_oneofs(message));
        let around = declared.parents.iter().copied().chain([declared.name]);
        for (plain, _) in names.filter(|(plain, given)| plain != given) {
            found.insert((around.clone().map(rust_module).collect(), plain));
        }
    }
    found
}

/// Writes the new names into generated `text`. A program formats it, four spaces a level, so the indentation of a line
/// shows its place.
pub(in crate::package) fn apply(text: String, renamed: &Renamed) -> String {
    if renamed.is_empty() {
        return text;
    }
    let mut changed = String::with_capacity(text.len() + 64);
    let mut modules: Vec<String> = Vec::new();
    // The name to be replaced on the next line that declares something.
    let mut pending: Option<Pending> = None;
    for line in text.split_inclusive('\n') {
        let code = line.trim();
        if let Some(name) = code.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(" {")) {
            modules.push(name.to_owned());
        } else if code == "}" && line.len() - line.trim_start().len() + 4 == 4 * modules.len() {
            modules.pop();
        }
        if let Some(field) = field_of(code, &modules, renamed) {
            changed.push_str(&line.replacen(&format!("{field}\""), &format!("{field}OneOf\""), 1));
            pending = Some(Pending::Field(field));
            continue;
        }
        if code.starts_with("#[derive(") && code.ends_with("::prost::Oneof)]") {
            pending = Some(Pending::Enum);
        }
        match pending.take_if(|_| code.starts_with("pub ")) {
            Some(Pending::Field(path)) => {
                changed.push_str(&line.replacen(&format!("<{path}>"), &format!("<{path}OneOf>"), 1));
            }
            Some(Pending::Enum) => changed.push_str(&renamed_enum(line, code, &modules, renamed)),
            None => changed.push_str(line),
        }
    }
    changed
}

/// The meaning of an attribute for the next line.
enum Pending {
    /// A field follows, of the oneof at this path.
    Field(String),
    /// A oneof's own type follows.
    Enum,
}

/// The path in `#[prost(oneof="pet::Kind", …)]`, if that oneof gets another name.
fn field_of(code: &str, modules: &[String], renamed: &Renamed) -> Option<String> {
    let (path, _) = code.strip_prefix("#[prost(oneof=\"")?.split_once('"')?;
    let (module, name) = path.split_once("::")?;
    let around = modules.iter().cloned().chain([module.to_owned()]).collect();
    renamed.contains(&(around, name.to_owned())).then(|| path.to_owned())
}

fn renamed_enum(line: &str, code: &str, modules: &[String], renamed: &Renamed) -> String {
    let name = code.strip_prefix("pub enum ").and_then(|rest| rest.strip_suffix(" {")).unwrap_or_default();
    if !renamed.contains(&(modules.to_vec(), name.to_owned())) {
        return line.to_owned();
    }
    line.replacen(&format!("enum {name} "), &format!("enum {name}OneOf "), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_oneof_that_clashes_is_renamed() {
        let text = r#"pub struct Pet {
    #[prost(enumeration="pet::Kind", tag="1")]
    pub old: i32,
    /// #[prost(oneof="pet::Kind", tags="2")]
    #[prost(oneof="pet::Kind", tags="2")]
    pub kind: ::core::option::Option<pet::Kind>,
}
pub mod pet {
    #[derive(Clone, PartialEq, ::prost::Oneof)]
    pub enum Kind {
        #[prost(string, tag="2")]
        Name(::prost::alloc::string::String),
    }
    #[derive(Clone, ::prost::Enumeration)]
    pub enum Kind {
    }
    pub struct Pet {
        #[prost(oneof="pet::Kind", tags="2")]
        pub kind: ::core::option::Option<pet::Kind>,
    }
    pub mod pet {
        #[derive(Clone, PartialEq, ::prost::Oneof)]
        pub enum Kind {
        }
    }
}
"#;
        let renamed = Renamed::from([(vec!["pet".to_owned()], "Kind".to_owned())]);
        let changed = apply(text.to_owned(), &renamed);
        let lines: Vec<_> = text.lines().zip(changed.lines()).filter(|(a, b)| a != b).map(|(_, b)| b.trim()).collect();
        assert_eq!(
            lines,
            [
                r#"#[prost(oneof="pet::KindOneOf", tags="2")]"#,
                "pub kind: ::core::option::Option<pet::KindOneOf>,",
                "pub enum KindOneOf {"
            ]
        );
        assert_eq!(text.lines().count(), changed.lines().count());
    }
}
