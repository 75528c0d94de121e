// Announcing from a file: it is kept on the server first, whose address for it is then announced.

/** The file that was chosen on a page; null: none was. */
export function chosen(main) {
  return main.querySelector("#audio-file")?.files[0] ?? null;
}

/** The order that has a file kept. */
export function keeping(file) {
  return { method: "POST", path: `/AudioFiles?FriendlyName=${encodeURIComponent(file.name.slice(-200).toWellFormed())}`, file, said: "Keep an audio file" };
}

/** Have either words or a file: whoever gives one takes the other away. */
export function onlyOne(body) {
  body.addEventListener("input", ({ target }) => {
    const [words, file] = [body.querySelector("#announcement"), body.querySelector("#audio-file")];
    if (target === words && file && words.value !== "") file.value = "";
    if (target === file && words && file.files.length > 0) words.value = "";
  });
}
