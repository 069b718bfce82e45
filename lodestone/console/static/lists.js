// Lists that answer while you type: the same address, the changed part swapped in. Without script
// the form and the links work by themselves.
const region = () => document.querySelector("[data-live]");
let running = null;
let drawnAt = Date.now();

async function show(url, { push = true, typing = false } = {}) {
  const before = region();
  running?.abort();
  running = new AbortController();
  before.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: running.signal, headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) {
      location.assign(url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const after = page.querySelector("[data-live]");
    if (!after) {
      location.assign(url);
      return;
    }
    swap(before, after);
    if (push) remember(url, typing);
  } catch (error) {
    if (error.name === "AbortError") return;
    location.assign(url);
  }
}

// One search is one step back, however slowly it is typed.
function remember(url, typing) {
  if (typing && history.state?.typing) history.replaceState({ typing }, "", url);
  else history.pushState({ typing }, "", url);
}

function swap(before, after) {
  const active = document.activeElement;
  const field = before.contains(active) && active.name ? active.name : null;
  const caret = field && active.type === "search" ? [active.value, active.selectionStart] : null;
  before.replaceWith(after);
  drawnAt = Date.now();
  if (field) {
    const again = after.querySelector(`[name="${CSS.escape(field)}"]`);
    again?.focus();
    if (caret && again) {
      again.value = caret[0];
      again.setSelectionRange(caret[1], caret[1]);
    }
  }
  after.dispatchEvent(new CustomEvent("ls:content", { bubbles: true }));
}

function address(form) {
  const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(chosen).toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

let typed = 0;
document.addEventListener("input", (event) => {
  // The name of a view is typed inside the toolbar, and is no search.
  const form = event.target.form;
  if (!form?.matches("[data-live-form]")) return;
  clearTimeout(typed);
  const typing = event.target.type === "search";
  typed = setTimeout(() => show(address(form), { typing }), typing ? 180 : 0);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-live-form]")) return;
  event.preventDefault();
  show(address(event.target));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-live] a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.hasAttribute("data-no-live")) {
    const url = new URL(link.href);
    if (url.pathname === location.pathname) {
      event.preventDefault();
      show(link.href);
    }
    return;
  }
  const row = event.target.closest("tr[data-open]");
  if (row && !event.target.closest("a, button, input, label, summary, select") && !getSelection().toString()) {
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.open, "_blank", "noopener");
    else location.assign(row.dataset.open);
  }
});
window.addEventListener("popstate", () => { if (region()) show(location.href, { push: false }); });

// Selecting rows
function recount() {
  const boxes = [...document.querySelectorAll("[data-bulk] input[name=ids]")];
  const count = boxes.filter((box) => box.checked).length;
  const bar = document.querySelector("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = count === 0;
  bar.querySelector("[data-bulk-count]").textContent = count;
  const all = document.querySelector("[data-check-all]");
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    document.querySelectorAll("[data-bulk] input[name=ids]").forEach((box) => { box.checked = event.target.checked; });
  }
  if (event.target.closest("[data-bulk]")) recount();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-bulk-clear]")) return;
  document.querySelectorAll("[data-bulk] input:checked").forEach((box) => { box.checked = false; });
  recount();
});

// Rows by keyboard
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
    return;
  }
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const at = rows.findIndex((row) => row.classList.contains("is-current"));
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.select();
      search.focus();
    }
  } else if (event.key === "j" || event.key === "k") {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))];
    rows[at]?.classList.remove("is-current");
    next?.classList.add("is-current");
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && at >= 0 && rows[at].dataset.open && !event.target.closest("a, button, summary")) {
    location.assign(rows[at].dataset.open);
  } else if (event.key === "x" && at >= 0) {
    const box = rows[at].querySelector("input[name=ids]");
    if (box) {
      box.checked = !box.checked;
      recount();
    }
  }
});

// Views: named addresses of this list, kept with the account and fetched when the menu opens.
const viewsOf = () => region().dataset.viewKey;
async function drawViews(menu) {
  const list = menu.querySelector("[data-views-list]");
  const answer = await fetch(`/app/views?${new URLSearchParams({ list: viewsOf() })}`);
  if (!answer.ok) {
    list.textContent = "Your views can't be read right now.";
    return;
  }
  const views = await answer.json();
  list.replaceChildren(...views.map(({ id, name, query }) => {
    const row = document.createElement("div");
    row.className = "ls-view";
    const link = document.createElement("a");
    link.href = location.pathname + query;
    link.textContent = name;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.dataset.viewDrop = id;
    drop.setAttribute("aria-label", `Forget the view ${name}`);
    drop.textContent = "×";
    row.append(link, drop);
    return row;
  }));
}
async function changeViews(menu, url, values) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values) });
  if (answer.ok) await drawViews(menu);
  else menu.querySelector("[data-views-list]").textContent = (await answer.json()).message;
}
document.addEventListener("toggle", (event) => {
  if (event.target.open && event.target.matches("[data-views]")) drawViews(event.target);
}, true);
document.addEventListener("click", (event) => {
  const menu = event.target.closest("[data-views]");
  const drop = event.target.closest("[data-view-drop]");
  if (drop) changeViews(menu, `/app/views/${drop.dataset.viewDrop}/forget`, {});
  if (event.target.closest("[data-view-save]")) nameView(menu);
});
function nameView(menu) {
  const form = document.createElement("form");
  form.className = "ls-view-name";
  form.innerHTML = '<input class="form-control" aria-label="Name of the view" placeholder="Name this view" maxlength="40" required><button class="btn btn-sm btn-primary" type="submit">Keep</button>';
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const name = form.querySelector("input").value.trim();
    if (!name) return;
    form.remove();
    changeViews(menu, "/app/views", { list: viewsOf(), name, query: location.search });
  });
  menu.querySelector(".ls-view-name")?.remove();
  menu.querySelector(".ls-menu-body").append(form);
  form.querySelector("input").focus();
}
// A list that moves by itself is fetched again while somebody watches it and does nothing else in it.
setInterval(() => {
  const list = region();
  const isBusy = !list || document.hidden || list.contains(document.activeElement) || document.querySelector("dialog[open]");
  if (!isBusy && list.dataset.refresh && Date.now() - drawnAt > list.dataset.refresh * 1000) show(location.href, { push: false });
}, 1000);
