// Finds things on the shelf while one types; the page works without it.
const find = document.querySelector("[data-find]");
if (find) {
  const field = find.querySelector("input");
  const told = document.querySelector("[data-found]");
  const lines = [...document.querySelectorAll(".shelf li")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map(lines.map((line) => [line, plain(line.textContent)]));
  find.hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const line of lines) {
      const fits = words.every((word) => texts.get(line).includes(word));
      line.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const section of document.querySelectorAll("main > section:has(.shelf)"))
      section.hidden = !section.querySelector("li:not([hidden])");
    told.textContent = words.length ? (count ? `${count} found` : "Nothing fits. Try fewer words.") : "";
  });
}
