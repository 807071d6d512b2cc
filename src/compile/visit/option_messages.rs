//! The options messages of `descriptor.proto`, one per kind of element.

use prost::Message;
use prost_types::{
    EnumOptions, EnumValueOptions, ExtensionRangeOptions, FieldOptions, FileOptions, MessageOptions, MethodOptions,
    OneofOptions, ServiceOptions, UninterpretedOption,
};

/// One of the options messages of `descriptor.proto`.
pub(in crate::compile) trait Options: Message + Default {
    /// Its full name.
    const NAME: &'static str;
    /// The field of an element that holds it.
    const TAG: i32;
    /// Its own field for features.
    const FEATURES: u32;

    /// The options as they are written in the source.
    fn written(&self) -> &[UninterpretedOption];

    /// The same, to be changed.
    fn written_mut(&mut self) -> &mut Vec<UninterpretedOption>;
}

macro_rules! options {
    ($($name:ident = $tag:literal, features = $features:literal);* $(;)?) => {
        $(impl Options for $name {
            const NAME: &'static str = concat!("google.protobuf.", stringify!($name));
            const TAG: i32 = $tag;
            const FEATURES: u32 = $features;

            fn written(&self) -> &[UninterpretedOption] {
                &self.uninterpreted_option
            }

            fn written_mut(&mut self) -> &mut Vec<UninterpretedOption> {
                &mut self.uninterpreted_option
            }
        })*
    };
}

options! {
    FileOptions = 8, features = 50;
    MessageOptions = 7, features = 12;
    FieldOptions = 8, features = 21;
    OneofOptions = 2, features = 1;
    ExtensionRangeOptions = 3, features = 50;
    EnumOptions = 3, features = 7;
    EnumValueOptions = 3, features = 2;
    ServiceOptions = 3, features = 34;
    MethodOptions = 4, features = 35;
}
