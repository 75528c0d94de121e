// What customers' servers were told and asked because of a call or a conference, and what they answered; told again.

import { el, lazy, name } from "./dom.js";
import { tabs } from "./conference.js";
import { party } from "./parties.js";
import { act } from "./people.js";

const SIZE = 50;

/** The callbacks and requests of a call or a conference: `kind` is Calls or Conferences. */
export function deliveries(project, kind, sid) {
  const path = `/${kind}/${encodeURIComponent(sid)}`;
  const at = `/${kind.toLowerCase()}/${encodeURIComponent(sid)}`;
  return {
    title: "Callbacks",
    pauseMs: 1_000,
    concerns: (change) => Object.values(change).includes(sid),
    load: async () => draw(await project.ask({ path: `${path}/Deliveries?PageSize=${SIZE}` }), kind, at),
    order: (button) => ({ method: "POST", path: `${path}/Deliveries`, form: { EventId: button.dataset.event }, said: "Tell again" }),
    live: (_, refresh) => {
      const timer = setInterval(refresh, 3_000); // a delivery changes neither call nor conference
      return () => clearInterval(timer);
    },
  };
}

function draw(log, kind, at) {
  return [
    kind === "Conferences" ? tabs(at, "Callbacks") : el("p", { "data-key": "back" }, el("a", { href: `#${at}` }, "The call")),
    log.deliveries.length === 0 && el("p", { class: "hint", "data-key": "none" }, "Nobody was told or asked anything, or it is forgotten."),
    el("ul", { class: "rows log", "data-key": "log" }, log.deliveries.map(line)),
    log.next_before !== null && el("p", { class: "hint", "data-key": "more" }, `The latest ${SIZE}; the rest: roomtone callbacks list.`),
  ];
}

function line(one) {
  const good = one.problem === null && one.status !== null && one.status < 400;
  return lazy("li", { "data-key": String(one.number) }, JSON.stringify([one.status, one.problem]), () => [
    el("details", {}, [
      el("summary", {}, el("span", { class: `badge ${good ? "in-progress" : "recording"}` }, one.status ?? "failed"), " ", el("strong", {}, one.what), ` attempt ${one.attempt}, ${one.latency_ms} ms `, el("span", { class: "when" }, one.at)),
      el("p", {}, one.request.method, " ", name(one.request.url)),
      one.problem && el("p", { class: "problem" }, one.problem),
      part("Parameters", one.request.parameters),
      part("Headers", one.request.headers),
      one.signed !== "" && [el("h3", {}, "What was signed"), el("pre", {}, one.signed)],
      part("Answer", one.response.headers),
      el("pre", {}, one.response.body),
    ]),
    one.event_id && act("replay", "Tell again", { "data-event": one.event_id, "aria-label": `Tell again: ${one.what}` }),
  ]);
}

function part(title, pairs) {
  if (pairs.length === 0) return null;
  return [el("h3", {}, title), el("dl", { class: "facts" }, pairs.map((one) => [el("dt", {}, one.name), el("dd", {}, name(one.value))]))];
}

/** The page that leads to the callbacks of the latest calls and conferences. */
export function callbacks(project) {
  return {
    title: "Callbacks",
    pauseMs: 1_000,
    concerns: () => true,
    load: async () => {
      const [conferences, calls] = await Promise.all([project.list("/Conferences?PageSize=20", "conferences"), project.list("/Calls?PageSize=20", "calls")]);
      return [
        latest("Of conferences", conferences.map((one) => [`conferences/${encodeURIComponent(one.sid)}`, name(one.friendly_name), one])),
        latest("Of calls", calls.map((one) => [`calls/${encodeURIComponent(one.sid)}`, [party(one.from || "?"), " → ", party(one.to || "?")], one])),
      ];
    },
    order: () => null,
  };
}

function latest(title, rows) {
  return el(
    "section",
    { "data-key": title },
    el("h2", {}, title),
    rows.length === 0
      ? el("p", { class: "hint" }, "There are none yet.")
      : el("ul", { class: "rows" }, rows.map(([at, text, one]) => el("li", { "data-key": one.sid }, el("a", { href: `#/${at}/callbacks` }, text), el("span", { class: `badge ${one.status}` }, one.status), el("span", { class: "when" }, one.date_created)))),
  );
}
