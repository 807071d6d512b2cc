//! Files: whether they are there, their package, syntax and options.

use super::{Check, Place};
use crate::breaking::rule::Rule;
use crate::breaking::schema::descriptor::{File, FileOptions};

/// `google.protobuf.FileOptions.OptimizeMode.SPEED`.
const SPEED: i32 = 1;

/// A rule about the value of something that each file has.
struct FileRule(Rule, &'static str, fn(&File) -> String);

fn option(file: &File, value: impl FnOnce(&FileOptions) -> String) -> String {
    value(file.options.as_ref().unwrap_or(&FileOptions::default()))
}

/// `java_string_check_utf8` is not among them: a rule about fields looks at it.
const RULES: [FileRule; 18] = [
    FileRule(Rule::FileSamePackage, "package", |file| file.package.clone()),
    FileRule(Rule::FileSameSyntax, "syntax", |file| match file.syntax.as_str() {
        "" => "proto2".into(),
        syntax => syntax.into(),
    }),
    FileRule(Rule::FileSameCcEnableArenas, "option cc_enable_arenas", |file| {
        option(file, |options| options.cc_enable_arenas.unwrap_or(true).to_string())
    }),
    FileRule(Rule::FileSameCcGenericServices, "option cc_generic_services", |file| {
        option(file, |options| options.cc_generic_services.to_string())
    }),
    FileRule(Rule::FileSameCsharpNamespace, "option csharp_namespace", |file| {
        option(file, |options| options.csharp_namespace.clone())
    }),
    FileRule(Rule::FileSameGoPackage, "option go_package", |file| option(file, |options| options.go_package.clone())),
    FileRule(Rule::FileSameJavaGenericServices, "option java_generic_services", |file| {
        option(file, |options| options.java_generic_services.to_string())
    }),
    FileRule(Rule::FileSameJavaMultipleFiles, "option java_multiple_files", |file| {
        option(file, |options| options.java_multiple_files.to_string())
    }),
    FileRule(Rule::FileSameJavaOuterClassname, "option java_outer_classname", |file| {
        option(file, |options| options.java_outer_classname.clone())
    }),
    FileRule(Rule::FileSameJavaPackage, "option java_package", |file| {
        option(file, |options| options.java_package.clone())
    }),
    FileRule(Rule::FileSameObjcClassPrefix, "option objc_class_prefix", |file| {
        option(file, |options| options.objc_class_prefix.clone())
    }),
    FileRule(Rule::FileSameOptimizeFor, "option optimize_for", |file| {
        option(file, |options| match options.optimize_for.unwrap_or(SPEED) {
            2 => "CODE_SIZE".into(),
            3 => "LITE_RUNTIME".into(),
            _ => "SPEED".into(),
        })
    }),
    FileRule(Rule::FileSamePhpClassPrefix, "option php_class_prefix", |file| {
        option(file, |options| options.php_class_prefix.clone())
    }),
    FileRule(Rule::FileSamePhpMetadataNamespace, "option php_metadata_namespace", |file| {
        option(file, |options| options.php_metadata_namespace.clone())
    }),
    FileRule(Rule::FileSamePhpNamespace, "option php_namespace", |file| {
        option(file, |options| options.php_namespace.clone())
    }),
    FileRule(Rule::FileSamePyGenericServices, "option py_generic_services", |file| {
        option(file, |options| options.py_generic_services.to_string())
    }),
    FileRule(Rule::FileSameRubyPackage, "option ruby_package", |file| {
        option(file, |options| options.ruby_package.clone())
    }),
    FileRule(Rule::FileSameSwiftPrefix, "option swift_prefix", |file| {
        option(file, |options| options.swift_prefix.clone())
    }),
];

impl Check<'_> {
    pub(super) fn files(&mut self) {
        for (path, old) in &self.old.files {
            let Some(new) = self.new.files.get(path) else {
                self.add(Rule::FileNoDelete, Place { old: Some(old), new: None }, || {
                    format!("file {path} was deleted")
                });
                continue;
            };
            for FileRule(rule, subject, value) in &RULES {
                let (before, after) = (value(&old.file), value(&new.file));
                if before != after {
                    let place = Place::both(old, new);
                    self.add(*rule, place, || format!("{subject} of the file changed from {before:?} to {after:?}"));
                }
            }
        }
        for (package, old) in &self.old.packages {
            if !self.new.packages.contains_key(package) {
                let place = Place { old: Some(old), new: None };
                self.add(Rule::PackageNoDelete, place, || format!("package {package:?} was deleted"));
            }
        }
    }
}
