//! The breaking rules of `buf`, and the categories that each belongs to, as `buf config ls-breaking-rules --version v2`
//! lists them.

use std::fmt;

use crate::model::BreakingCategory::{self as Category, Csr, File, Package, Wire, WireJson};

macro_rules! rules {
    ($($name:ident $id:literal [$($category:ident)*])*) => {
        /// A rule of `buf breaking`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $id] $name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in `buf.yaml`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The categories that it belongs to.
            #[must_use]
            pub fn categories(self) -> &'static [Category] {
                match self { $(Self::$name => &[$($category),*],)* }
            }
        }
    };
}

rules! {
    EnumNoDelete "ENUM_NO_DELETE" [File Csr]
    EnumSameJsonFormat "ENUM_SAME_JSON_FORMAT" [File Package WireJson Csr]
    EnumSameType "ENUM_SAME_TYPE" [File Package]
    EnumValueNoDelete "ENUM_VALUE_NO_DELETE" [File Package Csr]
    EnumValueNoDeleteUnlessNameReserved "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED" [WireJson Csr]
    EnumValueNoDeleteUnlessNumberReserved "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED" [WireJson Wire Csr]
    EnumValueSameName "ENUM_VALUE_SAME_NAME" [File Package WireJson Csr]
    ExtensionMessageNoDelete "EXTENSION_MESSAGE_NO_DELETE" [File Package Csr]
    ExtensionNoDelete "EXTENSION_NO_DELETE" [File]
    FieldNoDelete "FIELD_NO_DELETE" [File Package Csr]
    FieldNoDeleteUnlessNameReserved "FIELD_NO_DELETE_UNLESS_NAME_RESERVED" [WireJson Csr]
    FieldNoDeleteUnlessNumberReserved "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED" [WireJson Wire Csr]
    FieldSameCardinality "FIELD_SAME_CARDINALITY" [File Package]
    FieldSameCppStringType "FIELD_SAME_CPP_STRING_TYPE" [File Package]
    FieldSameDefault "FIELD_SAME_DEFAULT" [File Package WireJson Wire Csr]
    FieldSameJavaUtf8Validation "FIELD_SAME_JAVA_UTF8_VALIDATION" [File Package]
    FieldSameJsonName "FIELD_SAME_JSON_NAME" [File Package WireJson Csr]
    FieldSameJstype "FIELD_SAME_JSTYPE" [File Package]
    FieldSameName "FIELD_SAME_NAME" [File Package WireJson Csr]
    FieldSameOneof "FIELD_SAME_ONEOF" [File Package WireJson Wire Csr]
    FieldSameType "FIELD_SAME_TYPE" [File Package Csr]
    FieldSameUtf8Validation "FIELD_SAME_UTF8_VALIDATION" [File Package]
    FieldWireCompatibleCardinality "FIELD_WIRE_COMPATIBLE_CARDINALITY" [Wire]
    FieldWireCompatibleType "FIELD_WIRE_COMPATIBLE_TYPE" [Wire]
    FieldWireJsonCompatibleCardinality "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY" [WireJson Csr]
    FieldWireJsonCompatibleType "FIELD_WIRE_JSON_COMPATIBLE_TYPE" [WireJson Csr]
    FileNoDelete "FILE_NO_DELETE" [File Csr]
    FileSameCcEnableArenas "FILE_SAME_CC_ENABLE_ARENAS" [File Package]
    FileSameCcGenericServices "FILE_SAME_CC_GENERIC_SERVICES" [File Package]
    FileSameCsharpNamespace "FILE_SAME_CSHARP_NAMESPACE" [File Package]
    FileSameGoPackage "FILE_SAME_GO_PACKAGE" [File Package]
    FileSameJavaGenericServices "FILE_SAME_JAVA_GENERIC_SERVICES" [File Package]
    FileSameJavaMultipleFiles "FILE_SAME_JAVA_MULTIPLE_FILES" [File Package]
    FileSameJavaOuterClassname "FILE_SAME_JAVA_OUTER_CLASSNAME" [File Package]
    FileSameJavaPackage "FILE_SAME_JAVA_PACKAGE" [File Package]
    FileSameObjcClassPrefix "FILE_SAME_OBJC_CLASS_PREFIX" [File Package]
    FileSameOptimizeFor "FILE_SAME_OPTIMIZE_FOR" [File Package]
    FileSamePackage "FILE_SAME_PACKAGE" [File Package WireJson Wire Csr]
    FileSamePhpClassPrefix "FILE_SAME_PHP_CLASS_PREFIX" [File Package]
    FileSamePhpMetadataNamespace "FILE_SAME_PHP_METADATA_NAMESPACE" [File Package]
    FileSamePhpNamespace "FILE_SAME_PHP_NAMESPACE" [File Package]
    FileSamePyGenericServices "FILE_SAME_PY_GENERIC_SERVICES" [File Package]
    FileSameRubyPackage "FILE_SAME_RUBY_PACKAGE" [File Package]
    FileSameSwiftPrefix "FILE_SAME_SWIFT_PREFIX" [File Package]
    FileSameSyntax "FILE_SAME_SYNTAX" [File Package Csr]
    MessageNoDelete "MESSAGE_NO_DELETE" [File Csr]
    MessageNoRemoveStandardDescriptorAccessor "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR" [File Package Csr]
    MessageSameJsonFormat "MESSAGE_SAME_JSON_FORMAT" [File Package WireJson Csr]
    MessageSameRequiredFields "MESSAGE_SAME_REQUIRED_FIELDS" [File Package WireJson Wire Csr]
    OneofNoDelete "ONEOF_NO_DELETE" [File Package Csr]
    PackageEnumNoDelete "PACKAGE_ENUM_NO_DELETE" [Package]
    PackageExtensionNoDelete "PACKAGE_EXTENSION_NO_DELETE" [Package]
    PackageMessageNoDelete "PACKAGE_MESSAGE_NO_DELETE" [Package]
    PackageNoDelete "PACKAGE_NO_DELETE" [Package]
    PackageServiceNoDelete "PACKAGE_SERVICE_NO_DELETE" [Package]
    ReservedEnumNoDelete "RESERVED_ENUM_NO_DELETE" [File Package WireJson Wire Csr]
    ReservedMessageNoDelete "RESERVED_MESSAGE_NO_DELETE" [File Package WireJson Wire Csr]
    RpcNoDelete "RPC_NO_DELETE" [File Package]
    RpcSameClientStreaming "RPC_SAME_CLIENT_STREAMING" [File Package WireJson Wire Csr]
    RpcSameIdempotencyLevel "RPC_SAME_IDEMPOTENCY_LEVEL" [File Package WireJson Wire Csr]
    RpcSameRequestType "RPC_SAME_REQUEST_TYPE" [File Package WireJson Wire Csr]
    RpcSameResponseType "RPC_SAME_RESPONSE_TYPE" [File Package WireJson Wire Csr]
    RpcSameServerStreaming "RPC_SAME_SERVER_STREAMING" [File Package WireJson Wire Csr]
    ServiceNoDelete "SERVICE_NO_DELETE" [File]
}

impl Rule {
    /// The rule of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
