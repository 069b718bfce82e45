// The wizard: saves as one types and never over another tab, asks one question at a time, edits sections.
const root = document.querySelector("[data-draft]");
const draft = root?.dataset.draft;
const step = root?.dataset.step;
const forms = [...document.querySelectorAll("form[data-autosave]")];
const IDLE = 2000;
const RETRY = 5000;

const saved = document.querySelector("[data-saved]");
const say = (state, text) => {
  if (!saved || saved.dataset.state === state) return;
  saved.dataset.state = state;
  saved.querySelector("[data-saved-text]").textContent = text;
};

let timer = 0;
let dirty = null;
let flight = null;
let leaving = false;
let stopped = false;

const stamp = (version) => document.querySelectorAll("[data-version]").forEach((one) => { one.value = version; });

function later(form, wait = IDLE) {
  dirty = form;
  if (stopped) return;
  say("typing", "Not saved yet");
  clearTimeout(timer);
  timer = setTimeout(flush, wait);
}

function flush() {
  clearTimeout(timer);
  if (!dirty || stopped || leaving) return flight ?? Promise.resolve();
  if (flight) return flight.then(flush);
  const form = dirty;
  dirty = null;
  say("saving", "Saving…");
  flight = send(form).finally(() => { flight = null; });
  return flight;
}

async function send(form) {
  let answer;
  try {
    answer = await fetch(`${draft}/save?step=${step}`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
  } catch {
    say("failed", "Not saved: no connection. Trying again");
    if (!dirty) dirty = form;
    timer = setTimeout(flush, RETRY);
    return;
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) {
    stamp(body.version);
    if (!dirty) say("saved", "Saved");
  } else if (answer.status === 409 && body.code === "draft_changed") {
    dirty = form;
    conflict(body.details?.version);
  } else {
    if (!dirty) dirty = form;
    const fields = body.details?.fields;
    say("failed", `Not saved: ${fields ? Object.values(fields)[0] : body.message || "please load the page again"}`);
  }
}

function conflict(version) {
  stopped = true;
  say("failed", "Not saved: changed in another tab");
  const box = document.querySelector("[data-conflict]");
  box.hidden = false;
  box.scrollIntoView({ block: "center" });
  box.querySelector("[data-conflict-theirs]").onclick = () => { leaving = true; location.reload(); };
  box.querySelector("[data-conflict-mine]").onclick = () => {
    box.hidden = true;
    stopped = false;
    if (version) stamp(version);
    flush();
  };
}

for (const form of forms) {
  form.addEventListener("input", () => later(form));
  form.addEventListener("change", () => later(form));
}
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
window.addEventListener("beforeunload", (event) => { if ((dirty || flight) && !leaving) event.preventDefault(); });
window.addEventListener("pageshow", () => { leaving = false; });

// A step is left only when no save is on its way: the form then carries everything, and the newest version.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-wizard-form]") || event.defaultPrevented) return;
  clearTimeout(timer);
  if (stopped) {
    event.preventDefault();
    document.querySelector("[data-conflict]")?.scrollIntoView({ block: "center" });
    return;
  }
  const isOther = dirty && dirty !== form;
  if (flight || isOther) {
    const submitter = event.submitter;
    event.preventDefault();
    await (isOther ? flush() : flight);
    if (!stopped) form.requestSubmit(submitter);
    return;
  }
  leaving = true;
});

// Work in the background: ask how it stands until it is over.
const waiting = document.querySelector("[data-waiting]");
if (waiting) {
  const message = waiting.querySelector("[data-waiting-message]");
  const look = async () => {
    try {
      const answer = await fetch(`${draft}/waiting`, { headers: { accept: "application/json" } });
      const body = await answer.json();
      if (body.isOver || !answer.ok) {
        location.replace(draft);
        return;
      }
      if (body.message) message.textContent = body.message;
    } catch {
      message.textContent = "No connection. The work goes on; this page will find out.";
    }
    setTimeout(look, 1200);
  };
  setTimeout(look, 500);
}

