// Questions of a lesson in a learning platform: verdicts on the page, completion and score by
// SCORM 1.2. Opened without a platform, the page works all the same and reports nothing.
const platform = findPlatform(window) ?? findPlatform(window.opener);

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
    const chosen = answerOf(form).slice(0, 40);
    if (!chosen) return;
    answer(form, chosen);
    report();
  });
}

function begin() {
  if (!platform) return;
  platform.LMSInitialize("");
  try {
    restore(JSON.parse(platform.LMSGetValue("cmi.suspend_data") || "{}"));
  } catch {
    // What another version has kept is begun anew.
  }
  report();
  let isOpen = true;
  window.addEventListener("pagehide", () => {
    if (isOpen) platform.LMSFinish("");
    isOpen = false;
  });
}

begin();
