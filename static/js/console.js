// Small behaviours of every page. Each only adds to what works without it.
"use strict";

async function copyText(button, text) {
  await navigator.clipboard.writeText(text);
  button.classList.add("copied");
  window.setTimeout(() => button.classList.remove("copied"), 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss], [data-copy], [data-copy-text], [data-back]");
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

function prepare(root) {
  const forms = root.matches("form") ? [root] : root.querySelectorAll("form");
  forms.forEach((form) => {
    applyShowWhen(form);
    form.addEventListener("change", () => applyShowWhen(form));
  });
  const wrong = root.querySelector("[aria-invalid='true']");
  if (wrong) wrong.focus();
}

prepare(document.body);
document.addEventListener("htmx:load", (event) => prepare(event.target));
