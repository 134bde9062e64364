// A note that is put away by its button and stays away in this tab, also after F5 and a redraw; its id names it.
customElements.define('pult-dismiss', class extends HTMLElement {
  connectedCallback() {
    this.toggleAttribute('data-pult-dismissed', sessionStorage.getItem(this.id) !== null);
    this.addEventListener('click', ({target}) => target.closest('[data-dismiss]') && this.#dismiss());
  }

  #dismiss() {
    sessionStorage.setItem(this.id, '1');
    this.toggleAttribute('data-pult-dismissed', true);
  }
});
