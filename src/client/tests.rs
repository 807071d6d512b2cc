//! The client against a server on a real socket with prepared responses.

use std::sync::Arc;

use connectrpc::{
    ConnectError, ConnectRpcService, Limits, RequestContext, Response, Router, ServiceResult, handler_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use super::*;
use crate::model::{FilePath, Limits as ModuleLimits, ModuleFile, ModuleName, Snapshot};
use crate::wire::buf::registry::module::v1::{
    Commit as WireCommit, Digest, DigestType, DownloadRequest, DownloadResponse, File, GetCommitsRequest,
    GetCommitsResponse, GetModulesRequest, GetModulesResponse, ListModulesRequest, ListModulesResponse, Module,
    UploadRequest, UploadResponse, download_response, module_ref,
};
use crate::wire::buf::registry::owner::v1::{GetCurrentUserRequest, GetCurrentUserResponse, User};
use crate::wire::{WARNING_HEADER, encode_warning};

const ID: &str = "ce529d32d80c4d0bb2f5c9d1d7a5f001";
const MODULES: &str = "buf.registry.module.v1.ModuleService";

/// Serves `router` on a free port until the test's runtime ends; returns its address.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = ConnectRpcService::new(router).with_limits(Limits::unlimited());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    format!("http://{address}")
}

/// `GetCurrentUser` answers with the credentials that came, or refuses.
fn authentication() -> Router {
    let handler = |ctx: RequestContext, _: GetCurrentUserRequest| async move {
        let Some(sent) = ctx.header("authorization") else {
            return Err(ConnectError::unauthenticated("no token"));
        };
        let user = User { name: sent.to_str().unwrap().to_owned(), ..User::default() };
        Response::ok(GetCurrentUserResponse { user: user.into() })
    };
    Router::new().route("buf.registry.owner.v1.UserService", "GetCurrentUser", handler_fn(handler))
}

fn name(text: &str) -> ModuleName {
    text.parse().unwrap()
}

fn secret() -> TokenSecret {
    TokenSecret::presented("reg_secret").unwrap()
}

