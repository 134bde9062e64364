import {csrf, toLogin} from '../notices.js';

const SILENCE = 2000;
const clock = new Intl.DateTimeFormat('ru', {hour: '2-digit', minute: '2-digit'});

// Keeps what is typed in its form on the server: data-url, and words in data-saved and data-failed.
customElements.define('pult-draft', class extends HTMLElement {
  #timer;
  #save = () => this.#send();

  connectedCallback() {
    this.addEventListener('input', () => this.#wait());
    this.addEventListener('change', () => this.#wait());
    (this.closest('form') ?? this).addEventListener('submit', () => this.#forget());
    addEventListener('pagehide', this.#save);
    document.body.addEventListener('pult:resync', this.#save);
  }

  disconnectedCallback() {
    this.#send();
    removeEventListener('pagehide', this.#save);
    document.body.removeEventListener('pult:resync', this.#save);
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, SILENCE);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send() {
    const form = this.querySelector('form') ?? this.closest('form');
    if (!this.#timer || !form) return;
    this.#forget();
    const body = new URLSearchParams(new FormData(form));
    const headers = {'X-CSRF-Token': csrf()};
    try {
      const answer = await fetch(this.dataset.url, {method: 'POST', body, headers, keepalive: true});
      if (answer.status === 401) return toLogin();
      this.#tell(answer.ok ? `${this.dataset.saved} ${clock.format(new Date())}` : this.dataset.failed, answer.ok);
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
