// The history of a conference: a line for each who was there (joined, spoke, muted, on hold), its callbacks and
// recordings on lines of their own, a player beneath on the same clock, and who heard whom at any moment of it.

import { ApiError } from "./api.js";
import { tabs } from "./conference.js";
import { el, lazy, name, svg } from "./dom.js";
import { matrix } from "./matrix.js";
import { partiesOf } from "./parties.js";

const LEFT = 150; // units of the drawing before the time begins
const WIDTH = 1000;
const LANE = 26;
const TOP = 24;
const MOST_EVENTS = 1_000;
const AGAIN_MS = 3_000; // neither a delivery nor a finished recording changes a conference
const SETTLED_MS = 60_000; // after its end was seen: then no callback is awaited any more
const FINAL = new Set(["completed", "absent", "failed"]);

export function history(project, sid) {
  const path = `/Conferences/${encodeURIComponent(sid)}`;
  const at = `/conferences/${encodeURIComponent(sid)}`;
  let moment = null; // asked for: ms since 1970
  let seen = null; // when its end was, by the clock that counts from the page's beginning: the server's may be another
  let settled = false; // nothing will come any more
  let again = () => {};
  return {
    title: "Conference",
    pauseMs: 1_000,
    concerns: (change) => change.conference_sid === sid,
    load,
    order: () => ({ path: `${path}/Mix?At=${moment ?? ""}`, said: "Who heard whom" }),
    live: (body, refresh) => {
      again = refresh;
      body.addEventListener("click", choose);
      body.addEventListener("change", choose);
      const timer = setInterval(() => settled || refresh(), AGAIN_MS);
      return () => clearInterval(timer);
    },
  };

  async function load() {
    const [told, log, recordings] = await Promise.all([
      project.ask({ path: `${path}/Timeline?PageSize=${MOST_EVENTS}` }),
      project.ask({ path: `${path}/Deliveries?PageSize=200` }),
      project.list(`${path}/Recordings?PageSize=50`, "recordings"),
    ]);
    const tapes = await Promise.all(recordings.map((one) => taped(project, one)));
    const picture = moment === null ? null : await pictureAt(project, path, moment);
    const span = spanOf(told, tapes);
    const parties = partiesOf(told.participants);
    if (told.status === "completed") seen ??= performance.now();
    settled = seen !== null && recordings.every((one) => FINAL.has(one.status)) && performance.now() > seen + SETTLED_MS;
    return [
      el("p", { class: "about", "data-key": "about" }, el("strong", {}, name(told.friendly_name)), el("span", { class: `badge ${told.status}` }, told.status), told.reason_conference_ended && el("span", { class: "hint" }, told.reason_conference_ended)),
      tabs(at, "History"),
      el("section", { "data-key": "lanes" }, [
        el("h2", { id: "lanes-title" }, "What happened when"),
        el("p", { class: "hint" }, "Presence, speech (where a recording or callback had it told), muted and on hold. Choose a moment in the list to see who heard whom."),
        lazy("div", { class: "scroll", role: "region", tabindex: "0", "aria-labelledby": "lanes-title", "data-key": "drawing" }, JSON.stringify([told, log.deliveries.length, tapes]), () => drawing(told, log.deliveries, tapes, span, parties)),
      ]),
      tapes.filter((one) => one.moments).map((one) => player(project, one, span)),
      moment !== null && el("section", { "data-key": "then", "aria-live": "polite" }, el("h2", {}, `Who heard whom ${clock(moment - span.from)} after the beginning`), picture === null ? el("p", { class: "hint" }, "Nothing is known of that moment: the conference is older than this server's memory of who heard whom, and nothing had changed since.") : matrix(picture, parties)),
      events(told, span, parties),
    ];
  }

  function choose(event) {
    const button = event.target.closest("button[data-at]");
    if (button === null) return;
    moment = Number(button.dataset.at);
    again();
  }
}

async function pictureAt(project, path, moment) {
  try {
    return await project.ask({ path: `${path}/Mix?At=${moment}&Most=24` });
  } catch (fault) {
    if (!(fault instanceof ApiError) || fault.status !== 404) throw fault;
    return null;
  }
}

