// From an empty registry to an import, and what one does there later. With `--without-scripts` the same way is walked in a
// browser that runs none.

import { axe, createModule, createOwner, expect, push, registry, walk } from "./support.mjs";
import { BROKEN, MANY, zoo } from "./fixtures.mjs";

const scripts = !process.argv.includes("--without-scripts");
const BUFFA = "anthropics/buffa";
const TONIC = "community/neoeinstein-tonic";

await walk(async (open) => {
  const tab = await open({ javaScriptEnabled: scripts });
  const { page } = tab;
  if (scripts) await tab.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: registry.url });

  await signIn(tab);
  await emptyRegistry(tab);
  await createOwner("acme");
  await createModule("acme/zoo");
  await push("acme/zoo", { "zoo.proto": zoo() });
  await push("acme/zoo", { "zoo.proto": zoo("string colour = 9;") }, { label: "feature/colour" });

  await search(tab);
  await sdkPage(tab);
  await changeLabel(tab);
  if (scripts) await copy(tab);
  if (scripts) await source(tab);
  await generate(tab);
  await createModule("acme/broken");
  await push("acme/broken", { "broken.proto": BROKEN });
  await failedSdk(tab);
  await createModule("acme/many");
  await push("acme/many", MANY);
  await packages(tab);
  await yank(tab);
  await tokens(tab);
  await compare(tab);
  expect(page.url().includes("/compare/"), "the walk ended somewhere else");
  await signOut(tab);
});

async function signIn(tab) {
  await tab.visit("/", 401);
  await tab.page.fill("#token", "reg_wrong");
  await tab.press("main button");
  await tab.says("Sign in", "h1");
  await tab.page.fill("#token", registry.token);
  await tab.press("main button");
  const [cookie] = await tab.context.cookies();
  const secure = registry.url.startsWith("https://");
  const name = secure ? "__Host-registry_session" : "registry_session";
  expect(cookie.name === name && cookie.secure === secure, `the cookie is ${JSON.stringify(cookie)}`);
  expect(cookie.httpOnly && cookie.sameSite === "Strict", `the cookie is ${JSON.stringify(cookie)}`);
  expect(!cookie.value.includes(registry.token), "the cookie holds the token");
}

/** The session that the browser had is none any more, even for whoever kept the cookie. */
async function signOut(tab) {
  const [cookie] = await tab.context.cookies();
  await tab.visit("/settings");
  await tab.press("text=Sign out");
  expect((await tab.context.cookies()).length === 0, "the cookie stays");
  await tab.context.addCookies([cookie]);
  await tab.visit("/settings", 401);
}

async function emptyRegistry(tab) {
  await tab.visit("/");
  await tab.says("Push a module, add a crate", "h1");
  await tab.says(`eval "$(registry env --server ${registry.url} --token YOUR-TOKEN)"`);
  await tab.says("registry push ./proto --module");
  await tab.says("cargo add --registry buf");
}

async function search(tab) {
  const { page } = tab;
  await tab.visit("/");
  await tab.says("acme/zoo", "#modules");
  await page.keyboard.press("Tab");
  const first = await page.locator(":focus").textContent();
  expect(first === "Skip to the content", `the first stop of the keyboard is ${first}`);
  if (scripts) {
    await page.keyboard.press("/");
    const focused = await page.evaluate(() => document.activeElement.id);
    expect(focused === "q", `"/" focuses ${JSON.stringify(focused)}, not the search box`);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("Control+k");
    expect(await page.evaluate(() => document.activeElement.id) === "q", "Ctrl and K do not lead to the search box");
  }
  if (scripts) await suggestions(tab);
  await page.fill("#q", "animal");
  await Promise.all([page.waitForURL("**/search?q=animal"), page.press("#q", "Enter")]);
  await tab.says("acme.zoo.v1.GetAnimalRequest");
  await tab.press("text=acme.zoo.v1.GetAnimalRequest");
  expect(page.url().endsWith("#GetAnimalRequest"), `the hit leads to ${page.url()}`);
  await tab.says("acme::zoo::v1::GetAnimalRequest", "#GetAnimalRequest");
  await tab.says("Animal::born: Option<prost_types::Timestamp>", "#Animal");
}