fn wire_commit() -> WireCommit {
    let digest = Digest { r#type: DigestType::DIGEST_TYPE_B5.into(), value: vec![7; 64].into() };
    WireCommit {
        id: ID.into(),
        owner_id: ID.into(),
        module_id: ID.into(),
        digest: digest.into(),
        ..WireCommit::default()
    }
}

fn file(path: &str, content: Vec<u8>) -> ModuleFile {
    ModuleFile { path: path.parse::<FilePath>().unwrap(), content: content.into() }
}

#[tokio::test]
async fn a_call_carries_the_token() {
    let url = serve(authentication()).await;
    let client = Client::new(&url, Some(secret())).unwrap();
    assert_eq!(client.current_user().await.unwrap().name, "Bearer reg_secret");
    assert!(!format!("{client:?}").contains("secret"));
}

#[tokio::test]
async fn a_call_without_a_token_says_how_to_give_one() {
    let url = serve(authentication()).await;
    let error = Client::new(&url, None).unwrap().current_user().await.unwrap_err();
    assert_eq!(error, ClientError::NoToken { url: url.clone(), message: "no token".into() });
    assert!(error.is_refusal() && error.to_string().contains("--token"));
}

#[tokio::test]
async fn a_missing_module_is_no_error() {
    let handler = |_: RequestContext, request: GetModulesRequest| async move {
        let Some(module_ref::Value::Name(name)) = &request.module_refs[0].value else { panic!("not by name") };
        if request.module_refs.len() > 1 || name.module != "pets" {
            return Err(ConnectError::not_found("one is missing"));
        }
        let module = Module { name: name.module.clone(), ..Module::default() };
        Response::ok(GetModulesResponse { modules: vec![module] })
    };
    let url = serve(Router::new().route(MODULES, "GetModules", handler_fn(handler))).await;
    let client = Client::new(&url, None).unwrap();
    assert!(client.module(&name("acme/shop")).await.unwrap().is_none());
    assert_eq!(client.module(&name("acme/pets")).await.unwrap().unwrap().name, "pets");
    assert!(!client.has_modules(&[name("acme/shop"), name("acme/pets")]).await.unwrap());
    assert!(client.has_modules(&[name("acme/pets")]).await.unwrap());
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    let handler = |_: RequestContext, request: ListModulesRequest| async move {
        let next = if request.page_token == "2" { "" } else { "2" };
        let module = Module { name: format!("page {:?}", request.page_token), ..Module::default() };
        Response::ok(ListModulesResponse { modules: vec![module], next_page_token: next.into() })
    };
    let url = serve(Router::new().route(MODULES, "ListModules", handler_fn(handler))).await;
    let modules = Client::new(&url, None).unwrap().list_modules(None).await.unwrap();
    assert_eq!(modules.len(), 2);
    assert_eq!(modules[1].name, "page \"2\"");
}

#[tokio::test]
async fn a_list_that_turns_in_circles_ends() {
    let handler = |_: RequestContext, _: ListModulesRequest| async move {
        Response::ok(ListModulesResponse { next_page_token: "again".into(), ..Default::default() })
    };
    let url = serve(Router::new().route(MODULES, "ListModules", handler_fn(handler))).await;
    let error = Client::new(&url, None).unwrap().list_modules(None).await.unwrap_err();
    assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
}

/// Answers an upload with one commit for each content, and a warning that counts the files.
async fn accept_upload(_: RequestContext, request: UploadRequest) -> ServiceResult<UploadResponse> {
    let bytes: usize = request.contents.iter().flat_map(|content| &content.files).map(|file| file.content.len()).sum();
    let warning = encode_warning(&format!("{bytes} bytes…"));
    let commits = request.contents.iter().map(|_| wire_commit()).collect();
    Ok(Response::new(UploadResponse { commits }).with_header(WARNING_HEADER, warning))
}

fn upload_content(bytes: usize) -> UploadContent {
    let files = vec![file("acme/pets/v1/pets.proto", vec![b' '; bytes])];
    let limits = ModuleLimits { file: u64::MAX, ..ModuleLimits::default() };
    UploadContent {
        module: name("acme/pets"),
        snapshot: Snapshot::new(files, &limits).unwrap(),
        labels: vec![],
        breaking: crate::model::BreakingConfig::default(),
        source_control_url: String::new(),
    }
}

#[tokio::test]
async fn a_large_push_gets_through_with_its_warning() {
    let service = "buf.registry.module.v1.UploadService";
    let url = serve(Router::new().route(service, "Upload", handler_fn(accept_upload))).await;
    let uploaded = Client::new(&url, None).unwrap().upload(vec![upload_content(40 << 20)], &[]).await.unwrap();
    assert_eq!(uploaded.commits, [ID.parse().unwrap()]);
    assert_eq!(uploaded.warning.as_deref(), Some("41943040 bytes…"));
}

#[tokio::test]
async fn a_large_module_comes_down_whole() {
    let handler = |_: RequestContext, _: DownloadRequest| async move {
        let file = File { path: "a.proto".into(), content: vec![b' '; 40 << 20].into() };
        let content = download_response::Content { commit: wire_commit().into(), files: vec![file] };
        Response::ok(DownloadResponse { contents: vec![content] })
    };
    let service = "buf.registry.module.v1.DownloadService";
    let url = serve(Router::new().route(service, "Download", handler_fn(handler))).await;
    let (commit, files) = Client::new(&url, None).unwrap().download(ID.parse().unwrap()).await.unwrap();
    assert_eq!(commit.digest.0.as_bytes(), &[7; 64]);
    assert_eq!(files[0].content.len(), 40 << 20);
}

#[tokio::test]
async fn a_file_that_would_leave_its_directory_is_not_taken() {
    let handler = |_: RequestContext, _: DownloadRequest| async move {
        let file = File { path: "../../.bashrc".into(), ..File::default() };
        let content = download_response::Content { commit: wire_commit().into(), files: vec![file] };
        Response::ok(DownloadResponse { contents: vec![content] })
    };
    let service = "buf.registry.module.v1.DownloadService";
    let url = serve(Router::new().route(service, "Download", handler_fn(handler))).await;
    let error = Client::new(&url, None).unwrap().download(ID.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn commits_must_be_whole_and_as_many_as_asked_for() {
    let broken = Arc::new(|reference: &str| match reference {
        "short" => vec![],
        "bare" => vec![WireCommit { digest: Default::default(), ..wire_commit() }],
        _ => vec![wire_commit()],
    });
    let handler = move |_: RequestContext, request: GetCommitsRequest| {
        let broken = Arc::clone(&broken);
        async move {
            let text = format!("{:?}", request.resource_refs);
            let kind = ["short", "bare"].into_iter().find(|kind| text.contains(kind)).unwrap_or_default();
            Response::ok(GetCommitsResponse { commits: broken(kind) })
        }
    };
    let service = "buf.registry.module.v1.CommitService";
    let url = serve(Router::new().route(service, "GetCommits", handler_fn(handler))).await;
    let client = Client::new(&url, None).unwrap();
    for bad in ["short", "bare"] {
        let error = client.commits(&[(name("acme/pets"), bad.into())]).await.unwrap_err();
        assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
    }
    assert_eq!(client.commits(&[(name("acme/pets"), String::new())]).await.unwrap()[0].id.to_string(), ID);
}

#[tokio::test]
async fn an_unreachable_server_is_named_with_the_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&url, None).unwrap().current_user().await.unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, ClientError::Unreachable { .. }) && !error.is_refusal());
    assert!(message.contains(&url) && message.contains("refused") && message.contains("REGISTRY_URL"), "{message}");
}

