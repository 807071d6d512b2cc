//! Options: what is written about files, messages, fields and so on becomes encoded options messages.
//!
//! `placement` refuses options by name that may not be where they are. `facts` reads what declarations of options say
//! about their use. `interpret` goes through the elements: each `option` names a field (`schema`, the types; `context`, the
//! names), its value is read (`scalar`, `literal`, `any`) and encoded (`value`); `apply` puts the result into the descriptor.

mod any;
pub(super) mod apply;
mod built_in;
mod collect_facts;
mod context;
pub(super) mod facts;
pub(super) mod interpret;
mod interpret_element;
mod literal;
mod misfit;
mod option;
pub(super) mod placement;
mod scalar;
mod schema;
#[cfg(test)]
mod tests;
mod value;