/** A recording with what is known of its inside; nothing yet, or never. */
async function taped(project, recording) {
  try {
    return { ...recording, moments: await project.ask({ path: `/Recordings/${encodeURIComponent(recording.sid)}/Moments` }) };
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    return { ...recording, moments: null };
  }
}

function spanOf(told, tapes) {
  const ends = [told.began_unix_ms + 1_000, ...told.events.map((one) => one.at_unix_ms), ...tapes.filter((one) => one.moments).map((one) => recorded(one.moments).at(-1)[1])];
  if (told.status !== "completed") ends.push(Date.now());
  return { from: told.began_unix_ms, to: Math.max(...ends) };
}

const x = (ms, span) => LEFT + ((WIDTH - LEFT - 10) * (Math.min(Math.max(ms, span.from), span.to) - span.from)) / (span.to - span.from);

function drawing(told, deliveries, tapes, span, parties) {
  const lanes = [...told.participants.map((one) => personLane(one, told.events, span, parties)), tapeLane(tapes, span), callbackLane(deliveries, span)].filter(Boolean);
  const height = TOP + LANE * lanes.length + 6;
  return svg("svg", { class: "lanes", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": "The conference as lines in time; the list below says the same" }, [
    axis(span, height),
    lanes.map((parts, at) => svg("g", { transform: `translate(0 ${TOP + LANE * at})` }, parts)),
    svg("line", { id: "playhead", x1: LEFT, x2: LEFT, y1: TOP - 6, y2: height, visibility: "hidden" }),
  ]);
}

function axis(span, height) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200].map((s) => s * 1_000);
  const step = steps.find((one) => (span.to - span.from) / one <= 10) ?? 14_400_000;
  const marks = [];
  for (let ms = span.from; ms <= span.to; ms += step) marks.push(svg("line", { class: "mark", x1: x(ms, span), x2: x(ms, span), y1: TOP - 6, y2: height }), svg("text", { x: x(ms, span) + 3, y: 13, class: "soft" }, clock(ms - span.from)));
  return marks;
}

/** A line of the drawing; `whole` is what its title stands for. */
function lane(title, parts, whole = title) {
  return [svg("text", { x: 4, y: 17 }, svg("title", {}, whole), title.length > 20 ? `${title.slice(0, 19)}…` : title), parts];
}

function bar(from, to, span, kind, title, y = 5, height = 16) {
  return svg("rect", { class: kind, x: x(from, span), y, width: Math.max(2, x(to, span) - x(from, span)), height, rx: 3 }, svg("title", {}, title));
}

function personLane(one, events, span, parties) {
  const mine = events.filter((event) => event.call_sid === one.call_sid && event.at_unix_ms >= one.came_unix_ms && event.at_unix_ms <= (one.left_unix_ms ?? Infinity));
  const end = one.left_unix_ms ?? span.to;
  const who = parties.text(one.call_sid);
  const spans = (on, off, kind, text, y, height) => between(mine, on, off, end).map(([from, to]) => bar(from, to, span, kind, `${who}: ${text}`, y, height));
  return lane(who, [
    bar(one.came_unix_ms, end, span, "here", `${who}: here`),
    spans("participant-speech-started", "participant-speech-stopped", "speech", "speaks", 8, 10),
    spans("participant-muted", "participant-unmuted", "muted", "muted", 16, 5),
    spans("participant-held", "participant-unheld", "held", "on hold", 5, 5),
  ], who === parties.whole(one.call_sid) ? who : `${who}, ${parties.whole(one.call_sid)}`);
}

/** The spans between events of two kinds; one that does not end lasts to the end. */
function between(events, on, off, end) {
  const found = [];
  let from = null;
  for (const one of events) {
    if (one.event === on) from ??= one.at_unix_ms;
    else if (one.event === off && from !== null) {
      found.push([from, one.at_unix_ms]);
      from = null;
    }
  }
  return from === null ? found : [...found, [from, end]];
}

