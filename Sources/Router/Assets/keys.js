// Every shortcut is on the element it presses: data-key="c", "g i", "mod+Enter". "?" lists those of the page. Single letters only where the
// reader has left them on (data-letters on the body).
export function keys() {
  let prefix = "", timer;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const mod = event.metaKey || event.ctrlKey;
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if ((writing && !mod) || event.altKey) return;
    if (!mod && event.key.length === 1 && !("letters" in document.body.dataset)) return;
    const key = (mod ? "mod+" : "") + event.key;
    if (key === "?") return help(event);
    const found = find(prefix ? `${prefix} ${key}` : key);
    clearTimeout(timer);
    if (found) {
      event.preventDefault();
      prefix = "";
      found.matches("input, textarea") ? found.focus() : found.click();
    } else if (!mod && key.length === 1) {
      prefix = key;
      timer = setTimeout(() => { prefix = ""; }, 900);
    }
  });
}

const find = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => element.checkVisibility());

function help(event) {
  const [dialog, list] = [document.getElementById("keys-help"), document.querySelector("[data-keys]")];
  if (!dialog || !list) return;
  event.preventDefault();
  const known = [...document.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility());
  list.replaceChildren(...known.map((element) => {
    const line = document.createElement("div");
    const key = Object.assign(document.createElement("dt"), { textContent: element.dataset.key.replace("mod", "Ctrl") });
    const name = element.getAttribute("aria-label") || element.querySelector("span")?.textContent || element.textContent;
    line.append(key, Object.assign(document.createElement("dd"), { textContent: name.trim() }));
    return line;
  }));
  dialog.showModal();
}

// j and k walk through a list of links, Enter opens.
document.addEventListener("keydown", (event) => {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (!("letters" in document.body.dataset)) return;
  const places = [...document.querySelectorAll("[data-walk]")];
  if (!places.length) return;
  const at = places.indexOf(document.activeElement);
  const here = at >= 0 ? at : places.findIndex((place) => place.getAttribute("aria-current") === "true");
  places[Math.min(Math.max(here + (event.key === "j" ? 1 : -1), 0), places.length - 1)].focus();
});
