//! Downloads: descriptors, archives of sources and of generated code, and a feed of releases.

pub(in crate::serve::web) mod archive_cache;
pub(in crate::serve::web) mod archive_kind;
pub(in crate::serve::web) mod zip;

use std::io::Read as _;

use askama::Template;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use http::{Response, StatusCode};
use tokio::task::block_in_place;

use crate::actions::access::require_needs;
use crate::model::{CrateName, PluginRef};
use crate::serve::http::error::{Answer, Refusal};
use crate::serve::http::response::{self, Body};
use crate::store::{Sdk, SdkKey};

use crate::serve::web::page::module_header::ModuleAtCommit;
use crate::serve::web::page::page_request::PageRequest;
use crate::serve::web::page::params::Params;
use archive_cache::ArchiveKey;
use archive_kind::ArchiveKind;

/// The most bytes of a crate that is packed again as another kind of archive.
const MAX_UNPACKED: u64 = 256 << 20;

/// The number of releases in a feed.
const RELEASES: usize = 30;

/// `/{owner}/{module}/descriptor/{ref}`: a `FileDescriptorSet` with all imports.
pub(in crate::serve::web) fn descriptor(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let at = ModuleAtCommit::find(visit, params)?;
    let set = visit.descriptors(at.commit.id)?;
    let mut encoded = vec![];
    for file in &set.files {
        prost::encoding::encode_key(1, prost::encoding::WireType::LengthDelimited, &mut encoded);
        prost::encoding::encode_varint(file.encoded.len() as u64, &mut encoded);
        encoded.extend_from_slice(&file.encoded);
    }
    Ok(attachment("application/octet-stream", &file_name(&at, "binpb"), encoded))
}

/// `/{owner}/{module}/archive/{ref}.tar.gz` or `.zip`: the pushed files.
pub(in crate::serve::web) async fn archive(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let (reference, kind) = split(params.get("file"))?;
    let at = block_in_place(|| {
        let module = visit.module(params.get("owner"), params.get("module"))?;
        ModuleAtCommit::of(visit.store(), module, reference)
    })?;
    // Sources have no `.crate` archive.
    let kind = if kind == ArchiveKind::Zip { ArchiveKind::Zip } else { ArchiveKind::TarGz };
    let pack = || {
        let snapshot = visit.store().snapshot(at.commit.id)?;
        let files = snapshot.files().iter().map(|file| (file.path.as_str(), &file.content[..]));
        match kind {
            ArchiveKind::Zip => zip::archive(files).ok_or_else(too_large),
            ArchiveKind::TarGz | ArchiveKind::Crate => tar_gz(files).map_err(|error| Refusal::internal(&error)),
        }
        .map(Bytes::from)
    };
    let packed = visit.state.archives.get(ArchiveKey::Sources(at.commit.id, kind), pack).await?;
    Ok(attachment(kind.content_type(), &file_name(&at, kind.ending()), packed))
}

/// `/gen/archive/{owner}/{module}/{pluginOwner}/{plugin}/{ref}.tar.gz`, `.zip` or `.crate`: the files of the SDK.
pub(in crate::serve::web) async fn generated(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let (reference, kind) = split(params.get("file"))?;
    let (key, sdk) = block_in_place(|| find_sdk(visit, params, reference))?;
    let pack = || {
        let bytes = visit.store().crate_bytes(sdk.module, &sdk.crate_name, &sdk.version)?;
        let bytes = bytes.ok_or_else(|| Refusal::not_found(format!("crate {} is gone", sdk.crate_name)))?;
        if kind != ArchiveKind::Zip {
            return Ok(bytes);
        }
        let files = unpack(&bytes).map_err(|error| Refusal::internal(&error))?;
        let packed = zip::archive(files.iter().map(|(path, content)| (path.as_str(), &content[..])));
        packed.map(Bytes::from).ok_or_else(too_large)
    };
    let stem = format!("{}-{}", sdk.crate_name, sdk.version);
    let packed = visit.state.archives.get(ArchiveKey::Generated(key, kind), pack).await?;
    Ok(attachment(kind.content_type(), &format!("{stem}.{}", kind.ending()), packed))
}

