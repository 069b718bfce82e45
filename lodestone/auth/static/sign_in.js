// Shows and hides typed passwords; one press sends a form once.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = button.parentElement.querySelector("input");
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
  });
}
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector(".si-submit");
  if (button) setTimeout(() => button.classList.add("is-busy"));
});
window.addEventListener("pageshow", () => document.querySelectorAll(".is-busy").forEach((one) => one.classList.remove("is-busy")));
