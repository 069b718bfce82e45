// Draws a tool's parts as fields; the form sends the whole tool as JSON.
const form = document.querySelector("[data-tool-editor]");
const store = form.elements.config;
const tool = JSON.parse(store.value);
const errors = JSON.parse(form.dataset.errors || "{}");

const text = (key, label, more = {}) => ({ key, label, kind: "text", ...more });
const long = (key, label, more = {}) => ({ key, label, kind: "long", wide: true, ...more });
const number = (key, label, more = {}) => ({ key, label, kind: "number", ...more });
const choice = (key, label, options) => ({ key, label, kind: "choice", options });
const list = (key, label, fields, blank) => ({ key, label, kind: "list", fields, blank, wide: true });

const option = [text("label", "Answer"), number("value", "Counts")];
const LAYOUTS = {
  calculator: [
    text("headline", "Headline", { wide: true }),
    long("description", "What it tells"),
    list(
      "inputs",
      "Inputs",
      [
        text("label", "Label"),
        text("id", "Name in the formula"),
        choice("type", "Kind", ["number", "slider", "select"]),
        text("unit", "Unit"),
        number("defaultValue", "Begins with"),
        number("min", "Least"),
        number("max", "Most"),
        number("step", "Step"),
        list("options", "Choices", option, { label: "", value: 0 }),
      ],
      { id: "", label: "", type: "number" },
    ),
    text("formula", "Formula: names of inputs with + − × ÷ and parentheses", { wide: true }),
    text("resultLabel", "What the result is called"),
    choice("resultFormat", "Shown as", ["number", "currency", "percentage"]),
    list(
      "resultInterpretation",
      "What results mean",
      [
        { key: "range", label: "From", kind: "number", at: 0 },
        { key: "range", label: "To", kind: "number", at: 1 },
        text("label", "In a word"),
        choice("color", "Colour", ["green", "yellow", "red"]),
        long("description", "In a sentence"),
      ],
      { range: [0, 100], label: "", description: "", color: "green" },
    ),
  ],
  assessment: [
    text("headline", "Headline", { wide: true }),
    long("description", "What it tells"),
    list(
      "questions",
      "Questions",
      [
        text("text", "Question", { wide: true }),
        text("id", "Short name"),
        choice("type", "Kind", ["single_choice", "multiple_choice", "scale"]),
        number("scaleMin", "Scale from"),
        number("scaleMax", "Scale to"),
        list("options", "Answers", option, { label: "", value: 0 }),
      ],
      {
        id: "",
        text: "",
        type: "single_choice",
        options: [
          { label: "Not yet", value: 0 },
          { label: "Yes", value: 1 },
        ],
      },
    ),
    { key: "scoring.method", label: "The score is the", kind: "choice", options: ["sum", "average"] },
    list(
      "scoring.ranges",
      "What scores mean",
      [
        number("min", "From"),
        number("max", "To"),
        text("label", "In a word"),
        long("description", "In a sentence"),
        { key: "recommendations", label: "What to do next, a line each", kind: "lines", wide: true },
      ],
      { min: 0, max: 10, label: "", description: "", recommendations: [] },
    ),
  ],
  chat: [
    text("name", "Name", { wide: true }),
    long("description", "What it helps with"),
    long("systemPrompt", "Instructions: who it is, what it knows, how it answers", { rows: 10 }),
    long("welcomeMessage", "What it says first"),
    { key: "suggestedPrompts", label: "Things to say to it, a line each", kind: "lines", wide: true },
    number("maxTokens", "Longest answer, in tokens"),
  ],
};

const read = (holder, key) => key.split(".").reduce((found, part) => found?.[part], holder);
const write = (holder, key, value) => {
  const parts = key.split(".");
  const last = parts.pop();
  const target = parts.reduce((found, part) => (found[part] ??= {}), holder);
  if (value === undefined || value === null) delete target[last];
  else target[last] = value;
};
const element = (name, given = {}, ...children) => {
  const made = Object.assign(document.createElement(name), given);
  made.append(...children);
  return made;
};
const identify = (label) => {
  const words = label.toLowerCase().match(/[a-z0-9]+/g)?.slice(0, 4) ?? [];
  const name = words.map((word, n) => (n ? word[0].toUpperCase() + word.slice(1) : word)).join("");
  return /^[a-z]/.test(name) ? name : name && `n${name}`;
};
const save = () => {
  store.value = JSON.stringify(tool);
};

