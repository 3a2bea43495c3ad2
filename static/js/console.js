// Small behaviours of every page. Each only adds to what works without it.
"use strict";

async function copyText(button, text) {
  await navigator.clipboard.writeText(text);
  button.classList.add("copied");
  window.setTimeout(() => button.classList.remove("copied"), 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss], [data-copy], [data-copy-text]");
  if (!button) {
    // A click elsewhere closes an open menu of the top bar.
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    return;
  }
  if (button.hasAttribute("data-dismiss")) button.parentElement.remove();
  else if (button.dataset.copy !== undefined) copyText(button, button.dataset.copy);
  else copyText(button, button.parentElement.querySelector("code").textContent);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// A select or checkbox marked so sends its form at once (filters, switches).
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submit-on-change]") && !event.target.closest("[hx-get], [hx-post]")) {
    event.target.form.requestSubmit();
  }
});

// Parts shown only while a control has a given value: <div data-show-when="name=value other=value">.
function applyShowWhen(form) {
  form.querySelectorAll("[data-show-when]").forEach((part) => {
    const shown = part.dataset.showWhen.split(" ").every((condition) => {
      const [name, wanted] = condition.split("=");
      const control = form.elements[name];
      if (!control) return true;
      const value = control.type === "checkbox" ? String(control.checked) : control.value;
      return wanted.split("|").includes(value);
    });
    part.hidden = !shown;
  });
}

// A search box over the rows of a table, with an optional "only what can be chosen" checkbox.
function filterRows(search) {
  const table = document.getElementById(search.dataset.filterRows);
  const only = document.getElementById(search.dataset.filterOnly || "");
  const words = search.value.toLowerCase().split(/\s+/);
  let shown = 0;
  table.querySelectorAll("tbody tr").forEach((row) => {
    const text = row.dataset.search;
    const fits = words.every((word) => text.includes(word));
    const allowed = !only?.checked || row.dataset.measurable === "true" || row.querySelector(":checked");
    row.hidden = !(fits && allowed);
    shown += row.hidden ? 0 : 1;
  });
  const empty = document.getElementById(`${table.id}-none`);
  if (empty) empty.hidden = shown > 0;
}

// "3 of 8 chosen", and no ninth.
function countChosen(table) {
  const boxes = [...table.querySelectorAll("input[type=checkbox]")];
  const most = Number(table.dataset.most);
  const chosen = boxes.filter((box) => box.checked).length;
  document.getElementById(`${table.id}-count`).textContent = `(${chosen}/${most})`;
  boxes.forEach((box) => {
    box.closest("tr").setAttribute("aria-selected", String(box.checked));
    if (box.dataset.refused === undefined) box.disabled = chosen >= most && !box.checked;
  });
}

function prepareTables(root) {
  root.querySelectorAll("input[data-filter-rows]").forEach((search) => {
    const only = document.getElementById(search.dataset.filterOnly || "");
    [search, only].forEach((control) => control?.addEventListener("input", () => filterRows(search)));
    filterRows(search);
  });
  root.querySelectorAll("table[data-most]").forEach((table) => {
    table.addEventListener("change", () => countChosen(table));
    countChosen(table);
  });
}

// A button that fills a field and closes its dialog: <button data-fill="field id" value="...">.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const field = document.getElementById(button.dataset.fill);
  field.value = button.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  button.closest("dialog")?.hidePopover();
});

// What the reader opened or closed stays so when its part is fetched again, or the page with it.
const OPENED = `opened ${location.pathname}`;
const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
const opened = new Map(reloaded ? JSON.parse(sessionStorage.getItem(OPENED) || "[]") : []);

document.addEventListener("toggle", (event) => {
  if (event.target.matches("details[id]")) opened.set(event.target.id, event.target.open);
}, true);

window.addEventListener("pagehide", () => {
  if (opened.size) sessionStorage.setItem(OPENED, JSON.stringify([...opened]));
  else sessionStorage.removeItem(OPENED);
});

function keepOpened(root) {
  const parts = root.matches("details[id]") ? [root] : root.querySelectorAll("details[id]");
  parts.forEach((part) => {
    if (opened.has(part.id)) part.open = opened.get(part.id);
  });
}

// htmx gives the focus back to what has an id; other controls are known again by their words.
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  const leaves = active && !active.id && event.detail.target.contains(active);
  focused = leaves ? { tag: active.tagName, text: active.textContent.trim() } : null;
});

function giveFocusBack(root) {
  if (!focused || document.activeElement !== document.body) return;
  const same = [...root.querySelectorAll(focused.tag)].find(
    (one) => one.textContent.trim() === focused.text && !one.disabled,
  );
  same?.focus({ preventScroll: true });
  focused = null;
}

function prepare(root) {
  prepareTables(root);
  keepOpened(root);
  const forms = root.matches("form") ? [root] : root.querySelectorAll("form");
  forms.forEach((form) => {
    applyShowWhen(form);
    form.addEventListener("change", () => applyShowWhen(form));
  });
  const wrong = root.querySelector("[aria-invalid='true']");
  if (wrong) wrong.focus();
}

// A wizard's answers are kept: going back or reloading asks for the step, not for its refusal.
if (document.getElementById("wizard-form")) history.replaceState(null, "", location.href);

prepare(document.body);
document.addEventListener("htmx:load", (event) => {
  prepare(event.target);
  giveFocusBack(event.target);
});

// Scripts are deferred: a choice made before they were there was told to nobody, so it is told now.
window.addEventListener("load", () => {
  document.querySelectorAll("[hx-trigger='change'] select").forEach((select) => {
    const chosen = select.selectedOptions[0];
    if (chosen && chosen.value && !chosen.defaultSelected) {
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
});
