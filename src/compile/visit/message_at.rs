//! The message of a file that a path leads to, and the field for which the parser made it.

use prost_types::field_descriptor_proto::Label;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use super::tag;
use crate::model::is_map_entry;

/// The message at `path`, as `SourceCodeInfo.Location.path` has it.
pub(in crate::compile) fn message_at<'f>(file: &'f FileDescriptorProto, path: &[i32]) -> Option<&'f DescriptorProto> {
    let mut steps = path.chunks_exact(2);
    let at = |step: &[i32]| usize::try_from(*step.last()?).ok();
    let first = steps.next().filter(|step| step[0] == tag::FILE_MESSAGE)?;
    let mut message = file.message_type.get(at(first)?)?;
    for step in steps {
        if step[0] != tag::MESSAGE_MESSAGE {
            return None;
        }
        message = message.nested_type.get(at(step)?)?;
    }
    Some(message)
}

/// The path of the map whose entries are of the message at `path`, which nobody wrote.
pub(in crate::compile) fn map_of_entry(file: &FileDescriptorProto, path: &[i32]) -> Option<Vec<i32>> {
    let (around, [tag::MESSAGE_MESSAGE, entry]) = path.split_last_chunk()? else { return None };
    let message = message_at(file, around)?;
    let entry = message.nested_type.get(usize::try_from(*entry).ok()?).filter(|entry| is_map_entry(entry))?;
    let is_map = |field: &FieldDescriptorProto| {
        let name = field.type_name().rsplit('.').next();
        field.label() == Label::Repeated && name == Some(entry.name())
    };
    let field = i32::try_from(message.field.iter().position(is_map)?).ok()?;
    Some([around, &[tag::MESSAGE_FIELD, field]].concat())
}
