// What the page says of a typed text and of an address.

// What a model does not know of a text, or why it reads nothing of it.
function noticeOf(words, model, text, { inputs, unknown, readAs }) {
  if (!inputs && !unknown.length) {
    if (model.reader) return text.trim() ? words.unread : words.empty;
    return words.numbers.replace("{count}", model.numberReader.width);
  }
  const [from, to] = [0, 1].map((part) => [...new Set(readAs.map((pair) => pair[part]))].join(" "));
  const said = readAs.length ? words.read_as.replace("{tokens}", from).replace("{name}", to) : "";
  const left = unknown.length ? words.unknown.replace("{tokens}", unknown.join(" ")) : "";
  return sentencesOf([said, left]);
}

// A file that was open only in another page, or a name that no model has.
function lostModel(words, name) {
  return name === OWN ? words.file_lost : filled(words.no_model, { name: shortened(name) });
}

// In Chinese nothing stands between sentences.
function sentencesOf(said) {
  return said.filter(Boolean).join(document.documentElement.lang.startsWith("zh") ? "" : " ");
}

function shortened(text) {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
