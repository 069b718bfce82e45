// The builder: shows every change in the preview while it is typed, saves it, and takes it back.
const root = document.querySelector("[data-builder]");
const base = root.dataset.builder;
const stage = root.querySelector("[data-stage]");
const frame = root.querySelector("[data-frame]");
const undo = root.querySelector("[data-undo]");
const saved = root.querySelector("[data-saved]");
const form = root.querySelector("form[data-autosave]");
const STORE = `builder-undo:${base}`;
const SETTLE = 700;
const SHOWN = 140;

const send = (path, body) => fetch(base + path, {
  method: "POST",
  headers: { "content-type": "application/json", accept: "application/json" },
  body: JSON.stringify(body),
});

function say(text, tone = "") {
  saved.textContent = text;
  saved.dataset.tone = tone;
}

// ---- the way back: what each save replaced, newest last, kept while the tab lives.
const steps = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
function keepSteps() {
  while (steps.length > 100) steps.shift();
  sessionStorage.setItem(STORE, JSON.stringify(steps));
  undo.disabled = steps.length === 0;
}
function remember(step) {
  steps.push(step);
  keepSteps();
}

async function stepBack() {
  const step = steps.pop();
  if (!step) return;
  undo.disabled = true;
  const answer = await send(step.path, step.body);
  if (!answer.ok) {
    say("This can't be taken back any more", "danger");
    keepSteps();
    return;
  }
  keepSteps();
  if (step.reload) {
    location.reload();
    return;
  }
  if (form) fill(form, step.body);
  say("Taken back");
  refresh();
}
undo.addEventListener("click", stepBack);
document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (isUndo && !event.target.matches("input, textarea, select") && steps.length) {
    event.preventDefault();
    stepBack();
  }
});

// ---- the preview
let shownPage = root.querySelector("[data-preview-page][aria-pressed='true']")?.dataset.previewPage ?? "optin";
let drafts = () => (form ? read(form) : {});
let latest = 0;

function draftWith(reader) {
  drafts = reader;
}

async function refresh() {
  if (!frame) return;
  const turn = ++latest;
  const answer = await send(`/preview?page=${shownPage}`, drafts());
  const text = await answer.text();
  if (!answer.ok || turn !== latest) return;
  put(text);
}

// Replaces what the frame shows without loading it anew, so that it neither blinks nor scrolls. The
// parser is the frame's own: its policy allows the styles that a public page has inside.
function put(text) {
  const page = frame.contentDocument;
  const next = new frame.contentWindow.DOMParser().parseFromString(text, "text/html");
  for (const name of page.documentElement.getAttributeNames()) page.documentElement.removeAttribute(name);
  for (const each of next.documentElement.attributes) page.documentElement.setAttribute(each.name, each.value);
  page.head.replaceChildren(...next.head.querySelectorAll("style, title, meta[name=viewport]"));
  page.body.replaceWith(next.body);
}

// Calls back once the frame has its page.
function whenShown(then) {
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.URL !== "about:blank") then();
  else frame.addEventListener("load", then, { once: true });
}

function fit() {
  const wanted = Number(root.querySelector("[data-preview-width][aria-pressed='true']").dataset.previewWidth);
  stage.style.setProperty("--fb-width", `${wanted}px`);
  stage.style.setProperty("--fb-zoom", Math.min(1, stage.clientWidth / wanted).toFixed(4));
}

function press(button, group) {
  for (const other of root.querySelectorAll(`[${group}]`)) other.setAttribute("aria-pressed", String(other === button));
}

if (frame) {
  // Links and forms of the page shown lead nowhere here.
  const still = () => {
    for (const kind of ["click", "submit"]) {
      frame.contentDocument.addEventListener(kind, (event) => {
        if (kind === "submit" || event.target.closest("a")) event.preventDefault();
      }, true);
    }
  };
  whenShown(still);
  for (const button of root.querySelectorAll("[data-preview-width]")) {
    button.addEventListener("click", () => { press(button, "data-preview-width"); fit(); });
  }
  for (const button of root.querySelectorAll("[data-preview-page]")) {
    button.addEventListener("click", () => show(button.dataset.previewPage));
  }
  new ResizeObserver(fit).observe(stage);
  fit();
}