#[tokio::test]
async fn a_server_that_hangs_up_could_not_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    let error = Client::new(&url, None).unwrap().current_user().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_is_no_registry_is_asked_about() {
    let url = serve(Router::new()).await;
    let error = Client::new(&url, None).unwrap().current_user().await.unwrap_err();
    assert!(matches!(error, ClientError::Unknown { .. }) && !error.is_refusal(), "{error}");
}

/// A commit of another registry before its files are requested.
fn foreign() -> crate::model::ForeignCommit {
    crate::model::ForeignCommit {
        module: name("acme/pets"),
        id: ID.parse().unwrap(),
        created: crate::model::Timestamp::from_micros(1),
        digest: crate::model::ModuleDigest(crate::model::Shake256Digest::from_bytes([7; 64])),
        dependencies: vec![],
        source_control_url: String::new(),
        files: vec![],
        v1_files: vec![],
        b4_digest: None,
        options: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_without_the_older_api_is_mirrored_too_and_what_it_sends_beside_the_module_is_passed_over() {
    let handler = |_: RequestContext, _: DownloadRequest| async move {
        let sent = ["a.proto", "README.md", "buf.yaml", "buf.lock", "registry.yaml"];
        let files = sent.map(|path| File { path: path.into(), ..File::default() }).to_vec();
        let content = download_response::Content { commit: wire_commit().into(), files };
        Response::ok(DownloadResponse { contents: vec![content] })
    };
    let service = "buf.registry.module.v1.DownloadService";
    let url = serve(Router::new().route(service, "Download", handler_fn(handler))).await;
    let commit = Client::new(&url, None).unwrap().with_files(foreign()).await.unwrap();
    let paths: Vec<_> = commit.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a.proto", "README.md"]);
    assert!(commit.v1_files.is_empty() && commit.b4_digest.is_none() && commit.options.is_none());
}
