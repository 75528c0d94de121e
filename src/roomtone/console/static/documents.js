// Hosted documents: what they say, what is wrong with them before a caller finds out, and what a caller would meet.

import { el, name } from "./dom.js";
import { act } from "./people.js";

const FIRST = '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Say>Hello</Say>\n</Response>\n';
const QUIET_MS = 600; // after the last key, the text is checked

export function documents(project, [sid]) {
  const path = sid === undefined ? null : `/LamlBins/${encodeURIComponent(sid)}`;
  let checked = null;
  let checking = 0;
  return {
    title: "Documents",
    pauseMs: 500,
    concerns: () => false,
    load,
    order: (button, main) => orders(main)[button.dataset.do],
    confirms: (button) => (button.dataset.do === "delete" ? "Delete this document? Calls that are led to it find nothing." : null),
    came: (button, answer) => {
      if (button.dataset.do === "check") checked = answer;
      if (button.dataset.do === "create") location.hash = `#/documents/${encodeURIComponent(answer.sid)}`;
      if (button.dataset.do === "delete") location.hash = "#/documents";
    },
    live: (body, refresh) => {
      check(body, refresh);
      body.addEventListener("input", () => {
        clearTimeout(checking);
        checking = setTimeout(() => check(body, refresh), QUIET_MS);
      });
      return () => clearTimeout(checking);
    },
  };

  async function load() {
    const [list, one] = await Promise.all([project.list("/LamlBins?PageSize=200", "laml_bins"), path === null ? null : project.ask({ path })]);
    return [
      el("section", { "data-key": "list", "aria-label": "All documents" }, el("ul", { class: "rows" }, list.map((each) => el("li", { "data-key": each.sid }, el("a", { href: `#/documents/${encodeURIComponent(each.sid)}`, "aria-current": each.sid === sid && "true" }, name(each.name)), el("span", { class: "when" }, `asked for ${each.num_requests} times`)))), list.length === 0 && el("p", { class: "hint" }, "There is none yet.")),
      editor(one),
      report(checked),
    ];
  }

  function orders(main) {
    const value = (id) => main.querySelector(`#${id}`)?.value ?? "";
    const form = { Name: value("bin-name"), Contents: value("bin-text") };
    return {
      create: { method: "POST", path: "/LamlBins", form, said: "Keep a new document" },
      save: { method: "POST", path: path ?? "/LamlBins", form, said: "Save" },
      check: { method: "POST", path: "/LamlBins/Checks", form: { Contents: form.Contents }, said: "Check" },
      delete: { method: "DELETE", path: path ?? "/LamlBins", said: "Delete" },
    };
  }

  async function check(body, refresh) {
    const contents = body.querySelector("#bin-text")?.value ?? "";
    try {
      checked = contents === "" ? null : await project.ask(orders(body).check);
    } catch (fault) {
      checked = { valid: false, problem: { message: fault.message }, warnings: [], does: [] };
    }
    refresh();
  }
}

function editor(one) {
  const text = el("textarea", { id: "bin-text", rows: "16", spellcheck: "false", autocomplete: "off" }, one?.contents ?? FIRST);
  return el("section", { "data-key": one?.sid ?? "new", "aria-labelledby": "editor-title" }, [
    el("h2", { id: "editor-title" }, one === null ? "A new document" : name(one.name)),
    one && el("p", { class: "hint" }, "Its address: ", el("code", {}, one.request_url)),
    el("label", { for: "bin-name" }, "Name"),
    el("input", { id: "bin-name", value: one?.name ?? "", autocomplete: "off" }),
    el("label", { for: "bin-text" }, "What it says"),
    text,
    el("div", { class: "buttons" }, [
      one === null ? act("create", "Keep it") : act("save", "Save"),
      act("check", "Check"),
      one && el("a", { href: "#/documents", class: "button" }, "Another"),
      one && act("delete", "Delete", { class: "grave" }),
    ]),
  ]);
}

function report(checked) {
  if (checked === null) return null;
  return el("section", { "data-key": "report", "aria-live": "polite", "aria-label": "What a caller would meet" }, [
    el("h2", {}, "What a caller would meet"),
    checked.problem && remark(checked.problem),
    checked.warnings.map(remark),
    checked.valid && checked.warnings.length === 0 && el("p", { class: "done" }, "Nothing is wrong with it."),
    checked.does.length > 0 && el("ol", { class: "does" }, checked.does.map((one) => el("li", {}, el("strong", {}, one.verb), " ", name(one.what)))),
  ]);
}

function remark(one) {
  return el("p", { class: "problem" }, [one.code, one.message, one.remedy].filter(Boolean).join(": "));
}
