// Tabs agree on the workspace: one that was drawn for another is drawn again when somebody switches.
// A page with a form is left alone: what it sends names the workspace that it was drawn for.
const here = document.documentElement.dataset.workspace;
const KEY = "lodestone-workspace";

if (here && "BroadcastChannel" in window) {
  const channel = new BroadcastChannel(KEY);
  channel.addEventListener("message", ({ data }) => {
    if (data !== here && !document.querySelector("form[data-guard]")) location.reload();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
  // Only a switch is told: a tab that was merely drawn again would set off the others in turn.
  if (sessionStorage.getItem(KEY) !== here) channel.postMessage(here);
  sessionStorage.setItem(KEY, here);
}
