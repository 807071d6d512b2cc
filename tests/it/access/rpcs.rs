//! Every RPC for every caller. Requests change nothing, or the same each time.

use std::collections::BTreeSet;

use super::callers::callers;
use super::expected::{Statuses, Takes, check};
use super::subjects::subjects;
use crate::support::Registry;
use Takes::{
    Admin, AdminMade, Made, Member, Nothing, Own, OwnerAdmin, Push, Reader, Site, SiteWrite, Write, WriteMade,
    WriteScope,
};

/// The method, a request, what it takes, and the status of those who may.
type Row = (&'static str, &'static str, Takes, u16);

const BY_ID: &str = r#"{"resourceRefs":[{"id":"COMMIT"}]}"#;
const BY_NAME: &str = r#"{"resourceRefs":[{"name":{"owner":"OWNER","module":"MODULE"}}]}"#;
const LIST: &str = r#"{"resourceRef":{"name":{"owner":"OWNER","module":"MODULE"}}}"#;
const DOWNLOAD: &str = r#"{"values":[{"resourceRef":{"id":"COMMIT"}}]}"#;
const LABEL: &str = r#"{"name":{"owner":"OWNER","module":"MODULE","label":"spare"}}"#;
const CHECK_BY_ID: &str = r#"{"resourceRefs":[{"id":"PROGRAM"}]}"#;
const CHECK_BY_NAME: &str = r#"{"resourceRefs":[{"name":{"owner":"OWNER","plugin":"MODULE"}}]}"#;
const CHECK_LIST: &str = r#"{"resourceRef":{"name":{"owner":"OWNER","plugin":"MODULE"}}}"#;
const CHECK_MAIN: &str = r#"{"name":{"owner":"OWNER","plugin":"MODULE","label":"main"}}"#;
const CHECK_SPARE: &str = r#"{"name":{"owner":"OWNER","plugin":"MODULE","label":"spare"}}"#;
const SDK: &str = r#"{"moduleReference":{"owner":"OWNER","repository":"MODULE"},
    "pluginReference":{"owner":"community","name":"neoeinstein-prost"}}"#;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", "{}", Reader, 200),
    ("buf.alpha.registry.v1alpha1.CodeGenerationService/GenerateCode", "{}", Reader, 400),
    ("buf.alpha.registry.v1alpha1.PluginCurationService/GetLatestCuratedPlugin",
        r#"{"owner":"community","name":"neoeinstein-prost"}"#, Reader, 200),
    ("buf.alpha.registry.v1alpha1.PluginCurationService/ListCuratedPlugins", "{}", Reader, 200),
    ("buf.alpha.registry.v1alpha1.ResolveService/GetCargoVersion", SDK, Made, 200),
    ("buf.alpha.registry.v1alpha1.ResolveService/GetSDKInfo", SDK, Made, 200),
    ("buf.alpha.registry.v1alpha1.WebhookService/CreateWebhook",
        r#"{"ownerName":"OWNER","repositoryName":"MODULE","webhookEvent":"WEBHOOK_EVENT_REPOSITORY_PUSH"}"#, Admin, 400),
    ("buf.alpha.registry.v1alpha1.WebhookService/DeleteWebhook",
        r#"{"webhookId":"0123456789abcdef0123456789abcdef"}"#, WriteScope, 404),
    ("buf.alpha.registry.v1alpha1.WebhookService/ListWebhooks",
        r#"{"ownerName":"OWNER","repositoryName":"MODULE"}"#, Admin, 200),
    ("buf.reflect.v1beta1.FileDescriptorSetService/GetFileDescriptorSet", r#"{"module":"OWNER/MODULE"}"#, Made, 200),
    ("buf.registry.module.v1.FileDescriptorSetService/GetFileDescriptorSet", LIST, Made, 200),
    ("buf.registry.module.v1.CommitService/GetCommits", BY_ID, Own, 200),
    ("buf.registry.module.v1.CommitService/GetCommits", BY_NAME, Own, 200),
    ("buf.registry.module.v1.CommitService/ListCommits", LIST, Own, 200),
    ("buf.registry.module.v1.DownloadService/Download", DOWNLOAD, Own, 200),
    ("buf.registry.module.v1.GraphService/GetGraph", BY_ID, Made, 200),
    ("buf.registry.module.v1.GraphService/GetGraph", BY_NAME, Made, 200),
    ("buf.registry.module.v1.LabelService/GetLabels", "{\"labelRefs\":[LABEL]}", Own, 200),
    ("buf.registry.module.v1.LabelService/ListLabels", LIST, Own, 200),
    ("buf.registry.module.v1.LabelService/ListLabelHistory", "{\"labelRef\":LABEL}", Own, 200),
    ("buf.registry.module.v1.LabelService/CreateOrUpdateLabels",
        "{\"values\":[{\"labelRef\":LABEL,\"commitId\":\"COMMIT\"}]}", Write, 200),
    ("buf.registry.module.v1.LabelService/ArchiveLabels", "{\"labelRefs\":[LABEL]}", Write, 200),
    ("buf.registry.module.v1.LabelService/UnarchiveLabels", "{\"labelRefs\":[LABEL]}", Write, 200),
    ("buf.registry.module.v1.ModuleService/CreateModules",
        r#"{"values":[{"ownerRef":{"name":"OWNER"},"name":"MODULE"}]}"#, OwnerAdmin, 409),
    // Another module needs it, so it stays.
    ("buf.registry.module.v1.ModuleService/DeleteModules",
        r#"{"moduleRefs":[{"name":{"owner":"acme","module":"vault"}}]}"#, Admin, 400),
    ("buf.registry.module.v1.ModuleService/GetModules",
        r#"{"moduleRefs":[{"name":{"owner":"OWNER","module":"MODULE"}}]}"#, Own, 200),
    ("buf.registry.module.v1.ModuleService/ListModules", "{}", Reader, 200),
    ("buf.registry.module.v1.ModuleService/ListModules", r#"{"ownerRefs":[{"name":"OWNER"}]}"#, Reader, 200),
    ("buf.registry.module.v1.ModuleService/UpdateModules",
        r#"{"values":[{"moduleRef":{"name":{"owner":"OWNER","module":"MODULE"}},"description":"d"}]}"#, Admin, 200),
    ("buf.registry.module.v1.ResourceService/GetResources", BY_ID, Own, 200),
    ("buf.registry.module.v1.UploadService/Upload",
        r#"{"contents":[{"moduleRef":{"name":{"owner":"OWNER","module":"MODULE"}},"files":[{"path":"MODULE/v1/thing.proto",
        "content":"SOURCE"}]}],"depCommitIds":NEEDS}"#, Push, 200),
    ("buf.registry.module.v1beta1.CommitService/GetCommits", BY_ID, Own, 200),
    ("buf.registry.module.v1beta1.CommitService/ListCommits", LIST, Own, 200),
    ("buf.registry.module.v1beta1.DownloadService/Download", DOWNLOAD, Own, 200),
    ("buf.registry.module.v1beta1.GraphService/GetGraph",
        r#"{"resourceRefs":[{"resourceRef":{"id":"COMMIT"}}]}"#, Made, 200),
    ("buf.registry.module.v1beta1.LabelService/GetLabels", "{\"labelRefs\":[LABEL]}", Own, 200),
    ("buf.registry.module.v1beta1.LabelService/ListLabels", LIST, Own, 200),
    ("buf.registry.module.v1beta1.LabelService/ListLabelHistory", "{\"labelRef\":LABEL}", Own, 200),
    ("buf.registry.module.v1beta1.LabelService/CreateOrUpdateLabels",
        "{\"values\":[{\"labelRef\":LABEL,\"commitId\":\"COMMIT\"}]}", Write, 200),
    ("buf.registry.module.v1beta1.LabelService/ArchiveLabels", "{\"labelRefs\":[LABEL]}", Write, 200),
    ("buf.registry.module.v1beta1.LabelService/UnarchiveLabels", "{\"labelRefs\":[LABEL]}", Write, 200),
    ("buf.registry.module.v1beta1.ModuleService/CreateModules",
        r#"{"values":[{"ownerRef":{"name":"OWNER"},"name":"MODULE"}]}"#, OwnerAdmin, 409),
    // Another module needs it, so it stays.
    ("buf.registry.module.v1beta1.ModuleService/DeleteModules",
        r#"{"moduleRefs":[{"name":{"owner":"acme","module":"vault"}}]}"#, Admin, 400),
    ("buf.registry.module.v1beta1.ModuleService/GetModules",
        r#"{"moduleRefs":[{"name":{"owner":"OWNER","module":"MODULE"}}]}"#, Own, 200),
    ("buf.registry.module.v1beta1.ModuleService/ListModules", "{}", Reader, 200),
    ("buf.registry.module.v1beta1.ModuleService/ListModules", r#"{"ownerRefs":[{"name":"OWNER"}]}"#, Reader, 200),
    ("buf.registry.module.v1beta1.ModuleService/UpdateModules",
        r#"{"values":[{"moduleRef":{"name":{"owner":"OWNER","module":"MODULE"}},"description":"d"}]}"#, Admin, 200),
    ("buf.registry.module.v1beta1.ResourceService/GetResources", BY_ID, Own, 200),
    ("buf.registry.module.v1beta1.UploadService/Upload",
        r#"{"contents":[{"moduleRef":{"name":{"owner":"OWNER","module":"MODULE"}},"files":[{"path":"MODULE/v1/thing.proto",
        "content":"SOURCE"}]}],"depRefs":REFS}"#, Push, 200),
    ("buf.registry.plugin.v1beta1.CommitService/GetCommits", CHECK_BY_ID, Own, 200),
    ("buf.registry.plugin.v1beta1.CommitService/GetCommits", CHECK_BY_NAME, Own, 200),
    ("buf.registry.plugin.v1beta1.CommitService/ListCommits", CHECK_LIST, Own, 200),
    ("buf.registry.plugin.v1beta1.DownloadService/Download",
        r#"{"values":[{"resourceRef":{"id":"PROGRAM"}}]}"#, Own, 200),
    ("buf.registry.plugin.v1beta1.LabelService/GetLabels", "{\"labelRefs\":[CHECK_MAIN]}", Own, 200),
    ("buf.registry.plugin.v1beta1.LabelService/ListLabels", CHECK_LIST, Own, 200),
    ("buf.registry.plugin.v1beta1.LabelService/ListLabelHistory", "{\"labelRef\":CHECK_MAIN}", Own, 200),
    ("buf.registry.plugin.v1beta1.LabelService/CreateOrUpdateLabels",
        "{\"values\":[{\"labelRef\":CHECK_SPARE,\"commitId\":\"PROGRAM\"}]}", Write, 200),
    ("buf.registry.plugin.v1beta1.LabelService/ArchiveLabels", "{\"labelRefs\":[CHECK_SPARE]}", Write, 200),
    ("buf.registry.plugin.v1beta1.LabelService/UnarchiveLabels", "{\"labelRefs\":[CHECK_SPARE]}", Write, 200),
    ("buf.registry.plugin.v1beta1.PluginService/CreatePlugins",
        r#"{"values":[{"ownerRef":{"name":"OWNER"},"name":"MODULE"}]}"#, OwnerAdmin, 409),
    // The second time it is not there any more, so all of it stays.
    ("buf.registry.plugin.v1beta1.PluginService/DeletePlugins",
        r#"{"pluginRefs":[{"name":{"owner":"OWNER","plugin":"MODULE"}},{"name":{"owner":"OWNER","plugin":"MODULE"}}]}"#,
        Admin, 404),
    ("buf.registry.plugin.v1beta1.PluginService/GetPlugins",
        r#"{"pluginRefs":[{"name":{"owner":"OWNER","plugin":"MODULE"}}]}"#, Own, 200),
    ("buf.registry.plugin.v1beta1.PluginService/ListPlugins", "{}", Reader, 200),
    ("buf.registry.plugin.v1beta1.PluginService/ListPlugins", r#"{"ownerRefs":[{"name":"OWNER"}]}"#, Reader, 200),
    ("buf.registry.plugin.v1beta1.PluginService/UpdatePlugins",
        r#"{"values":[{"pluginRef":{"name":{"owner":"OWNER","plugin":"MODULE"}},"description":"d"}]}"#, Admin, 200),
    ("buf.registry.plugin.v1beta1.ResourceService/GetResources", CHECK_BY_ID, Own, 200),
    ("buf.registry.plugin.v1beta1.UploadService/Upload",
        r#"{"contents":[{"pluginRef":{"name":{"owner":"OWNER","plugin":"MODULE"}},"content":"AGFzbQEAAAA=",
        "compressionType":"COMPRESSION_TYPE_NONE"}]}"#, Write, 200),
    ("buf.registry.owner.v1.OrganizationService/CreateOrganizations", r#"{"values":[{"name":"acme"}]}"#, WriteScope, 409),
    ("buf.registry.owner.v1.OrganizationService/DeleteOrganizations",
        r#"{"organizationRefs":[{"name":"OWNER"}]}"#, OwnerAdmin, 400),
    ("buf.registry.owner.v1.OrganizationService/GetOrganizations",
        r#"{"organizationRefs":[{"name":"OWNER"}]}"#, Reader, 200),
    ("buf.registry.owner.v1.OrganizationService/ListOrganizations", "{}", Reader, 200),
    ("buf.registry.owner.v1.OrganizationService/UpdateOrganizations",
        r#"{"values":[{"organizationRef":{"name":"OWNER"},"description":"d"}]}"#, OwnerAdmin, 200),
    ("buf.registry.owner.v1.OwnerService/GetOwners", r#"{"ownerRefs":[{"name":"OWNER"}]}"#, Reader, 200),
    ("buf.registry.owner.v1.UserService/CreateUsers", r#"{"values":[{"name":"otto"}]}"#, Site, 409),
    // Nobody else administers phoenix, so otto stays.
    ("buf.registry.owner.v1.UserService/DeleteUsers", r#"{"userRefs":[{"name":"otto"}]}"#, Site, 400),
    ("buf.registry.owner.v1.UserService/GetCurrentUser", "{}", Reader, 200),
    ("buf.registry.owner.v1.UserService/GetUsers", r#"{"userRefs":[{"name":"otto"}]}"#, Reader, 200),
    ("buf.registry.owner.v1.UserService/ListUsers", "{}", Reader, 200),
    ("buf.registry.owner.v1.UserService/ListUsers", r#"{"organizationRefs":[{"name":"OWNER"}]}"#, Member, 200),
    ("buf.registry.owner.v1.UserService/UpdateUsers",
        r#"{"values":[{"userRef":{"name":"idle"},"description":"d"}]}"#, SiteWrite, 200),
    ("buf.registry.owner.v1.UserService/UpdateUsers",
        r#"{"values":[{"userRef":{"name":"idle"},"state":"USER_STATE_ACTIVE"}]}"#, SiteWrite, 200),
    ("registry.v1.AuditService/ListAuditEvents", r#"{"pageSize":100}"#, Site, 200),
    ("registry.v1.CompareService/Compare", r#"{"new":{"module":{"owner":"OWNER","name":"MODULE"}}}"#, Made, 200),
    ("registry.v1.CompareService/GetVerdicts",
        r#"{"module":{"owner":"OWNER","name":"MODULE"},"commitIds":["COMMIT"]}"#, Own, 200),
    ("registry.v1.MemberService/ListMembers", r#"{"organization":"OWNER"}"#, Member, 200),
    ("registry.v1.MemberService/SetMember",
        r#"{"organization":"OWNER","member":{"user":"idle","role":"MEMBER_ROLE_READER"}}"#, OwnerAdmin, 200),
    ("registry.v1.MemberService/RemoveMember", r#"{"organization":"OWNER","user":"idle"}"#, OwnerAdmin, 200),
    ("registry.v1.MirrorService/GetModuleOptions", r#"{"commitIds":["COMMIT"]}"#, Own, 200),
    ("registry.v1.MirrorService/ImportSettings", r#"{"module":{"owner":"OWNER","name":"MODULE"},"description":"d"}"#, Admin, 200),
    ("registry.v1.MirrorService/ImportCommit", r#"{"module":{"owner":"OWNER","name":"MODULE"}}"#, Admin, 400),
    ("registry.v1.NameService/FreeName", r#"{"name":"never-was"}"#, Site, 404),
    ("registry.v1.NameService/ListRestingNames", "{}", Site, 200),
    ("registry.v1.PluginService/ListPlugins", "{}", Reader, 200),
    ("registry.v1.SdkService/GenerateSdk",
        r#"{"module":{"owner":"OWNER","name":"MODULE"},"plugin":"community/neoeinstein-prost","noWait":true}"#, Made, 200),
    ("registry.v1.SdkService/GenerateSdk",
        r#"{"module":{"owner":"OWNER","name":"MODULE"},"plugin":"community/neoeinstein-prost","noWait":true,
        "registerInterest":true}"#, WriteMade, 200),
    ("registry.v1.SdkService/ListInterests", r#"{"module":{"owner":"OWNER","name":"MODULE"}}"#, Own, 200),
    ("registry.v1.SdkService/ListInterests", "{}", Reader, 200),
    ("registry.v1.SdkService/ListSdks", r#"{"module":{"owner":"OWNER","name":"MODULE"},"ref":"main"}"#, Made, 200),
    ("registry.v1.SdkService/ListSdks", r#"{"module":{"owner":"OWNER","name":"MODULE"}}"#, Own, 200),
    ("registry.v1.SdkService/RemoveInterest",
        r#"{"module":{"owner":"OWNER","name":"MODULE"},"label":"none","plugin":"community/neoeinstein-prost"}"#, Write, 404),
    ("registry.v1.SdkService/RetrySdk", r#"{"crateName":"CRATE","version":"VERSION","noWait":true}"#, WriteMade, 200),
    ("registry.v1.SdkService/YankSdk", r#"{"crateName":"CRATE","version":"VERSION","yanked":false}"#, AdminMade, 200),
    ("registry.v1.SettingsService/GetModuleSettings", r#"{"module":{"owner":"OWNER","name":"MODULE"}}"#, Own, 200),
    ("registry.v1.SettingsService/UpdateModuleSettings",
        r#"{"module":{"owner":"OWNER","name":"MODULE"},"breaking":"warn:file"}"#, Admin, 200),
    ("registry.v1.SettingsService/GetOwnerSettings", r#"{"owner":"OWNER"}"#, Member, 200),
    ("registry.v1.SettingsService/UpdateOwnerSettings", r#"{"owner":"OWNER","breaking":"warn:file"}"#, OwnerAdmin, 200),
    ("registry.v1.StatusService/GetStatus", "{}", Site, 200),
    ("registry.v1.UsageService/GetCrateUsage", r#"{"crateName":"CRATE"}"#, Own, 200),
    ("registry.v1.SearchService/Search", r#"{"query":"MODULE"}"#, Reader, 200),
    ("registry.v1.SearchService/Search", r#"{"query":"canary"}"#, Reader, 200),
    ("registry.v1.TokenService/CreateToken", r#"{"scope":"TOKEN_SCOPE_READ"}"#, WriteScope, 200),
    ("registry.v1.TokenService/ListTokens", "{}", Reader, 200),
    ("registry.v1.TokenService/RevokeToken", r#"{"id":"0123456789abcdef0123456789abcdef"}"#, WriteScope, 404),
    ("registry.v1.WebhookService/CreateWebhook", r#"{"scope":{"owner":"OWNER","module":"MODULE"}}"#, Admin, 400),
    ("registry.v1.WebhookService/CreateWebhook", r#"{"scope":{"owner":"OWNER"}}"#, OwnerAdmin, 400),
    ("registry.v1.WebhookService/DeleteWebhook", r#"{"id":"0123456789abcdef0123456789abcdef"}"#, WriteScope, 404),
    ("registry.v1.WebhookService/ListDeliveries",
        r#"{"webhookId":"0123456789abcdef0123456789abcdef"}"#, WriteScope, 404),
    ("registry.v1.WebhookService/ListWebhooks", r#"{"scope":{"owner":"OWNER","module":"MODULE"}}"#, Admin, 200),
    ("registry.v1.WebhookService/ListWebhooks", r#"{"scope":{"owner":"OWNER"}}"#, OwnerAdmin, 200),
    ("registry.v1.WebhookService/TestWebhook", r#"{"id":"0123456789abcdef0123456789abcdef"}"#, WriteScope, 404),
    // What tools ask of any gRPC server; what streams is not for a plain POST.
    ("grpc.health.v1.Health/Check", "{}", Nothing, 200),
    ("grpc.health.v1.Health/Watch", "{}", Nothing, 501),
    ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "{}", Nothing, 501),
    ("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "{}", Nothing, 501),
];

/// The request of a row with its references to labels.
fn with_labels(request: &str) -> String {
    let request = request.replace("CHECK_MAIN", CHECK_MAIN).replace("CHECK_SPARE", CHECK_SPARE);
    request.replace("LABEL", LABEL)
}

/// All methods with their requests, still to be filled in.
pub(crate) fn requests() -> impl Iterator<Item = (&'static str, String)> {
    ROWS.iter().map(|(method, request, ..)| (*method, with_labels(request)))
}

#[test]
fn every_rpc_is_for_whom_it_should_be() {
    let registry = Registry::start();
    let subjects = subjects(&registry);
    let callers = callers(&registry);
    for subject in &subjects {
        for (method, request, takes, ok) in ROWS {
            // What it names is private and acme's, as the first subject is.
            if request.contains("vault") && (subject.owner, subject.module) != ("acme", "pets") {
                continue;
            }
            let request = with_labels(request);
            for caller in &callers {
                let answer = caller.post(&registry, method, &subject.fill(&request));
                let statuses = Statuses { ok: *ok, hidden: 404 };
                check(&format!("{method} {request}"), *takes, statuses, (caller, subject), &answer);
            }
        }
    }
    registry.is_well();
}

#[test]
fn every_rpc_has_a_row() {
    let methods: BTreeSet<_> = registry::serve::methods().into_iter().collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|(method, ..)| (*method).to_owned()).collect();
    assert_eq!(methods, rows, "the RPCs of the program and the table of this test differ");
}
