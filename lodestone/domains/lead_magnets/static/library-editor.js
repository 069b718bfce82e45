// Items are put in order by dragging or with the arrow keys; without script buttons do it.
const shelf = document.querySelector("[data-library-order]");
const list = shelf?.querySelector("[data-sortable]");

function announce(item) {
  const place = [...list.children].indexOf(item) + 1;
  shelf.querySelector("[data-sorted]").textContent = `Now ${place} of ${list.children.length}`;
}

async function keep() {
  const ids = new URLSearchParams();
  for (const item of list.children) ids.append("ids", item.dataset.id);
  const answer = await fetch(shelf.dataset.libraryOrder, { method: "POST", body: ids, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) location.reload();
}

function byKey(event, item) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(item);
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
    const under = before.find((each) => {
      const box = each.getBoundingClientRect();
      return each !== item && now.clientY > box.top && now.clientY < box.bottom;
    });
    if (!under) return;
    const box = under.getBoundingClientRect();
    if (now.clientY > box.top + box.height / 2) under.after(item);
    else under.before(item);
  };
  const stop = () => {
    for (const kind of ["pointerup", "pointercancel"]) document.removeEventListener(kind, stop);
    document.removeEventListener("pointermove", move);
    item.classList.remove("is-moving");
    if (before.every((each, index) => list.children[index] === each)) return;
    announce(item);
    keep();
  };
  document.addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, stop);
}

for (const handle of list?.querySelectorAll("[data-handle]") ?? []) {
  const item = handle.closest("li");
  handle.hidden = false;
  handle.addEventListener("keydown", (event) => byKey(event, item));
  handle.addEventListener("pointerdown", (event) => byPointer(event, item));
}
