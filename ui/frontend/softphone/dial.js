import {showNumber} from '../line/number.js';

const STEPS = {ArrowDown: 1, ArrowUp: -1};
const LONG = 500;
// Ten digits that begin with 8 may become eleven.
const isWhole = text => /^([78]\d{10}|[^78]\d{9})$/.test(text.replace(/\D/g, ''));

// The window for calling out: a number typed, pressed on the keypad, or chosen from the address book.
customElements.define('pult-dial', class extends HTMLElement {
  #pressedAt = 0;

  connectedCallback() {
    this.addEventListener('click', event => this.#clicked(event));
    this.addEventListener('pointerdown', () => { this.#pressedAt = Date.now(); });
    this.addEventListener('keydown', event => this.#walk(event));
    this.#number().addEventListener('input', ({data}) => this.#typed(data ?? ''));
    this.querySelector('form').addEventListener('submit', () => this.#say(''));
  }

  #find(selector) {
    return this.querySelector(selector);
  }

  #number() {
    return this.#find('#dial-number');
  }

  #say(words) {
    this.#find('#dial-said').textContent = words;
  }

  // A number that was chosen is a number of a person; what is typed is a number only.
  #typed(data = '') {
    this.#find('[name=entry]').value = '';
    this.#find('[data-who]').textContent = '';
    this.#say('');
    const field = this.#number();
    if (field.value.includes('•')) field.value = data; // half of a hidden number is none
    const isAtEnd = field.selectionStart === field.value.length;
    if (isAtEnd && isWhole(field.value)) field.value = showNumber(field.value);
  }

  #clicked({target}) {
    const {dial, digit} = target.closest('[data-dial], [data-digit]')?.dataset ?? {};
    if (digit) this.#press(target.closest('[data-digit]').dataset);
    if (dial === 'erase') this.#erase();
    if (dial === 'book' || dial === 'keypad') this.#toggle(dial);
    const item = target.closest('[data-pick]');
    if (item) this.#pick(item);
  }

  #press({digit, long}) {
    const isLong = long && Date.now() - this.#pressedAt > LONG;
    const sign = isLong ? long : digit;
    this.#number().value = this.#number().value.trim() + sign;
    this.#typed(sign);
  }

  // The last digit, with the sign of punctuation before it.
  #erase() {
    const field = this.#number();
    field.value = this.#find('[name=entry]').value ? '' : field.value.replace(/[\s()-]*.$/, '');
    this.#typed();
  }

  #toggle(name) {
    for (const button of this.querySelectorAll('[data-dial][aria-expanded]')) {
      const isOpen = button.dataset.dial === name && button.getAttribute('aria-expanded') === 'false';
      button.setAttribute('aria-expanded', String(isOpen));
      this.#find(`#${button.getAttribute('aria-controls')}`).hidden = !isOpen;
    }
    const isAnyOpen = Boolean(this.#find('[data-dial][aria-expanded=true]'));
    this.#find('[data-recent]').hidden = isAnyOpen;
    const search = this.#find('[data-book-search]');
    if (!isAnyOpen || name !== 'book') return;
    search.focus();
    search.dispatchEvent(new Event('pult:book'));
  }

  #pick({dataset, firstElementChild: name}) {
    this.#number().value = dataset.number;
    this.#typed();
    this.#number().value = dataset.number;
    this.#find('[name=entry]').value = dataset.entry ?? '';
    if (dataset.entry) this.#find('[data-who]').textContent = name.textContent;
    this.#find('.pult-dial-call').focus();
  }

  // From the search down into what it found, and back.
  #walk(event) {
    const step = STEPS[event.code];
    const list = event.target.closest('[data-book-search]') ? this.#find('#dial-found') : event.target.closest('.pult-dial-list');
    if (!step || !list) return;
    const items = [...list.querySelectorAll('[data-pick]')];
    const place = items.indexOf(event.target) + step;
    event.preventDefault();
    if (place < 0) this.#find('[data-book-search]').focus();
    else items[Math.min(place, items.length - 1)]?.focus();
  }
});
