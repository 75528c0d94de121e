// Every page of the console: what its address begins with, what the menu calls it (nothing: it is not there), and what
// makes it. A page is { title, pauseMs, concerns, load, order } and, if it needs them, confirms, asks, prepare, came and
// live; see app.js.

import { audioFiles } from "./audio.js";
import { callPage } from "./calls.js";
import { conference } from "./conference.js";
import { deliveries, callbacks } from "./deliveries.js";
import { documents } from "./documents.js";
import { history } from "./history.js";
import { overview } from "./overview.js";
import { keys, numbers, phones } from "./owned.js";
import { trunks } from "./trunks.js";

export const PAGES = [
  { path: "", menu: "Live", make: overview },
  { path: "conferences", make: ofConference },
  { path: "calls", make: (project, [sid, what]) => (what === "callbacks" ? deliveries(project, "Calls", sid) : callPage(project, sid)) },
  { path: "callbacks", menu: "Callbacks", make: callbacks },
  { path: "numbers", menu: "Numbers", make: numbers },
  { path: "documents", menu: "Documents", make: documents },
  { path: "audio", menu: "Audio", make: audioFiles },
  { path: "phones", menu: "Phones", make: phones },
  { path: "trunks", menu: "Trunks", make: trunks },
  { path: "keys", menu: "Keys", make: keys },
];

function ofConference(project, [sid, what]) {
  if (!sid) return overview(project);
  if (what === "history") return history(project, sid);
  return what === "callbacks" ? deliveries(project, "Conferences", sid) : conference(project, sid);
}

/** Make the page of an address: `#/conferences/<sid>` and the like; an unknown one is the first. */
export function pageOf(project, hash) {
  const [path = "", ...parts] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  const found = PAGES.find((one) => one.path === path) ?? PAGES[0];
  return Object.assign(found.make(project, parts), { path: found.path });
}

/** Decode a part of an address; what is not encoded soundly stays as it is. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
