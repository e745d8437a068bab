// Questions of a lesson in a learning platform: verdicts on the page, completion and score by
// SCORM 1.2. Opened without a platform, the page works all the same and reports nothing.
"use strict";

const platform = findPlatform(window) ?? findPlatform(window.opener);
const given = {};

function findPlatform(start) {
  try {
    for (let at = start, n = 0; at && n < 10; at = at.parent, n += 1) {
      if (at.API) return at.API;
      if (at.parent === at) break;
    }
  } catch {
    // A window of another origin is not the platform's.
  }
  return null;
}

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

function report() {
  const answered = counted.filter((form) => form.dataset.name in given);
  const right = answered.filter((form) => isRight(form, given[form.dataset.name]));
  const score = Math.round((100 * right.length) / counted.length);
  const isDone = answered.length === counted.length;
  if (isDone) {
    const done = document.getElementById("done");
    done.textContent = done.dataset.said.replace("{right}", right.length).replace("{count}", counted.length);
  }
  if (!platform) return;
  platform.LMSSetValue("cmi.core.score.min", "0");
  platform.LMSSetValue("cmi.core.score.max", "100");
  platform.LMSSetValue("cmi.core.score.raw", String(score));
  platform.LMSSetValue("cmi.core.lesson_status", isDone ? "completed" : "incomplete");
  platform.LMSSetValue("cmi.suspend_data", JSON.stringify(given));
  platform.LMSSetValue("cmi.core.exit", isDone ? "" : "suspend");
  platform.LMSCommit("");
}

for (const form of forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = answerOf(form).slice(0, 40);
    if (!answer) return;
    given[form.dataset.name] = answer;
    showVerdict(form, answer);
    settle(form);
    showSections();
    report();
  });
}

function begin() {
  if (!platform) return;
  platform.LMSInitialize("");
  try {
    Object.assign(given, JSON.parse(platform.LMSGetValue("cmi.suspend_data") || "{}"));
  } catch {
    // What another version has kept is begun anew.
  }
  for (const form of forms) {
    const answer = given[form.dataset.name];
    if (typeof answer !== "string") continue;
    fill(form, answer);
    settle(form);
  }
  showSections();
  report();
  let isOpen = true;
  window.addEventListener("pagehide", () => {
    if (isOpen) platform.LMSFinish("");
    isOpen = false;
  });
}

begin();
