// One sentence a step on a run that the page itself made, as rnnviz/analysis/step_sentence.py says it.
const MOST_NAMED_NUMBERS = 3;

class RunSentences {
  // `words` by their names after "sentence.", with their gaps.
  constructor(updates, words, { model, run }) {
    Object.assign(this, { updates, words, model, run });
    this.answers = model.answer?.isTrained ? new RunAnswer(model.answer, run, null) : null;
  }

  packet(unit) {
    const telling = this.updates.changedMost();
    const { say, words } = this;
    return pack({
      playhead: GROUP,
      unit,
      picked: telling.map((_, step) =>
        say.call(this, "step", { head: this.head(step), unit: this.unitPhrase(step, unit), answer: this.answerAt(step) }),
      ),
      telling: telling.map((one, step) => this.tellingAt(step, one)),
      telling_units: telling,
      words: { region: words.region, pick: words.pick },
    });
  }

  // Sentence on the unit that changed most, or that no number changes in what is shown of it.
  tellingAt(step, unit) {
    const { hasUnits, memory } = this.updates;
    const looksSame = (state) =>
      twoDecimals(this.updates.before(state, step, unit)) === twoDecimals(this.updates.at(state, step, unit));
    if (looksSame(hasUnits ? "hidden" : memory) && looksSame(memory)) return this.say("still", { unit });
    return this.say("most", { sentence: this.say("alone", { unit: this.unitPhrase(step, unit) }) });
  }

  say(name, facts) {
    return filled(this.words[name], facts);
  }

  head(step) {
    const { level, direction } = this.updates.engine;
    const what = this.whatIsRead(step);
    if (level) return this.say("above", { what, layer: level + 1 });
    return this.say(direction === "forward" ? "reads" : "reads_back", { what });
  }

  whatIsRead(step) {
    const { labels, inputs, nSteps } = this.run;
    if (!this.model.readsNumbers) return this.say("token", { token: labels[step] });
    const width = inputs.length / nSteps;
    const values = Array.from(inputs.subarray(step * width, (step + 1) * width), twoDecimals);
    if (width > MOST_NAMED_NUMBERS) return this.say("numbers", { count: width });
    const names = this.run.panels.get("inputs").units;
    return this.say("values", { values: width === 1 ? values[0] : values.map((value, i) => `${names[i]} = ${value}`).join(", ") });
  }

  unitPhrase(step, unit) {
    const one = this.updates.stepOf(step, unit);
    const { memory, symbols } = this.updates;
    const facts = {
      unit: this.say("unit", { unit }),
      before: `${symbols[memory]} = ${twoDecimals(one.before)}`,
      after: `${symbols[memory]} = ${twoDecimals(one.after)}`,
    };
    if (one.held.includes(memory)) return this.say("silenced", facts);
    return this.kept(one, facts) + this.remarks(one);
  }

  kept({ kept, written, before }, facts) {
    if (kept === null) return this.say("goes", facts);
    const [kind, share] = this.keptInWords(kept, before);
    return this.say(kind, { ...facts, share, written: twoDecimals(written) });
  }

  keptInWords(kept, before) {
    if (before === 0) return ["empty", ""];
    if (!(kept >= 0 && kept <= 1)) return ["multiplies", twoDecimals(kept)];
    if (kept === 0 || kept === 1) return [kept ? "keeps_all" : "forgets_all", ""];
    return kept < 0.5 ? ["forgets", this.share(1 - kept)] : ["keeps", this.share(kept)];
  }

  remarks({ isSet, held }) {
    const names = held.map((name) => this.run.panels.get(name)?.label ?? name).join(this.words.names);
    return (isSet ? this.words.set : "") + (held.length ? this.say("held", { names }) : "");
  }

  answerAt(step) {
    return this.answers ? this.say("answer", { answer: this.answerPhrase(step) }) : "";
  }

  answerPhrase(step) {
    const { kind, names, readsAhead } = this.model.answer;
    const now = this.answers.at(step);
    const before = step && !readsAhead ? this.answers.at(step - 1) : null;
    if (kind === "numbers" || kind === "labels") return this.change(mostChanged(now, before), now, before);
    const best = likeliestOf(now)[0];
    if (kind === "next") return this.say("expects", { name: names[best], share: this.share(now[best]) });
    const was = before ? likeliestOf(before)[0] : best;
    if (was === best) return this.change(best, now, before);
    const shares = { was_share: this.share(before[was]), share: this.share(now[best]) };
    return this.say("turns", { was: names[was], name: names[best], ...shares });
  }

  change(output, now, before) {
    const { kind, names } = this.model.answer;
    const text = (value) => (kind === "numbers" ? twoDecimals(value) : this.share(value));
    const facts = { name: names[output], now: text(now[output]) };
    if (!before) return this.say("says", facts);
    const was = text(before[output]);
    return this.say(was === facts.now ? "stays" : "moves", { ...facts, was });
  }

  share(share) {
    return shareText(share, this.words.percent);
  }
}

function mostChanged(now, before) {
  const changes = Array.from(now, (value, output) => Math.abs(before ? value - before[output] : value));
  return changes.indexOf(Math.max(...changes));
}

// Two decimals, more of a small number.
function twoDecimals(value) {
  const size = Math.abs(value);
  if (size >= 0.01 && size < 1000) return value.toFixed(2).replace("-", "−");
  return size >= 1e-4 && size < 0.01 ? String(Number(value.toPrecision(1))).replace("-", "−") : shortNumber(value);
}
