import {measure} from '../message-length.js';

// The window of a message: counts while one types, keeps what is typed in the tab until it was sent, and lets
// «Отправить» be pressed once the required fields are filled; beside the button stands why not. `data-closed`: never.
customElements.define('pult-message', class extends HTMLElement {
  #parts = 0;
  // htmx gives elements of the same id their attributes of before, and the server's after it settled.
  #settled = () => this.#look();

  connectedCallback() {
    this.addEventListener('input', () => this.#typed());
    this.closest('form').addEventListener('pult:message-sent', () => this.#forget());
    this.closest('dialog')?.addEventListener('click', ({target}) => target.closest('[data-discard]') && this.#forget());
    document.addEventListener('htmx:after:settle', this.#settled);
    this.#restore();
    this.#look();
  }

  disconnectedCallback() {
    document.removeEventListener('htmx:after:settle', this.#settled);
  }

  #field(name) {
    return this.querySelector(`[name=${name}]`);
  }

  #typed() {
    const {value: text} = this.#field('text');
    sessionStorage.setItem(this.dataset.keep, JSON.stringify({text, subject: this.#field('subject')?.value}));
    this.#look();
  }

  #forget() {
    sessionStorage.removeItem(this.dataset.keep);
  }

  // What the server brought back (a refusal, a template) is newer than what the tab kept.
  #restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.dataset.keep) ?? 'null');
    if (this.#field('text').value) return this.#typed();
    for (const [name, value] of Object.entries(kept ?? {})) {
      if (this.#field(name)) this.#field(name).value = value;
    }
  }

  #look() {
    const over = this.#count();
    const isReady = !('closed' in this.dataset) && Boolean(this.#field('to')?.value && this.#field('text').value.trim()) && over <= 0;
    this.querySelector('[type=submit]').disabled = !isReady;
    const reason = this.querySelector('[data-reason]');
    reason.hidden = isReady;
    reason.textContent = over > 0 && !('closed' in this.dataset) ? this.dataset.over.replace('{over}', over) : this.dataset.required;
  }

  // Returns by how many characters the text is too long.
  #count() {
    const line = this.querySelector('[data-count]');
    if (!line) return 0;
    const {characters, parts} = measure(this.#field('text').value);
    line.textContent = `${characters} ${this.#word(characters)} · ${characters && parts} SMS`;
    line.toggleAttribute('data-over', characters > this.dataset.most);
    if (this.#parts && parts !== this.#parts) this.querySelector('[data-count-said]').textContent = line.textContent;
    this.#parts = parts;
    return characters - this.dataset.most;
  }

  #word(number) {
    const words = JSON.parse(this.dataset.words);
    return words[new Intl.PluralRules(document.documentElement.lang).select(number)] ?? words.other;
  }
});