const control = (field, holder) => {
  const value = field.at === undefined ? read(holder, field.key) : holder[field.key]?.[field.at];
  if (field.kind === "choice") {
    return element(
      "select",
      { className: "form-select" },
      ...field.options.map((one) =>
        element("option", { value: one, selected: one === value, textContent: one.replace("_", " ") }),
      ),
    );
  }
  const shown = Array.isArray(value) ? value.join("\n") : (value ?? "");
  if (field.kind === "long" || field.kind === "lines") {
    return element("textarea", { className: "form-control", rows: field.rows ?? 2, value: shown });
  }
  const type = field.kind === "number" ? "number" : "text";
  const made = element("input", { className: "form-control", type, value: shown });
  if (type === "number") made.step = "any";
  return made;
};

const valueOf = (field, input) => {
  if (field.kind === "number") return input.value === "" ? undefined : Number(input.value);
  if (field.kind === "lines") return input.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return input.value === "" && field.kind === "text" && field.key === "unit" ? undefined : input.value;
};

const drawField = (field, holder, path) => {
  if (field.kind === "list") return drawList(field, holder, path);
  const input = control(field, holder);
  const place = [path, field.key].filter(Boolean).join(".");
  const label = element("label", { className: field.wide ? "is-wide" : "" }, field.label, input);
  const wrong = errors[place] ?? (field.at === undefined ? undefined : errors[`${place}.${field.at}`]);
  if (wrong) {
    input.setAttribute("aria-invalid", "true");
    label.append(element("p", { className: "te-wrong", textContent: wrong }));
  }
  input.addEventListener("input", () => {
    if (field.at === undefined) write(holder, field.key, valueOf(field, input));
    else holder[field.key][field.at] = Number(input.value);
    if (field.key === "label" && "id" in holder) {
      const named = input.closest(".te-item").querySelector("[data-key=id]");
      if (named && !named.value) write(holder, "id", identify(input.value));
    }
    save();
  });
  input.addEventListener("change", () => {
    if (field.key === "type" || (field.key === "label" && "id" in holder)) draw();
  });
  input.dataset.key = field.key;
  return label;
};

const drawList = (field, holder, path) => {
  const place = [path, field.key].filter(Boolean).join(".");
  const rows = read(holder, field.key) ?? [];
  const box = element("fieldset", { className: "is-wide" }, element("legend", { textContent: field.label }));
  if (errors[place]) box.append(element("p", { className: "te-wrong", textContent: errors[place] }));
  rows.forEach((row, index) => {
    const own = `${place}.${index}`;
    const item = element("div", { className: "te-item" });
    if (errors[own]) item.append(element("p", { className: "te-wrong", textContent: errors[own] }));
    item.append(element("div", { className: "te-row" }, ...field.fields.map((one) => drawField(one, row, own))));
    const act = (label, sign, change) =>
      element("button", {
        type: "button",
        className: "btn btn-sm",
        textContent: sign,
        ariaLabel: `${label} ${index + 1} of ${field.label}`,
        onclick: () => {
          change();
          save();
          draw();
        },
      });
    const swap = (to) => rows.splice(to, 0, rows.splice(index, 1)[0]);
    const acts = element("div", { className: "te-acts" });
    if (index > 0) acts.append(act("Move up", "↑", () => swap(index - 1)));
    if (index < rows.length - 1) acts.append(act("Move down", "↓", () => swap(index + 1)));
    acts.append(act("Remove", "Remove", () => rows.splice(index, 1)));
    item.append(acts);
    box.append(item);
  });
  box.append(
    element("button", {
      type: "button",
      className: "btn btn-sm",
      textContent: "Add one",
      ariaLabel: `Add one to ${field.label}`,
      onclick: () => {
        write(holder, field.key, [...rows, structuredClone(field.blank)]);
        save();
        draw();
      },
    }),
  );
  return box;
};

const draw = () => {
  const fields = LAYOUTS[form.dataset.toolEditor].map((field) => drawField(field, tool, ""));
  const row = element("div", { className: "te-row" }, ...fields);
  form.querySelector("[data-fields]").replaceChildren(element("fieldset", {}, row));
};

draw();
