// The person's own settings: is a public name free, pictures made small, the colour shown.
const LARGEST = 256;

const username = document.querySelector("input[name=username]:not([type=hidden])");
const state = document.querySelector("[data-username-state]");
if (username && state) {
  const own = username.value;
  let timer = 0;
  let asked = 0;
  username.addEventListener("input", () => {
    clearTimeout(timer);
    state.textContent = "";
    const name = username.value.trim();
    if (!name || name === own) return;
    timer = setTimeout(() => ask(name), 250);
  });
  async function ask(name) {
    const number = ++asked;
    const answer = await fetch(`/app/account/username?name=${encodeURIComponent(name)}`);
    // An answer that a later question has overtaken says nothing any more.
    if (!answer.ok || number !== asked || name !== username.value.trim()) return;
    const found = await answer.json();
    state.dataset.state = found.state;
    state.textContent = found.message;
  }
}

const form = document.querySelector("[data-avatar]");
form?.querySelector("input[type=file]").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const small = await shrink(file);
  if (small) {
    const files = new DataTransfer();
    files.items.add(small);
    event.target.files = files.files;
  }
  form.requestSubmit();
});

// Cut to a square and made small; what can't be read here goes as it is, and the server says why not.
async function shrink(file) {
  if (file.type === "image/gif") return null;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null;
  }
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, LARGEST);
  canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return blob && new File([blob], "picture.png", { type: "image/png" });
}

const colour = document.querySelector("input[type=color]");
const sample = document.querySelector("[data-colour-sample]");
function show() {
  // Whichever is easier to read, by WCAG's luminance.
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(colour.value.slice(at, at + 2), 16) / 255) ** 2.2);
  const light = red * 0.2126 + green * 0.7152 + blue * 0.0722;
  sample.style.setProperty("--sample", colour.value);
  sample.style.setProperty("--sample-text", 1.05 / (light + 0.05) > (light + 0.05) / 0.0627 ? "#fff" : "#13201d");
}
if (colour && sample) {
  colour.addEventListener("input", show);
  show();
}
