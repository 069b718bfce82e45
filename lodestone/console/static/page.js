// Small things on every page: times, theme buttons, menus, the drawer, copying, toasts, forms, progress.
const root = document.documentElement;
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const STEPS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function sayWhen(element) {
  const moment = new Date(element.dateTime);
  const seconds = (moment - Date.now()) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  element.textContent = step ? relative.format(Math.trunc(seconds / step[1]), step[0]) : "just now";
  element.title = exact.format(moment);
}

function freshen(within = document) {
  within.querySelectorAll("time[data-relative]").forEach(sayWhen);
  within.querySelectorAll("kbd[data-mod]").forEach((key) => { key.textContent = isMac ? "⌘" : "Ctrl"; });
  within.querySelectorAll("textarea[data-grow]").forEach(grow);
  within.querySelectorAll("[data-progress]").forEach(follow);
}

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

// The server knows the time in UTC only; the greeting is for the time where the person is.
function greet(element) {
  const hour = new Date().getHours();
  const part = hour >= 4 && hour < 12 ? "morning" : hour >= 12 && hour < 18 ? "afternoon" : "evening";
  element.textContent = element.textContent.replace(/^Good \w+/, `Good ${part}`);
}

function markTheme() {
  const choice = root.dataset.themeChoice;
  document.querySelectorAll("[data-theme-set]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
  });
}

function drawer(open) {
  const opener = document.querySelector("[data-drawer-open]");
  if (!opener || opener.getAttribute("aria-expanded") === String(open)) return;
  root.classList.toggle("ls-drawer-open", open);
  opener.setAttribute("aria-expanded", String(open));
  (open ? document.querySelector(".ls-drawer-close") : opener).focus();
}

function toast(message, tone = "success") {
  const box = document.createElement("div");
  box.className = "ls-toast";
  box.dataset.tone = tone;
  box.dataset.toast = "";
  const text = document.createElement("span");
  text.textContent = message;
  box.append(text);
  document.querySelector("[data-toasts]").append(box);
  expire(box);
}

function expire(box) {
  const wait = box.querySelector("form") ? 10000 : 5000;
  let timer = setTimeout(() => box.remove(), wait);
  const stay = () => clearTimeout(timer);
  const leave = () => { stay(); timer = setTimeout(() => box.remove(), 3000); };
  box.addEventListener("mouseenter", stay);
  box.addEventListener("mouseleave", leave);
  box.addEventListener("focusin", stay);
  box.addEventListener("focusout", leave);
}

// A job's progress: a stream of {"done", "total", "message", "status"}.
function follow(box) {
  const source = new EventSource(box.dataset.progress);
  box.removeAttribute("data-progress");
  source.addEventListener("message", (event) => {
    const { done, total, message, status } = JSON.parse(event.data);
    const bar = box.querySelector("progress");
    bar.max = total || 1;
    bar.value = done;
    box.querySelector("[data-progress-message]").textContent = message || "";
    box.querySelector("[data-progress-count]").textContent = `${done.toLocaleString()} of ${total.toLocaleString()}`;
    if (["done", "failed", "dead", "canceled"].includes(status)) {
      source.close();
      box.dispatchEvent(new CustomEvent("ls:finished", { bubbles: true, detail: { status } }));
      if (box.hasAttribute("data-reload")) location.reload();
    }
  });
}

document.addEventListener("click", async (event) => {
  const hit = (selector) => event.target.closest(selector);
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  if (hit("[data-theme-set]")) window.lodestoneTheme.set(hit("[data-theme-set]").dataset.themeSet);
  if (hit("[data-drawer-open]")) drawer(true);
  if (hit("[data-drawer-close]")) drawer(false);
  if (hit("[data-toast-close]")) hit("[data-toast]").remove();
  const copy = hit("[data-copy]");
  if (copy) {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      toast("Copied");
    } catch {
      toast("The browser did not allow copying: select the text instead", "warning");
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  drawer(false);
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// A form that is on its way can't be sent twice; one with unsaved words asks before it is left.
let unsaved = null;
document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-grow]")) grow(event.target);
  const form = event.target.closest("form[data-guard]");
  if (form) unsaved = form;
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  unsaved = null;
  const button = event.submitter;
  if (button) setTimeout(() => button.classList.add("is-busy"));
});
window.addEventListener("pageshow", () => document.querySelectorAll(".is-busy").forEach((one) => one.classList.remove("is-busy")));
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

document.addEventListener("ls:theme", markTheme);
document.addEventListener("ls:content", (event) => freshen(event.target));
setInterval(() => document.querySelectorAll("time[data-relative]").forEach(sayWhen), 30000);
freshen();
markTheme();
document.querySelectorAll("[data-toast]").forEach(expire);
document.querySelectorAll("[data-greeting]").forEach(greet);
document.querySelector("[data-focus]")?.focus();
