// A call's page: what is known of it, how it sounds, and what can be done about it.

import { ApiError } from "./api.js";
import { el, name } from "./dom.js";
import { act } from "./people.js";

const SHOWN = [["from", "From"], ["to", "To"], ["direction", "Direction"], ["start_time", "Began"], ["end_time", "Ended"], ["duration", "Seconds"], ["parent_call_sid", "Made by"], ["sid", "Sid"]];
const SOUND = [["codec", "Codec"], ["level_db", "Level (dB)"], ["packets_received", "Packets received"], ["packets_lost", "lost"], ["packets_late", "late"], ["jitter_ms", "Jitter (ms)"], ["round_trip_ms", "Round trip (ms)"], ["mix_delay_ms", "To the mix (ms)"], ["mos", "MOS"]];

export function callPage(project, sid) {
  const path = `/Calls/${encodeURIComponent(sid)}`;
  return {
    title: "Call",
    pauseMs: 1_000,
    concerns: (change) => change.call_sid === sid,
    load: async () => draw(await project.ask({ path }), await sound(project, path), sid),
    order: (button, main) => orders(path, main)[button.dataset.do],
    live: (_, refresh) => {
      const timer = setInterval(refresh, 2_000);
      return () => clearInterval(timer);
    },
  };
}

async function sound(project, path) {
  try {
    return await project.ask({ path: `${path}/Media` });
  } catch (fault) {
    if (!(fault instanceof ApiError) || fault.status !== 404) throw fault;
    return null;
  }
}

function orders(path, main) {
  return {
    "hang-up": { method: "POST", path, form: { Status: "completed" }, said: "Hang up" },
    lead: { method: "POST", path, form: { Url: main.querySelector("#lead")?.value.trim() || "http://…" }, said: "Lead elsewhere" },
  };
}

function draw(call, figures, sid) {
  const up = ["in-progress", "ringing", "queued"].includes(call.status);
  return [
    el("p", { class: "about", "data-key": "about" }, el("span", { class: `badge ${call.status}` }, call.status), el("a", { href: `#/calls/${encodeURIComponent(sid)}/callbacks` }, "Callbacks and requests")),
    table("call", "What is known", SHOWN, call),
    figures && table("sound", "How it sounds", SOUND, figures),
    up && el("form", { class: "tools", "data-key": "lead" }, el("label", { for: "lead" }, "Lead it to a document"), el("div", { class: "together" }, el("input", { id: "lead", type: "url", placeholder: "https://…", autocomplete: "off" }), act("lead", "Lead there"), act("hang-up", "Hang up", { class: "grave" }))),
  ];
}

function table(key, title, fields, values) {
  const rows = fields.filter(([field]) => values[field] !== null && values[field] !== undefined && values[field] !== "");
  return el("section", { "data-key": key }, el("h2", {}, title), el("dl", { class: "facts" }, rows.map(([field, text]) => [el("dt", { "data-key": `t-${field}` }, text), el("dd", { "data-key": field }, name(String(values[field])))])));
}
