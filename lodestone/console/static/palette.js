// The command palette: Ctrl/⌘ K, type a few letters, Enter.
const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const options = [...dialog.querySelectorAll("[role=option]")];
const none = dialog.querySelector(".ls-palette-none");
let chosen = null;

function open() {
  if (dialog.open) return;
  document.documentElement.classList.remove("ls-drawer-open");
  document.querySelector("[data-drawer-open]")?.setAttribute("aria-expanded", "false");
  input.value = "";
  filter();
  dialog.showModal();
  input.focus();
}

// Every letter in order scores; starts of words and runs score more.
function score(words, asked) {
  const text = words.toLowerCase();
  if (text.includes(asked)) return 100 - text.indexOf(asked);
  let from = 0;
  let points = 0;
  for (const letter of asked) {
    const at = text.indexOf(letter, from);
    if (at < 0) return 0;
    points += at === from || text[at - 1] === " " ? 3 : 1;
    from = at + 1;
  }
  return points;
}

function filter() {
  const asked = input.value.trim().toLowerCase();
  const scored = options.map((option) => [option, asked ? score(option.dataset.words, asked) : 1]);
  scored.forEach(([option, points]) => { option.hidden = points === 0; });
  if (asked) scored.sort((a, b) => b[1] - a[1]);
  scored.forEach(([option]) => option.parentElement.append(option));
  const shown = scored.find(([, points]) => points > 0);
  none.hidden = Boolean(shown);
  choose(shown ? shown[0] : null);
}

function choose(option) {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option;
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option?.id ?? "");
}

function move(step) {
  const shown = [...dialog.querySelectorAll("[role=option]:not([hidden])")];
  if (shown.length) choose(shown[(shown.indexOf(chosen) + step + shown.length) % shown.length]);
}

function run(option) {
  if (!option) return;
  dialog.close();
  if (option.dataset.do === "theme") window.lodestoneTheme.toggle();
  else location.assign(option.dataset.href);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette-open]")) open();
});
input.addEventListener("input", filter);
input.addEventListener("keydown", (event) => {
  const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => run(chosen) }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
dialog.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
dialog.addEventListener("mousemove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option !== chosen) choose(option);
});
