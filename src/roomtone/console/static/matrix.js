// The picture of who hears whom, and why: a line for each listener, a column for each who may be heard.

import { el } from "./dom.js";

/** What the API's reasons are called on the page. */
const WHY = {
  room: "hears",
  whisper: "whisper",
  "early-media": "early media",
  "listener-not-answered": "not answered",
  "listener-on-hold": "listener on hold",
  "conference-not-started": "not started",
  "not-answered": "not answered",
  "on-hold": "on hold",
  muted: "muted",
  "coaches-another": "coaches another",
  "coaches-nobody-here": "coaches nobody here",
};

export const PLAYS = {
  "wait-music": "wait music",
  "hold-music": "hold music",
  announcement: "an announcement",
  voice: "a stream",
};

/** Draw the matrix of a mix; `parties` names its participants. */
export function matrix(mix, parties) {
  const shown = mix.participants.filter((one) => one.others !== null); // of many the server tells of some
  if (shown.length === 0) return el("p", { class: "hint" }, "Nobody is here.");
  const left = mix.participants.length - shown.length;
  return [
    left > 0 &&
      el("p", { class: "hint" }, `${shown.length} of ${mix.participants.length} are shown, the muted, held and coaching first.`),
    el(
      "div",
      { class: "scroll", role: "region", "aria-label": "Who hears whom", tabindex: "0" },
      el(
        "table",
        { class: "matrix" },
        el("caption", {}, "Each line is a listener, each column who they might hear."),
        el("thead", {}, el("tr", {}, el("td", {}), shown.map((one) => column(one, parties)), el("th", { scope: "col" }, "plays"))),
        el("tbody", {}, shown.map((one) => line(one, shown, parties))),
      ),
    ),
  ];
}

function column(one, parties) {
  return el("th", { scope: "col", "data-key": one.call_sid }, parties.shown(one.call_sid));
}

function line(listener, shown, parties) {
  const about = new Map(listener.others.map((one) => [one.call_sid, one]));
  return el(
    "tr",
    { "data-key": listener.call_sid },
    el("th", { scope: "row" }, parties.shown(listener.call_sid)),
    shown.map((talker) => cell(talker.call_sid, about.get(talker.call_sid))),
    el("td", { class: "plays", "data-key": "plays" }, listener.plays.map((one) => PLAYS[one.what] ?? one.what).join(", ")),
  );
}

function cell(talker, found) {
  if (found === undefined) return el("td", { class: "self", "data-key": talker }, el("span", { class: "unseen" }, "themselves"));
  const sign = found.heard ? (found.why === "whisper" ? "◐" : "●") : "–";
  return el(
    "td",
    { class: found.heard ? "heard" : "unheard", "data-key": talker, "data-why": found.why },
    el("span", { "aria-hidden": "true" }, sign),
    el("span", { class: found.why === "room" ? "unseen" : "why" }, (found.heard ? "" : "not: ") + (WHY[found.why] ?? found.why)),
  );
}
