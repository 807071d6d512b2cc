//! `registry credential`: gives cargo the token of the login, as a credential provider
//! (<https://doc.rust-lang.org/cargo/reference/credential-provider-protocol.html>). Cargo starts the program of
//! `credential-provider` with the one argument `--cargo-plugin`, and talks in lines of JSON.

use std::io::BufRead;

use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::config::Environment;
use crate::config::client::find_for_cargo;

/// Give cargo the token of the login, as a credential provider
#[derive(Debug, Args)]
#[command(hide = true)]
pub(in crate::cli) struct Credential {
    /// What cargo starts every credential provider with
    #[arg(long)]
    cargo_plugin: bool,
}

impl Credential {
    pub(in crate::cli) fn run(&self, output: &mut Output) -> Result<(), CliError> {
        if self.cargo_plugin {
            return answer_cargo(output);
        }
        Err(CliError::CannotRun(
            "cargo calls this by itself, with --cargo-plugin; `registry init` sets a project up for it".into(),
        ))
    }
}

/// A request of cargo. Parts that are not needed are left out.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Request {
    registry: Registry,
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Registry {
    index_url: String,
    name: Option<String>,
}

/// Answers the requests of cargo until it closes standard input.
pub(in crate::cli) fn answer_cargo(output: &mut Output) -> Result<(), CliError> {
    output.json_line(&json!({ "v": [1] }))?;
    let env = Environment::of_process();
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(request) => answer(&request, &env),
            Err(error) => Err(other(&format!("the request is not one of version 1: {error}"))),
        };
        let key = if answer.is_ok() { "Ok" } else { "Err" };
        let answer = answer.unwrap_or_else(|error| error);
        output.json_line(&json!({ key: answer }))?;
    }
    Ok(())
}

fn answer(request: &Request, env: &Environment) -> Result<Value, Value> {
    let index = &request.registry.index_url;
    let server = find_for_cargo(index, env).map_err(|error| other(&error.to_string()))?;
    let Some(server) = server else { return Err(json!({ "kind": "url-not-supported" })) };
    let url = &server.url;
    match (request.kind.as_str(), server.token) {
        ("get", Some(token)) => Ok(json!({
            "kind": "get",
            "token": format!("Bearer {}", token.reveal()),
            "cache": "session",
            "operation_independent": true,
        })),
        ("get", None) => Err(other(&format!("there is no login for {url}; run `registry login {url}`"))),
        ("login", _) => {
            let name = request.registry.name.as_deref().unwrap_or("this registry");
            Err(other(&format!("`registry login {url}` logs cargo in to {name}, and `registry` as well")))
        }
        ("logout", _) => Err(other(&format!("`registry logout {url}` logs cargo out, and `registry` as well"))),
        _ => Err(json!({ "kind": "operation-not-supported" })),
    }
}

/// An error in words, which cargo shows.
fn other(message: &str) -> Value {
    json!({ "kind": "other", "message": message, "caused-by": [] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &str) -> Result<Value, Value> {
        let env = [("REGISTRY_URL", "https://registry.example.com"), ("REGISTRY_TOKEN", "reg_x")];
        answer(&serde_json::from_str(request).unwrap(), &Environment::of(&env))
    }

    fn get(index: &str) -> Result<Value, Value> {
        ask(&format!(
            r#"{{"v":1,"registry":{{"index-url":"{index}","name":"buf"}},"kind":"get","operation":"read","args":[]}}"#
        ))
    }

    #[test]
    fn a_token_goes_to_its_own_server_and_no_other() {
        let given = get("sparse+https://registry.example.com/gen/cargo/").unwrap();
        assert_eq!((given["token"].as_str(), given["cache"].as_str()), (Some("Bearer reg_x"), Some("session")));
        let none = get("sparse+https://registry.example.com.evil/gen/cargo/").unwrap_err();
        assert_eq!(
            none["message"],
            "there is no login for https://registry.example.com.evil; run `registry login https://registry.example.com.evil`"
        );
        assert_eq!(get("sparse+https://index.crates.io/").unwrap_err(), json!({ "kind": "url-not-supported" }));
    }

    #[test]
    fn cargos_own_login_names_ours() {
        let request = r#"{"v":1,"registry":{"index-url":"sparse+http://a/gen/cargo/","name":"buf"},"kind":"login"}"#;
        assert!(
            ask(request).unwrap_err()["message"].as_str().unwrap().starts_with("`registry login http://a` logs cargo")
        );
        let request = r#"{"v":1,"registry":{"index-url":"sparse+http://a/gen/cargo/"},"kind":"sing"}"#;
        assert_eq!(ask(request).unwrap_err(), json!({ "kind": "operation-not-supported" }));
    }
}
