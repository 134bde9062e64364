// The filter of one column. Ticks count only when applied: closing the block takes unsaved ones back,
// and a live refresh of the table (a morph) leaves an open block with its ticks alone.
customElements.define('pult-filter', class extends HTMLElement {
  #applied = false;
  #submitted = event => {
    if (event.target === this.#form() && this.#isOpen()) this.#apply();
  };

  connectedCallback() {
    this.addEventListener('beforetoggle', event => event.newState === 'open' && this.#restore(), true);
    this.addEventListener('toggle', event => this.#toggled(event), true);
    this.addEventListener('click', event => event.target.closest('[data-clear]') && this.#clear());
    document.addEventListener('submit', this.#submitted, true);
  }

  disconnectedCallback() {
    document.removeEventListener('submit', this.#submitted, true);
  }

  #block() {
    return this.querySelector('[popover]');
  }

  #boxes() {
    return [...this.querySelectorAll('input[type=checkbox]')];
  }

  #form() {
    return this.#boxes()[0]?.form;
  }

  #isOpen() {
    return this.#block().matches(':popover-open');
  }

  #toggled({newState}) {
    if (newState === 'open') this.#boxes()[0]?.focus();
    else if (!this.#applied) this.#restore();
  }

  #restore() {
    this.#applied = false;
    for (const box of this.#boxes()) box.checked = box.defaultChecked;
  }

  // The form's own listener has to read the ticks first, so the block closes after it.
  #apply() {
    this.#applied = true;
    queueMicrotask(() => this.#isOpen() && this.#block().hidePopover());
  }

  #clear() {
    for (const box of this.#boxes()) box.checked = false;
    this.#form().requestSubmit();
  }
});