function tapeLane(tapes, span) {
  const known = tapes.filter((one) => one.moments);
  if (known.length === 0) return null;
  return lane("Recordings", known.map((one) => recorded(one.moments).map(([from, to]) => bar(from, to, span, "tape", `Recording, ${clock(1_000 * one.moments.duration_s)}`))));
}

function callbackLane(deliveries, span) {
  if (deliveries.length === 0) return null;
  return lane("Callbacks", deliveries.map((one) => {
    const good = one.problem === null && one.status < 400;
    return svg("circle", { class: good ? "told" : "untold", cx: x(one.at_unix_ms, span), cy: 13, r: 4 }, svg("title", {}, `${one.what}: ${one.status ?? one.problem}, ${one.latency_ms} ms`));
  }));
}

/** Where a recording's own time is on the clock: from which of its seconds on, and when that was. It may have stood still. */
function spansOf(moments) {
  const resumed = moments.moments.filter((one) => one.kind === "resume" && one.at_unix_ms);
  return [{ fromS: 0, at: moments.began_unix_ms }, ...resumed.map((one) => ({ fromS: one.sample / moments.rate_hz, at: one.at_unix_ms }))];
}

/** The spans of the clock that a recording has the sound of, as [from, to]. */
function recorded(moments) {
  const spans = spansOf(moments);
  return spans.map((one, at) => [one.at, one.at + 1_000 * ((spans[at + 1]?.fromS ?? moments.duration_s) - one.fromS)]);
}

/** When a second of a recording was. */
function momentOf(spans, s) {
  const mine = spans.findLast((one) => one.fromS <= s) ?? spans[0];
  return mine.at + 1_000 * (s - mine.fromS);
}

/** A recording's player; its line in the drawing moves as it plays. */
function player(project, tape, span) {
  const path = `/Recordings/${encodeURIComponent(tape.sid)}.mp3`;
  return lazy("section", { class: "player", "data-key": tape.sid, "aria-label": "Recording" }, "live", () => {
    const audio = el("audio", { controls: true, preload: "none", "aria-label": "Recording" });
    const load = el("button", { type: "button" }, `Play the recording (${clock(1_000 * tape.moments.duration_s)})`);
    const outcome = el("span", { class: "hint", role: "status" });
    audio.hidden = true;
    load.addEventListener("click", async () => {
      outcome.textContent = "fetching…";
      try {
        audio.src = await project.sound(path);
      } catch (fault) {
        outcome.textContent = `cannot be had: ${fault.message}`;
        return;
      }
      outcome.textContent = "";
      load.hidden = true;
      audio.hidden = false;
      audio.play().catch(() => {});
    });
    audio.addEventListener("timeupdate", () => {
      const head = document.getElementById("playhead");
      const now = x(momentOf(spansOf(tape.moments), audio.currentTime), span);
      for (const end of ["x1", "x2"]) head?.setAttribute(end, now);
      head?.setAttribute("visibility", "visible");
    });
    return [load, audio, outcome];
  });
}

function events(told, span, parties) {
  return el("section", { "data-key": "events", "aria-labelledby": "events-title" }, [
    el("h2", { id: "events-title" }, "One after the other"),
    told.events.length === 0 && el("p", { class: "hint" }, "Nothing has happened yet."),
    el("ol", { class: "rows events", "data-key": "list" }, told.events.map((one) => el("li", { "data-key": String(one.number) }, [
      el("button", { type: "button", "data-at": one.at_unix_ms, "aria-label": `Who heard whom at ${clock(one.at_unix_ms - span.from)}` }, clock(one.at_unix_ms - span.from)),
      el("strong", {}, one.event.replaceAll("-", " ")),
      one.call_sid && el("span", {}, parties.shown(one.call_sid)),
      (one.reason || one.problem) && el("span", { class: "hint" }, one.reason ?? one.problem),
      one.url && el("span", { class: "hint" }, name(one.url)),
    ]))),
    told.next_after !== null && el("p", { class: "hint" }, `The first ${MOST_EVENTS}.`),
  ]);
}

/** A time as people say it: 1:05, or 2:00:07. */
function clock(ms) {
  const s = Math.max(0, Math.round(ms / 1_000));
  const [hours, minutes, seconds] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60, s % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
