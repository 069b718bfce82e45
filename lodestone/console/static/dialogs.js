// Confirmation before destructive acts, and keyboard shortcuts.
const dialog = document.getElementById("confirm");

// A form or button with data-confirm is held back until the person agrees.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asker = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asker.dataset?.confirm || form.dataset.confirmed) {
    delete form.dataset?.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (await agreed(asker.dataset)) {
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
  }
}, true);

function agreed(ask) {
  const count = document.querySelector("[data-bulk-count]")?.textContent ?? "";
  dialog.querySelector("[data-confirm-title]").textContent = ask.confirmTitle || "Are you sure?";
  dialog.querySelector("[data-confirm-text]").textContent = ask.confirm.replace("{count}", count);
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = ask.confirmYes || "Continue";
  yes.className = `btn btn-${ask.confirmTone || "danger"}`;
  const word = dialog.querySelector("[data-confirm-word]");
  const input = word.querySelector("input");
  word.hidden = !ask.confirmType;
  input.value = "";
  yes.disabled = Boolean(ask.confirmType);
  word.querySelector("[data-confirm-word-text]").textContent = ask.confirmType ?? "";
  input.oninput = () => { yes.disabled = input.value !== ask.confirmType; };
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// A click beside a dialog closes it.
for (const one of document.querySelectorAll("dialog")) {
  one.addEventListener("click", (event) => { if (event.target === one) one.close(); });
}

const typing = (target) => target.matches("input, textarea, select, [contenteditable]");
let goPressedAt = 0;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts-open]")) document.getElementById("shortcuts").showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const going = Date.now() - goPressedAt < 900;
  goPressedAt = 0;
  if (going && key === "h") location.assign("/app");
  else if (key === "g") goPressedAt = Date.now();
  else if (key === "?") document.getElementById("shortcuts").showModal();
  else if (key === "t") window.lodestoneTheme.toggle();
  else if (key === "n") document.querySelector("[data-shortcut='n']")?.click();
});
