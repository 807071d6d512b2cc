//! Crates as cargo reads them: index pages and `.crate` files.

use bytes::Bytes;
use connectrpc::ErrorCode;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use semver::VersionReq;
use serde::Deserialize;

use super::error::{excerpt, plain};
use super::{Client, ClientError, MAX_ANSWER_BYTES};
use crate::model::{CrateName, SdkVersion, Sha256Digest, index_path};

/// One version of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexLine {
    /// The line as the server sent it, without its end.
    pub text: String,
    /// The version.
    pub version: SdkVersion,
    /// The digest of the `.crate` file.
    pub checksum: Sha256Digest,
    /// The crates of the same registry that it depends on, with the versions that it takes.
    pub dependencies: Vec<(CrateName, VersionReq)>,
}

/// The part of `config.json` that matters here.
#[derive(Deserialize)]
struct Config {
    dl: String,
}

/// The parts of a line that matter here
/// (<https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema>).
#[derive(Deserialize)]
struct Line {
    vers: String,
    cksum: String,
    deps: Vec<LineDependency>,
}

#[derive(Deserialize)]
struct LineDependency {
    name: String,
    req: String,
    /// The name of the crate where `name` is that by which the dependent knows it.
    package: Option<String>,
    /// Another registry.
    registry: Option<String>,
}

impl IndexLine {
    /// Whether cargo takes this version for `requirement`.
    #[must_use]
    pub fn satisfies(&self, requirement: &VersionReq) -> bool {
        self.version.to_string().parse().is_ok_and(|version| requirement.matches(&version))
    }
}

impl Client {
    /// The address of the index as crates and lock files hold it, with `sparse+` in front.
    ///
    /// # Errors
    /// When the server says nothing of it.
    pub async fn index_url(&self) -> Result<String, ClientError> {
        let config = self.present("config.json", self.get("/gen/cargo/config.json").await?)?;
        let config: Config = serde_json::from_slice(&config).map_err(|error| self.malformed(error))?;
        let base = config.dl.strip_suffix("api/v1/crates").map(|base| format!("sparse+{base}"));
        self.present("address of its index in config.json", base)
    }

    /// The versions of a crate, as the server lists them; nothing when it has no such crate.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn index_lines(&self, name: &CrateName) -> Result<Vec<IndexLine>, ClientError> {
        let path = index_path(&name.to_string()).unwrap_or_default();
        let Some(page) = self.get(&format!("/gen/cargo/{path}")).await? else { return Ok(Vec::new()) };
        let page = String::from_utf8(page.into()).map_err(|error| self.malformed(error))?;
        page.lines().filter(|line| !line.is_empty()).map(|line| self.index_line(line)).collect()
    }

    /// The `.crate` file of a version, with the digest that the index names.
    ///
    /// # Errors
    /// When there is none, or its bytes are others.
    pub async fn crate_file(&self, name: &CrateName, line: &IndexLine) -> Result<Bytes, ClientError> {
        let path = format!("/gen/cargo/api/v1/crates/{name}/{}/download", line.version);
        let file = self.present(&format!("file of {name} {}", line.version), self.get(&path).await?)?;
        let found = Sha256Digest::of(&file);
        if found == line.checksum {
            return Ok(file);
        }
        let what = format!("{name} {} has the digest {found}, but the index names {}", line.version, line.checksum);
        Err(self.malformed(what))
    }

    fn index_line(&self, text: &str) -> Result<IndexLine, ClientError> {
        let line: Line = serde_json::from_str(text).map_err(|error| self.malformed(error))?;
        let own = line.deps.into_iter().filter(|dependency| dependency.registry.is_none());
        let dependencies = own.map(|dependency| {
            let name = dependency.package.unwrap_or(dependency.name).parse().map_err(|error| self.malformed(error))?;
            let requirement = VersionReq::parse(&dependency.req).map_err(|error| self.malformed(error))?;
            Ok((name, requirement))
        });
        Ok(IndexLine {
            text: text.to_owned(),
            version: line.vers.parse().map_err(|error| self.malformed(error))?,
            checksum: line.cksum.parse().map_err(|error| self.malformed(error))?,
            dependencies: dependencies.collect::<Result<_, ClientError>>()?,
        })
    }

    /// What is at `path`; nothing when nothing is.
    async fn get(&self, path: &str) -> Result<Option<Bytes>, ClientError> {
        let uri: Uri = format!("{}{path}", self.url).parse().map_err(|error| self.malformed(error))?;
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        let (status, body) = self.exchange(request, MAX_ANSWER_BYTES).await?;
        match status {
            StatusCode::OK => Ok(Some(body)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            _ => Err(self.refusal(status, &body)),
        }
    }

    /// What the server says in place of a file.
    pub(super) fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        let (url, text) = (self.url.clone(), plain(&String::from_utf8_lossy(body)));
        let message = excerpt(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        match status {
            StatusCode::UNAUTHORIZED if self.has_token => ClientError::BadToken { url, message },
            StatusCode::UNAUTHORIZED => ClientError::NoToken { url, message },
            StatusCode::FORBIDDEN => {
                ClientError::Refused { code: ErrorCode::PermissionDenied, message, findings: None }
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                ClientError::Refused { code: ErrorCode::FailedPrecondition, message, findings: None }
            }
            _ => ClientError::Unknown { url, message: format!("{status}: {message}") },
        }
    }
}
