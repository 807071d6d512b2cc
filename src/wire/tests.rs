//! The wire format against bytes written by hand, as `buf` sends and expects them.

use buffa::Message as _;

use super::buf::alpha::image::v1::{Image, ImageFile};
use super::buf::alpha::registry::v1alpha1::{CuratedPlugin, PluginGenerationResponse, PluginRegistryType};
use super::buf::registry::module::v1::resource_ref::name::Child;
use super::buf::registry::module::v1::{DigestType, ResourceRef, UpdateModulesRequest, resource_ref};
use super::buf::registry::module::v1beta1;

fn decode<M: buffa::Message>(bytes: &[u8]) -> M {
    M::decode_from_slice(bytes).unwrap()
}

#[test]
fn a_present_but_empty_ref_is_told_from_none() {
    let with = b"\x12\x0e\x0a\x04acme\x12\x04pets\x22\x00";
    let reference: ResourceRef = decode(with);
    let Some(resource_ref::Value::Name(name)) = &reference.value else { panic!("no name in {reference:?}") };
    assert_eq!((name.owner.as_str(), name.module.as_str()), ("acme", "pets"));
    assert_eq!(name.child, Some(Child::Ref(String::new())));
    assert_eq!(reference.encode_to_vec(), with);

    let without: ResourceRef = decode(b"\x12\x0c\x0a\x04acme\x12\x04pets");
    let Some(resource_ref::Value::Name(name)) = without.value else { panic!("no name") };
    assert_eq!(name.child, None);
}

#[test]
fn an_update_tells_clearing_from_leaving_alone() {
    let request: UpdateModulesRequest = decode(b"\x0a\x04\x20\x02\x2a\x00");
    let value = &request.values[0];
    assert_eq!(value.description.as_deref(), Some(""));
    assert_eq!(value.url, None);
    assert_eq!(value.state.map(|state| state.to_i32()), Some(2));
}

#[test]
fn digest_types_differ_between_the_versions() {
    let current: super::buf::registry::module::v1::Digest = decode(b"\x08\x01\x12\x01\xff");
    assert_eq!(current.r#type.as_known(), Some(DigestType::DIGEST_TYPE_B5));
    let beta: v1beta1::Digest = decode(b"\x08\x01\x12\x01\xff");
    assert_eq!(beta.r#type.as_known(), Some(v1beta1::DigestType::DIGEST_TYPE_B4));
}

#[test]
fn files_of_an_image_keep_their_bytes() {
    // name = 1 "a.proto", then a field that no schema here knows, then buf_extension = 8042 { is_import = 1 true }.
    let file = b"\x0a\x07a.proto\x82\x7d\x03abc\xd2\xf6\x03\x02\x08\x01";
    let mut image = vec![0x0a, file.len() as u8];
    image.extend_from_slice(file);
    let image: Image = decode(&image);
    assert_eq!(image.file[0].as_ref(), file);
    let read: ImageFile = decode(&image.file[0]);
    assert_eq!(read.name, "a.proto");
    assert!(read.buf_extension.is_import);
    assert!(read.buf_extension.module_info.is_unset());
}

#[test]
fn an_empty_plugin_response_is_present() {
    let response = PluginGenerationResponse { response: Some(Default::default()) };
    assert_eq!(response.encode_to_vec(), b"\x0a\x00");
}

#[test]
fn cargo_plugins_have_the_published_number() {
    let plugin =
        CuratedPlugin { registry_type: PluginRegistryType::PLUGIN_REGISTRY_TYPE_CARGO.into(), ..Default::default() };
    assert_eq!(plugin.encode_to_vec(), b"\x20\x07");
}

#[test]
fn every_service_is_described_for_reflection() {
    let set = prost_types_services(super::FILE_DESCRIPTOR_SET);
    for name in
        ["buf.registry.module.v1.UploadService", "buf.alpha.registry.v1alpha1.ResolveService", "registry.v1.SdkService"]
    {
        assert!(set.iter().any(|service| service == name), "{name} is missing in {set:?}");
    }
}

fn prost_types_services(bytes: &[u8]) -> Vec<String> {
    let set = <prost_types::FileDescriptorSet as prost::Message>::decode(bytes).unwrap();
    let in_file = |file: &prost_types::FileDescriptorProto| {
        file.service.iter().map(|service| format!("{}.{}", file.package(), service.name())).collect::<Vec<_>>()
    };
    set.file.iter().flat_map(in_file).collect()
}
