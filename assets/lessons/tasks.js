// Questions and exercises of a lesson: what is right, and what is said about an answer.
"use strict";

const given = {};

function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/,(?=\d{3})/g, "").replace(/\s/g, "");
  const fraction = /^(-?\d+)\/(\d+)$/.exec(plain);
  if (fraction) return Number(fraction[1]) / Number(fraction[2]);
  const power = /^(.+?)[×x*]10\^?(-?\d+)$/.exec(plain);
  return power ? Number(power[1]) * 10 ** Number(power[2]) : Number(plain || NaN);
}

function isRight(form, answer) {
  const { right, tolerance } = form.dataset;
  if (tolerance === undefined) return answer === right;
  return Math.abs(readNumber(answer) - Number(right)) <= Number(tolerance) * (1 + 1e-9);
}

function answerOf(form) {
  const typed = form.querySelector("input[type=text]");
  return (typed ?? form.querySelector("input:checked"))?.value.trim() ?? "";
}

// Name of the usual mistake that leads to a number; empty for others.
function mistakeOf(form, answer) {
  const near = (Number(form.dataset.tolerance) || 0.005) * (1 + 1e-9);
  const number = readNumber(answer);
  const found = Object.entries(JSON.parse(form.dataset.mistakes)).find(([, one]) => Math.abs(number - one) <= near);
  return found ? found[0] : "";
}

// The reason of an option begins with whether it is the right one.
function marked(reason, name, form) {
  if (form.dataset.tolerance !== undefined) return reason;
  const isIt = name === form.dataset.right;
  reason.firstElementChild.className = isIt ? "yes" : "no";
  reason.firstElementChild.prepend(isIt ? "✓ " : "✗ ");
  return reason;
}

function showVerdict(form, answer) {
  const right = isRight(form, answer);
  const isNumber = form.dataset.tolerance !== undefined;
  const hints = isNumber && !right ? [`hint-${mistakeOf(form, answer)}`] : [];
  const shown = isNumber ? [...hints, "solution"] : [answer, form.dataset.right];
  const verdict = form.querySelector(".verdict");
  verdict.replaceChildren();
  for (const name of new Set(shown)) {
    const reason = form.querySelector(`template[data-for="${CSS.escape(name)}"]`);
    if (reason) verdict.append(marked(reason.content.cloneNode(true), name, form));
  }
  // A solution stays folded while the answer is wrong.
  for (const solution of verdict.querySelectorAll("details")) solution.open = right;
  const said = document.createElement("p");
  said.className = right ? "yes" : "no";
  said.textContent = `${right ? "✓" : "✗"} ${right ? form.dataset.yes : form.dataset.no}`;
  verdict.prepend(said);
}

function fill(form, answer) {
  const typed = form.querySelector("input[type=text]");
  if (typed) typed.value = answer;
  const chosen = form.querySelector(`input[value="${CSS.escape(answer)}"]`);
  if (chosen && !typed) chosen.checked = true;
  showVerdict(form, answer);
}

// What follows an open question would give its answer away.
function showSections() {
  let isOpen = true;
  for (const section of document.querySelectorAll("section[data-after]")) {
    isOpen &&= section.dataset.after in given;
    section.hidden = !isOpen;
    const { after } = section.dataset;
    document.querySelector(`[data-until="${CSS.escape(after)}"]`).hidden = after in given;
  }
}

// The first answer to a question counts; exercises may be tried again.
function settle(form) {
  for (const input of form.querySelectorAll("input, button")) {
    input.disabled = form.dataset.counts === "true";
  }
}

const forms = [...document.querySelectorAll("form")];
const counted = forms.filter((form) => form.dataset.counts === "true");

function answer(form, chosen) {
  given[form.dataset.name] = chosen;
  showVerdict(form, chosen);
  settle(form);
  showSections();
}

// Answers that were kept are shown again.
function restore(answers) {
  for (const form of forms) {
    const answer = answers[form.dataset.name];
    if (typeof answer !== "string") continue;
    given[form.dataset.name] = answer;
    fill(form, answer);
    settle(form);
  }
  showSections();
}
