// Comfort only: every page works without this file.
"use strict";

// A button beside everything that is meant to be copied. What is copied is the value of the attribute, or the text.
for (const source of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + (source.dataset.copy || source.textContent).slice(0, 80));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.dataset.copy || source.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it by hand";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  const snippet = source.closest(".snippet");
  const of = source.nextElementSibling?.matches(".of") ? source.nextElementSibling : source;
  if (snippet) snippet.append(button); else of.after(button);
}

// "/" goes to the search box, unless somebody is typing.
const search = document.querySelector("[data-slash]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  search?.focus();
  search?.select();
});

// Lists that shrink while one types.
for (const field of document.querySelectorAll("[data-filter]")) {
  const list = document.querySelector(field.dataset.filter);
  const entries = list ? [...list.querySelectorAll("[data-entry]")] : [];
  if (entries.length < 6) continue;
  field.hidden = false;
  field.addEventListener("input", () => {
    const word = field.value.trim().toLowerCase();
    for (const entry of entries) entry.hidden = !entry.textContent.toLowerCase().includes(word);
  });
}

// Menus close on Escape and when the pointer goes elsewhere.
const menus = [...document.querySelectorAll("[data-menu]")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus.filter((menu) => menu.open)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A page about an SDK in the making shows the result by itself.
const progress = document.querySelector("[data-progress]");
if (progress) {
  const words = { queued: "Waiting its turn", running: "Being made" };
  const events = new EventSource(progress.dataset.progress);
  events.onmessage = (event) => {
    const word = words[event.data];
    if (word) {
      progress.querySelector("strong").textContent = word;
      return;
    }
    events.close();
    location.reload();
  };
}
const waiting = document.querySelector("[data-reload]");
if (waiting) setTimeout(() => location.reload(), 1000 * Number(waiting.dataset.reload));
