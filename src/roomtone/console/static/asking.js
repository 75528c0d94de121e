// Asking an operator for what a button needs to know: a dialog of the browser's, which keeps the focus and heeds Escape.

import { el, fill } from "./dom.js";

/**
 * Ask, and give the values by name; null: they thought better of it.
 * A field is { name, label } and maybe type, value, placeholder, optional, options or (of which one need not be chosen)
 * suggestions: [[value, text], …]. Of `several`: [[value, text], …] those in the list `value` are chosen at first, and one
 * at least at the end; they are given as words.
 */
export function asked({ title, submit, fields }) {
  const dialog = document.getElementById("ask");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "ask-title" }, title),
    fields.map(field),
    el("div", { class: "buttons" }, el("button", { type: "submit", value: "yes" }, submit), el("button", { type: "submit", value: "", formnovalidate: true }, "Cancel")),
  );
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  form.addEventListener("change", () => chooseOne(form));
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = new FormData(form);
        const values = Object.fromEntries(fields.map((one) => [one.name, given.getAll(one.name).join(" ").trim()]));
        fill(dialog);
        done(dialog.returnValue === "yes" ? values : null);
      },
      { once: true },
    );
  });
}

/** Let nobody leave with nothing chosen where something has to be. */
function chooseOne(form) {
  for (const group of form.querySelectorAll("fieldset")) {
    const boxes = [...group.querySelectorAll("input")];
    boxes[0].setCustomValidity(boxes.some((box) => box.checked) ? "" : "Choose at least one.");
  }
}

function field(one) {
  if (one.several) return several(one);
  const id = `ask-${one.name}`;
  const about = { id, name: one.name, required: !one.optional };
  const input = one.options
    ? el("select", about, one.options.map(([value, text]) => el("option", { value }, text)))
    : el("input", { ...about, type: one.type ?? "text", value: one.value ?? "", placeholder: one.placeholder ?? "", list: one.suggestions && `${id}-list`, autocomplete: "off" });
  const list = one.suggestions && el("datalist", { id: `${id}-list` }, one.suggestions.map(([value, text]) => el("option", { value }, text)));
  return [el("label", { for: id }, one.label), input, list];
}

function several({ name, label, several: all, value }) {
  const box = ([word, text]) => el("label", { class: "check" }, el("input", { type: "checkbox", name, value: word, checked: value.includes(word) }), text);
  return el("fieldset", {}, el("legend", {}, label), all.map(box));
}
