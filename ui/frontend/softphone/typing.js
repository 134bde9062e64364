const KEPT = 'pult-draft'; // what is typed there is on the server already
const TYPED = '#main :is(textarea, input:not([type=hidden], [type=checkbox], [type=radio]))';

// Whether another page would take away what somebody is typing; a dialog stands outside of the page and stays.
export function isTyping() {
  return [...document.querySelectorAll(TYPED)].some(field => field.value !== field.defaultValue && !field.closest(KEPT));
}

export const isAsked = () => Boolean(document.querySelector('#dialog dialog[open]'));
