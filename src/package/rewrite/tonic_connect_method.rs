//! Makes room for an RPC named `Connect`: every tonic client has a constructor of that name for its own transport, and
//! a client with both does not compile. The RPC stays; `new` with a channel replaces the constructor.

const CALL: &str = "\n        pub async fn connect(";
const MODULE_END: &str = "\n}\n";

/// Removes the constructor from the clients in `text` with such an RPC.
pub(in crate::package) fn make_room(text: String) -> String {
    if !text.contains(CALL) {
        return text;
    }
    text.split_inclusive(MODULE_END)
        .map(|module| if module.contains(CALL) { cut(module) } else { module.into() })
        .collect()
}

/// The text without the block that is implemented for tonic's own transport.
fn cut(module: &str) -> String {
    let mut inside = false;
    let kept = module.split_inclusive('\n').filter(|line| {
        inside |= line.starts_with("    impl ") && line.trim_end().ends_with("<tonic::transport::Channel> {");
        let keep = !inside;
        inside &= line.trim_end() != "    }";
        keep
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clients_with_such_a_call_lose_the_constructor() {
        let constructor = "    impl AClient<tonic::transport::Channel> {\n        pub async fn connect<D>(dst: D) {\n        }\n    }\n";
        let client = |call: &str, constructor: &str| {
            format!(
                "pub mod a_client {{\n{constructor}    impl<T> AClient<T> {{\n        pub async fn {call}(\n        ) {{}}\n    }}\n}}\n"
            )
        };
        let text = client("connect", constructor) + &client("say", constructor);
        assert_eq!(make_room(text), client("connect", "") + &client("say", constructor));
    }
}
