// <button commandfor="id" command="show-modal"> is the platform's own; this lends it to browsers that lack it, and closes on the backdrop.
// <a href="page" data-dialog="id"> opens the dialog in the place of the page that works without scripts.
export function dialogs(root) {
  for (const dialog of root.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  for (const link of root.querySelectorAll("a[data-dialog]")) {
    link.addEventListener("click", (event) => {
      const dialog = document.getElementById(link.dataset.dialog);
      if (!dialog || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const pop of root.querySelectorAll("[popover]")) pop.addEventListener("toggle", () => pop.matches(":popover-open") && beside(pop));
  // Its form was refused: the page comes with it open, as text of the page without scripts.
  for (const dialog of root.querySelectorAll("dialog[open]:not(:modal)")) {
    dialog.close();
    dialog.showModal();
  }
  for (const found of root.querySelectorAll(".finder")) found.addEventListener("keydown", walk);
  for (const first of root.querySelectorAll("[data-focus]")) first.focus();
  for (const secret of root.querySelectorAll("[data-copy]")) secret.addEventListener("focus", () => secret.select());
  for (const toast of root.querySelectorAll(".toast")) setTimeout(() => toast.remove(), 10_000);
  // A form is sent once, however often its button is pressed; the server keeps to that without this, too.
  for (const form of root.querySelectorAll('form[method="post"]:not([data-swap])')) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "";
      event.submitter?.setAttribute("aria-busy", "true");
    });
  }
  if ("command" in HTMLButtonElement.prototype) return;
  for (const button of root.querySelectorAll("button[commandfor]")) {
    button.addEventListener("click", () => {
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      button.getAttribute("command") === "show-modal" ? dialog?.showModal() : dialog?.close();
    });
  }
}

// A page from the browser's memory may send its forms again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const once of document.querySelectorAll('input[name="_once"]')) once.value = crypto.randomUUID();
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

/** Below the button that opened it, within the window. */
function beside(pop) {
  const button = document.querySelector(`[popovertarget="${pop.id}"]`);
  const [box, { width, height }] = [button.getBoundingClientRect(), pop.getBoundingClientRect()];
  const below = box.bottom + height + 8 < innerHeight;
  pop.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  pop.style.top = `${below ? box.bottom : Math.max(8, box.top - height - 8)}px`;
}

/** Up and down among what was found, from the field and back to it. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const places = [this.querySelector("input"), ...this.querySelectorAll(".found a")];
  event.preventDefault();
  places[(places.indexOf(document.activeElement) + step + places.length) % places.length].focus();
}
