// A conference's page: who is in it, who hears whom and why, and everything that can be done about it.

import { ApiError } from "./api.js";
import { chosen, keeping, onlyOne } from "./announcing.js";
import { el, lazy, name } from "./dom.js";
import { matrix } from "./matrix.js";
import { partiesOf } from "./parties.js";
import { act, people } from "./people.js";
import { calling } from "./phone.js";
import { follow } from "./sound.js";

const PAUSE_MS = 200;
const PICTURED = 24; // a picture of more people than this is no picture
const RUNNING = new Set(["in-progress", "paused"]);
const SAYING = { Name: "Console: says Text", Contents: "<Response><Say>{{Text}}</Say></Response>" };

/** Links to what there is of a conference. */
export function tabs(path, current) {
  const all = [["", "Now"], ["/history", "History"], ["/callbacks", "Callbacks"]];
  return el("nav", { class: "tabs", "data-key": "tabs", "aria-label": "Of this conference" }, all.map(([end, text]) => el("a", { href: `#${path}${end}`, "data-key": text, "aria-current": text === current && "page" }, text)));
}

export function conference(project, sid) {
  const path = `/Conferences/${encodeURIComponent(sid)}`;
  const at = `/conferences/${encodeURIComponent(sid)}`;
  let parties = partiesOf([]);
  let calls = []; // of all who are there
  let room = "";
  let recording = null;
  let saying = null; // the address of the document that says a text
  const kept = new WeakMap(); // of files that were chosen: the address that the server keeps each at
  const page = {
    title: "Conference",
    pauseMs: PAUSE_MS,
    concerns: (change) => change.conference_sid === sid,
    load,
    order: (button, main, answers) => orders(button, main, answers)[button.dataset.do](),
    confirms: (button) => (button.dataset.do === "end" ? "End this conference for everybody?" : null),
    asks: (button) => ({ coach: coaching, "hold-with": holding })[button.dataset.do]?.(button.dataset.call),
    first: (button, main) => (announces(button) && chosen(main) && !kept.has(chosen(main)) ? keeping(chosen(main)) : null),
    prepare: (button, main, perform) => (announces(button) ? prepare(main, perform) : null),
    live: (body, refresh) => {
      onlyOne(body);
      return follow(project, path, refresh);
    },
  };
  return page;

  async function load() {
    const [mix, recordings] = await Promise.all([fetchMix(), project.list(`${path}/Recordings?PageSize=50`, "recordings")]);
    room = mix.friendly_name;
    recording = recordings.find((one) => RUNNING.has(one.status)) ?? null;
    parties = partiesOf(mix.participants);
    calls = mix.participants.map((one) => one.call_sid);
    page.pauseMs = Math.max(PAUSE_MS, 5 * mix.participants.length);
    return draw(mix, recording, parties, at);
  }

  /** The mix; of a strict project, which has none, the participants alone. */
  async function fetchMix() {
    try {
      return await project.ask({ path: `${path}/Mix?Most=${PICTURED}` });
    } catch (fault) {
      if (!(fault instanceof ApiError) || fault.status !== 404) throw fault;
      const about = await project.ask({ path });
      const participants = await project.list(`${path}/Participants?PageSize=200`, "participants");
      const bare = participants.map((one) => ({ ...one, plays: [], others: null }));
      return { friendly_name: about.friendly_name, status: about.status, participants: bare, bare: true };
    }
  }

  function coaching(call) {
    const others = calls.filter((other) => other !== call).map((other) => [other, parties.text(other)]);
    return { title: `Whom does ${parties.text(call)} coach?`, submit: "Coach", fields: [{ name: "coached", label: "Heard by this one alone", options: others }] };
  }

  /** What somebody is to hear on hold: any address, and those of the project's audio files to choose from. */
  async function holding(call) {
    const files = await project.list("/AudioFiles?PageSize=200", "audio_files").catch(() => []);
    const label = "Music: the URL of a sound or a document; nothing: the music of the house";
    return { title: `What does ${parties.text(call)} hear on hold?`, submit: "Hold", fields: [{ name: "music", label, type: "url", optional: true, placeholder: "https://…", suggestions: files.map((one) => [one.url, one.friendly_name]) }] };
  }

  /** Make what an announcement names: the file on the server, or the document that says a text. */
  async function prepare(main, perform) {
    const file = chosen(main);
    if (file !== null) {
      if (!kept.has(file)) kept.set(file, (await perform(keeping(file))).url);
    } else if (isText(words(main))) await findSaying(perform);
  }

  /** Find the document that says a text, or have it made: one for all announcements of a project. */
  async function findSaying(perform) {
    if (saying !== null) return;
    const [found] = await project.list(`/LamlBins?Name=${encodeURIComponent(SAYING.Name)}&PageSize=1`, "laml_bins");
    const kept = found ?? (await perform({ method: "POST", path: "/LamlBins", form: SAYING, said: "Make a document that says a text" }));
    saying = kept.request_url;
  }

  function orders(button, main, answers = {}) {
    const one = `${path}/Participants/${encodeURIComponent(button.dataset.call ?? "")}`;
    const update = (said, form) => () => ({ method: "POST", path: one, form, said });
    const file = chosen(main);
    const url = file === null ? announced(words(main), saying) : (kept.get(file) ?? `${location.origin}/audio-files/…`);
    const taped = (said, status) => () => ({ method: "POST", path: `${path}/Recordings/${encodeURIComponent(recording?.sid ?? "")}`, form: { Status: status }, said });
    const value = (id) => main.querySelector(`#${id}`)?.value.trim() ?? "";
    return {
      mute: update("Mute", { Muted: "true" }),
      unmute: update("Unmute", { Muted: "false" }),
      hold: update("Hold", { Hold: "true" }),
      "hold-with": update("Hold with music", { Hold: "true", ...(answers.music === "" ? {} : { HoldUrl: answers.music ?? "http://…" }) }),
      unhold: update("Take off hold", { Hold: "false" }),
      coach: update("Coach", { Coaching: "true", CallSidToCoach: answers?.coached ?? "" }),
      barge: update("Barge in", { Coaching: "false" }),
      announce: update("Announce", { AnnounceUrl: url }),
      remove: () => ({ method: "DELETE", path: one, said: "Remove" }),
      "announce-all": () => ({ method: "POST", path, form: { AnnounceUrl: url }, said: "Announce to all" }),
      record: () => ({ method: "POST", path: `${path}/Recordings`, form: {}, said: "Record" }),
      "record-pause": taped("Pause the recording", "paused"),
      "record-resume": taped("Resume the recording", "in-progress"),
      "record-stop": taped("Stop the recording", "stopped"),
      invite: () => ({ method: "POST", path: `${path}/Participants`, form: { From: value("invite-from"), To: value("invite-to") }, said: "Invite" }),
      join: () => calling(`conference:${room}`, "Join with this browser", joined(value("join-as"))),
      end: () => ({ method: "POST", path, form: { Status: "completed" }, said: "End" }),
    };
  }
}

