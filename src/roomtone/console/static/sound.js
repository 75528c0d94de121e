// How everybody is heard: the engine's counters of the last second, asked for once a second while somebody looks.

import { ApiError } from "./api.js";
import { lazy, el, svg } from "./dom.js";

const EVERY_MS = 1_000;
const KEPT = 60; // seconds of a line
const WIDTH = 120;
const HEIGHT = 24;
const SPEAKS_DB = -45;
const SILENT_DB = -70;

/** The place of a call's sound, which this file fills. */
export function soundBox(call, who) {
  return lazy("div", { class: "sound", id: `sound-${call}`, "data-key": "sound" }, "live", () => [
    el("meter", { min: String(SILENT_DB), max: "0", value: String(SILENT_DB), "aria-label": `Level of ${who}` }),
    svg("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Quality of ${who} in the last minute` }, svg("polyline", { points: "" })),
    el("span", { class: "figures" }, "no figures yet"),
  ]);
}

/** Keep the places of a conference's sounds filled; gives what ends it. `doubt` is called when one may not ask any more. */
export function follow(project, path, doubt) {
  const known = new Map();
  let stopped = false;
  let timer = null;
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };

  async function ask() {
    try {
      if (!document.hidden) for (const one of await told()) draw(one, known);
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (fault.status === 404 || fault.status === 401) stopped = true; // a strict project, or the end
      if (fault.status === 401) doubt();
    }
    if (!stopped) timer = setTimeout(ask, EVERY_MS);
  }

  async function told() {
    return (await project.ask({ path: `${path}/Statistics` })).participants;
  }
}

function draw(one, known) {
  const box = document.getElementById(`sound-${one.call_sid}`);
  if (box === null || box.firstChild === null) return;
  const before = known.get(one.call_sid) ?? { told: one, line: [] };
  const loss = lossSince(before.told, one);
  const line = [...before.line, opinion(one.delay_ms ?? 0, loss)].slice(-KEPT);
  known.set(one.call_sid, { told: one, line });
  const [meter, spark, figures] = box.children;
  const level = Math.max(one.level_db ?? SILENT_DB, SILENT_DB);
  if (meter.value !== level) meter.value = level;
  box.toggleAttribute("data-speaks", level > SPEAKS_DB);
  box.toggleAttribute("data-poor", line.at(-1) < 3.1);
  spark.firstChild.setAttribute("points", points(line));
  const text = `${one.codec ?? "?"} · ${(100 * loss).toFixed(1)} % lost · jitter ${shown(one.jitter_ms)} · delay ${shown(one.delay_ms)} · MOS ${line.at(-1).toFixed(1)}`;
  if (figures.textContent !== text) figures.textContent = text;
}

const shown = (ms) => (ms === null ? "?" : `${Math.round(ms)} ms`);

/** The share of packets that could not be played since the figures before; at first, since the call began. */
function lossSince(before, now) {
  const from = before === now ? { packets_received: 0, packets_lost: 0, packets_late: 0 } : before;
  const missed = now.packets_lost - from.packets_lost;
  const sent = now.packets_received - from.packets_received + missed;
  return sent > 0 ? Math.min(1, Math.max(0, (missed + now.packets_late - from.packets_late) / sent)) : 0;
}

function points(line) {
  const step = WIDTH / (KEPT - 1);
  const from = WIDTH - (line.length - 1) * step;
  return line.map((mos, at) => `${(from + at * step).toFixed(1)},${(HEIGHT - 2 - ((mos - 1) / 3.5) * (HEIGHT - 4)).toFixed(1)}`).join(" ");
}

/** What listeners would say, 1 to 4.5, of one second: the E-model as core/call/quality.py has it, for G.711. */
export function opinion(delayMs, loss) {
  const percent = 100 * loss;
  const r = Math.max(0, 93.2 - delayImpairment(delayMs) - (95 * percent) / (percent + 25.1));
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

function delayImpairment(ms) {
  if (ms <= 100) return 0;
  const x = Math.log2(ms / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}
