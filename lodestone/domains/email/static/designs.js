// The block editor: parts are cards of fields, every change is shown by the server's own rendering.
(() => {
  const source = document.getElementById("design-state");
  if (!source) return;
  const state = JSON.parse(source.textContent);
  const kinds = new Map(state.kinds.map((kind) => [kind.kind, kind]));
  const byId = (id) => document.getElementById(`design-${id}`);
  const list = byId("blocks");
  const stage = byId("stage");
  const saved = byId("saved");
  const errors = byId("errors");
  let open = null;
  let isDirty = false;
  let lastField = null;
  let shownAt = 0;
  let timer;

  const make = (tag, properties = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "html") node.innerHTML = value;
      else if (name in node && name !== "list") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };
  const say = (words) => { byId("said").textContent = words; };
  const draft = () => ({ name: byId("name").value.trim(), blocks: state.blocks, look: state.look });

  // Saving -----------------------------------------------------------------------------------
  const tell = (words, tone = "") => { saved.textContent = words; saved.dataset.tone = tone; };
  const changed = () => {
    isDirty = true;
    tell("Not saved");
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  };
  const post = (path, body) => fetch(state.path + path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const showErrors = (fields, message) => {
    const sentences = Object.values(fields || {});
    errors.querySelector("ul").replaceChildren(
      ...(sentences.length ? sentences : [message]).map((text) => make("li", { textContent: text })));
    errors.hidden = false;
    for (const [at, item] of [...list.children].entries()) {
      item.classList.toggle("is-wrong", Boolean(fields && fields[`block_${at + 1}`]));
    }
    errors.scrollIntoView({ block: "nearest" });
  };
  const clearErrors = () => {
    errors.hidden = true;
    for (const item of list.children) item.classList.remove("is-wrong");
  };
  const send = async (path, body, done) => {
    try {
      const answer = await post(path, body);
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) { clearErrors(); done(told); return; }
      showErrors(told.details && told.details.fields, told.message || "That did not work. Try again.");
      tell("Not saved", "danger");
    } catch {
      tell("No connection", "danger");
    }
  };
  const save = () => {
    tell("Saving…");
    return send("", draft(), () => { isDirty = false; tell("Saved"); say("Saved"); });
  };
  byId("save").addEventListener("click", save);
  byId("test").addEventListener("click", () => send("/test", { draft: draft(), subscriber_id: byId("reader").value || null },
    (told) => { tell(`Sent to ${told.sent_to}`); say(`A test was sent to ${told.sent_to}`); }));
  byId("name").addEventListener("input", changed);
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
  });
  addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  // The preview: a new frame for each change, so that nothing flickers and the history stays clean.
  const show = () => {
    const number = ++shownAt;
    const frame = make("iframe", { title: "Preview of the mail", className: "is-coming", name: `design-frame-${number}` });
    stage.append(frame);
    const form = make("form", { method: "post", action: `${state.path}/preview`, target: frame.name, hidden: true },
      make("input", { name: "draft", value: JSON.stringify({ ...draft(), name: draft().name || "Draft" }) }),
      make("input", { name: "subscriber_id", value: byId("reader").value }));
    document.body.append(form);
    frame.addEventListener("load", () => {
      if (number !== shownAt) { frame.remove(); return; }
      frame.classList.remove("is-coming");
      for (const other of stage.querySelectorAll("iframe")) if (other !== frame) other.remove();
    });
    form.submit();
    form.remove();
  };
  byId("reader").addEventListener("change", show);
  for (const button of document.querySelectorAll(".ed-devices button")) {
    button.addEventListener("click", () => {
      stage.dataset.device = button.dataset.device;
      for (const other of document.querySelectorAll(".ed-devices button")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    });
  }

  // Fields of a part -----------------------------------------------------------------------------
  const remember = (input) => { input.addEventListener("focus", () => { lastField = input; }); return input; };
  const control = (field, value, set) => {
    const name = field.label;
    if (field.type === "switch") {
      const box = make("input", { type: "checkbox", checked: Boolean(value), className: "form-check-input" });
      box.addEventListener("change", () => set(box.checked));
      return make("label", { className: "ed-switch" }, box, name);
    }
    let input;
    if (field.type === "choice") {
      input = make("select", { className: "form-select" }, ...field.options.map(([option, label]) =>
        make("option", { value: option, textContent: label, selected: option === value })));
      input.addEventListener("change", () => set(input.value));
    } else if (field.type === "words" || field.type === "lines") {
      input = remember(make("textarea", { className: "form-control", rows: field.type === "words" ? 6 : 4, value: field.type === "lines" ? value.join("\n") : value }));
      input.addEventListener("input", () => set(field.type === "lines" ? input.value.split("\n").filter((line) => line.trim()) : input.value));
    } else if (field.type === "number") {
      input = make("input", { className: "form-control", type: "number", min: field.least, max: field.most, value });
      input.addEventListener("change", () => {
        const number = Math.min(field.most, Math.max(field.least, Math.round(Number(input.value)) || field.least));
        input.value = number;
        set(number);
      });
    } else if (field.type === "colour") {
      input = make("input", { className: "form-control", type: "color", value: value || state.brand.colour });
      input.addEventListener("input", () => set(input.value));
    } else {
      input = remember(make("input", { className: "form-control", value: value || "", maxLength: field.type === "address" ? 2000 : 500 }));
      if (field.type === "address") input.placeholder = "https://";
      input.addEventListener("input", () => set(input.value));
    }
    const label = make("label", {}, name, input);
    if (field.hint) label.append(make("span", { className: "form-hint", textContent: field.hint }));
    return label;
  };
  const rows = (field, block) => {
    const box = make("div", { className: "ed-inside", style: "padding: 0" });
    const draw = () => {
      box.replaceChildren(...block[field.name].map((row, at) => {
        const head = make("div", { className: "ed-row-head" }, `${field.label} ${at + 1}`);
        if (block[field.name].length > field.least) {
          const remove = make("button", { type: "button", className: "btn btn-sm btn-ghost-secondary", textContent: "Remove", "aria-label": `Remove ${field.label} ${at + 1}` });
          remove.addEventListener("click", () => { block[field.name].splice(at, 1); draw(); changed(); });
          head.append(remove);
        }
        return make("div", { className: "ed-row" }, head, ...field.fields.map((each) =>
          control(each, row[each.name] ?? "", (value) => { row[each.name] = value; changed(); })));
      }));
      if (block[field.name].length < field.most) {
        const add = make("button", { type: "button", className: "btn btn-sm", textContent: `Add ${field.label.toLowerCase()}` });
        add.addEventListener("click", () => {
          block[field.name].push(Object.fromEntries(field.fields.map((each) => [each.name, ""])));
          draw();
          changed();
        });
        box.append(add);
      }
    };
    draw();
    return box;
  };
  const summary = (block) => block.text || block.label || block.alt || (block.items || []).join(", ")
    || (block.columns || []).map((each) => each.heading).filter(Boolean).join(", ")
    || (block.links || []).map((each) => each.name).join(", ") || (block.kind === "body" ? "written where each mail is" : "");

  // The list of parts ----------------------------------------------------------------------------
  const move = (from, to) => {
    if (to < 0 || to >= state.blocks.length || from === to) return;
    const [block] = state.blocks.splice(from, 1);
    state.blocks.splice(to, 0, block);
    draw();
    changed();
    list.children[to].querySelector(".ed-handle").focus();
    say(`${kinds.get(block.kind).label} is part ${to + 1} of ${state.blocks.length}`);
  };
  const drag = (handle, item, from) => {
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      item.classList.add("is-dragged");
      const follow = (at) => {
        const others = [...list.children].filter((each) => each !== item);
        const next = others.find((each) => at.clientY < each.getBoundingClientRect().top + each.offsetHeight / 2);
        if (next) { if (item.nextElementSibling !== next) list.insertBefore(item, next); }
        else if (list.lastElementChild !== item) list.append(item);
      };
      const drop = () => {
        handle.removeEventListener("pointermove", follow);
        item.classList.remove("is-dragged");
        const to = [...list.children].indexOf(item);
        if (to === from) draw(); else move(from, to);
      };
      handle.addEventListener("pointermove", follow);
      handle.addEventListener("lostpointercapture", drop, { once: true });
    });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      move(from, from + step);
    });
  };
  const card = (block, at) => {
    const kind = kinds.get(block.kind);
    const isOpen = open === block;
    const item = make("li", { className: `ed-block${isOpen ? " is-open" : ""}` });
    const handle = make("button", { type: "button", className: "ed-handle", html: state.icons.selector, "aria-label": `Move part ${at + 1}, ${kind.label}: arrow keys up and down` });
    const inside = make("div", { className: "ed-inside", hidden: !isOpen, id: `part-${at}` });
    const line = make("small", { textContent: summary(block) });
    const opener = make("button", { type: "button", className: "ed-open", "aria-expanded": String(isOpen), "aria-controls": inside.id },
      make("span", { html: kind.icon }), kind.label, line);
    opener.addEventListener("click", () => {
      open = open === block ? null : block;
      draw();
      list.children[at].querySelector(".ed-open").focus();
    });
    const button = (icon, label, act) => {
      const made = make("button", { type: "button", html: state.icons[icon], "aria-label": `${label} part ${at + 1}, ${kind.label}`, title: label });
      made.addEventListener("click", act);
      return made;
    };
    const copy = button("copy", "Copy", () => {
      state.blocks.splice(at + 1, 0, structuredClone(block));
      draw();
      changed();
    });
    const remove = button("trash", "Remove", () => {
      state.blocks.splice(at, 1);
      draw();
      changed();
      say(`${kind.label} removed`);
      (list.children[Math.min(at, list.children.length - 1)] || byId("palette")).querySelector("button").focus();
    });
    if (block.kind === "body") copy.disabled = true;
    item.append(make("div", { className: "ed-bar" }, handle, opener, copy, remove), inside);
    if (isOpen) {
      for (const field of kind.fields) {
        inside.append(field.type === "rows" ? rows(field, block)
          : control(field, block[field.name], (value) => { block[field.name] = value; line.textContent = summary(block); changed(); }));
      }
      if (!kind.fields.length) inside.append(make("p", { className: "ls-hint", textContent: block.kind === "body" ? "What a flow, a broadcast or a sequence says is put here." : "There is nothing to set here." }));
    }
    drag(handle, item, at);
    return item;
  };
  const draw = () => {
    list.replaceChildren(...state.blocks.map(card));
    for (const button of byId("palette").children) {
      button.disabled = button.dataset.kind === "body" && state.blocks.some((block) => block.kind === "body");
    }
  };
  for (const kind of state.kinds) {
    const add = make("button", { type: "button", className: "btn btn-sm", "data-kind": kind.kind },
      make("span", { html: kind.icon }), kind.label);
    add.addEventListener("click", () => {
      const block = structuredClone(kind.blank);
      const after = open ? state.blocks.indexOf(open) + 1 : state.blocks.length;
      state.blocks.splice(after, 0, block);
      open = block;
      draw();
      changed();
      const first = list.children[after].querySelector(".ed-inside input, .ed-inside textarea");
      (first || list.children[after].querySelector(".ed-open")).focus();
      say(`${kind.label} added as part ${after + 1}`);
    });
    byId("palette").append(add);
  }
  byId("look").append(...state.look_fields.map((field) =>
    control(field, state.look[field.name], (value) => { state.look[field.name] = value === "" ? null : value; changed(); })));
  byId("fields").append(...state.fields.map(([name, label]) => {
    const chip = make("button", { type: "button", className: "btn btn-sm", textContent: label, title: `{{${name}}}` });
    chip.addEventListener("click", () => {
      if (!lastField || !lastField.isConnected) { say("Click into words first"); return; }
      lastField.setRangeText(`{{${name}}}`, lastField.selectionStart, lastField.selectionEnd, "end");
      lastField.dispatchEvent(new Event("input"));
      lastField.focus();
    });
    return chip;
  }));
  draw();
  show();
})();
