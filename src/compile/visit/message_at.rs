//! The message of a file that a path leads to.

use prost_types::{DescriptorProto, FileDescriptorProto};

use super::tag;

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
