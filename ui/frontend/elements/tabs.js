const STEPS = {ArrowRight: 1, ArrowLeft: -1};

// Tabs of one page: role=tab buttons with aria-controls. The chosen one outlives a live refresh of the page.
customElements.define('pult-tabs', class extends HTMLElement {
  #chosen;
  #shown;
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
    const panelId = chosen.getAttribute('aria-controls');
    const isNew = panelId !== this.#shown;
    this.#chosen = chosen.id;
    this.#shown = panelId;
    for (const tab of tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls'));
      if (panel) panel.hidden = tab !== chosen;
    }
    // What a panel holds may come only now; the first of a page stands in it.
    if (isNew) document.getElementById(panelId)?.dispatchEvent(new CustomEvent('pult:shown'));
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
