//! The services for schemas, `buf.registry.module.v1.FileDescriptorSetService` and its elder
//! `buf.reflect.v1beta1.FileDescriptorSetService`, from which programs without generated code learn what they read.

use buffa::Message as _;
use bytes::{BufMut as _, Bytes, BytesMut};
use connectrpc::{PreEncoded, RequestContext, ServiceRequest, ServiceResult};

use crate::actions::access::viewer;
use crate::model::NameError;
use crate::publish::SchemaRequest;
use crate::serve::http::error::{Answer, Refusal};
use crate::store::{Commit, Module};
use crate::wire::buf::reflect::v1beta1 as reflect;
use crate::wire::buf::registry::module::v1::{
    FileDescriptorSetService, GetFileDescriptorSetRequest, GetFileDescriptorSetResponse,
};

use crate::serve::rpc::call::context::{Call, Rpc};
use crate::serve::rpc::call::pagination::batch;
use crate::serve::rpc::call::references::{self, Child, ResourceRef};
use crate::serve::rpc::call::{conversions, references::module_name};

impl FileDescriptorSetService for Rpc {
    async fn get_file_descriptor_set(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetFileDescriptorSetRequest>,
    ) -> ServiceResult<PreEncoded<GetFileDescriptorSetResponse>> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            if !request.exclude_types.is_empty() {
                return Err(Refusal::invalid(
                    "exclude_types is not supported here; name what you need in include_types",
                ));
            }
            bounded("include_types", &request.include_types)?;
            let reference = request.resource_ref.into_option().unwrap_or_default().into();
            let wanted = SchemaRequest {
                symbols: request.include_types,
                without_imports: request.exclude_imports,
                source_info: request.include_source_code_info,
                source_retention: request.include_source_retention_options,
            };
            let (module, commit, files) = schema(call, &reference, &wanted)?;
            let rest = GetFileDescriptorSetResponse {
                commit: conversions::commit(&module, &commit).into(),
                ..GetFileDescriptorSetResponse::default()
            };
            Ok(PreEncoded::from_bytes_unchecked(with_files(&files, &rest.encode_to_bytes())))
        })
    }
}

impl reflect::FileDescriptorSetService for Rpc {
    async fn get_file_descriptor_set(
        &self,
        ctx: RequestContext,
        request: ServiceRequest<'_, reflect::GetFileDescriptorSetRequest>,
    ) -> ServiceResult<PreEncoded<reflect::GetFileDescriptorSetResponse>> {
        self.read(&ctx, |call| {
            let request = request.to_owned_message();
            bounded("symbols", &request.symbols)?;
            let reference = named(&request.module, request.version)?;
            let wanted = SchemaRequest { symbols: request.symbols, ..SchemaRequest::default() };
            let (_, commit, files) = schema(call, &reference, &wanted)?;
            let rest = reflect::GetFileDescriptorSetResponse {
                version: commit.id.to_string(),
                ..reflect::GetFileDescriptorSetResponse::default()
            };
            Ok(PreEncoded::from_bytes_unchecked(with_files(&files, &rest.encode_to_bytes())))
        })
    }
}

/// The version of the module `owner/module`. A host in front of it is not compared with ours: mirrored modules are known
/// by the host that they come from.
fn named(module: &str, version: String) -> Answer<ResourceRef> {
    let mut parts = module.rsplitn(3, '/');
    let (Some(name), Some(owner)) = (parts.next(), parts.next()) else {
        return Err(Refusal::invalid(NameError::NotAModule(module.into()).to_string()));
    };
    let name = module_name(owner, name)?;
    let child = if version.is_empty() { Child::Module } else { Child::Ref(version) };
    Ok(ResourceRef::Name { owner: name.owner().to_string(), module: name.name().to_string(), child })
}

/// Refuses more symbols than a request may name; none is the whole module.
fn bounded(field: &str, symbols: &[String]) -> Answer<()> {
    if symbols.is_empty() { Ok(()) } else { batch(field, symbols) }
}

fn schema(call: &Call, reference: &ResourceRef, wanted: &SchemaRequest) -> Answer<(Module, Commit, Vec<Bytes>)> {
    let (module, commit) = references::commit(call, reference)?;
    let files = call.state.publisher.schema(&module.name, commit.id, viewer(&call.caller), wanted)?;
    Ok((module, commit, files))
}

/// The encoded answer: in both, field 1 is a `google.protobuf.FileDescriptorSet`, whose field 1 is the files. They are
/// not decoded, so that custom options stay and a large schema costs no more than its bytes.
fn with_files(files: &[Bytes], rest: &[u8]) -> Bytes {
    use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};
    let of_file = |file: &Bytes| key_len(1) + encoded_len_varint(file.len() as u64) + file.len();
    let length: usize = files.iter().map(of_file).sum();
    let mut answer = BytesMut::with_capacity(length + rest.len() + 16);
    encode_key(1, WireType::LengthDelimited, &mut answer);
    encode_varint(length as u64, &mut answer);
    for file in files {
        encode_key(1, WireType::LengthDelimited, &mut answer);
        encode_varint(file.len() as u64, &mut answer);
        answer.put_slice(file);
    }
    answer.put_slice(rest);
    answer.freeze()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;
    use crate::model::Scope;
    use crate::serve::http::error::Kind;
    use crate::serve::rpc::testing::{Registry, kind, words};
    use crate::store::Visibility;

    const PETS: (&str, &str) = ("p.proto", "syntax = \"proto3\"; package pets; message P {} message Q {}");

    #[test]
    fn an_answer_is_a_descriptor_set_and_the_rest() {
        let registry = Registry::new();
        let user = registry.user("acme");
        let pets = registry.module(&user, "pets", Visibility::Public);
        let pushed = registry.push(&pets, &[], PETS, &[]);
        let reference = named("buf.build/acme/pets", "main".into()).unwrap();
        let wanted = SchemaRequest { symbols: vec!["pets.Q".into()], ..SchemaRequest::default() };
        let (_, commit, files) = schema(&registry.call(&user, Scope::Read), &reference, &wanted).unwrap();
        assert_eq!(commit, pushed);
        let rest = reflect::GetFileDescriptorSetResponse { version: "v".into(), ..Default::default() };
        let answer = with_files(&files, &rest.encode_to_bytes());
        let answer = reflect::GetFileDescriptorSetResponse::decode_from_slice(&answer).unwrap();
        assert_eq!(answer.version, "v");
        let set = FileDescriptorSet::decode(answer.file_descriptor_set.encode_to_bytes()).unwrap();
        assert_eq!(set.file[0].message_type[0].name(), "Q");
    }

    #[test]
    fn the_schema_of_a_private_module_is_for_its_readers_and_symbols_must_exist() {
        let registry = Registry::new();
        let (user, guest) = (registry.user("acme"), registry.user("guest"));
        let pets = registry.module(&user, "pets", Visibility::Private);
        registry.push(&pets, &[], PETS, &[]);
        let reference = named("acme/pets", String::new()).unwrap();
        let all = SchemaRequest::default();
        assert_eq!(kind(schema(&registry.call(&guest, Scope::Read), &reference, &all)), Kind::NotFound);
        let unknown = SchemaRequest { symbols: vec!["pets.R".into()], ..all };
        let text = words(schema(&registry.call(&user, Scope::Read), &reference, &unknown));
        assert!(text.contains("pets.R"), "{text}");
        assert_eq!(kind(named("pets", String::new())), Kind::Invalid);
    }
}
