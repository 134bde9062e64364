// Where the focus goes in a dialog.
const FIELDS = 'input:not([type=hidden], :disabled), select:not(.tomselected, :disabled), textarea:not(:disabled), .ts-control input';
const STOPS = `a[href], button:not(:disabled, [tabindex="-1"]), ${FIELDS}`;

// The first bad field, else the first field, else anything that takes the focus.
export function focusFirst(dialog) {
  const order = ['[aria-invalid=true]', '[data-autofocus]', FIELDS, STOPS];
  const field = order.map(selector => dialog.querySelector(selector)).find(Boolean);
  (field?.closest('pult-multiselect') ?? field ?? dialog).focus();
}

export function keepTabInside(root, event) {
  const stops = [...root.querySelectorAll(STOPS)].filter(stop => stop.checkVisibility());
  const [edge, other] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (event.target !== edge) return;
  event.preventDefault();
  other.focus();
}
