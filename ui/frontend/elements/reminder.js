import {everySecond, serverNow} from '../clock.js';

// Says data-text from `since` until `until` (epoch milliseconds of the server): a live region, so it is said once.
customElements.define('pult-reminder', class extends HTMLElement {
  static observedAttributes = ['since', 'until', 'data-text'];

  #stop;

  connectedCallback() {
    this.#stop = everySecond(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  #show() {
    const now = serverNow();
    const until = Number(this.getAttribute('until')) || Infinity;
    const isDue = Number(this.getAttribute('since')) <= now && now < until;
    const text = isDue ? this.dataset.text : '';
    this.toggleAttribute('data-pult-due', isDue);
    if (this.textContent !== text) this.textContent = text;
  }
});
