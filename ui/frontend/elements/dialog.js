import {focusFirst, keepTabInside} from '../focus.js';

const UNDER = '[data-under-dialog]';

// The one place of dialogs: the server swaps a <dialog> in here. Never modal for the browser, because a modal
// dialog would make the telephone inert; instead the page under it is inert and Tab stays inside.
customElements.define('pult-dialog', class extends HTMLElement {
  #opener;
  #dirty = false;
  #close = () => this.close();
  #key = event => this.#pressed(event);
  #request = event => event.detail.ctx.target === this && this.#remember();

  connectedCallback() {
    this.addEventListener('htmx:after:settle', event => this.#settled(event.target));
    for (const type of ['input', 'change']) this.addEventListener(type, () => { this.#dirty = true; });
    this.addEventListener('click', event => this.#clicked(event.target));
    document.addEventListener('pult:close-dialog', this.#close);
    document.addEventListener('htmx:before:history:restore', this.#close);
    document.addEventListener('keydown', this.#key);
    document.addEventListener('htmx:config:request', this.#request);
  }

  disconnectedCallback() {
    document.removeEventListener('pult:close-dialog', this.#close);
    document.removeEventListener('htmx:before:history:restore', this.#close);
    document.removeEventListener('keydown', this.#key);
    document.removeEventListener('htmx:config:request', this.#request);
  }

  // Shows a dialog that did not come from the server (the sheet of keys).
  open(dialog) {
    if (this.#dialog()) return;
    this.#remember();
    this.replaceChildren(dialog);
    this.#settled(this);
  }

  // Emptied a moment later: the other news of the same answer still start from the form inside.
  close() {
    const dialog = this.#dialog();
    if (!dialog) return;
    dialog.close();
    this.#cover(false);
    this.#opener?.isConnected && this.#opener.focus();
    this.#opener = undefined;
    queueMicrotask(() => dialog.remove());
  }

  #dialog() {
    return this.querySelector('dialog');
  }

  #remember() {
    if (!this.#dialog()) this.#opener = document.activeElement;
  }

  // A part refreshed inside an open dialog must not take the focus from someone who types.
  #settled(part) {
    const dialog = this.#dialog();
    if (!dialog) return;
    const fresh = !dialog.open;
    if (fresh) {
      this.#dirty = false;
      dialog.show();
      this.#cover(true);
    }
    if (fresh || part.matches('form') || !this.contains(document.activeElement)) focusFirst(dialog);
  }

  #cover(covered) {
    for (const element of document.querySelectorAll(UNDER)) element.inert = covered;
  }

  #clicked(target) {
    if (target.closest('[data-close]')) this.#ask();
    else if (target.closest('[data-discard]')) this.close();
    else if (target.closest('[data-keep]')) this.querySelector('.pult-discard').remove();
  }

  // The question stands inside the dialog: a native confirm() would stop timers and the telephone.
  #ask() {
    if (!this.#dirty) return this.close();
    if (this.querySelector('.pult-discard')) return;
    this.#dialog().append(document.getElementById('dialog-discard').content.cloneNode(true));
    this.querySelector('[data-keep]').focus();
  }

  #pressed(event) {
    if (!this.#dialog() || event.defaultPrevented) return;
    if (event.code === 'Escape' && !document.querySelector(':popover-open')) this.#ask();
    if (event.code === 'Tab' && this.contains(event.target)) keepTabInside(this, event);
  }
});
