//! Parts that all pages share: the request, the header of a module, forms, links, users' texts, and error pages.

pub(super) mod assets;
pub(super) mod compression;
pub(super) mod deadline;
pub(super) mod emphasis;
pub(super) mod error_page;
pub(super) mod escape;
pub(super) mod excerpt;
mod favicon;
pub(super) mod form;
pub(super) mod limited_text;
pub(super) mod link;
pub(super) mod module_header;
pub(super) mod page_request;
pub(in crate::serve) mod params;
pub(super) mod relative_time;
pub(super) mod session;
pub(super) mod source_parts;
pub(super) mod source_view;
