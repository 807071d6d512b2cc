// Every kind of page, light and dark, wide and narrow: no barrier, nothing in the console, nothing from elsewhere, no
// scrolling sideways, no more than 50 KB.

import { axe, expect, fail, walk } from "./support.mjs";
import { everything } from "./fixtures.mjs";

/** Most bytes that the HTML of a page takes on its way. */
const MOST_BYTES = 50_000;

const TONIC = "community/neoeinstein-tonic";

const YANKED = "/acme/broken/sdks/main:community/neoeinstein-prost";

/** Every kind of page by path, with its status. */
const PAGES = {
  "/": 200,
  "/login": 200,
  "/search": 200,
  "/search?q=animal": 200,
  "/search?q=nothingiscalledso": 200,
  "/search?q=zoo.proto": 200,
  "/search?q=name": 200,
  "/help": 200,
  "/plugins": 200,
  "/plugins/community/neoeinstein-prost": 200,
  "/plugins/anthropics/buffa": 200,
  "/plugins/community/neoeinstein-prost-crate": 200,
  "/settings": 200,
  "/admin": 200,
  "/admin/audit": 200,
  "/admin/audit?action=token&since=2026-01-01": 200,
  "/login/device": 200,
  "/acme": 200,
  "/acme/zoo": 200,
  "/acme/empty": 200,
  "/acme/zoo/docs/main/acme.zoo.v1": 200,
  "/acme/zoo/docs/main/acme.zoo.v1?plugin=anthropics/buffa": 200,
  "/acme/large/docs/main/acme.large.v1": 200,
  "/acme/large/docs/main/acme.large.v1?symbol=Message7": 200,
  "/acme/zoo/sdks/main": 200,
  "/acme/broken/sdks/main": 200,
  [`/acme/zoo/sdks/main:${TONIC}`]: 200,
  [`/acme/broken/sdks/main:${TONIC}`]: 200,
  [YANKED]: 200,
  "/acme/zoo/sdks/feature%2Fcolour:anthropics/buffa": 200,
  [`/acme/zoo/sdks/main:${TONIC}/files/src/lib.rs`]: 200,
  [`/acme/zoo/sdks/main:${TONIC}/files/Cargo.toml`]: 200,
  "/acme/large/files/main/large.proto": 200,
  "/acme/zoo/files/main/README.md": 200,
  "/acme/zoo/files/main": 200,
  "/acme/zoo/files/main/acme/zoo/v1/zoo.proto": 200,
  "/acme/zoo/commits/main": 200,
  "/acme/zoo/settings": 200,
  "/acme/zoo/dependencies/main": 200,
  "/acme/tours/dependencies/main": 200,
  "/acme/tours": 200,
  "/?by=name": 200,
  "/acme/zoo/webhooks": 200,
  "/acme/zoo/compare/feature%2Fcolour/main": 200,
  "/acme/many/sdks/main:community/neoeinstein-prost?feature=acme.a": 200,
  "/acme/large/files/main/long.proto": 200,
  "/acme/large/files/main/long.proto?part=2": 200,
  "/acme/empty/settings": 200,
  "/acme/zo": 404,
};

await walk(async (open) => {
  await everything();
  const wide = { width: 1280, height: 900 };
  const narrow = { width: 390, height: 844 };
  const tab = await open({ viewport: wide });
  await tab.signIn();
  await tab.visit(YANKED);
  await tab.page.click("#yank summary");
  await tab.page.check("#yank input[name=sure]");
  await tab.press("#yank button");
  const found = [];
  for (const [path, status] of Object.entries(PAGES)) {
    const bytes = await tab.visit(path, status);
    expect(bytes < MOST_BYTES, `${path} takes ${bytes} bytes`);
    await tab.page.evaluate(axe());
    for (const [colorScheme, viewport] of [["light", wide], ["dark", wide], ["dark", narrow], ["light", narrow]]) {
      await tab.page.setViewportSize(viewport);
      await tab.page.emulateMedia({ colorScheme });
      found.push(...(await barriers(tab.page)).map((barrier) => `${path}, ${colorScheme}, ${viewport.width} px: ${barrier}`));
    }
    const sideways = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (sideways > 0) found.push(`${path}: scrolls ${sideways} px sideways at ${narrow.width} px`);
    await tab.page.setViewportSize(wide);
  }
  tab.expectPeace();
  if (found.length) fail(found.join("\n"));
});

/** What axe finds serious, in a line each. */
async function barriers(page) {
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], preload: false }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(" | ")}`);
}
