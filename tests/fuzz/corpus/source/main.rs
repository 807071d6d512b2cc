#[a]
fn f<'a>(x: &'a str) -> char { r#type!(r#"""#); '\'' /* /* */ */ } // <b>
