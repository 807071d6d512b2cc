// Everything that users can write is written with bad intent, then every page is opened: nothing runs, nothing is
// injected, nothing breaks the page.

import { call, createModule, createOwner, expect, fail, push, registry, walk } from "./support.mjs";

const MARKUP = `"'><script>window.hacked=1</script><img src=x onerror="window.hacked=1"><svg onload=window.hacked=1></textarea></title><!--`;
const DIRECTION = "a\u202Egnihtemos\u200B\u2066\uFEFFb";
const EMOJI = "\u{1F984}\u{1F3F3}\uFE0F\u200D\u{1F308}";
const LONG = "w".repeat(180);
const TEXTS = [MARKUP, DIRECTION, EMOJI, LONG, "{{ 7 * 7 }} ${window.hacked=1} %00 \\u0000 &lt;b&gt; ]]>"];
const LINKS = ["javascript:window.hacked=1", "JaVaScRiPt:window.hacked=1", "data:text/html,<script>window.hacked=1</script>", "//evil.example", `https://example.com/"onmouseover="window.hacked=1`];

const README = `# ${MARKUP}

A byte of zero: \u0000.

${TEXTS.join("\n\n")}

${LINKS.map((link) => `[${EMOJI}](${link}) ![x](${link}) <${link}> <a href="${link}">x</a>`).join("\n")}

[reference]: javascript:window.hacked=1
[reference]

\`\`\`"><script>window.hacked=1</script>
</code></pre><script>window.hacked=1</script>
\`\`\`
`;

const COMMENT = (README.replaceAll("\u0000", "") + TEXTS.join("\n")).split("\n").map((line) => `// ${line}`).join("\n");
const STRING = JSON.stringify(MARKUP).replace(/[^\x20-\x7e]/g, "");

const PROTO = `syntax = "proto2";

${COMMENT}
package evil.v1;

import "google/protobuf/descriptor.proto";

extend google.protobuf.MessageOptions { optional string note = 50001; }
extend google.protobuf.FieldOptions { optional string hint = 50001; }

${COMMENT}
service Evil {
  ${COMMENT}
  rpc Call(Thing) returns (Thing);
}

${COMMENT}
message Thing {
  option (note) = ${STRING};
  ${COMMENT}
  optional string field = 1 [default = ${STRING}, (hint) = ${STRING}];
  oneof choice {
    ${COMMENT}
    string one = 2;
  }
  optional string ${"very_".repeat(40)}long = 3;
}

enum Kind {
  ${COMMENT}
  KIND_UNSPECIFIED = 0;
}
`;

