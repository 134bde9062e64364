// Exactly one tab of the browser holds the telephone: it owns the Web Lock, and the next tab takes over.
customElements.define('pult-softphone', class extends HTMLElement {
  #abort;

  connectedCallback() {
    this.#abort = new AbortController();
    this.#lead(this.#abort.signal);
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  async #lead(signal) {
    this.#show(false);
    const held = () => new Promise((resolve, reject) => {
      this.#show(true);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    await navigator.locks.request('pult-softphone', {signal}, held).catch(() => {});
  }

  #show(leads) {
    this.toggleAttribute('leader', leads);
    for (const line of this.querySelectorAll('[data-leader]')) line.hidden = line.dataset.leader !== String(leads);
  }
});
