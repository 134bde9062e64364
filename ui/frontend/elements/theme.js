const YEAR = 31_536_000;

// Dark or light by choice, remembered in a cookie so that the server draws the right one at once.
customElements.define('pult-theme', class extends HTMLElement {
  connectedCallback() {
    this.querySelector('button').addEventListener('click', () => this.#toggle());
  }

  #toggle() {
    const theme = this.#isDark() ? 'light' : 'dark';
    document.documentElement.dataset.bsTheme = theme;
    document.cookie = `theme=${theme};path=/;max-age=${YEAR};samesite=lax`;
  }

  #isDark() {
    const {bsTheme} = document.documentElement.dataset;
    return bsTheme === 'dark' || (bsTheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  }
});
