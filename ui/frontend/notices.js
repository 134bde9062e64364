// What any script may say to the rest of the page.
export function toast(text, kind = 'success') {
  if (text) document.body.dispatchEvent(new CustomEvent('pult:toast', {bubbles: true, detail: {text, kind}}));
}

export function csrf() {
  return document.querySelector('meta[name=csrf]')?.content ?? '';
}

export function toLogin() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}
