// Says that work goes on from the tap on a button until the answer comes, which can take long on a slow line.
//
// A button with `data-busy="…"` opens a page that has to be waited for. A button without it, such as one for
// a download, is left alone: nothing would tell us when it is done. Without JavaScript the browser's own sign serves.

export function showWork(): void {
  const status = document.querySelector<HTMLElement>("#working");
  if (!status) return;
  document.addEventListener("submit", (event) => {
    const button = pressed(event as SubmitEvent);
    if (!button?.dataset.busy) return;
    button.setAttribute("aria-busy", "true");
    status.textContent = button.dataset.busy;
  });
  window.addEventListener("pageshow", () => rest(status)); // back from the answer, out of the browser's memory
}

/** The button that sent the form; older browsers do not say which, and there the first stands for it. */
function pressed(event: SubmitEvent): HTMLElement | null {
  return event.submitter ?? (event.target as HTMLFormElement).querySelector("button");
}

function rest(status: HTMLElement): void {
  status.textContent = "";
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
