// The sections of the header stay in place while #main is swapped: marks where we are and moves the focus there.
customElements.define('pult-nav', class extends HTMLElement {
  #pushed = () => this.#mark();
  #settled = event => {
    if (event.target.id === 'main') this.#arrive(event.target);
  };

  connectedCallback() {
    document.addEventListener('htmx:after:history:push', this.#pushed);
    document.addEventListener('htmx:after:settle', this.#settled);
  }

  disconnectedCallback() {
    document.removeEventListener('htmx:after:history:push', this.#pushed);
    document.removeEventListener('htmx:after:settle', this.#settled);
  }

  #arrive(main) {
    this.#mark();
    main.focus({preventScroll: true});
  }

  #mark() {
    const links = [...this.querySelectorAll('a')];
    const here = links.filter(link => isWithin(link.pathname)).sort((a, b) => b.pathname.length - a.pathname.length)[0];
    for (const link of links) link.classList.toggle('active', link === here);
    for (const link of links) link.toggleAttribute('aria-current', link === here);
    here?.setAttribute('aria-current', 'page');
  }
});

function isWithin(path) {
  return location.pathname === path || (path !== '/' && location.pathname.startsWith(`${path}/`));
}
