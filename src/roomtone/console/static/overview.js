// The first page: the conferences and calls of a project, those that are going on and the last that are over.

import { el, name } from "./dom.js";
import { party, short } from "./parties.js";

const PAUSE_MS = 1_000;

export function overview(project) {
  return {
    title: "Conferences and calls",
    pauseMs: PAUSE_MS,
    concerns: () => true,
    load: async () => draw(await fetchAll(project)),
    order: (button) => ({
      method: "POST",
      path: `/Calls/${encodeURIComponent(button.dataset.call)}`,
      form: { Status: "completed" },
      said: "Hang up",
    }),
  };
}

async function fetchAll(project) {
  const conferences = (status, size) => project.list(`/Conferences?Status=${status}&PageSize=${size}`, "conferences");
  const calls = (status) => project.list(`/Calls?Status=${status}&PageSize=200`, "calls");
  const [running, waiting, over, ...up] = await Promise.all([
    conferences("in-progress", 200),
    conferences("init", 200),
    conferences("completed", 10),
    ...["in-progress", "ringing", "queued"].map(calls),
  ]);
  return { live: [...running, ...waiting], over, calls: up.flat() };
}

function draw({ live, over, calls }) {
  return [
    section("Conferences", live.length, live.map(conference), "No conference is going on. It begins when the first caller comes in."),
    section("Calls", calls.length, calls.map(call), "No call is up."),
    over.length > 0 && section("Conferences that are over", null, over.map(conference), ""),
  ];
}

function section(title, count, rows, empty) {
  return el(
    "section",
    { "data-key": title },
    el("h2", {}, title, count === null ? null : el("span", { class: "count" }, ` ${count}`)),
    rows.length === 0 ? el("p", { class: "hint" }, empty) : el("ul", { class: "rows" }, rows),
  );
}

function conference(one) {
  return el(
    "li",
    { "data-key": one.sid },
    el("a", { href: `#/conferences/${encodeURIComponent(one.sid)}${one.status === "completed" ? "/history" : ""}` }, name(one.friendly_name)),
    el("span", { class: `badge ${one.status}` }, one.status === "init" ? "waiting to start" : one.status),
    el("span", { class: "when" }, one.date_created),
  );
}

function call(one) {
  return el(
    "li",
    { "data-key": one.sid },
    el("a", { class: "parties", href: `#/calls/${encodeURIComponent(one.sid)}` }, party(one.from || "?"), " → ", party(one.to || "?")),
    el("span", { class: `badge ${one.status}` }, one.status),
    el("button", { type: "button", "data-do": "hang-up", "data-call": one.sid, "aria-label": `Hang up ${short(one.from ?? "")}` }, "Hang up"),
  );
}
