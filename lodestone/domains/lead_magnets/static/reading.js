// Comforts of a content page, none of which it needs: copying, dark and light, printing, the place in the contents.
(() => {
  const root = document.documentElement;
  const KEY = "ls-reading-theme";
  const kept = (() => { try { return localStorage.getItem(KEY); } catch { return null; } })();
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;

  const start = () => {
    const toggle = document.querySelector("[data-theme-toggle]");
    const name = () => { toggle.textContent = root.dataset.theme === "dark" ? "Light" : "Dark"; };
    if (toggle) {
      name();
      toggle.hidden = false;
      toggle.addEventListener("click", () => {
        root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
        try { localStorage.setItem(KEY, root.dataset.theme); } catch { /* This browser keeps nothing. */ }
        name();
      });
    }
    const print = document.querySelector("[data-print]");
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
    document.querySelectorAll("button[data-copy]").forEach((button) => {
      const label = button.textContent;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = button.closest("figure").querySelector("code");
        try {
          await navigator.clipboard.writeText(text.textContent);
          button.textContent = "Copied";
        } catch {
          getSelection().selectAllChildren(text);
          button.textContent = "Selected: press Ctrl+C";
        }
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    });
    // On a phone the contents begin closed; until now the style kept them out of sight.
    const contents = document.querySelector(".toc details");
    if (contents && !matchMedia("(min-width: 1000px)").matches) contents.open = false;
    if (contents) contents.dataset.ready = "";
    follow();
  };

  function follow() {
    const links = new Map([...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
    const sections = [...document.querySelectorAll("article section")];
    const bar = document.querySelector(".bar");
    const scripted = !CSS.supports("animation-timeline: scroll()");
    let waiting = false;
    const mark = () => {
      waiting = false;
      const here = sections.filter((one) => one.getBoundingClientRect().top < innerHeight / 3).pop() || sections[0];
      links.forEach((link, id) => {
        if (here && id === here.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
      if (scripted) bar.style.setProperty("--read", String(scrollY / Math.max(1, root.scrollHeight - innerHeight)));
    };
    addEventListener("scroll", () => {
      if (!waiting) { waiting = true; requestAnimationFrame(mark); }
    }, { passive: true });
    mark();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
