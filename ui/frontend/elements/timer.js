import {duration, everySecond, serverNow} from '../clock.js';

// Counts from `since` or down to `until` (epoch milliseconds of the server); says `pult:due` once at zero.
customElements.define('pult-timer', class extends HTMLElement {
  static observedAttributes = ['since', 'until'];

  #stop;
  #due = false;

  connectedCallback() {
    this.#stop = everySecond(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  attributeChangedCallback() {
    this.#due = false;
    if (this.isConnected) this.#show();
  }

  #show() {
    const until = Number(this.getAttribute('until'));
    const left = until ? until - serverNow() : serverNow() - Number(this.getAttribute('since'));
    const text = duration(until ? left + 999 : left);
    if (this.textContent !== text) this.textContent = text;
    if (until && left <= 0 && !this.#due) {
      this.#due = true;
      this.dispatchEvent(new CustomEvent('pult:due', {bubbles: true}));
    }
  }
});
