//! Commits by API v1beta1, with their b4 digests, which v1 lock files hold.

use connectrpc::ErrorCode;

use crate::client::{Client, ClientError};
use crate::model::{CommitId, FilesDigest, ModuleFile, Shake256Digest};
use crate::wire::buf::registry::module::v1beta1::{
    DigestType, DownloadRequest, DownloadServiceClient, File, ResourceRef, download_request, resource_ref,
};

/// A commit with its files, as API v1beta1 sends it.
pub(in crate::client) struct OlderContent {
    pub id: CommitId,
    /// Absent if the server sent another kind of digest than the requested one.
    pub digest: Option<FilesDigest>,
    pub files: Vec<ModuleFile>,
    /// The `buf.yaml` and `buf.lock` that it was pushed with.
    pub v1_files: Vec<ModuleFile>,
}

impl Client {
    /// A commit with all its files; `None` if the server does not have API v1beta1.
    pub(in crate::client) async fn download_v1beta1(
        &self,
        commit: CommitId,
    ) -> Result<Option<OlderContent>, ClientError> {
        let (http, config) = self.parts();
        let reference = ResourceRef { value: Some(resource_ref::Value::Id(commit.to_string())) };
        let value = download_request::Value { resource_ref: reference.into(), ..Default::default() };
        let request = DownloadRequest { values: vec![value], digest_type: DigestType::DIGEST_TYPE_B4.into() };
        let answer = match DownloadServiceClient::new(http, config).download(request).await {
            Err(error) if error.code == ErrorCode::Unimplemented => return Ok(None),
            answer => self.read(answer)?,
        };
        let content = self.single(answer.contents)?;
        let described = self.present("commit", content.commit.into_option())?;
        let v1_files = content.v1_buf_yaml_file.into_option().into_iter().chain(content.v1_buf_lock_file.into_option());
        let is_b4 = described.digest.r#type == DigestType::DIGEST_TYPE_B4;
        let digest: Option<[u8; 64]> = (*described.digest.value).try_into().ok().filter(|_| is_b4);
        Ok(Some(OlderContent {
            id: self.id(&described.id)?,
            digest: digest.map(|bytes| FilesDigest(Shake256Digest::from_bytes(bytes))),
            v1_files: v1_files.map(|file| self.module_file(file)).collect::<Result<_, _>>()?,
            files: content.files.into_iter().map(|file| self.module_file(file)).collect::<Result<_, _>>()?,
        }))
    }

    fn module_file(&self, file: File) -> Result<ModuleFile, ClientError> {
        let path = file.path.parse().map_err(|error| self.malformed(error))?;
        Ok(ModuleFile { path, content: file.content })
    }
}
