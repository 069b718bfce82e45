// Runs before the first paint, so that the chosen theme never flashes in the other one.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("lodestone-theme") || "auto";
    } catch {
      return "auto"; // storage is closed in some private windows: follow the system
    }
  };
  const apply = () => {
    const choice = stored();
    const dark = choice === "dark" || (choice === "auto" && system.matches);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    document.documentElement.dataset.themeChoice = choice;
    document.dispatchEvent(new CustomEvent("ls:theme"));
  };
  window.lodestoneTheme = {
    set(choice) {
      localStorage.setItem("lodestone-theme", choice);
      apply();
    },
    toggle() {
      this.set(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    },
  };
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  apply();
})();
