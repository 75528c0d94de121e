// The participants of a conference: who they are, how they are heard, and what can be done about each.

import { el, lazy } from "./dom.js";
import { PLAYS } from "./matrix.js";
import { party } from "./parties.js";
import { soundBox } from "./sound.js";

/** Draw everybody; `parties` names them. */
export function people(mix, parties) {
  return el(
    "section",
    { "data-key": "people", "aria-labelledby": "people-title" },
    el("h2", { id: "people-title" }, "Participants", el("span", { class: "count" }, ` ${mix.participants.length}`)),
    mix.participants.length === 0
      ? el("p", { class: "hint" }, "Nobody is here.")
      : el("ul", { class: "people" }, mix.participants.map((one) => person(one, mix.participants.length, parties))),
  );
}

function person(one, count, parties) {
  const who = parties.text(one.call_sid);
  const coached = one.call_sid_to_coach ? parties.text(one.call_sid_to_coach) : "nobody here";
  const { others: _, ...own } = one;
  return lazy("li", { "data-key": one.call_sid, class: "person" }, JSON.stringify([own, who, coached, count > 1]), () => [
    el("h3", {}, parties.shown(one.call_sid), one.label && one.number && el("span", { class: "number" }, " ", party(one.number))),
    soundBox(one.call_sid, who),
    el("p", { class: "states", "data-key": "states" }, states(one, coached).map((text) => el("span", { class: "badge" }, text))),
    el("div", { class: "buttons", "data-key": "buttons" }, buttons(one, who, count)),
  ]);
}

function buttons(one, who, count) {
  const button = (what, text, more = {}) => act(what, text, { "data-call": one.call_sid, "aria-label": `${text}: ${who}`, ...more });
  return [
    one.muted ? button("unmute", "Unmute", { "data-key": "mute" }) : button("mute", "Mute"),
    one.hold ? button("unhold", "Take off hold", { "data-key": "hold" }) : [button("hold", "Hold"), button("hold-with", "Hold with…")],
    one.coaching ? button("barge", "Barge in", { "data-key": "coach" }) : button("coach", "Coach…", { disabled: count < 2 }),
    button("announce", "Announce"),
    button("remove", "Remove", { class: "grave" }),
  ];
}

function states(one, coached) {
  const found = [
    one.status !== "connected" && one.status,
    one.muted && "muted",
    one.hold && "on hold",
    one.coaching && `coaches ${coached}`,
    ...one.plays.map((each) => `hears ${PLAYS[each.what] ?? each.what}`),
  ].filter(Boolean);
  return found.length > 0 ? found : ["talks to the room"];
}

/** Make a button; two that take each other's place share a key, so that whoever has pressed one stays on it. */
export function act(what, text, more = {}) {
  return el("button", { type: "button", "data-do": what, "data-key": what, ...more }, text);
}