// One question at a time.
const interview = document.querySelector("[data-questions]");
if (interview) {
  const asked = [...interview.querySelectorAll("[data-question]")];
  const dots = [...interview.querySelectorAll("[data-dot]")];
  const left = interview.querySelector("[data-left]");
  let at = 0;

  const area = (one) => one.querySelector("[data-answer]");
  const count = () => {
    let open = 0;
    asked.forEach((one, place) => {
      const text = area(one).value.trim();
      const words = text ? text.split(/\s+/).length : 0;
      one.querySelector("[data-words]").textContent = words ? `${words} word${words === 1 ? "" : "s"}` : "";
      dots[place].classList.toggle("is-answered", words > 0);
      if (!words && area(one).hasAttribute("data-required")) open += 1;
    });
    const text = open ? `${open} to go` : "All that is needed is there";
    if (left.textContent !== text) left.textContent = text;
  };
  const show = (place, focus = true) => {
    at = Math.max(0, Math.min(asked.length - 1, place));
    asked.forEach((one, index) => one.classList.toggle("is-now", index === at));
    dots.forEach((one, index) => {
      if (index === at) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    });
    asked[at].querySelector("[data-prev]").style.visibility = at ? "" : "hidden";
    asked[at].querySelector("[data-next]").hidden = at === asked.length - 1;
    if (focus) area(asked[at]).focus();
  };
  const next = () => {
    if (at < asked.length - 1) show(at + 1);
    else interview.querySelector("[data-finish]").focus();
  };

  interview.classList.add("is-paged");
  interview.querySelectorAll("[data-turn]").forEach((one) => { one.hidden = false; });
  asked.forEach((one, place) => {
    one.querySelector("[data-prev]").addEventListener("click", () => show(place - 1));
    one.querySelector("[data-next]").addEventListener("click", next);
    area(one).addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        next();
      }
    });
    one.querySelectorAll("[data-insert]").forEach((button) => button.addEventListener("click", () => {
      const target = area(one);
      target.value = target.value.trim() ? `${target.value.trimEnd()}\n${button.dataset.insert}` : button.dataset.insert;
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.focus();
    }));
  });
  dots.forEach((one, place) => one.addEventListener("click", (event) => {
    event.preventDefault();
    show(place);
  }));
  interview.addEventListener("input", count);
  const wrong = asked.findIndex((one) => one.hasAttribute("data-wrong"));
  const open = asked.findIndex((one) => !area(one).value.trim() && area(one).hasAttribute("data-required"));
  show(wrong >= 0 ? wrong : Math.max(open, 0), wrong < 0);
  count();

  const chat = interview.querySelector("[data-chat]");
  chat.querySelector("[data-chat-send]").addEventListener("click", async (event) => {
    event.preventDefault();
    const button = event.currentTarget;
    const log = chat.querySelector("[data-chat-log]");
    const box = chat.querySelector("textarea");
    const add = (role, text) => {
      const line = document.createElement("li");
      line.dataset.role = role;
      line.textContent = text;
      log.append(line);
      log.scrollTop = log.scrollHeight;
    };
    if (flight) await flight;
    if (stopped) return;
    clearTimeout(timer);
    dirty = null;
    button.disabled = true;
    const message = box.value.trim();
    if (message) add("user", message);
    const fields = new URLSearchParams(new FormData(interview));
    box.value = "";
    flight = (async () => {
      try {
        const answer = await fetch(`${draft}/chat`, { method: "POST", headers: { accept: "application/json" }, body: fields });
        const body = await answer.json();
        if (answer.ok) {
          stamp(body.version);
          add("assistant", body.reply);
          button.querySelector("span").textContent = "Answer";
          say("saved", "Saved");
        } else {
          box.value = message;
          if (body.code === "draft_changed") conflict(body.details?.version);
          else say("failed", body.message || "That did not work");
        }
      } catch {
        box.value = message;
        say("failed", "No connection: your answer is still in the box");
      }
    })().finally(() => { flight = null; button.disabled = false; });
  });
}

// Sections: add, remove (and take back), move.
const editor = document.querySelector("[data-editor]");
if (editor) {
  const list = editor.querySelector("[data-sections]");
  const blank = editor.querySelector("[data-blank]");
  const sections = () => [...list.querySelectorAll("[data-section]")];
  const length = editor.querySelector("[data-length]");

  const number = () => sections().forEach((one, place) => {
    one.querySelectorAll("[name]").forEach((field) => {
      field.name = field.name.replace(/^s(\d+|X)_/, `s${place}_`);
      if (field.id) field.id = field.name;
    });
    one.querySelectorAll("label[for]").forEach((label) => { label.htmlFor = label.htmlFor.replace(/^s(\d+|X)_/, `s${place}_`); });
    one.querySelector("[data-up]").disabled = place === 0;
    one.querySelector("[data-down]").disabled = place === sections().length - 1;
    one.querySelector("[data-remove]").disabled = sections().length === 1;
  });
  const measure = () => {
    const words = [...editor.querySelectorAll("textarea, .wz-section-name")].map((one) => one.value).join(" ").split(/\s+/).filter(Boolean).length;
    length.textContent = `${words.toLocaleString()} words, ${Math.max(1, Math.ceil(words / 200))} minutes to read`;
  };
  const changed = () => {
    number();
    measure();
    later(editor);
  };
  const arm = (one) => {
    one.querySelector("[data-acts]").hidden = false;
    one.querySelector("[data-up]").addEventListener("click", (event) => {
      one.previousElementSibling?.before(one);
      changed();
      event.currentTarget.focus();
    });
    one.querySelector("[data-down]").addEventListener("click", (event) => {
      one.nextElementSibling?.after(one);
      changed();
      event.currentTarget.focus();
    });
    one.querySelector("[data-remove]").addEventListener("click", () => {
      const note = document.createElement("p");
      note.className = "wz-gone";
      note.textContent = "Section removed.";
      const undo = document.createElement("button");
      undo.type = "button";
      undo.className = "btn btn-sm";
      undo.textContent = "Undo";
      undo.addEventListener("click", () => { note.replaceWith(one); changed(); });
      note.append(undo);
      one.replaceWith(note);
      changed();
      undo.focus();
      setTimeout(() => note.remove(), 15000);
    });
  };
  sections().forEach(arm);
  const add = editor.querySelector("[data-add]");
  add.hidden = false;
  add.addEventListener("click", () => {
    list.append(blank.content.cloneNode(true));
    const one = sections().at(-1);
    arm(one);
    changed();
    one.querySelector(".wz-section-name").focus();
  });
  editor.addEventListener("input", measure);
  number();
  measure();
}

// Posts: characters left, and copying what stands in the box now.
for (const area of document.querySelectorAll("[data-post]")) {
  const box = area.closest(".po-card").querySelector("[data-count]");
  const count = () => { box.textContent = `${area.value.length.toLocaleString()} of 3,000 characters`; };
  area.addEventListener("input", count);
  count();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (button) button.dataset.copy = document.getElementById(button.dataset.copyFrom).value;
}, true);