/** What a module asks of its crates: the whole text is shown. */
const WISHES = `# ${MARKUP}
# ${DIRECTION} ${EMOJI} ${LONG}
version: v1
type_attribute: { .evil.v1.Thing: ${JSON.stringify(`#[doc = ${JSON.stringify(MARKUP)}]`)} }
`;

/** Where the registry may say no, that is an answer too; it must not be its own fault. */
async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    expect(/ with 4\d\d:/.test(error.message), error.message);
    return undefined;
  }
}

async function write() {
  await createOwner("acme");
  await createModule("acme/evil", { description: TEXTS.join(" ").slice(0, 340) });
  for (const url of LINKS) await attempt(() => createModule(`acme/link${LINKS.indexOf(url)}`, { url, description: MARKUP }));
  for (const url of LINKS) {
    const value = { organizationRef: { name: "acme" }, description: MARKUP, url };
    await attempt(() => call("buf.registry.owner.v1.OrganizationService/UpdateOrganizations", { values: [value] }));
  }
  const names = TEXTS.map((text) => text.replaceAll("/", "-"));
  const labels = [];
  const files = { "README.md": README, "evil.proto": PROTO, "LICENSE": MARKUP, "registry.yaml": WISHES };
  const more = (path, message) => ({ ...files, [path]: `syntax = "proto2";\npackage evil.v1;\nmessage ${message} {}\n` });
  await push("acme/evil", files);
  for (const [at, text] of TEXTS.entries()) {
    await attempt(() => push("acme/evil", more("n.proto", `N${at}`), { source: LINKS[at] }));
    if (await attempt(() => push("acme/evil", more("n.proto", `L${at}`), { label: text }))) labels.push(text);
    await attempt(() => push("acme/evil", more(`${names[at]}.proto`, `M${at}`)));
  }
  const mirrored = await mirror({ "README.md": README, "evil.proto": PROTO });
  return { names, labels, mirrored };
}

/** Commits as another registry would hand them over, each with a source and a label of its own; says how many came. */
async function mirror(files) {
  await createModule("acme/plain");
  await createModule("acme/mirrored");
  const encoded = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text).toString("base64") }));
  const pushed = await call("buf.registry.module.v1.UploadService/Upload", {
    contents: [{ moduleRef: { name: { owner: "acme", module: "plain" } }, files: encoded }],
  });
  let came = 0;
  for (const [at, sourceControlUrl] of [...LINKS, ...TEXTS].entries()) {
    const request = {
      module: { owner: "acme", name: "mirrored" },
      commitId: (at + 1).toString(16).padStart(32, "a"),
      createTime: new Date(Date.UTC(2024, 0, at + 1)).toISOString(),
      digest: pushed.commits[0].digest.value,
      labels: ["main", ...TEXTS.slice(at, at + 1)],
      files: encoded,
      sourceControlUrl,
    };
    if (await attempt(() => call("registry.v1.MirrorService/ImportCommit", request))) came += 1;
  }
  return came;
}

/** What is on the page that the registry did not mean to put there. */
function intruders() {
  const found = [];
  const own = (element) => element.matches('script[src^="/assets/"]:not(:has(*)), .brand img[src^="/assets/"]');
  for (const element of document.querySelectorAll("script, img, svg, iframe, object, embed, style, base, link[rel=import], form[action^='http']")) {
    if (!own(element)) found.push(element.outerHTML.slice(0, 120));
  }
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const runs = name.startsWith("on") || (["href", "src", "action"].includes(name) && !/^(https?:\/\/|\/(?!\/)|#|\?)/.test(value));
      if (runs || name === "style") found.push(`${element.tagName} ${name}=${value.slice(0, 80)}`);
    }
  }
  const parts = [...document.body.children].map((part) => part.tagName).join(" ");
  if (parts !== "A HEADER MAIN FOOTER") found.push(`the page is made of ${parts}`);
  const turned = /[\u202a-\u202e\u2066-\u2069]/;
  const fields = [...document.querySelectorAll("input")].map((field) => field.value);
  const texts = [document.title, document.body.textContent, ...fields];
  for (const text of texts.filter((text) => turned.test(text))) found.push(`a text turns its direction: ${text.slice(text.search(turned) - 40).slice(0, 80)}`);
  if (window.hacked) found.push("a script of a user ran");
  return found;
}

/** All that was found, so that one run tells it all. */
const troubles = [];

await walk(async (open) => {
  const { names, labels, mirrored } = await write();
  expect(mirrored > 0, "no commit of another registry was taken in: this proves nothing");
  expect(labels.length > 0, "no label with a hostile name was accepted: this proves nothing");
  const tab = await open({ viewport: { width: 390, height: 844 } });
  await tab.signIn();
  await tab.visit("/settings");
  for (const text of TEXTS) {
    await tab.page.fill("#note", text);
    await tab.press("text=Create token");
    await inspect(tab, "the page of a new token");
  }

  const part = encodeURIComponent;
  const paths = ["/", "/acme", "/acme/evil", "/admin", "/settings", "/plugins", "/plugins/acme/loud"];
  paths.push("/acme/mirrored", "/acme/mirrored/commits", "/acme/mirrored/sdks/main", "/acme/evil/sdks/main:acme/loud");
  for (const text of [...TEXTS, ...LINKS]) {
    paths.push(`/search?q=${part(text)}`, `/search?q=${part(text.slice(0, 12))}`, `/plugins?word=${part(text)}`, `/login?next=${part(text)}`, `/login/device?user_code=${part(text)}`);
    paths.push(`/${part(text)}`, `/acme/${part(text)}`, `/acme/evil/docs/${part(text)}`, `/acme/evil/docs/main/${part(text)}`);
    paths.push(`/acme/evil/docs/main/evil.v1?plugin=${part(text)}`, `/acme/evil/docs/main/evil.v1?symbol=${part(text)}`);
    paths.push(`/acme/evil/sdks/main:a/${part(text)}`, `/acme/evil/compare/${part(text)}/main`);
  }
  for (const label of ["main", ...labels]) {
    const at = part(label);
    for (const kind of ["docs", "sdks", "files", "commits", "dependencies"]) paths.push(`/acme/evil/${kind}/${at}`);
    paths.push(`/acme/evil/docs/${at}/evil.v1`, `/acme/evil/docs/${at}/evil.v1?symbol=Thing`, `/acme/evil/docs/${at}/evil.v1?symbol=Evil`);
    paths.push(`/acme/evil/sdks/${at}:community/neoeinstein-prost`, `/acme/evil/sdks/${at}:community/neoeinstein-prost/files/README.md`, `/acme/evil/files/${at}/README.md`, `/acme/evil/files/${at}/evil.proto`);
    paths.push(`/acme/evil/compare/main/${at}`);
  }
  for (const name of names) paths.push(`/acme/evil/files/main/${part(name)}.proto`);
  for (const at of LINKS.keys()) paths.push(`/acme/link${at}`);
  for (const path of paths) {
    const answer = await tab.page.goto(registry.url + path);
    expect(answer.status() < 500, `${path} has status ${answer.status()}`);
    await inspect(tab, path);
  }
  // What was written is there to be read: it was not only left out.
  const shown = {
    "/acme/evil/docs/main": "main",
    "/acme/evil/docs/main/evil.v1?symbol=Thing": "main",
    "/acme/evil/files/main/evil.proto": "main",
    "/acme/evil/sdks/main": ".asked",
    "/acme/evil/sdks/main:community/neoeinstein-prost": ".asked",
    "/acme/evil/sdks/main:acme/loud": "#progress",
    "/admin": ".failure",
    "/plugins": "[id='acme/loud']",
  };
  for (const [path, where] of Object.entries(shown)) {
    await tab.visit(path);
    await tab.says("<script>window.hacked=1</script>", where);
  }
  // What would turn a text is written out, and a source says so.
  for (const path of ["/acme/evil/docs/main", "/acme/evil/docs/main/evil.v1?symbol=Thing", "/acme/evil/files/main/evil.proto", "/acme/evil/files/main/README.md"]) {
    await tab.visit(path);
    await tab.says("a\\u{202e}gnihtemos");
  }
  await tab.visit("/acme/evil/files/main/evil.proto");
  await tab.says("This file holds characters that turn the direction of text", "[role=note]");
  if (troubles.length) fail(troubles.join("\n"));
});

async function inspect(tab, place) {
  tab.expectPeace();
  const found = await tab.page.evaluate(intruders);
  if (found.length) troubles.push(`${place} holds ${found.join("; ")}`);
  const sideways = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (sideways > 0) troubles.push(`${place} scrolls ${sideways} px sideways`);
}
