const STEPS = {ArrowRight: 1, ArrowLeft: -1};

// Tabs of one page: role=tab buttons with aria-controls. The chosen one outlives a live refresh of the page.
customElements.define('pult-tabs', class extends HTMLElement {
  #chosen;
  #settled = () => this.#choose(this.#chosen);

  connectedCallback() {
    this.addEventListener('click', event => this.#pick(event.target.closest('[role=tab]')));
    this.addEventListener('keydown', event => this.#walk(event));
    document.addEventListener('htmx:after:settle', this.#settled);
    this.#choose(this.#chosen);
  }

  disconnectedCallback() {
    document.removeEventListener('htmx:after:settle', this.#settled);
  }

  #tabs() {
    return [...this.querySelectorAll('[role=tab]')];
  }

  #pick(tab) {
    if (tab) this.#choose(tab.id);
  }

  #choose(id) {
    const tabs = this.#tabs();
    const chosen = tabs.find(tab => tab.id === id) ?? tabs.find(tab => tab.ariaSelected === 'true') ?? tabs[0];
    if (!chosen) return;
    this.#chosen = chosen.id;
    for (const tab of tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls'));
      if (panel) panel.hidden = tab !== chosen;
    }
  }

  #walk(event) {
    const tabs = this.#tabs();
    const place = tabs.indexOf(document.activeElement);
    if (place < 0 || !STEPS[event.code]) return;
    event.preventDefault();
    const next = tabs.at((place + STEPS[event.code]) % tabs.length);
    this.#choose(next.id);
    next.focus();
  }
});
