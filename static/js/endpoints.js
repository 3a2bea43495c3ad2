// Of the endpoint pages: shares of the traffic as they are typed, and what a choice means.
"use strict";

function percent(share) {
  return `${Number((share * 100).toPrecision(3))}%`;
}

// <... data-shares> holds rows [data-variant], each with [data-weight] and an output [data-share].
function showShares(group) {
  const rows = [...group.querySelectorAll("[data-variant]")].map((row) => {
    const copies = row.querySelector("[data-kind]")?.value === "shadow" || row.dataset.shadow === "true";
    const typed = Number(row.querySelector("[data-weight]").value);
    const output = row.querySelector("[data-share]");
    return { output, copies, weight: Number.isFinite(typed) && typed > 0 ? typed : 0 };
  });
  const whole = rows.reduce((sum, row) => sum + (row.copies ? 0 : row.weight), 0);
  rows.forEach(({ output, copies, weight }) => {
    const share = whole ? Math.min(1, weight / whole) : 0;
    output.textContent = whole ? `${copies ? "copy of " : ""}${percent(share)}` : "-";
    const meter = output.closest(".share")?.querySelector("meter");
    if (meter) meter.value = share;
  });
}

// A field that offers a list says below it what the chosen option is, or why it cannot be.
function showHint(input) {
  const hint = input.closest(".field")?.querySelector("[data-hint]");
  if (!hint) return;
  const options = [...document.getElementById(input.dataset.hintFrom).options];
  const chosen = options.find((option) => option.value === input.value.trim());
  hint.textContent = chosen ? chosen.label : "";
  hint.classList.toggle("hint--refused", chosen?.dataset.refused === "yes");
}

document.addEventListener("input", (event) => {
  const group = event.target.closest("[data-shares]");
  if (group) showShares(group);
  if (event.target.matches("[data-hint-from]")) showHint(event.target);
});

// A button that fills in weights: <button data-weights="1,3">.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-weights]");
  if (!button) return;
  const group = button.closest("form").querySelector("[data-shares]");
  const fields = group.querySelectorAll("[data-weight]");
  button.dataset.weights.split(",").forEach((weight, number) => { fields[number].value = weight; });
  showShares(group);
});

// The code of a call names the file that is sent, not its bytes.
document.addEventListener("change", (event) => {
  const named = document.getElementById(event.target.dataset?.nameIn || "");
  if (named) named.value = event.target.files[0]?.name || "";
});
