// What the page says of a typed text and of an address.

// What a model does not know of a text or cuts off it, or why it reads nothing of it.
function noticeOf(words, model, text, { inputs, unknown, readAs, isCut }) {
  if (!inputs && !unknown.length) {
    if (model.reader) return text.trim() ? words.unread : words.empty;
    return filled(words.numbers, { count: model.numberReader.width });
  }
  const [from, to] = [0, 1].map((part) => [...new Set(readAs.map((pair) => pair[part]))].join(" "));
  const said = readAs.length ? filled(words.read_as, { tokens: from, name: to }) : "";
  const left = unknown.length ? filled(words.unknown, { tokens: unknown.join(" ") }) : "";
  const cut = isCut ? filled(words.cut, { count: model.network.most }) : "";
  return sentencesOf([said, left, cut]);
}

// Sentence on an address that names a file of another page, or a model that is not in the list.
function lostModel(words, name) {
  return /^file\d?$/.test(name) ? words.file_lost : filled(words.no_model, { name: shortened(name) });
}

// Each is said once; in Chinese nothing stands between sentences.
function sentencesOf(said) {
  return [...new Set(said)].filter(Boolean).join(document.documentElement.lang.startsWith("zh") ? "" : " ");
}

function shortened(text, most = MOST_SHOWN) {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
