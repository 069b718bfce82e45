"use strict";
// The builder of filters: a tree of groups and conditions, kept as JSON in a hidden field.
(() => {
  const OPS = {
    is: "is", is_not: "is not", contains: "contains", not_contains: "does not contain",
    starts_with: "begins with", ends_with: "ends with", is_empty: "is empty", is_not_empty: "is not empty",
    has: "is set", has_not: "is not set", in_last_days: "in the last days", not_in_last_days: "not in the last days",
    before: "before", after: "after", never: "never", ever: "at any time", received: "was sent",
    not_received: "was not sent", opened: "was opened", not_opened: "was not opened", clicked: "was clicked in",
    not_clicked: "was not clicked in", yes: "yes", no: "no",
  };
  const VALUELESS = new Set(["is_empty", "is_not_empty", "never", "ever", "yes", "no"]);
  const SOURCES = {
    lead_magnet: "A lead magnet", manual: "Added by hand", import: "Imported", csv_import: "Imported earlier",
    resend_import: "Brought from Resend", positive_reply: "A reply", purchaser: "A purchase", meeting: "A meeting",
    heyreach: "HeyReach", plusvibe: "PlusVibe", gtm_sync: "Another system",
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };
  const select = (label, options, value, onchange) => {
    const element = make("select", { class: "form-select", "aria-label": label, onchange: (event) => onchange(event.target.value) });
    for (const [key, text] of options) element.append(make("option", { value: key, selected: key === String(value ?? "") }, text));
    return element;
  };

  const read = (node) => {
    if (node.not) return { ...read(node.not), negated: true };
    for (const join of ["all", "any"]) if (node[join]) return { join, negated: false, parts: node[join].map(read) };
    return node.field ? { ...node } : { join: "all", negated: false, parts: [] };
  };
  const isWhole = (node) => node.join || VALUELESS.has(node.op) || String(node.value ?? "").trim() !== "";
  const write = (node) => {
    if (!node.join) {
      const { field, op } = node;
      return { field, op, ...(node.key ? { key: node.key } : {}), ...(VALUELESS.has(op) ? {} : { value: node.value ?? "" }) };
    }
    // A condition that still lacks its value says nothing yet.
    const group = { [node.join]: node.parts.filter(isWhole).map(write) };
    return node.negated ? { not: group } : group;
  };

  const start = (root) => {
    const choices = JSON.parse(root.dataset.choices);
    const field = root.querySelector("input[type=hidden]");
    const holder = root.querySelector("[data-segment-tree]");
    const output = root.querySelector("[data-segment-count]");
    let tree = read(JSON.parse(field.value) || {});
    if (!tree.join) tree = { join: "all", negated: false, parts: [tree] };
    let timer = null;
    let turn = 0;

    const count = async () => {
      const mine = ++turn;
      const answer = await fetch(root.dataset.count, { method: "POST", body: new URLSearchParams({ filter: field.value }) });
      if (mine !== turn) return;
      const found = await answer.json();
      output.textContent = answer.ok
        ? `${found.count.toLocaleString()} of ${found.total.toLocaleString()} people`
        : Object.values(found.details?.fields ?? found.details ?? {})[0] ?? "Not whole yet";
      root.dispatchEvent(new CustomEvent("segment:count", { bubbles: true, detail: answer.ok ? found : null }));
    };
    const changed = (draws = true) => {
      field.value = JSON.stringify(write(tree));
      if (draws) draw();
      field.dispatchEvent(new Event("input", { bubbles: true }));
      clearTimeout(timer);
      timer = setTimeout(() => count().catch(() => { output.textContent = "Could not count just now"; }), 400);
    };
    const kept = (node, name) => (value) => { node[name] = value; changed(false); };

    const valueOf = (node, about) => {
      if (VALUELESS.has(node.op)) return [];
      if (node.op.endsWith("_days")) return [make("input", { class: "form-control", type: "number", min: 1, max: 3650, "aria-label": "Days", value: node.value ?? 30, oninput: (event) => kept(node, "value")(event.target.value) })];
      const lists = { source: choices.sources.map((one) => [one, SOURCES[one] ?? one]), lead_magnet: choices.lead_magnets, broadcast: choices.broadcasts };
      const list = lists[about.kind];
      if (list) {
        if (!node.value && list.length) node.value = list[0][0];
        return [select("Which", list.length ? list : [["", "None yet"]], node.value, kept(node, "value"))];
      }
      const input = make("input", { class: "form-control", type: about.kind === "date" ? "date" : "text", "aria-label": "Value", value: node.value ?? "", maxlength: 500, oninput: (event) => kept(node, "value")(event.target.value) });
      if (about.kind === "tag") {
        const id = `tags-${Math.random().toString(36).slice(2)}`;
        input.setAttribute("list", id);
        return [input, make("datalist", { id }, ...choices.tags.map((tag) => make("option", { value: tag })))];
      }
      return [input];
    };
    const keyOf = (node, about) => {
      if (!about.hasKey) return [];
      if (node.field === "answer") {
        if (!node.key && choices.questions.length) node.key = choices.questions[0][0];
        return [select("Question", choices.questions.length ? choices.questions : [["", "No surveys yet"]], node.key, kept(node, "key"))];
      }
      return [make("input", { class: "form-control", type: "text", placeholder: "Field", "aria-label": "Field", value: node.key ?? "", oninput: (event) => kept(node, "key")(event.target.value) })];
    };
    const remover = (parent, node, label) => make("button", { type: "button", class: "btn btn-icon btn-ghost-secondary", "aria-label": label, onclick: () => { parent.parts.splice(parent.parts.indexOf(node), 1); changed(); } }, "×");

    const drawCondition = (node, parent) => {
      const about = choices.fields[node.field];
      const row = make("div", { class: "ls-segment-row" });
      row.append(
        select("About", Object.entries(choices.fields).map(([name, one]) => [name, one.label]), node.field, (name) => {
          Object.assign(node, { field: name, op: choices.fields[name].ops[0], value: undefined, key: undefined });
          changed();
        }),
        ...keyOf(node, about),
        select("How", about.ops.map((op) => [op, OPS[op] ?? op]), node.op, (op) => {
          if (op.endsWith("_days") !== node.op.endsWith("_days")) node.value = op.endsWith("_days") ? 30 : undefined;
          node.op = op;
          changed();
        }),
        ...valueOf(node, about),
        remover(parent, node, "Remove this condition"),
      );
      return row;
    };
    const drawGroup = (node, parent) => {
      const group = make("div", { class: `ls-segment-group${node.negated ? " is-negated" : ""}`, role: "group", "aria-label": "Group of conditions" });
      const mode = `${node.negated ? "not-" : ""}${node.join}`;
      const head = make("div", { class: "ls-segment-head" }, select("Who is in", [["all", "All of these"], ["any", "Any of these"], ["not-all", "Not all of these"], ["not-any", "None of these"]], mode, (value) => {
        node.negated = value.startsWith("not-");
        node.join = value.replace("not-", "");
        changed();
      }));
      if (parent) head.append(remover(parent, node, "Remove this group"));
      group.append(head, ...node.parts.map((part) => (part.join ? drawGroup(part, node) : drawCondition(part, node))));
      if (!node.parts.length && !parent) group.append(make("p", { class: "text-secondary my-2" }, "Everybody who is subscribed."));
      group.append(make("div", { class: "ls-segment-foot" },
        make("button", { type: "button", class: "btn btn-sm", onclick: () => { node.parts.push({ field: "last_opened_at", op: "in_last_days", value: 30 }); changed(); } }, "Add a condition"),
        make("button", { type: "button", class: "btn btn-sm btn-ghost-secondary", onclick: () => { node.parts.push({ join: "any", negated: false, parts: [{ field: "tag", op: "has", value: choices.tags[0] ?? "" }] }); changed(); } }, "Add a group")));
      return group;
    };
    const draw = () => holder.replaceChildren(drawGroup(tree, null));
    draw();
    count().catch(() => { output.textContent = "Could not count just now"; });
  };
  document.querySelectorAll("[data-segment]").forEach(start);
})();
