// What each kind of block is made of, as the editor shows it.
const TONES = [["info", "Note"], ["warning", "Warning"], ["success", "Good news"]];
const COLOURS = [["info", "Plain"], ["success", "Green"], ["warning", "Amber"]];

const line = (name, label, more = {}) => ({ name, label, kind: "line", ...more });
const area = (name, label, more = {}) => ({ name, label, kind: "area", ...more });
const choice = (name, label, options) => ({ name, label, kind: "choice", options });

export const KINDS = {
  paragraph: { label: "Text", fields: [area("content", "Text", { placeholder: "Write here. **Bold** and [links](https://) work." })] },
  list: { label: "List", fields: [area("content", "Items, one to a line", { placeholder: "- First\n- Second" })], start: { content: "- " } },
  "numbered-item": { label: "Numbered item", fields: [line("number", "No.", { short: true }), line("title", "Title"), line("category", "Tag"), area("content", "Text"), area("detail", "Small print")] },
  callout: { label: "Callout", fields: [choice("style", "Kind", TONES), line("title", "Title"), area("content", "Text")], start: { style: "info" } },
  "stat-card": { label: "Figure", fields: [line("title", "Figure", { placeholder: "41%" }), choice("style", "Colour", COLOURS), area("content", "What it means")], start: { style: "info" } },
  quote: { label: "Quote", fields: [area("content", "Words")] },
  code: { label: "Prompt or code", fields: [choice("language", "Kind", [["prompt", "Prompt to copy"], ["", "Plain text"], ["html", "HTML"], ["python", "Python"], ["sql", "SQL"]]), line("title", "Name"), area("content", "Text to copy", { mono: true })], start: { language: "prompt" } },
  table: { label: "Table", fields: [{ name: "rows", label: "Cells parted by |, the headings first", kind: "table" }], start: { headers: ["", ""], rows: [["", ""]] } },
  accordion: { label: "Fold-out", fields: [line("title", "Title"), area("content", "Text inside")] },
  image: { label: "Picture", fields: [line("src", "Address", { type: "url", placeholder: "https://…" }), line("alt", "What it shows, for those who don't see it"), line("caption", "Caption")] },
  embed: { label: "Video", fields: [line("url", "Address", { type: "url", placeholder: "YouTube, Vimeo or Loom" }), line("title", "Title")] },
  "resource-card": { label: "Link", fields: [line("title", "Title"), line("url", "Address", { type: "url", placeholder: "https://…" }), area("content", "Why it is worth a visit")] },
  "resource-grid": { label: "Several links", fields: [{ name: "items", label: "One to a line: title | https://…", kind: "items" }], start: { items: [] } },
  divider: { label: "Dividing line", fields: [] },
};

export function newBlock(type) {
  return { type, content: "", ...structuredClone(KINDS[type].start || {}) };
}

const cells = (text) => text.split("|").map((cell) => cell.trim());

// How a field's value is shown in one text, and read from it again.
export const SHAPES = {
  table: {
    show: (block) => [block.headers || [], ...(block.rows || [])].map((row) => row.join(" | ")).join("\n"),
    read: (block, text) => {
      const [headers = [], ...rows] = text.split("\n").filter((row, at) => at === 0 || row.trim()).map(cells);
      block.headers = headers;
      block.rows = rows.map((row) => headers.map((_, at) => row[at] ?? ""));
    },
  },
  items: {
    show: (block) => (block.items || []).map((item) => (item.url ? `${item.title || ""} | ${item.url}` : item.title || "")).join("\n"),
    read: (block, text) => {
      block.items = text.split("\n").filter((row) => row.trim()).map(cells).map(([title, url]) => (url ? { title, url } : { title }));
    },
  },
};