function show(page) {
  shownPage = page;
  press(root.querySelector(`[data-preview-page='${page}']`), "data-preview-page");
  refresh();
}

// ---- the form of a tab
function read(within) {
  const values = {};
  for (const [name, value] of new FormData(within)) {
    if (typeof value === "string" && name !== "tab") values[name] = value === "" ? null : value;
  }
  return values;
}

function fill(within, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const field of within.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio") field.checked = field.value === String(value);
      else if (field.type === "checkbox") field.checked = value === true || value === "true";
      else if (field.type !== "hidden") field.value = value ?? "";
    }
  }
  before = read(within);
  conditions(within);
}

// data-when="theme=custom": shown while that field has that value.
function conditions(within) {
  const values = read(within);
  for (const each of within.querySelectorAll("[data-when]")) {
    const [name, value] = each.dataset.when.split("=");
    each.hidden = values[name] !== value;
  }
}

function complain(within, fields) {
  within.querySelectorAll("[data-complaint]").forEach((each) => each.remove());
  within.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
  for (const [name, sentence] of Object.entries(fields)) {
    const field = within.querySelector(`[name="${CSS.escape(name)}"]:not([type=hidden])`);
    if (!field) continue;
    const line = document.createElement("p");
    line.className = "ls-error";
    line.dataset.complaint = "";
    line.id = `complaint-${name.replaceAll(".", "-")}`;
    line.textContent = sentence;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", line.id);
    field.closest(".ls-field")?.append(line);
  }
}

let before = form ? read(form) : {};
let saving;
let showing;

async function save() {
  const now = read(form);
  const changed = Object.fromEntries(Object.entries(now).filter(([name, value]) => before[name] !== value));
  if (Object.keys(changed).length === 0) return;
  say("Saving…");
  const answer = await send("/changes", changed).catch(() => null);
  const told = answer ? await answer.json() : null;
  if (answer?.ok) {
    before = { ...before, ...changed };
    complain(form, {});
    remember({ path: "/changes", body: told.before });
    say("Saved");
    if ("optin_headline" in changed) document.querySelector("h1").textContent = told.after.optin_headline;
    return;
  }
  complain(form, told?.details?.fields ?? {});
  say(answer ? "Not saved" : "Not saved: no connection", "danger");
}

if (form) {
  const soon = (wait) => {
    clearTimeout(saving);
    saving = setTimeout(save, wait);
  };
  form.addEventListener("input", (event) => {
    conditions(form);
    clearTimeout(showing);
    showing = setTimeout(refresh, SHOWN);
    // A half-typed address would break links: it is saved when its field is left.
    if (event.target.name !== "slug") soon(SETTLE);
  });
  form.addEventListener("change", () => soon(0));
  form.addEventListener("submit", (event) => { event.preventDefault(); soon(0); });
  window.addEventListener("pagehide", () => {
    const now = read(form);
    const changed = Object.fromEntries(Object.entries(now).filter(([name, value]) => before[name] !== value));
    if (Object.keys(changed).length === 0) return;
    fetch(`${base}/changes`, {
      method: "POST", keepalive: true, headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(changed),
    });
  });
  conditions(form);
}

// ---- pictures
root.addEventListener("change", async (event) => {
  const input = event.target.closest("[data-picture-file]");
  if (!input?.files[0]) return;
  const box = input.closest("[data-picture]");
  const field = box.querySelector("input[name]");
  say("Uploading…");
  const answer = await fetch(`${base}/pictures`, { method: "POST", body: input.files[0], headers: { accept: "application/json" } }).catch(() => null);
  const told = answer ? await answer.json() : null;
  input.value = "";
  if (!answer?.ok) {
    say(told?.message ?? "Not uploaded: no connection", "danger");
    complain(field.form, { [field.name]: told?.details?.fields?.picture ?? told?.message ?? "Not uploaded" });
    return;
  }
  field.value = told.url;
  const shown = box.querySelector("[data-picture-shown]");
  shown.src = told.url;
  shown.hidden = false;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

keepSteps();

// For the tabs that have a script of their own; module scripts run one after another.
window.lodestoneBuilder = { complain, draftWith, read, refresh, remember, say, send, show, whenShown };