/** What is typed is looked up; arrows choose, Escape closes, Enter opens what is chosen. */
async function suggestions(tab) {
  const { page } = tab;
  await page.fill("#q", "anim");
  await page.waitForSelector("#suggestions [role=option]");
  await page.press("#q", "ArrowDown");
  const chosen = page.locator("#suggestions [aria-selected=true]");
  expect(await page.getAttribute("#q", "aria-activedescendant") === await chosen.getAttribute("id"), "no suggestion is chosen");
  await page.evaluate(axe());
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], preload: false }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.length === 0, `suggestions: ${serious.map(({ help, nodes }) => `${help} ${nodes[0].html}`).join("; ")}`);
  await page.press("#q", "Escape");
  expect(await page.isHidden("#suggestions"), "Escape leaves the suggestions open");
  await page.fill("#q", "GetAnimalReq");
  await page.waitForSelector("#suggestions >> text=GetAnimalRequest");
  await page.press("#q", "ArrowDown");
  await Promise.all([page.waitForURL("**/docs/**"), page.press("#q", "Enter")]);
  await tab.visit("/");
}

/** Packages of a crate are picked: at once with scripts, else with a button. */
async function packages(tab) {
  const { page } = tab;
  await tab.visit("/acme/many/sdks/main:community/neoeinstein-prost");
  await page.click("#features > summary");
  await page.check("#features input[value='acme.a']");
  if (!scripts) await tab.press("#features button");
  await tab.says("cargo add --registry buf acme_many_community_neoeinstein-prost --no-default-features --features acme.a", "#features pre");
  const first = await tab.text("#features [role=status]");
  expect(/^2 of 3 packages, \d.* of \d.* of generated code$/.test(first), `what is picked is ${first}`);
  await page.check("#features input[value='acme.c']");
  if (!scripts) await tab.press("#features button");
  await tab.says("--features acme.a,acme.c", "#features pre");
  await tab.says("3 of 3 packages", "#features [role=status]");
  // The script and the server say the same.
  const said = await tab.text("#features [role=status]");
  await tab.visit("/acme/many/sdks/main:community/neoeinstein-prost?feature=acme.a&feature=acme.c");
  expect(await tab.text("#features [role=status]") === said, `the script says ${said}`);
}

async function sdkPage(tab) {
  await tab.press("nav.tabs >> text=SDKs");
  await tab.press(`text=${TONIC}`);
  await tab.says(`index = "sparse+${registry.url}/gen/cargo/"`);
  await tab.says("cargo add --registry buf acme_zoo_community_neoeinstein-tonic");
  await tab.says("use acme_zoo_community_neoeinstein_tonic::acme::zoo::v1::tonic::zoo_service_client::ZooServiceClient;");
  await tab.says("Exactly these bytes");
  await tab.press("text=Create a token and fill it in");
  const login = await tab.text("#login pre");
  expect(/^cargo login --registry buf "Bearer reg_[0-9a-f]{48}"$/.test(login), `the line to log in is ${login}`);
  await tab.press("nav.tabs >> text=SDKs");
  await tab.press(`text=${TONIC}`);
  await tab.says("YOUR-TOKEN", "#login");
}

async function changeLabel(tab) {
  await tab.page.click("#reference summary");
  await tab.press("#reference >> text=feature/colour");
  expect(tab.page.url().includes("/sdks/feature%2Fcolour:"), `the label is not in ${tab.page.url()}`);
  await tab.says("feature/colour", "#reference summary");
  await tab.says("@=0.5.0-00000000000000-");
  const docs = await tab.page.getAttribute("nav.tabs a >> nth=0", "href");
  expect(docs.endsWith("/docs/feature%2Fcolour"), `the docs tab forgot the label: ${docs}`);
}

