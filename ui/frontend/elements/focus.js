// What takes the focus when a redraw of the page has removed the element that had it.
customElements.define('pult-focus', class extends HTMLElement {
  connectedCallback() {
    if (document.readyState === 'complete') setTimeout(() => this.#take());
  }

  #take() {
    if (document.activeElement === document.body) this.focus({preventScroll: true});
  }
});
