//! One plugin and its executable, on all inputs.

use std::collections::BTreeMap;

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};
use registry::generate::run;
use registry::model::{Plugin, PluginResponse};

use crate::executable::Executable;
use crate::inputs::Input;

/// Files by name; what is to be inserted into a file has the mark behind the name.
type Files = BTreeMap<String, String>;

/// Compares and prints one line; returns how many inputs have differences.
pub(crate) fn compare(plugin: &Plugin, executable: &Executable, inputs: &[Input]) -> usize {
    let (mut refused, mut differing) = (0, Vec::new());
    let (mut count, mut bytes) = (0, 0);
    for input in inputs {
        let request = encode(plugin, input);
        let theirs = executable.answer(request.clone()).and_then(|response| by_name(&response));
        let ours = run(plugin, request, None, std::sync::Arc::new(())).map(own_by_name);
        match (theirs, ours) {
            (Err(_), Err(_)) => refused += 1,
            (Ok(theirs), Ok(ours)) if theirs == ours => {
                count += theirs.len();
                bytes += theirs.values().map(String::len).sum::<usize>();
            }
            (theirs, ours) => differing.push(format!("{}: {}", input.name, difference(theirs, ours))),
        }
    }
    println!("{:44} {:>8} {refused:>8} {count:>8} {bytes:>12}", plugin.reference().to_string(), inputs.len());
    for difference in &differing {
        println!("    {difference}");
    }
    differing.len()
}

fn difference(theirs: Result<Files, String>, ours: Result<Files, registry::generate::GenerateError>) -> String {
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) => {
            let names: Vec<_> =
                theirs.keys().chain(ours.keys()).filter(|name| theirs.get(*name) != ours.get(*name)).collect();
            format!("files differ: {names:?}")
        }
        (Err(error), _) => format!("only the executable refuses: {error}"),
        (_, Err(error)) => format!("only the embedded plugin refuses: {error}"),
    }
}

fn encode(plugin: &Plugin, input: &Input) -> Vec<u8> {
    let mut options = plugin.options.clone();
    match plugin.name.to_string().as_str() {
        // Without a place for the messages it makes nothing.
        "connectrpc/rust" => options.push("buffa_module=::messages".to_owned()),
        "community/neoeinstein-prost-crate" => options.push("no_features".to_owned()),
        _ => {}
    }
    let head = CodeGeneratorRequest {
        file_to_generate: input.wanted.clone(),
        parameter: Some(options.join(",")),
        ..CodeGeneratorRequest::default()
    };
    let mut request = head.encode_to_vec();
    for file in &input.descriptors.files {
        encode_key(15, WireType::LengthDelimited, &mut request);
        encode_varint(file.encoded.len() as u64, &mut request);
        request.extend_from_slice(&file.encoded);
    }
    request
}

/// An answer with one file twice is refused, as protoc refuses it: one of the two would be lost.
fn by_name(response: &CodeGeneratorResponse) -> Result<Files, String> {
    let mut files = Files::new();
    for file in &response.file {
        let name = named(file.name(), file.insertion_point());
        if file.insertion_point().is_empty() && files.contains_key(&name) {
            return Err(format!("it makes file {name} twice"));
        }
        files.entry(name).or_default().push_str(file.content());
    }
    Ok(files)
}

fn own_by_name(answer: PluginResponse) -> Files {
    let mut files: Files = answer.files.into_iter().collect();
    for insertion in answer.insertions {
        files.entry(named(&insertion.name, &insertion.point)).or_default().push_str(&insertion.content);
    }
    files
}

fn named(name: &str, point: &str) -> String {
    if point.is_empty() { name.to_owned() } else { format!("{name} // @@protoc_insertion_point({point})") }
}
