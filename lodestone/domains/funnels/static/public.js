// Counts the view, and tells the form how long the page was open. The page works without it.
(() => {
  const page = document.body.dataset;
  const opened = performance.now();
  if (page.funnel) {
    const query = new URLSearchParams(location.search);
    const campaign = (name) => query.get(name)?.trim().slice(0, 100) || undefined;
    const view = JSON.stringify({
      funnelPageId: page.funnel,
      pageType: page.type,
      utmSource: campaign("utm_source"),
      utmMedium: campaign("utm_medium"),
      utmCampaign: campaign("utm_campaign"),
    });
    fetch("/api/public/view", {
      method: "POST",
      body: view,
      headers: { "content-type": "application/json" },
      keepalive: true,
    }).catch(() => undefined);
  }
  // A video is asked for when somebody wants to see it, not before.
  document.addEventListener("click", (event) => {
    const video = event.target.closest("[data-player]");
    if (!video) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    const player = new URL(video.dataset.player);
    player.searchParams.set("autoplay", "1");
    frame.src = player.href;
    frame.title = "Video";
    frame.allow = "autoplay; fullscreen; picture-in-picture";
    frame.allowFullscreen = true;
    const box = document.createElement("div");
    box.className = "video";
    box.append(frame);
    video.replaceWith(box);
    frame.focus();
  });
  for (const form of document.forms) {
    form.addEventListener("submit", () => {
      const shown = form.elements.namedItem("seconds_shown");
      if (shown) shown.value = ((performance.now() - opened) / 1000).toFixed(2);
      const button = form.querySelector("button");
      if (button) button.setAttribute("aria-busy", "true");
    });
  }
})();