async function copy(tab) {
  const { page } = tab;
  const snippet = page.locator(".way .snippet").first();
  const line = await snippet.locator("code").textContent();
  await snippet.locator(".copy").click();
  await snippet.locator("text=Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied === line, `copied was ${JSON.stringify(copied)}, shown is ${JSON.stringify(line)}`);
}

/** Lines of a source are chosen by their numbers, and the whole of it is copied without them. */
async function source(tab) {
  const { page } = tab;
  const path = "main/zoo.proto";
  await tab.visit(`/acme/zoo/files/${path}#L3-L5`);
  const chosen = () => page.locator("tr.chosen").count();
  expect(await chosen() === 3, `${await chosen()} lines are chosen, not 3`);
  await page.locator("#L7 .no a").click({ modifiers: ["Shift"] });
  await page.locator("tr.chosen >> nth=4").waitFor();
  expect(page.url().endsWith("#L3-L7") && await chosen() === 5, `${await chosen()} lines are chosen at ${page.url()}`);
  await page.locator("[data-copy-lines] .copy").click();
  await page.locator("[data-copy-lines] >> text=Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const raw = await page.evaluate(async (path) => (await fetch(path)).text(), `/acme/zoo/raw/${path}`);
  expect(copied === raw, `copied was ${JSON.stringify(copied)}`);
}

async function generate(tab) {
  const { page } = tab;
  await tab.visit(`/acme/zoo/sdks/feature%2Fcolour:${BUFFA}`);
  await tab.says("Not generated yet", "#progress");
  expect(await page.isChecked("input[name=keep]"), "later pushes are not generated unless one asks");
  await tab.press("#progress button");
  await appears(tab, ".downloads");
  await tab.says("made with every push to feature/colour", ".facts");
  tab.expectPeace();
}

/** Waits until a page about an SDK in the making shows what came of it: by itself, or without scripts when reloaded. */
async function appears(tab, selector) {
  if (scripts) return tab.page.locator(selector).waitFor();
  for (let tries = 0; !(await tab.page.locator(selector).count()); tries += 1) {
    expect(tries < 200, `${selector} does not appear: ${await tab.text()}`);
    await tab.page.waitForTimeout(100);
    await tab.page.reload();
  }
}

async function failedSdk(tab) {
  await tab.visit("/acme/broken/sdks/main");
  await tab.press(`text=${TONIC}`);
  await appears(tab, "text=Generation failed");
  await tab.says("cannot make code of file broken.proto", "#progress");
  await tab.press("text=Retry");
  await appears(tab, "text=Generation failed");
  tab.expectPeace();
}

/** Taking a version back takes a box and a button; giving it out again takes a button. */
async function yank(tab) {
  const path = `/acme/zoo/sdks/main:${TONIC}`;
  await tab.visit(path);
  await tab.page.click("#yank summary");
  await tab.page.click("#yank button");
  expect((await tab.page.locator("#yanked").count()) === 0, "one click yanks");
  await tab.page.check("#yank input[name=sure]");
  await tab.press("#yank button");
  await tab.says("projects with it in their lock file still build", "#yanked");
  expect((await tab.page.locator(".way .snippet").count()) < 4, "a line is offered that cargo refuses");
  await tab.visit("/acme/zoo/sdks/main");
  await tab.says("yanked", ".rows");
  await tab.visit(path);
  await tab.press("#yanked button");
  expect((await tab.page.locator("#yanked").count()) === 0, "the version stays yanked");
}

async function tokens(tab) {
  const { page } = tab;
  await tab.visit("/settings");
  await page.fill("#note", "a laptop");
  await page.selectOption("#scope", "read");
  await tab.press("text=Create token");
  const secret = await tab.text("#new-token pre");
  expect(/^reg_[0-9a-f]{48}$/.test(secret), `no token is shown, but ${secret}`);
  const ask = () => fetch(`${registry.url}/gen/cargo/config.json`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask()).status === 200, "the new token does not read");
  await tab.visit("/settings");
  expect(!(await page.content()).includes(secret), "the token is shown a second time");
  await tab.press('[aria-label="Revoke the token a laptop"]');
  expect((await ask()).status === 401, "the revoked token still reads");
}

async function compare(tab) {
  await tab.visit("/acme/zoo/commits/main");
  await tab.page.fill("[name=from]", "main");
  await tab.page.fill("[name=to]", "feature/colour");
  await tab.press(".compare-form button");
  await tab.says("acme.zoo.v1.Animal.colour");
  await tab.says("string colour = 9;");
}
