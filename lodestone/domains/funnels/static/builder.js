// Shows every change of the form in the preview at once; saving is still the form's own work.
(() => {
  const form = document.getElementById("builder");
  const stage = document.querySelector(".fb-stage");
  const frame = document.querySelector("[data-frame]");
  if (!form || !stage || !frame) return;

  const fit = () => {
    const wanted = stage.dataset.device === "phone" ? 390 : 1180;
    stage.style.setProperty("--fb-zoom", Math.min(1, stage.clientWidth / wanted).toFixed(4));
  };

  const show = () => {
    const page = frame.contentDocument;
    if (!page || !page.body) return;
    const value = (name) => {
      const field = form.elements.namedItem(name);
      return field ? field.value : "";
    };
    const put = (selector, text) => {
      const target = page.querySelector(selector);
      if (target) target.textContent = text;
    };
    put("h1", value("optin_headline"));
    put(".lead", value("optin_subline"));
    put("form button", value("optin_button_text"));
    page.documentElement.dataset.theme = value("theme");
    page.documentElement.dataset.background = value("background_style");
    page.documentElement.style.setProperty("--accent", value("primary_color"));
  };

  for (const button of document.querySelectorAll("[data-device]")) {
    if (button === stage) continue;
    button.addEventListener("click", () => {
      stage.dataset.device = button.dataset.device;
      for (const other of document.querySelectorAll("button[data-device]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      fit();
    });
  }
  frame.addEventListener("load", show);
  form.addEventListener("input", show);
  new ResizeObserver(fit).observe(stage);
  fit();
  show();
})();
