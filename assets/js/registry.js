// Comfort only: every page works without this file.
"use strict";

// A button that copies what `read` returns.
function copyButton(name, read) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + name);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(read());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it by hand";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  return button;
}

// Beside everything that is meant to be copied. What is copied is the value of the attribute, or the text.
for (const source of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const read = () => source.dataset.copy || source.textContent;
  const button = copyButton(read().slice(0, 80), read);
  const snippet = source.closest(".snippet");
  const of = source.nextElementSibling?.matches(".of") ? source.nextElementSibling : source;
  if (snippet) snippet.append(button); else of.after(button);
}

// Whole sources, without their line numbers.
for (const place of document.querySelectorAll("[data-copy-lines]")) {
  if (!navigator.clipboard) break;
  const lines = () => [...document.querySelectorAll(place.dataset.copyLines + " code")].map((line) => line.textContent + "\n");
  place.append(copyButton("the file", () => lines().join("")));
}

// An address with #L3-L7 shows these lines; Shift and a click on a second line number makes one.
function chooseLines() {
  const [, first, last] = /^#L(\d+)-L(\d+)$/.exec(location.hash) || [];
  for (const row of document.querySelectorAll(".source tr.chosen")) row.classList.remove("chosen");
  for (let at = Number(first); at <= Number(last); at += 1) {
    const row = document.getElementById("L" + at);
    if (!row) break;
    row.classList.add("chosen");
    if (at === Number(first)) row.scrollIntoView({ block: "center" });
  }
}
addEventListener("hashchange", chooseLines);
// A line of a file that is shown in parts may be in another part.
const asked = Number(/^#L(\d+)/.exec(location.hash)?.[1]);
const parts = asked && !document.getElementById("L" + asked) ? document.querySelectorAll("[data-parts] a") : [];
for (const part of parts) {
  const [first, last] = part.textContent.split("–").map(Number);
  if (first <= asked && asked <= last) location.replace(part.href + location.hash);
}
chooseLines();
document.addEventListener("click", (event) => {
  const number = event.target.closest?.(".source .no a");
  const [, from] = /^#L(\d+)/.exec(location.hash) || [];
  if (!number || !event.shiftKey || !from) return;
  event.preventDefault();
  const ends = [Number(from), Number(number.textContent)].sort((one, other) => one - other);
  location.hash = `L${ends[0]}-L${ends[1]}`;
});

// "/" goes to the search box, unless somebody is typing; Ctrl or Command and K do anywhere.
const search = document.querySelector("[data-slash]");
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && plain && !typing;
  const command = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!slash && !command) return;
  event.preventDefault();
  search?.focus();
  search?.select();
});

// Below the search box stands what is found while one types. Arrows choose, Enter opens what is chosen or searches.
function suggest(field) {
  const list = document.createElement("div");
  list.id = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  field.after(list);
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(states)) field.setAttribute(name, value);
  let asked = new AbortController();
  let timer = 0;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const show = (visible) => {
    list.hidden = !visible;
    field.setAttribute("aria-expanded", String(visible));
    if (!visible) choose(null);
  };
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const look = async () => {
    const query = field.value.trim();
    asked.abort();
    asked = new AbortController();
    if (query.length < 2) return show(false);
    try {
      const answer = await fetch("/search/suggestions?q=" + encodeURIComponent(query), { signal: asked.signal });
      list.innerHTML = answer.ok ? await answer.text() : "";
      show(options().length > 0 && document.activeElement === field);
    } catch { /* Another letter was typed, or the server is away: the form searches all the same. */ }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const target = chosen();
    if (step) {
      const all = options();
      const next = all.indexOf(target) + step;
      choose(target || step > 0 ? all[next] : all[all.length - 1]);
    } else if (event.key === "Enter" && target) {
      target.click();
    } else if (event.key === "Escape") {
      show(false);
    } else {
      return;
    }
    event.preventDefault();
  });
  field.form.addEventListener("focusout", (event) => {
    if (!field.form.contains(event.relatedTarget)) show(false);
  });
}
if (search) suggest(search);

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

// Packages of a crate: the command and the amount of code follow what is picked.
for (const form of document.querySelectorAll("[data-pick]")) {
  const boxes = [...form.querySelectorAll("[data-needs]")];
  const result = form.querySelector("[data-result]");
  const show = () => {
    const picked = boxes.filter((box) => box.checked);
    const on = new Set();
    for (const open = [...picked]; open.length; ) {
      const box = open.pop();
      if (on.has(box)) continue;
      on.add(box);
      for (const at of box.dataset.needs.split(" ").filter(Boolean)) open.push(boxes[at]);
    }
    const names = picked.map((box) => box.value).join(",");
    result.hidden = !picked.length;
    result.querySelector("[data-copy]").textContent = form.dataset.before + names + form.dataset.after;
    const code = [...on].reduce((sum, box) => sum + Number(box.dataset.own), Number(form.dataset.always));
    const share = form.dataset.total ? `, ${bytes(code)} of ${bytes(Number(form.dataset.total))} of generated code` : "";
    result.querySelector("[role=status]").textContent = `${on.size} of ${boxes.length} packages${share}`;
  };
  form.querySelector("button:not(.copy)").hidden = true;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}

// A size as the pages write it.
function bytes(count) {
  let unit = -1;
  let value = count;
  for (; value >= 1000 && unit < 3; unit += 1) value /= 1000;
  return unit < 0 ? `${count} B` : `${(Math.floor(value * 10) / 10).toFixed(1)} ${["KB", "MB", "GB", "TB"][unit]}`;
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
