// Audio files that a project keeps on the server: to be announced, or played by documents under their addresses.

import { chosen, keeping } from "./announcing.js";
import { ApiError } from "./api.js";
import { el, name } from "./dom.js";
import { act } from "./people.js";

const NONE = { path: "/AudioFiles", said: "Keep an audio file" }; // what is shown before a file is chosen

export function audioFiles(project) {
  return {
    title: "Audio files",
    pauseMs: 500,
    concerns: () => false,
    load,
    order: (button, main) => orders(button, main)[button.dataset.do],
    confirms: (button) => (button.dataset.do === "remove" ? "Remove this file? Documents that play it find nothing." : null),
    came: (button) => {
      if (button.dataset.do === "keep") document.getElementById("audio-file").value = "";
    },
  };

  async function load() {
    try {
      return draw(await project.list("/AudioFiles?PageSize=200", "audio_files"));
    } catch (fault) {
      if (!(fault instanceof ApiError) || fault.status !== 404) throw fault;
      return el("p", { class: "hint" }, "A strict project keeps no audio files: its vendor does not.");
    }
  }

  function orders(button, main) {
    const file = chosen(main);
    return {
      keep: file === null ? { ...NONE, method: "POST" } : keeping(file),
      remove: { method: "DELETE", path: `/AudioFiles/${encodeURIComponent(button.dataset.sid ?? "")}`, said: "Remove an audio file" },
    };
  }
}

function draw(list) {
  return [
    el("p", { class: "hint", "data-key": "hint" }, "Sounds to be announced in a conference, or played by a document: put the address into <Play>."),
    el("form", { class: "together", "data-key": "form" }, [
      el("label", { for: "audio-file", "data-key": "label" }, "A file, 10 MB and 10 minutes at most", el("input", { id: "audio-file", type: "file", accept: "audio/*,.ogg,.caf,.amr,.au", required: true })),
      act("keep", "Keep it"),
    ]),
    el("section", { "data-key": "list", "aria-label": "All audio files" }, list.length === 0 ? el("p", { class: "hint" }, "There is none yet.") : el("ul", { class: "rows" }, list.map(line))),
  ];
}

function line(one) {
  const at = new URL(one.url);
  return el("li", { "data-key": one.sid }, [
    el("strong", {}, name(one.friendly_name)),
    el("span", { class: "hint" }, `${one.duration_s.toFixed(1)} s`),
    el("audio", { controls: true, preload: "none", src: at.pathname, "aria-label": `Listen to ${one.friendly_name}` }),
    el("code", {}, one.url),
    el("span", { class: "when" }, one.date_created),
    act("remove", "Remove", { "data-sid": one.sid, class: "grave", "aria-label": `Remove ${one.friendly_name}` }),
  ]);
}
