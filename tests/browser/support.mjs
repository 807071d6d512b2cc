// The vocabulary of the walks: a registry, a browser that notes what pages must never do, and expectations in words.
// A walk is run as `node WALK.mjs URL TOKEN`; the Rust side of the tests starts the registry.

import { createRequire } from "node:module";

// NODE_PATH names the directory of the inputs; only `require` looks there.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");

export const axe = () => require("axe-core").source;

const [url, token] = process.argv.slice(2);
export const registry = { url, token, host: new URL(url).host };

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** How long one step may take before the walk gives up; steps take milliseconds. */
const PATIENCE = 20_000;

/** Fails the walk with a sentence. */
export function fail(sentence) {
  throw new Error(sentence);
}

/** Fails the walk unless `condition` holds. */
export function expect(condition, sentence) {
  if (!condition) fail(sentence);
}

/** Calls an RPC, `package.Service/Method`, as the administrator. */
export async function call(method, request) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/${method}`, { method: "POST", headers, body: JSON.stringify(request) });
  const text = await answer.text();
  expect(answer.ok, `${method} was refused with ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** Creates an organization. */
export function createOwner(name) {
  return call("buf.registry.owner.v1.OrganizationService/CreateOrganizations", { values: [{ name }] });
}

/** Creates a module of an owner that exists; `more` are further fields, such as its description. */
export function createModule(full, more = {}) {
  const [owner, name] = full.split("/");
  const visibility = "MODULE_VISIBILITY_PUBLIC";
  const value = { ownerRef: { name: owner }, name, visibility, ...more };
  return call("buf.registry.module.v1.ModuleService/CreateModules", { values: [value] });
}

/** Pushes files, `{path: text}`, to a module that exists; `needs` are commits that it builds on. Gives the commit's id. */
export async function push(full, files, { label, source, needs } = {}) {
  const [owner, module] = full.split("/");
  const encoded = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text).toString("base64") }));
  const content = { moduleRef: { name: { owner, module } }, files: encoded };
  if (label) content.scopedLabelRefs = [{ name: label }];
  if (source) content.sourceControlUrl = source;
  const pushed = await call("buf.registry.module.v1.UploadService/Upload", { contents: [content], depCommitIds: needs ?? [] });
  return pushed.commits[0].id;
}

/** Whether what the browser says about a failed load is only that the page itself is one about an error. */
function isErrorPage(message, page) {
  return message.text().startsWith("Failed to load resource") && message.location().url === page.url().split("#")[0];
}

/** A tab of a browser that notes everything that no page of ours may do. */
export class Tab {
  constructor(page, context) {
    this.page = page;
    this.context = context;
    this.troubles = [];
    const note = (what) => this.troubles.push(`${what} (on ${page.url()})`);
    page.on("console", (message) => {
      if (message.type() !== "error" || isErrorPage(message, page)) return;
      note(`the console says: ${message.text()}`);
    });
    page.on("pageerror", (error) => note(`a script broke: ${error}`));
    page.on("dialog", (dialog) => { note(`a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
    page.on("popup", () => note("a window opened"));
    page.on("request", (request) => {
      const to = new URL(request.url());
      if (to.origin !== url) note(`a request to another origin: ${to}`);
    });
  }

  /** Opens a path and gives the size of its HTML as it was transferred, in bytes. */
  async visit(path, status = 200) {
    const response = await this.page.goto(url + path, { waitUntil: "load" });
    expect(response.status() === status, `${path} has status ${response.status()}, expected was ${status}`);
    this.expectPeace();
    return (await response.request().sizes()).responseBodySize;
  }

  /** Signs in with the administrator's token, on the page that asks for it. */
  async signIn() {
    await this.page.goto(`${url}/login`);
    await this.page.fill("#token", token);
    await this.press("main button");
  }

  /** Clicks what leads to another page or sends a form, and waits for the page. */
  async press(selector) {
    await Promise.all([this.page.waitForEvent("load"), this.page.click(selector)]);
    this.expectPeace();
  }

  /** The text of an element, white space made plain. */
  async text(selector = "main") {
    return (await this.page.locator(selector).first().textContent()).replace(/\s+/g, " ").trim();
  }

  /** The element's text holds these words. */
  async says(words, selector = "main") {
    const text = await this.text(selector);
    expect(text.includes(words), `${this.page.url()} does not say ${JSON.stringify(words)}, but: ${text.slice(0, 2000)}`);
  }

  /** Nothing happened that no page may do. */
  expectPeace() {
    expect(this.troubles.length === 0, this.troubles.join("\n"));
  }
}

/** Runs a walk, a function of a browser, and ends the process with the verdict. */
export async function walk(steps) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  const open = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true, ...options });
    context.setDefaultTimeout(PATIENCE);
    return new Tab(await context.newPage(), context);
  };
  try {
    await steps(open);
  } catch (error) {
    console.error(error.message);
    console.error(error.stack.split("\n").filter((line) => line.includes("/tests/browser/")).join("\n"));
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}
