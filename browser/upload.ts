// Shows which file is chosen, and says that it is too large before a slow line has carried it.

export function watchUploads(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file]")) {
    input.addEventListener("change", () => chosen(input));
    chosen(input); // a browser may restore the choice when it comes back to the page
  }
}

function chosen(input: HTMLInputElement): void {
  const file = input.files?.[0];
  const limit = Number(input.dataset.maxBytes);
  input.setCustomValidity(file && file.size > limit ? (input.dataset.tooLarge ?? "") : "");
  if (!file) return;
  const note = input.closest("label")?.querySelector<HTMLElement>("[data-chosen]");
  if (note) note.textContent = file.name;
  input.reportValidity();
}
