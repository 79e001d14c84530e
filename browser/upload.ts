// Shows what is chosen, and says that it is too large before a slow line has carried it; takes a pasted picture.
//
// A field names its limits: `data-max-bytes` of one file, and where it takes several `data-max-files` and
// `data-max-together`, each with its sentence. Dropping needs no script: the field itself covers the area.

type Field = HTMLInputElement;

export function watchUploads(): void {
  for (const input of document.querySelectorAll<Field>("input[type=file]")) {
    input.addEventListener("change", () => chosen(input));
    if (input.files?.length) chosen(input); // a browser may restore the choice when it comes back to the page
    input.closest("[data-drop]")?.classList.replace("drop-plain", "drop"); // its own field counts without a script
    input.addEventListener("dragenter", () => input.classList.add("over"));
    for (const end of ["dragleave", "drop"]) input.addEventListener(end, () => input.classList.remove("over"));
    takePasted(input);
  }
}

function chosen(input: Field): void {
  const files = [...(input.files ?? [])];
  input.setCustomValidity(complaint(input, files));
  const note = input.closest("label")?.querySelector<HTMLElement>("[data-chosen]");
  input.classList.toggle("chosen", files.length > 0);
  if (note && files.length) note.textContent = files.length > 1 ? counted(note, files.length) : (files[0]?.name ?? "");
  input.reportValidity();
}

function complaint(input: Field, files: File[]): string {
  const dataset = input.dataset;
  const together = files.reduce((sum, file) => sum + file.size, 0);
  if (files.some((file) => file.size > Number(dataset.maxBytes))) return dataset.tooLarge ?? "";
  if (files.length > Number(dataset.maxFiles ?? Infinity)) return dataset.tooMany ?? "";
  return together > Number(dataset.maxTogether ?? Infinity) ? (dataset.tooMuch ?? "") : "";
}

/** "12 files are chosen." in the page's words and digits; browsers without Khmer's have none of their own. */
function counted(note: HTMLElement, count: number): string {
  const written = String(count).replace(/\d/g, (digit) => note.dataset.digits?.charAt(Number(digit)) ?? digit);
  return (note.dataset.several ?? "").replace("{count}", written);
}

/** A picture from the clipboard is chosen as if from the disk; text goes where the cursor is. */
function takePasted(input: Field): void {
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    input.files = files;
    input.dispatchEvent(new Event("change"));
  });
  const hint = input.closest("label")?.querySelector<HTMLElement>("[data-paste]");
  if (hint) hint.hidden = false;
}
