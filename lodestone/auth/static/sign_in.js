// Shows and hides the typed password; one press sends the form once.
const button = document.querySelector("[data-reveal]");
const field = document.getElementById("f-password");
button.addEventListener("click", () => {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
});
document.querySelector("form").addEventListener("submit", () => {
  setTimeout(() => document.querySelector(".si-submit").classList.add("is-busy"));
});
