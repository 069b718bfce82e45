// Asks once whether ads may be measured. Only then are platforms told, by pictures alone: no script
// of theirs runs here, and nothing waits for this one.
(() => {
  const script = document.currentScript;
  const pixels = JSON.parse(script.dataset.pixels);
  const page = script.dataset.page;
  // Pages of several people share an address: an answer is for the pixels that were asked about.
  const ANSWER = `lodestone-ads:${[pixels.meta?.id, pixels.linkedin?.id].join(":")}`;
  const SECONDS = 90 * 24 * 3600;

  const read = () => {
    try {
      return localStorage.getItem(ANSWER);
    } catch {
      return null;
    }
  };
  const keep = (answer) => {
    try {
      localStorage.setItem(ANSWER, answer);
    } catch {
      return;
    }
  };
  const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]+)`))?.[1];
  const remember = (name, value) => {
    document.cookie = `${name}=${value}; Max-Age=${SECONDS}; Path=/; SameSite=Lax`;
    return value;
  };

  // Both ids are made as Meta's own script would make them.
  const clickIds = () => {
    const clicked = new URLSearchParams(location.search).get("fbclid");
    const fbc = clicked ? remember("_fbc", `fb.1.${Date.now()}.${clicked}`) : cookie("_fbc");
    const number = crypto.getRandomValues(new Uint32Array(1))[0];
    const fbp = cookie("_fbp") || remember("_fbp", `fb.1.${Date.now()}.${number}`);
    return { fbc, fbp };
  };

  const show = (url, values) => {
    const address = new URL(url);
    for (const [key, value] of Object.entries(values)) {
      if (value) address.searchParams.set(key, value);
    }
    new Image().src = address.href;
  };

  // The link of a lead names it: {value, expiry} before the dot.
  const leadId = () => {
    const token = new URLSearchParams(location.search).get("lead");
    try {
      return JSON.parse(atob(token.split(".")[0].replace(/-/g, "+").replace(/_/g, "/")))[0];
    } catch {
      return null;
    }
  };

  const fill = (values) => {
    for (const form of document.forms) {
      for (const [name, value] of Object.entries(values)) {
        if (!value) continue;
        let input = form.elements.namedItem(name);
        if (!input) {
          input = document.createElement("input");
          input.type = "hidden";
          input.name = name;
          form.append(input);
        }
        input.value = value;
      }
    }
  };

  const tell = () => {
    const ids = clickIds();
    fill({ ...ids, has_ad_consent: "true" });
    // Without the query, which holds the visitor's own link.
    const here = location.origin + location.pathname;
    const { meta, linkedin } = pixels;
    const lead = page === "thankyou" ? leadId() : null;
    if (meta) {
      const told = { id: meta.id, dl: here, noscript: "1", ...ids };
      const address = "https://www.facebook.com/tr/";
      if (meta.events.includes("PageView")) show(address, { ...told, ev: "PageView" });
      if (lead && meta.events.includes("Lead")) show(address, { ...told, ev: "Lead", eid: lead });
    }
    if (linkedin && linkedin.events.includes("PageView")) {
      show("https://px.ads.linkedin.com/collect/", { pid: linkedin.id, fmt: "gif", url: here });
    }
  };

  const ask = () => {
    const bar = document.createElement("div");
    bar.id = "ads";
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", "Advertising");
    bar.style.cssText =
      "position:fixed;z-index:9;left:16px;right:16px;bottom:16px;max-width:560px;margin:auto;" +
      "padding:16px 18px;border:1px solid var(--line);border-radius:14px;background:var(--card);" +
      "color:var(--ink);font-size:.92rem;box-shadow:0 18px 48px -18px #0006";
    const text = document.createElement("p");
    text.style.margin = "0 0 12px";
    text.textContent =
      "May we tell ad platforms that you were here? It shows which ads work. Nothing else depends on it.";
    const row = document.createElement("div");
    row.style.cssText = "display:flex;gap:10px";
    for (const [answer, label] of [["yes", "Allow"], ["no", "Decline"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.style.cssText =
        "flex:1;padding:10px 14px;color:var(--ink);background:var(--bg);border:1px solid var(--edge)";
      button.addEventListener("click", () => {
        keep(answer);
        bar.remove();
        decide(answer);
      });
      row.append(button);
    }
    bar.append(text, row);
    document.body.append(bar);
  };

  // A choice can be changed as easily as it was made.
  const offer = () => {
    const footer = document.querySelector("footer");
    if (!footer) return;
    const link = document.createElement("a");
    link.href = "#ads";
    link.textContent = "Ad choices";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (!document.getElementById("ads")) ask();
    });
    footer.append(footer.textContent.trim() ? " · " : "", link);
  };

  const decide = (answer) => {
    if (answer === "yes") tell();
    else if (answer === "no") fill({ has_ad_consent: "false" });
    else ask();
  };

  const start = () => {
    offer();
    decide(read());
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
