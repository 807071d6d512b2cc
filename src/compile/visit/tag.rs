//! Field numbers of `descriptor.proto` that lead from an element to the elements inside it.

pub(in crate::compile) const FILE_MESSAGE: i32 = 4;
pub(in crate::compile) const FILE_ENUM: i32 = 5;
pub(in crate::compile) const FILE_SERVICE: i32 = 6;
pub(in crate::compile) const FILE_EXTENSION: i32 = 7;
pub(in crate::compile) const MESSAGE_FIELD: i32 = 2;
pub(in crate::compile) const MESSAGE_MESSAGE: i32 = 3;
pub(in crate::compile) const MESSAGE_ENUM: i32 = 4;
pub(in crate::compile) const MESSAGE_RANGE: i32 = 5;
pub(in crate::compile) const MESSAGE_EXTENSION: i32 = 6;
pub(in crate::compile) const MESSAGE_ONEOF: i32 = 8;
pub(in crate::compile) const ENUM_VALUE: i32 = 2;
pub(in crate::compile) const SERVICE_METHOD: i32 = 2;
