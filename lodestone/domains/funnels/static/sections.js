// Sections: filled while one types, ordered by pointer and by keys, removed and put back.
const builder = window.lodestoneBuilder;
const list = document.querySelector("[data-sections]");
const page = list.dataset.sections;
const told = document.querySelector("[data-moved]");
const form = document.querySelector("[data-section-form]");

// ---- order
const order = () => {
  const lines = [...list.children];
  const fold = lines.findIndex((line) => line.hasAttribute("data-fold"));
  return {
    page_location: page,
    ids: lines.filter((line) => line.dataset.section).map((line) => line.dataset.section),
    above: fold,
  };
};
let standing = JSON.stringify(order());

async function saveOrder() {
  const wanted = order();
  if (JSON.stringify(wanted) === standing) return;
  const answer = await builder.send("/sections/order", wanted);
  if (!answer.ok) {
    builder.say("Not moved", "danger");
    location.reload();
    return;
  }
  standing = JSON.stringify(wanted);
  builder.remember({ path: "/sections/order", body: (await answer.json()).before, reload: true });
  builder.say("Moved");
  builder.refresh();
}

function tell(line) {
  const lines = [...list.children].filter((each) => each.dataset.section);
  const fold = order().above;
  const place = lines.indexOf(line) + 1;
  told.textContent = `${place} of ${lines.length}, ${place <= fold ? "above" : "below"}`;
}

let settle;
list.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const line = handle.closest("[data-section]");
  const other = event.key === "ArrowUp" ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  if (event.key === "ArrowUp") other.before(line);
  else other.after(line);
  handle.focus();
  tell(line);
  clearTimeout(settle);
  settle = setTimeout(saveOrder, 500);
});

list.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0) return;
  const line = handle.closest("[data-section]");
  handle.setPointerCapture(event.pointerId);
  line.classList.add("is-moving");
  const move = (moved) => {
    const under = [...list.children].find((each) => {
      const box = each.getBoundingClientRect();
      return each !== line && moved.clientY > box.top && moved.clientY < box.bottom;
    });
    if (!under) return;
    const box = under.getBoundingClientRect();
    if (moved.clientY < box.top + box.height / 2) under.before(line);
    else under.after(line);
  };
  const drop = () => {
    handle.removeEventListener("pointermove", move);
    line.classList.remove("is-moving");
    tell(line);
    saveOrder();
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("lostpointercapture", drop, { once: true });
});

// ---- removing
list.addEventListener("submit", async (event) => {
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  event.preventDefault();
  const answer = await fetch(remove.action, { method: "POST", headers: { accept: "application/json" } });
  if (!answer.ok) {
    builder.say("Not removed", "danger");
    return;
  }
  builder.remember({ path: "/sections/restore", body: await answer.json(), reload: true });
  const line = remove.closest("[data-section]");
  (line.previousElementSibling ?? line.nextElementSibling).querySelector("[data-handle]")?.focus();
  line.remove();
  standing = JSON.stringify(order());
  builder.draftWith(() => ({}));
  builder.say("Removed");
  builder.refresh();
});

// ---- filling
if (form) {
  const id = form.dataset.sectionForm;
  const things = form.querySelector("[data-things]");
  const template = form.querySelector("[data-thing-template]");
  let saving;
  let showing;
  let last = JSON.stringify(builder.read(form));

  builder.draftWith(() => ({ section: { id, fields: builder.read(form) } }));

  const save = async () => {
    const now = builder.read(form);
    if (JSON.stringify(now) === last) return;
    builder.say("Saving…");
    const answer = await builder.send(`/sections/${id}`, now).catch(() => null);
    const reply = answer ? await answer.json() : null;
    if (!answer?.ok) {
      builder.complain(form, reply?.details?.fields ?? {});
      builder.say(answer ? "Not saved yet" : "Not saved: no connection", "danger");
      return;
    }
    last = JSON.stringify(now);
    builder.complain(form, {});
    builder.remember({ path: `/sections/${id}/put-back`, body: reply.before, reload: true });
    builder.say(reply.before.is_placeholder && !reply.after.is_placeholder ? "Saved: visitors see it now" : "Saved");
    if (reply.before.is_placeholder !== reply.after.is_placeholder) location.reload();
  };
  const changed = (wait) => {
    clearTimeout(showing);
    showing = setTimeout(builder.refresh, 140);
    clearTimeout(saving);
    saving = setTimeout(save, wait);
  };
  form.addEventListener("input", () => changed(900));
  form.addEventListener("change", () => changed(150));
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(0); });

  const renumber = () => {
    [...things.children].forEach((thing, number) => {
      thing.querySelector("[data-number]").textContent = number + 1;
      for (const field of thing.querySelectorAll("[name]")) {
        field.name = field.name.replace(/\.[^.]+\./, `.${number}.`);
        const name = `f-${field.name.replaceAll(".", "-")}`;
        thing.querySelector(`label[for="${field.id}"]`)?.setAttribute("for", name);
        field.id = name;
      }
    });
    const count = things.children.length;
    form.querySelector("[data-thing-add]").disabled = count >= Number(things.dataset.most);
    for (const button of things.querySelectorAll("[data-thing-remove]")) button.disabled = count <= 1;
  };
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-thing-add]")) {
      things.append(template.content.cloneNode(true));
      renumber();
      things.lastElementChild.querySelector("input, textarea").focus();
      return;
    }
    const thing = event.target.closest("[data-thing]");
    if (!thing) return;
    if (event.target.closest("[data-thing-remove]")) thing.remove();
    else if (event.target.closest("[data-thing-up]")) thing.previousElementSibling?.before(thing);
    else if (event.target.closest("[data-thing-down]")) thing.nextElementSibling?.after(thing);
    else return;
    renumber();
    changed(150);
  });
  if (things) renumber();
  builder.whenShown(builder.refresh);
}
