// Pages about what went wrong: each says what and what to do, shows nothing of the inside, and is as good a page as any
// other. The registry comes with acme/pets, and with a store that was broken since.

import { axe, call, expect, fail, registry, walk } from "./support.mjs";

/** Words that only the inside of the registry knows. */
const INSIDE = ["sqlite", "SQL", "table", "blobs", "src/", ".rs:", "panicked", "/tmp/", "Os {", "StoreError"];

/** As many sign-ins as may fail for one address. */
const SIGN_INS = 30;

await walk(async (open) => {
  const tab = await open();
  await unknown(tab);
  await tab.signIn();
  await unknown(tab);
  await tooLarge(tab);
  await broken(tab);
  await forbidden(await open());
  await tooMany(await open());
});

/** The page on which something went wrong has this status and says these words. */
async function failed(tab, status, heading, words) {
  tab.expectPeace();
  await tab.says(String(status), ".failure-page");
  await tab.says(heading, "h1");
  for (const word of words) await tab.says(word, ".failure-page");
  const text = await tab.text();
  const seen = INSIDE.filter((word) => text.includes(word));
  expect(seen.length === 0, `the page about status ${status} shows ${seen.join(", ")}: ${text}`);
  await tab.page.evaluate(axe());
  for (const width of [1280, 390]) {
    await tab.page.setViewportSize({ width, height: 844 });
    const { violations } = await tab.page.evaluate(() => window.axe.run({ resultTypes: ["violations"], preload: false }));
    if (violations.length) fail(`the page about status ${status}: ${violations.map(({ help }) => help).join(", ")}`);
  }
}

/** Sends a form as a page of ours would, and waits for the answer. */
async function send(tab, action, fields) {
  const submit = ([action, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  };
  await Promise.all([tab.page.waitForEvent("load"), tab.page.evaluate(submit, [action, fields])]);
}

async function unknown(tab) {
  const signedIn = await tab.page.locator(".links >> text=Admin").count();
  if (!signedIn) return tab.visit("/acme/pest", 401);
  await tab.visit("/acme/pest", 404);
  await failed(tab, 404, "Not found", ["acme/pest", "did you mean acme/pets?"]);
  await tab.visit("/acme/pets/docs/mian", 404);
  await failed(tab, 404, "Not found", ["mian", "main"]);
}

async function tooLarge(tab) {
  await tab.visit("/settings");
  await send(tab, "/settings/tokens", { note: "x".repeat(200_000) });
  await failed(tab, 413, "Too large", ["65536 bytes"]);
}

async function tooMany(tab) {
  const body = () => new URLSearchParams({ token: "reg_wrong" });
  const fails = () => fetch(`${registry.url}/login`, { method: "POST", body: body() });
  for (let at = 0; at < SIGN_INS; at += 1) await (await fails()).text();
  await tab.signIn();
  await tab.says("More than 30 sign-ins from your address failed in ten minutes", ".banner");
  await tab.says("--sign-in-attempts", ".banner");
}

async function broken(tab) {
  await tab.visit("/acme/pets/files/main/pets.proto", 500);
  await failed(tab, 500, "Our fault", ["its log says more", "tell whoever runs this registry"]);
}

/** A token that reads is not one that administers. */
async function forbidden(tab) {
  const { secret } = await call("registry.v1.TokenService/CreateToken", { note: "reads", scope: "TOKEN_SCOPE_READ" });
  await tab.page.goto(`${registry.url}/login`);
  await tab.page.fill("#token", secret);
  await tab.press("main button");
  await tab.visit("/admin", 403);
  await failed(tab, 403, "Not allowed", ["sign in with another token"]);
  await tab.visit("/settings");
  await send(tab, "/settings/organizations", { name: "mine" });
  await failed(tab, 403, "Not allowed", ["scope write"]);
}
