// Moves a code from the address bar into the form (docs/protocol.md section 4).
//
// A browser never sends the part after `#`, so the key reaches the server only when the person taps the
// button, and in the body of a POST. The address is cleared as the form leaves, so that the history keeps
// no key. What is not here: checking the code, which the server does.

/** A code that a phone's camera opened: `/s#1…`, `/s#2…`, `/s#3…`. */
export function fillFromFragment(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-scanned]");
  if (!form) return;
  window.addEventListener("hashchange", () => show(form)); // a second scan into the same tab
  show(form);
}

function show(form: HTMLFormElement): void {
  const text = form.querySelector<HTMLTextAreaElement>("textarea");
  if (!text || location.hash.length < 2) return;
  text.value = location.href.replace(location.search, "");
  for (const part of form.querySelectorAll<HTMLElement>("[data-when-missing]")) part.hidden = true;
  for (const part of form.querySelectorAll<HTMLElement>("[data-when-found]")) part.hidden = false;
  keepCodeInLanguageLinks();
  form.addEventListener("submit", forget);
}

/** The links change only the query; without this they would drop the code. */
function keepCodeInLanguageLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav.languages a")) link.hash = location.hash;
}

function forget(): void {
  history.replaceState(null, "", location.pathname);
}

/** OpenAttestation's universal action opens the first page: `/?q=…#…`. */
export function fillFromUniversalAction(): void {
  const text = document.querySelector<HTMLTextAreaElement>("textarea[data-universal-action]");
  if (!text || location.hash.length < 2 || !new URLSearchParams(location.search).has("q")) return;
  text.value = location.href;
  text.form?.addEventListener("submit", forget);
  text.form?.querySelector("button")?.focus();
}

/** The old form `/verify/<ref>?key=…`: the result is here, so the key leaves the address bar and the history. */
export function clearQuery(): void {
  if (document.querySelector("[data-clear-query]") && location.search) forget();
}
