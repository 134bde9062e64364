import {everySecond, serverNow} from '../clock.js';

// The clock of another place, by the server's time: `zone` is its name.
customElements.define('pult-localtime', class extends HTMLElement {
  static observedAttributes = ['zone'];

  #stop;
  #clock;

  connectedCallback() {
    this.#stop = everySecond(() => this.#show());
    this.#show();
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  attributeChangedCallback() {
    this.#clock = new Intl.DateTimeFormat('ru', {hour: '2-digit', minute: '2-digit', timeZone: this.getAttribute('zone')});
    if (this.isConnected) this.#show();
  }

  #show() {
    const text = this.#clock?.format(serverNow()) ?? '';
    if (this.textContent !== text) this.textContent = text;
  }
});
