/* Keeps the board fresh without disturbing the person who reads it.
 *
 * Asks for news every few seconds; the server answers 204 when nothing moved. Holds back while the
 * page is hidden, while text is selected, while the keyboard is in the list or the filters, and for
 * a few seconds after the pointer last moved over the list.
 */
"use strict";
(function () {
  const READING_MS = 6000;
  const box = document.getElementById("refresh");
  if (!box || !window.htmx) return;
  const state = document.getElementById("refresh-state");
  const toggle = document.getElementById("refresh-toggle");
  const words = box.dataset;
  let paused = false;
  let failed = false;
  let busy = false;
  let movedAt = -Infinity;
  let known = new Set();

  document.documentElement.classList.add("scripted");

  function show(name) {
    if (box.dataset.state === name) return;
    box.dataset.state = name;
    state.textContent = words[name];
    toggle.textContent = paused ? words.resume : words.pause;
    toggle.setAttribute("aria-pressed", String(paused));
  }

  function reading() {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) return true;
    const list = document.getElementById("list");
    const figures = document.getElementById("figures");
    const focus = document.activeElement;
    if (focus && focus !== document.body && focus.matches(":focus-visible")
      && (list.contains(focus) || figures.contains(focus))) return true;
    return performance.now() - movedAt < READING_MS;
  }

  function ids() {
    return new Set(Array.from(document.querySelectorAll("#issues tr[data-id]"), (row) => row.dataset.id));
  }

  function tick() {
    if (paused) return show("paused");
    if (document.hidden || busy) return;
    if (reading()) return show("held");
    if (!failed) show("on");
    busy = true;
    known = ids();
    const address = new URL("/fragments/board" + location.search, location.origin);
    address.searchParams.set("mark", document.getElementById("figures").dataset.mark);
    htmx.ajax("GET", address.pathname + address.search, { source: box, target: box, swap: "none" })
      .catch(function () { /* told by the events below */ })
      .finally(function () { busy = false; });
  }

  document.addEventListener("pointermove", function (event) {
    if (event.target instanceof Element && event.target.closest("#list")) movedAt = performance.now();
  }, { passive: true });

  toggle.addEventListener("click", function () {
    paused = !paused;
    failed = false;
    show(paused ? "paused" : "on");
  });

  document.body.addEventListener("htmx:afterRequest", function (event) {
    failed = !event.detail.successful;
    if (failed) show("failed");
    else if (!paused) show("on");
  });

  document.body.addEventListener("htmx:oobAfterSwap", function (event) {
    const target = event.detail.target;
    const now = document.getElementById(target.id);
    if (target.id === "figures") {
      window.hutongCharts.draw();
      document.getElementById("list").hidden = now.dataset.empty === "yes";
    }
    if (target.id === "issues" && known.size) {
      for (const row of now.querySelectorAll("tr[data-id]")) {
        row.classList.toggle("fresh", !known.has(row.dataset.id));
      }
      known = new Set();
    }
  });

  box.hidden = false;
  show("on");
  setInterval(tick, Number(words.seconds) * 1000);
})();
