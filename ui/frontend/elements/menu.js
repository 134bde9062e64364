const STEPS = {ArrowDown: 1, ArrowUp: -1};

// A button with a popover of role=menu: arrows walk, Enter acts, Esc returns to the button (the browser does that).
customElements.define('pult-menu', class extends HTMLElement {
  connectedCallback() {
    this.addEventListener('toggle', event => event.newState === 'open' && this.#first()?.focus(), true);
    this.addEventListener('keydown', event => this.#walk(event));
    this.addEventListener('click', event => event.target.closest('[role^=menuitem]') && this.#popover().hidePopover());
  }

  #popover() {
    return this.querySelector('[popover]');
  }

  #items() {
    return [...this.querySelectorAll('[role^=menuitem]:not(:disabled)')];
  }

  #first() {
    return this.querySelector('[role^=menuitem][aria-checked=true]') ?? this.#items()[0];
  }

  #walk(event) {
    const items = this.#items();
    const place = items.indexOf(document.activeElement);
    if (place < 0) return this.#openByArrow(event);
    if (event.code === 'Tab') return this.#popover().hidePopover();
    const next = {Home: 0, End: items.length - 1}[event.code] ?? place + STEPS[event.code];
    if (Number.isNaN(next)) return;
    event.preventDefault();
    items.at(next % items.length).focus();
  }

  #openByArrow(event) {
    if (event.code !== 'ArrowDown' || !event.target.matches('[popovertarget]')) return;
    event.preventDefault();
    this.#popover().showPopover({source: event.target});
  }
});