const announces = (button) => button.dataset.do.startsWith("announce");
const words = (main) => main.querySelector("#announcement")?.value.trim() ?? "";
const isText = (text) => text !== "" && !/^https?:\/\//i.test(text);

function announced(text, saying) {
  if (!isText(text)) return text || "http://…";
  return `${saying ?? `${location.origin}/laml-bins/…`}?Text=${encodeURIComponent(text.toWellFormed())}`;
}

function draw(mix, recording, parties, at) {
  const over = mix.status === "completed";
  return [
    el("p", { class: "about", "data-key": "about" }, el("strong", {}, name(mix.friendly_name)), el("span", { class: `badge ${mix.status}` }, mix.status === "init" ? "waiting to start" : mix.status), recording && el("span", { class: "badge recording" }, `recording: ${recording.status}`)),
    tabs(at, "Now"),
    !over && tools(mix, recording, parties),
    el("section", { "data-key": "hearing" }, el("h2", {}, "Who hears whom"), picture(mix, parties)),
    !over && people(mix, parties),
  ];
}

function picture(mix, parties) {
  if (mix.status === "completed") return el("p", { class: "hint" }, "It is over: nobody hears anybody.");
  if (mix.bare) return el("p", { class: "hint" }, "A strict project has no picture of who hears whom.");
  return matrix(mix, parties);
}

function tools(mix, recording, parties) {
  const begun = mix.status === "in-progress";
  return el(
    "section",
    { class: "tools", "data-key": "tools", "aria-label": "For the whole conference" },
    el("form", { "data-key": "announce" }, [
      el("label", { for: "announcement" }, "Announcement: what is to be said, or the URL of a sound or a document"),
      el("div", { class: "together" }, el("input", { id: "announcement", placeholder: "The meeting ends in five minutes", autocomplete: "off" }), act("announce-all", "Announce to all")),
      !mix.bare && el("label", { for: "audio-file", "data-key": "file" }, "or an audio file, 10 MB and 10 minutes at most", el("input", { id: "audio-file", type: "file", accept: "audio/*,.ogg,.caf,.amr,.au" })),
    ]),
    el("form", { "data-key": "invite" }, [
      el("div", { class: "together" }, [
        el("label", { for: "invite-to" }, "Call", el("input", { id: "invite-to", placeholder: "+15551234567, sip:…, client:…", autocomplete: "off" })),
        el("label", { for: "invite-from" }, "from", el("input", { id: "invite-from", placeholder: "+15557654321", autocomplete: "off" })),
        act("invite", "Invite"),
      ]),
    ]),
    joining(mix, parties),
    el("div", { class: "buttons", "data-key": "buttons" }, [
      recording === null && act("record", "Record", { disabled: !begun }),
      recording?.status === "in-progress" && act("record-pause", "Pause the recording", { "data-key": "pause" }),
      recording?.status === "paused" && act("record-resume", "Resume the recording", { "data-key": "pause" }),
      recording !== null && act("record-stop", "Stop the recording", { "data-key": "record" }),
      act("end", "End the conference", { class: "grave" }),
    ]),
  );
}

/** What this browser can come in as: an operator talks, only listens, or is heard by one alone. */
function joining(mix, parties) {
  const all = [["", "as a participant"], ["muted", "muted, to listen"], ...mix.participants.map((one) => [one.call_sid, `as coach of ${parties.text(one.call_sid)}`])];
  const options = () => all.map(([value, text]) => el("option", { value, "data-key": value || "plain" }, text));
  return el("form", { "data-key": "join" }, [
    el("div", { class: "together" }, [
      el("label", { for: "join-as" }, "Join with this browser", lazy("select", { id: "join-as", "data-key": "join-as" }, JSON.stringify(all), options)),
      act("join", "Join"),
    ]),
  ]);
}

function joined(as) {
  if (as === "muted") return { Muted: "true" };
  return as === "" ? {} : { Coach: as };
}
