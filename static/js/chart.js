// Draws every figure.chart on the page from its JSON address, and redraws it while it is live.
"use strict";

const CONFIG = { displayModeBar: false, responsive: true };

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Figures name colours by token, var(--chart-1), so the page's theme decides how they look.
function themed(value) {
  if (typeof value === "string") return value.startsWith("var(--") ? token(value.slice(4, -1)) : value;
  if (Array.isArray(value)) return value.map(themed);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, themed(inner)]));
  }
  return value;
}

function showState(plot, kind, text, retry) {
  Plotly.purge(plot);
  const state = document.createElement("div");
  state.className = "chart__state";
  state.dataset.kind = kind;
  state.textContent = text;
  if (retry) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = "Retry";
    button.addEventListener("click", retry);
    state.append(button);
  }
  plot.replaceChildren(state);
}

// A figure of a form draws what is typed there.
function address(figure) {
  const form = document.getElementById(figure.dataset.chartForm || "");
  if (!form) return figure.dataset.chartUrl;
  const typed = [...new FormData(form)].filter(
    // An address is written to logs and histories: no files in it, and not the form's token.
    ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken",
  );
  return `${figure.dataset.chartUrl}?${new URLSearchParams(typed)}`;
}

async function draw(figure) {
  const plot = figure.querySelector(".chart__plot");
  let answer;
  try {
    const response = await fetch(address(figure), { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    answer = await response.json();
  } catch {
    showState(plot, "error", "The data couldn't be loaded.", () => draw(figure));
    // A console that is started again answers again: a live figure goes on by itself.
    drawLater(figure);
    return;
  }
  if (!answer.data.length) {
    showState(plot, "empty", answer.empty || "There is no data available.");
  } else {
    if (plot.querySelector(".chart__state")) plot.replaceChildren();
    await Plotly.react(plot, themed(answer.data), themed(answer.layout), CONFIG);
  }
  if (answer.live !== false) drawLater(figure);
}

// One timer a figure, however often it is drawn in between.
const timers = new WeakMap();

function drawLater(figure) {
  const wait = Number(figure.dataset.chartRefresh || 0);
  window.clearTimeout(timers.get(figure));
  if (!wait) return;
  timers.set(figure, window.setTimeout(() => figure.isConnected && draw(figure), wait * 1000));
}

function followForm(figure) {
  const form = document.getElementById(figure.dataset.chartForm || "");
  let waiting;
  form?.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => draw(figure), 250);
  });
}

function start(root) {
  root.querySelectorAll("figure.chart[data-chart-url]:not([data-started])").forEach((figure) => {
    figure.dataset.started = "true";
    followForm(figure);
    // Drawn when seen: a job with ten tests has sixty charts.
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        draw(figure);
      }
    }, { rootMargin: "200px" }).observe(figure);
  });
}

start(document.body);
document.addEventListener("htmx:load", (event) => start(event.target.parentElement || event.target));
document.addEventListener("chart:redraw", (event) => draw(event.target));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.querySelectorAll("figure.chart[data-started]").forEach(draw);
});
