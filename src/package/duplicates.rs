//! The last check of generated code: no name is declared twice in one place. A crate with such a name would be served
//! and never compile.

use std::collections::HashSet;

use syn::{Fields, ImplItem, Item, TraitItem};

/// The names of a module, item by item.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<(&'static str, String)>);

impl Names {
    /// Adds those of `item`; a name that is declared twice, here or inside of it.
    pub(super) fn add(&mut self, item: &Item) -> Option<String> {
        let names = [("type", type_name(item)), ("value", value_name(item))];
        let mut names = names.into_iter().filter_map(|(kind, name)| Some((kind, name?.to_string())));
        let twice = names.find(|name| !self.0.insert(name.clone())).map(|(_, name)| name);
        twice.or_else(|| inside(item))
    }
}

/// A name that is declared twice in `items`, or inside one of them.
fn find(items: &[Item]) -> Option<String> {
    let mut names = Names::default();
    items.iter().find_map(|item| names.add(item))
}

fn twice<'a>(names: impl Iterator<Item = (&'static str, &'a syn::Ident)>) -> Option<String> {
    let mut seen = HashSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name)).map(|(_, name)| name.to_string())
}

fn type_name(item: &Item) -> Option<&syn::Ident> {
    Some(match item {
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Mod(item) => &item.ident,
        _ => return None,
    })
}

fn value_name(item: &Item) -> Option<&syn::Ident> {
    Some(match item {
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        // Any number of constants may be called `_`.
        Item::Const(item) if item.ident != "_" => &item.ident,
        Item::Struct(item) if !matches!(item.fields, Fields::Named(_)) => &item.ident,
        _ => return None,
    })
}

/// A name that is declared twice inside `item`.
fn inside(item: &Item) -> Option<String> {
    match item {
        Item::Mod(item) => find(&item.content.as_ref()?.1),
        Item::Struct(item) => twice(item.fields.iter().filter_map(|field| Some(("field", field.ident.as_ref()?)))),
        Item::Enum(item) => twice(item.variants.iter().map(|variant| ("variant", &variant.ident))),
        Item::Impl(item) => twice(item.items.iter().filter_map(|item| match item {
            ImplItem::Fn(function) => Some(("function", &function.sig.ident)),
            _ => None,
        })),
        Item::Trait(item) => twice(item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(function) => Some(("function", &function.sig.ident)),
            TraitItem::Type(of_trait) => Some(("type", &of_trait.ident)),
            _ => None,
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        find(&syn::parse_file(text).unwrap().items)
    }

    #[test]
    fn names_are_found_where_they_exclude_each_other() {
        for text in [
            "struct A {} mod m {} enum A {}",
            "mod m { trait A {} struct A; }",
            "struct X { A: u8, b: u8, A: u8 }",
            "enum X { A, B, A }",
            "impl X { fn A() {} fn A() {} }",
            "trait X { type A; type A; }",
            "const A: u8 = 1; struct A;",
        ] {
            assert_eq!(found(text).as_deref(), Some("A"), "{text}");
        }
    }

    #[test]
    fn names_of_different_kinds_or_places_are_none() {
        let text = "struct A {} fn A() {} mod m { struct A {} } const _: () = (); const _: () = ();
            impl X { fn a() {} } impl<T> X { fn a() {} } trait T { type A; fn A(); }";
        assert_eq!(found(text), None);
    }
}