/// The SDK that the path names.
fn find_sdk(visit: &PageRequest<'_>, params: &Params, reference: &str) -> Answer<(SdkKey, Sdk)> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let at = ModuleAtCommit::of(visit.store(), module, reference)?;
    require_needs(visit.store(), &visit.caller, &at.module.name, at.commit.id)?;
    let named: PluginRef = format!("{}/{}", params.get("plugin_owner"), params.get("plugin"))
        .parse()
        .map_err(|error| Refusal::not_found(format!("{error}")))?;
    let plugin =
        visit.state.publisher.catalogue().find(&named).map_err(|error| Refusal::not_found(error.to_string()))?;
    let (commit, version, revision) = (at.commit.id, plugin.version, plugin.revision);
    let key = SdkKey { commit, plugin: plugin.name.clone(), version, revision };
    let name = CrateName::new(at.module.name.clone(), plugin.name.clone());
    let missing = || {
        let page = format!("/{}/sdks/{}:{}", at.module.name, at.reference, plugin.name);
        Refusal::not_found(format!("crate {name} was not generated for {}; ask for it at {page}", at.called()))
    };
    let sdk = visit.store().sdk(&key)?.ok_or_else(missing)?;
    Ok((key, sdk))
}

/// The reference and the kind of archive in the last segment: labels may hold dots, so the ending decides.
fn split(file: &str) -> Answer<(&str, ArchiveKind)> {
    let kinds = [(".tar.gz", ArchiveKind::TarGz), (".zip", ArchiveKind::Zip), (".crate", ArchiveKind::Crate)];
    let found = kinds.into_iter().find_map(|(ending, kind)| Some((file.strip_suffix(ending)?, kind)));
    found.ok_or_else(|| Refusal::not_found("archives end in .tar.gz or .zip"))
}

fn too_large() -> Refusal {
    Refusal::unprocessable("these files are too many or too large for a ZIP archive; take the .tar.gz")
}

pub(in crate::serve::web) fn tar_gz<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(GzEncoder::new(vec![], Compression::default()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, content)?;
    }
    builder.into_inner()?.finish()
}

pub(in crate::serve::web) fn unpack(crate_bytes: &[u8]) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let unpacked = flate2::read::MultiGzDecoder::new(crate_bytes).take(MAX_UNPACKED);
    let mut files = vec![];
    for entry in tar::Archive::new(unpacked).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut content = vec![];
        entry.read_to_end(&mut content)?;
        files.push((path, content));
    }
    Ok(files)
}

/// A file name with only characters that headers and file systems allow.
fn file_name(at: &ModuleAtCommit, ending: &str) -> String {
    format!("{}-{}-{}.{ending}", at.module.name.owner(), at.module.name.name(), at.commit.id.short())
}

fn attachment(content_type: &'static str, name: &str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = response::with(StatusCode::OK, content_type, body);
    response::header(&mut response, CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
    response::header(&mut response, CACHE_CONTROL, "no-cache");
    response
}

struct Release {
    id: String,
    short: String,
    time: String,
    href: String,
}

#[derive(Template)]
#[template(path = "releases.xml", config = "assets/askama.toml")]
struct FeedView {
    name: String,
    url: String,
    updated: String,
    releases: Vec<Release>,
}

/// `/{owner}/{module}/releases.atom`.
pub(in crate::serve::web) fn feed(visit: &PageRequest<'_>, params: &Params) -> Answer<Response<Body>> {
    let module = visit.module(params.get("owner"), params.get("module"))?;
    let commits = visit.store().list_commits(module.id, true, None, 0, 200)?.items;
    let released = commits.iter().filter(|commit| commit.released).take(RELEASES);
    let release = |commit: &crate::store::Commit| Release {
        id: commit.id.to_string(),
        short: commit.id.short().to_string(),
        time: commit.created.to_string(),
        href: format!("{}/{}/sdks/{}", visit.url(), module.name, commit.id),
    };
    let releases: Vec<_> = released.map(release).collect();
    let updated = releases.first().map_or_else(|| module.created.to_string(), |release| release.time.clone());
    let view = FeedView { name: module.name.to_string(), url: visit.url().to_owned(), updated, releases };
    let xml = view.render().map_err(|error| Refusal::internal(&error))?;
    Ok(response::with(StatusCode::OK, "application/atom+xml; charset=utf-8", xml))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_and_labels_keep_their_dots() {
        assert_eq!(split("v1.2.tar.gz").unwrap(), ("v1.2", ArchiveKind::TarGz));
        assert_eq!(split("main.zip").unwrap(), ("main", ArchiveKind::Zip));
        assert!(split("main.rar").is_err());
    }

    #[test]
    fn what_is_packed_is_what_was_given() {
        let packed = tar_gz([("a/b.proto", &b"text"[..])].into_iter()).unwrap();
        assert_eq!(unpack(&packed).unwrap(), [("a/b.proto".to_owned(), b"text".to_vec())]);
    }
}
