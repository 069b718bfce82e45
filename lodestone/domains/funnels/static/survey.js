// Questions are put in order by dragging or with the arrow keys; the buttons do it without script.
const editor = document.querySelector("[data-survey]");
const list = editor?.querySelector("[data-sortable]");

function announce(item) {
  const place = [...list.children].indexOf(item) + 1;
  editor.querySelector("[data-sorted]").textContent = `Now question ${place} of ${list.children.length}`;
}

async function keep() {
  const ids = new URLSearchParams();
  [...list.children].forEach((item, index) => {
    ids.append("ids", item.dataset.id);
    const text = item.querySelector(".sv-text");
    text.textContent = text.textContent.replace(/^\d+/, String(index + 1));
  });
  const answer = await fetch(editor.dataset.order, { method: "POST", body: ids, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) location.reload();
}

function byKey(event, item) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const other = step === -1 ? item.previousElementSibling : step === 1 ? item.nextElementSibling : null;
  if (!other) return;
  event.preventDefault();
  if (step === -1) other.before(item);
  else other.after(item);
  event.currentTarget.focus();
  announce(item);
  keep();
}

function byPointer(event, item) {
  if (event.button !== 0) return;
  event.preventDefault();
  const before = [...list.children];
  item.classList.add("is-moving");
  const move = (now) => {
    const other = [...list.children].find((each) => {
      const box = each.getBoundingClientRect();
      return each !== item && now.clientY > box.top && now.clientY < box.bottom;
    });
    if (!other) return;
    const box = other.getBoundingClientRect();
    if (now.clientY > box.top + box.height / 2) other.after(item);
    else other.before(item);
  };
  const stop = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", stop);
    document.removeEventListener("pointercancel", stop);
    item.classList.remove("is-moving");
    if (before.some((each, index) => list.children[index] !== each)) {
      announce(item);
      keep();
    }
  };
  // Not on the handle: it loses the pointer when its line moves.
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", stop);
  document.addEventListener("pointercancel", stop);
}

for (const handle of list?.querySelectorAll("[data-handle]") ?? []) {
  const item = handle.closest("li");
  handle.hidden = false;
  handle.addEventListener("keydown", (event) => byKey(event, item));
  handle.addEventListener("pointerdown", (event) => byPointer(event, item));
}

for (const button of editor?.querySelectorAll("[data-add-option]") ?? []) {
  const options = button.previousElementSibling;
  button.hidden = false;
  button.addEventListener("click", () => {
    const number = options.children.length;
    if (number >= Number(options.dataset.most)) return;
    const line = options.lastElementChild.cloneNode(true);
    const [accepts, text] = line.querySelectorAll("input");
    Object.assign(accepts, { name: `accepts_${number}`, checked: false });
    accepts.setAttribute("aria-label", `Option ${number + 1} qualifies`);
    Object.assign(text, { name: `option_${number}`, value: "" });
    text.setAttribute("aria-label", `Option ${number + 1}`);
    options.append(line);
    text.focus();
  });
}
