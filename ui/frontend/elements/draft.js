import {serverNow} from '../clock.js';
import {csrf, toLogin} from '../notices.js';

const SILENCE = 2000;
// The clock of the office, as everywhere else on the page; this computer may stand elsewhere and go wrong.
const timeZone = document.documentElement.dataset.zone || undefined;
const clock = new Intl.DateTimeFormat('ru', {hour: '2-digit', minute: '2-digit', timeZone});

// Keeps what is typed in its form on the server: data-url, and words in data-saved and data-failed.
customElements.define('pult-draft', class extends HTMLElement {
  #timer;
  #save = () => this.#send();

  connectedCallback() {
    this.addEventListener('input', () => this.#wait());
    this.addEventListener('change', () => this.#wait());
    (this.closest('form') ?? this).addEventListener('submit', () => this.#submitted());
    addEventListener('pagehide', this.#save);
    this.#restore();
    document.body.addEventListener('pult:resync', this.#save);
  }

  disconnectedCallback() {
    this.#send();
    removeEventListener('pagehide', this.#save);
    document.body.removeEventListener('pult:resync', this.#save);
  }

  #form() {
    return this.querySelector('form') ?? this.closest('form');
  }

  // F5 asks for the page before the save of «pagehide» arrives: what was not acknowledged waits in the tab.
  #restore() {
    const kept = sessionStorage.getItem(this.dataset.url);
    if (kept === null || !this.#form()) return;
    fill(this.#form(), new URLSearchParams(kept));
    this.#wait();
  }

  #typed() {
    return new URLSearchParams(new FormData(this.#form()));
  }

  #wait() {
    if (this.#form()) sessionStorage.setItem(this.dataset.url, this.#typed());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, SILENCE);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  // The form goes to the server whole: nothing of it waits any more.
  #submitted() {
    this.#forget();
    sessionStorage.removeItem(this.dataset.url);
  }

  async #send() {
    if (!this.#timer || !this.#form()) return;
    this.#forget();
    const body = this.#typed();
    const headers = {'X-CSRF-Token': csrf()};
    try {
      const answer = await fetch(this.dataset.url, {method: 'POST', body, headers, keepalive: true});
      if (answer.status === 401) return toLogin();
      if (answer.ok && sessionStorage.getItem(this.dataset.url) === `${body}`) sessionStorage.removeItem(this.dataset.url);
      this.#tell(answer.ok ? `${this.dataset.saved} ${clock.format(serverNow())}` : this.dataset.failed, answer.ok);
    } catch {
      this.#tell(this.dataset.failed, false);
    }
  }

  // What could not be saved stays waiting: the next keystroke or the return of the connection sends it.
  #tell(text, saved) {
    const status = this.querySelector('[data-draft-status]');
    if (status) status.textContent = text;
    if (!saved) this.#timer = -1;
  }
});

function fill(form, kept) {
  for (const field of form.elements) {
    if (!field.name || field.type === 'hidden') continue;
    const values = kept.getAll(field.name);
    if (['checkbox', 'radio'].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.multiple) select(field, values);
    else field.value = values[0] ?? '';
  }
}

function select(field, values) {
  for (const option of field.options) option.selected = values.includes(option.value);
  field.tomselect?.sync();
}
