// The editor of a lead magnet's content: sections of blocks, saved by itself, undone step by step.
import { KINDS, SHAPES, newBlock } from "./blocks.js";

const given = JSON.parse(document.getElementById("content-editor").textContent);
const editor = document.querySelector("[data-editor]");
const text = editor.querySelector("[data-text]");
const icons = editor.querySelector("[data-icons]");
const status = editor.querySelector("[data-status]");
const count = editor.querySelector("[data-count]");
const preview = editor.querySelector("[data-preview]");
const buttons = { undo: editor.querySelector("[data-undo]"), redo: editor.querySelector("[data-redo]") };
const KEPT = `ls-content-${given.key}`;
const IDLE = 1200;
const PAUSE = 900;

let content = structuredClone(given.content);
let version = given.version;
let isDirty = false;
let saving = null;
let timer = 0;
let failures = {};
const past = [];
const future = [];
let lastStep = 0;

// --- small makers of elements ------------------------------------------------------------------
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function button(label, action, more = {}) {
  const drawn = icons.querySelector(`[data-icon="${label}"]`).firstElementChild.cloneNode(true);
  return make("button", { type: "button", class: "ce-button", onclick: action, ...more }, drawn);
}

let serial = 0;
function field(path, label, control, quiet = false) {
  const id = `ce-${++serial}`;
  const problem = failures[path];
  control.id = id;
  control.dataset.path = path;
  if (problem) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${id}-problem`);
  }
  return make("div", { class: `ce-field${control.dataset.short ? " is-short" : ""}` },
    make("label", { for: id, class: quiet ? "visually-hidden" : "" }, label), control,
    problem ? make("p", { class: "ls-error", id: `${id}-problem` }, problem) : null);
}

function area(value, oninput, more = {}) {
  const box = make("textarea", { class: `form-control${more.mono ? " ls-mono" : ""}`, rows: more.rows || 2, placeholder: more.placeholder, "data-grow": true, oninput: (event) => { fit(box); oninput(event.target.value); } });
  box.value = value || "";
  requestAnimationFrame(() => fit(box));
  return box;
}

function fit(box) {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

function input(value, oninput, more = {}) {
  const box = make("input", { class: "form-control", type: more.type || "text", placeholder: more.placeholder, oninput: (event) => oninput(event.target.value) });
  box.value = value ?? "";
  if (more.short) box.dataset.short = "1";
  return box;
}

// --- changes, undo and redo --------------------------------------------------------------------
function step() {
  past.push(JSON.stringify(content));
  if (past.length > 200) past.shift();
  future.length = 0;
}

// Typing is one step as long as it goes on.
function typed(change) {
  const now = Date.now();
  if (now - lastStep > PAUSE) step();
  lastStep = now;
  change();
  changed();
}

function reshape(change, { focus = null, say = "" } = {}) {
  step();
  lastStep = 0;
  change();
  draw();
  changed();
  if (focus) text.querySelector(focus)?.focus();
  if (say) tell(say);
}

function travel(from, to, word) {
  if (!from.length) return;
  to.push(JSON.stringify(content));
  content = JSON.parse(from.pop());
  lastStep = 0;
  draw();
  changed();
  tell(word);
}
const undo = () => travel(past, future, "Undone");
const redo = () => travel(future, past, "Done again");

function changed() {
  isDirty = true;
  mark();
  keep();
  clearTimeout(timer);
  timer = setTimeout(save, IDLE);
}

function mark() {
  buttons.undo.disabled = !past.length;
  buttons.redo.disabled = !future.length;
}

function tell(words, tone = "") {
  status.textContent = words;
  status.dataset.tone = tone;
}

// What was typed stays in this browser until the server has it.
function keep() {
  try { localStorage.setItem(KEPT, JSON.stringify({ version, content })); } catch { /* A full or closed store: the server is still tried. */ }
}
function forget() {
  try { localStorage.removeItem(KEPT); } catch { /* As above. */ }
}

// --- saving ------------------------------------------------------------------------------------
async function save() {
  clearTimeout(timer);
  if (saving) { await saving; }
  if (!isDirty) return true;
  if (!content.sections.length) { tell("Not saved: a text needs a section", "danger"); return false; }
  saving = send();
  try { return await saving; } finally { saving = null; }
}

async function send() {
  const sent = JSON.stringify(content);
  isDirty = false;
  tell("Saving…");
  let answer;
  try {
    answer = await fetch(given.save, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ version, content }) });
  } catch {
    isDirty = true;
    tell("No connection. Kept in this browser.", "danger");
    timer = setTimeout(save, 5000);
    return false;
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) { saved(body, sent); return true; }
  isDirty = true;
  if (answer.status === 409) conflict(body);
  else if (answer.status === 422) refused(body);
  else tell(`Not saved: ${body.message || answer.status}`, "danger");
  return false;
}

function saved(body, sent) {
  version = body.version;
  const had = Object.keys(failures).length;
  failures = {};
  if (had) clearFailures();
  if (JSON.stringify(content) === sent) forget(); else keep();
  count.textContent = `${body.wordCount.toLocaleString()} words · ${body.readingTimeMinutes} min`;
  tell("Saved");
  showPreview();
}

function refused(body) {
  failures = body.details?.fields || {};
  const [path, sentence] = Object.entries(failures)[0] || ["", body.message];
  clearFailures();
  for (const [where, what] of Object.entries(failures)) {
    const control = text.querySelector(`[data-path="${where}"]`);
    if (!control) continue;
    control.setAttribute("aria-invalid", "true");
    control.after(make("p", { class: "ls-error", "data-problem": true }, what));
  }
  tell(`Not saved: ${sentence} (${place(path)})`, "danger");
}

function place(path) {
  const [, section, , block] = path.split(".");
  if (section === undefined) return "the text";
  return block === undefined ? `section ${Number(section) + 1}` : `section ${Number(section) + 1}, block ${Number(block) + 1}`;
}

function clearFailures() {
  text.querySelectorAll("[data-problem]").forEach((one) => one.remove());
  text.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
}

function conflict(body) {
  tell("Not saved: changed elsewhere", "danger");
  if (editor.querySelector("[data-conflict]")) return;
  const box = make("div", { class: "ls-alert", "data-tone": "warning", role: "alert", "data-conflict": true },
    make("div", {}, make("strong", {}, "This text was changed elsewhere since you opened it"),
      make("p", { class: "ce-choice" },
        make("button", { type: "button", class: "btn btn-sm", onclick: () => { forget(); isDirty = false; location.reload(); } }, "Load the newer text"),
        make("button", { type: "button", class: "btn btn-sm", onclick: () => { version = body.details?.version ?? version; box.remove(); save(); } }, "Keep mine"))));
  text.before(box);
}

function showPreview() {
  document.querySelector("[data-preview-hint]")?.remove();
  preview.hidden = false;
  if (preview.getAttribute("src")) preview.contentWindow.location.reload();
  else preview.src = given.preview;
}

// --- drawing -----------------------------------------------------------------------------------
function draw() {
  serial = 0;
  text.replaceChildren(
    field("heroSummary", "Summary below the title", area(content.heroSummary, (value) => typed(() => { content.heroSummary = value; }), { placeholder: "What a reader will have done at the end." })),
    ...content.sections.map(drawSection),
    make("button", { type: "button", class: "btn", "data-add-section": true, onclick: addSection }, "Add a section"),
  );
  mark();
}

function drawSection(section, at) {
  const path = `sections.${at}`;
  const total = content.sections.length;
  return make("section", { class: "ce-section", "data-section": at, "aria-label": `Section ${at + 1}: ${section.sectionName}` },
    make("header", {},
      field(`${path}.sectionName`, `Section ${at + 1}`, input(section.sectionName, (value) => typed(() => { section.sectionName = value; }))),
      make("div", { class: "ce-actions", role: "group", "aria-label": `Section ${at + 1}` },
        button("up", () => moveSection(at, -1), { "aria-label": `Move section ${at + 1} up`, disabled: at === 0, "data-up": true }),
        button("down", () => moveSection(at, 1), { "aria-label": `Move section ${at + 1} down`, disabled: at === total - 1, "data-down": true }),
        button("remove", () => removeSection(at), { "aria-label": `Remove section ${at + 1}` }))),
    drawOptional(section, "introduction", `${path}.introduction`, "Introduction"),
    make("div", { class: "ce-blocks" }, ...section.blocks.map((block, number) => drawBlock(block, at, number))),
    drawAdd(at),
    drawOptional(section, "keyTakeaway", `${path}.keyTakeaway`, "Take away"));
}

// What most sections lack takes no room until it is asked for.
function drawOptional(section, name, path, label) {
  const show = () => field(path, label, area(section[name], (value) => typed(() => { section[name] = value; }), { rows: 1 }));
  if (section[name]) return show();
  return make("button", { type: "button", class: "ce-optional", "data-path": path, onclick: (event) => {
    const shown = show();
    event.target.replaceWith(shown);
    shown.querySelector("textarea").focus();
  } }, `+ ${label}`);
}

function drawBlock(block, at, number) {
  const kind = KINDS[block.type] || { label: block.type, fields: [] };
  const path = `sections.${at}.blocks.${number}`;
  const name = `${kind.label}, block ${number + 1} of section ${at + 1}`;
  const last = content.sections[at].blocks.length - 1;
  const handle = make("span", { class: "ce-handle", draggable: "true", "aria-hidden": "true", title: "Drag to move", ondragstart: (event) => { dragged = [at, number]; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", ""); event.dataTransfer.setDragImage(event.target.closest(".ce-block"), 12, 12); }, ondragend: () => { dragged = null; endDrag(); } }, "⠿");
  return make("div", { class: "ce-block", role: "group", "aria-label": name, "data-block": `${at}-${number}`, "data-kind": block.type,
    ondragover: (event) => over(event), ondrop: (event) => drop(event, at, number) },
    make("div", { class: "ce-head" }, handle, drawKind(block, at, number, name),
      make("div", { class: "ce-actions" },
        button("up", () => moveBlock(at, number, -1), { "aria-label": `Move up: ${name}`, disabled: at === 0 && number === 0, "data-up": true }),
        button("down", () => moveBlock(at, number, 1), { "aria-label": `Move down: ${name}`, disabled: at === content.sections.length - 1 && number === last, "data-down": true }),
        button("add", () => insertAfter(at, number), { "aria-label": `Add a block below: ${name}` }),
        button("copy", () => copyBlock(at, number), { "aria-label": `Duplicate: ${name}` }),
        button("remove", () => removeBlock(at, number), { "aria-label": `Remove: ${name}` }))),
    make("div", { class: "ce-fields" }, ...kind.fields.map((one) => drawField(block, one, path, kind.fields.length === 1))));
}

function drawKind(block, at, number, name) {
  const select = make("select", { class: "ce-kind", "aria-label": `Kind of block: ${name}`, onchange: (event) => turn(at, number, event.target.value) },
    ...Object.entries(KINDS).map(([type, kind]) => make("option", { value: type, selected: type === block.type }, kind.label)));
  if (!KINDS[block.type]) select.append(make("option", { value: block.type, selected: true }, block.type));
  return select;
}

function drawField(block, one, path, quiet) {
  const where = `${path}.${one.name}`;
  const set = (value) => typed(() => { if (value === "" && one.name !== "content") delete block[one.name]; else block[one.name] = value; });
  if (one.kind === "area") return field(where, one.label, area(block[one.name], set, one), quiet);
  if (one.kind === "choice") {
    const select = make("select", { class: "form-select", onchange: (event) => set(event.target.value) });
    const known = one.options.some(([value]) => value === (block[one.name] || ""));
    const options = known ? one.options : [...one.options, [block[one.name] || "", block[one.name] || "None"]];
    select.append(...options.map(([value, label]) => make("option", { value, selected: value === (block[one.name] || "") }, label)));
    select.dataset.short = "1";
    return field(where, one.label, select);
  }
  const shape = SHAPES[one.kind];
  if (shape) return field(where, one.label, area(shape.show(block), (value) => typed(() => shape.read(block, value)), { rows: 3 }));
  return field(where, one.label, input(block[one.name], set, one));
}

function drawAdd(at) {
  const select = make("select", { class: "form-select ce-add", "aria-label": `Add a block to section ${at + 1}`, onchange: (event) => {
    const type = event.target.value;
    if (type) addBlock(at, type);
  } }, make("option", { value: "" }, "Add a block…"), ...Object.entries(KINDS).map(([type, kind]) => make("option", { value: type }, kind.label)));
  return select;
}

// --- what a person does ------------------------------------------------------------------------
function addSection() {
  const at = content.sections.length;
  reshape(() => content.sections.push({ id: "", sectionName: "New section", introduction: "", blocks: [newBlock("paragraph")], keyTakeaway: "" }), { focus: `[data-path="sections.${at}.sectionName"]`, say: "Section added" });
  text.querySelector(`[data-path="sections.${at}.sectionName"]`)?.select();
}

function moveSection(at, by) {
  const to = at + by;
  reshape(() => content.sections.splice(to, 0, ...content.sections.splice(at, 1)), { focus: `[data-section="${to}"] > header [data-${by < 0 ? "up" : "down"}]:not([disabled]), [data-section="${to}"] > header input`, say: `Section is now number ${to + 1}` });
}

function removeSection(at) {
  reshape(() => content.sections.splice(at, 1), { focus: `[data-path="sections.${Math.max(0, at - 1)}.sectionName"]`, say: "Section removed. Undo brings it back." });
}

function addBlock(at, type) {
  const number = content.sections[at].blocks.length;
  reshape(() => content.sections[at].blocks.push(newBlock(type)), { focus: `[data-block="${at}-${number}"] :is(input, textarea)`, say: `${KINDS[type].label} added` });
}

function insertAfter(at, number) {
  reshape(() => content.sections[at].blocks.splice(number + 1, 0, newBlock("paragraph")), { focus: `[data-block="${at}-${number + 1}"] textarea`, say: "Text added" });
}

// A block of another kind keeps its words, and what it had in common with the new kind.
function turn(at, number, type) {
  const old = content.sections[at].blocks[number];
  const block = newBlock(type);
  for (const name of ["content", ...KINDS[type].fields.map((one) => one.name)]) {
    if (typeof old[name] === "string" && old[name] && !(name in (KINDS[type].start || {}) && name !== "content")) block[name] = old[name];
  }
  if (type === "list" && old.content && old.type !== "list") block.content = old.content.split("\n").filter((row) => row.trim()).map((row) => `- ${row}`).join("\n");
  if (old.type === "list" && type !== "list") block.content = old.content.replace(/^\s*(?:[-*]|\d+\.)\s+/gm, "");
  reshape(() => { content.sections[at].blocks[number] = block; }, { focus: `[data-block="${at}-${number}"] .ce-kind`, say: `Turned into: ${KINDS[type].label}` });
}

function moveBlock(at, number, by) {
  const from = content.sections[at].blocks;
  let section = at;
  let to = number + by;
  if (to < 0) { section = at - 1; to = content.sections[section].blocks.length; }
  if (to >= from.length && section === at) { section = at + 1; to = 0; }
  settle(at, number, section, to, by < 0 ? "up" : "down");
}

function settle(at, number, section, to, side) {
  reshape(() => {
    const [block] = content.sections[at].blocks.splice(number, 1);
    content.sections[section].blocks.splice(to, 0, block);
  }, { focus: `[data-block="${section}-${to}"] [data-${side}]:not([disabled]), [data-block="${section}-${to}"] :is(input, textarea, button)`, say: `Block is now number ${to + 1} of section ${section + 1}` });
}

function copyBlock(at, number) {
  reshape(() => content.sections[at].blocks.splice(number + 1, 0, structuredClone(content.sections[at].blocks[number])), { focus: `[data-block="${at}-${number + 1}"] :is(input, textarea)`, say: "Block duplicated" });
}

function removeBlock(at, number) {
  reshape(() => content.sections[at].blocks.splice(number, 1), { focus: `[data-block="${at}-${Math.max(0, number - 1)}"] button, [data-path="sections.${at}.introduction"]`, say: "Block removed. Undo brings it back." });
}

let dragged = null;
function endDrag() {
  text.querySelectorAll(".is-target").forEach((one) => one.classList.remove("is-target"));
}
function over(event) {
  if (!dragged) return;
  event.preventDefault();
  endDrag();
  event.currentTarget.classList.add("is-target");
}
function drop(event, section, to) {
  event.preventDefault();
  if (!dragged) return;
  const [at, number] = dragged;
  dragged = null;
  const target = at === section && number < to ? to - 1 : to;
  if (at !== section || number !== target) settle(at, number, section, target, "up");
}

buttons.undo.addEventListener("click", undo);
buttons.redo.addEventListener("click", redo);
document.addEventListener("keydown", (event) => {
  const mod = event.metaKey || event.ctrlKey;
  const inText = event.target.matches("input, textarea");
  if (mod && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
  if (mod && event.key.toLowerCase() === "z" && !inText) { event.preventDefault(); (event.shiftKey ? redo : undo)(); }
  const block = event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key) && event.target.closest("[data-block]");
  if (block) {
    event.preventDefault();
    block.querySelector(event.key === "ArrowUp" ? "[data-up]" : "[data-down]").click();
  }
});

// What else the page does to the text waits until it is saved.
document.addEventListener("submit", async (event) => {
  if (!isDirty || event.defaultPrevented) return;
  event.preventDefault();
  if (await save()) event.target.submit();
});
addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
document.addEventListener("ls:finished", (event) => { if (event.target.closest("[data-reload-when-done]")) save().then(() => location.reload()); });

// Words of an earlier visit that never reached the server.
try {
  const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
  if (kept && kept.version === version && JSON.stringify(kept.content) !== JSON.stringify(content)) {
    step();
    content = kept.content;
    changed();
    tell("Brought back what you typed before. Undo goes back to what was saved.");
  }
} catch { forget(); }
if (!content.sections.length) content.sections.push({ id: "", sectionName: "First section", introduction: "", blocks: [newBlock("paragraph")], keyTakeaway: "" });
draw();
