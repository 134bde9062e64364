import htmx from 'htmx.org';

const LIFE = {success: 5000, info: 6000, danger: 12000};
const UNDO_LIFE = 8000;

// News that need no place on the page: `pult:toast` {text, kind: success|info|danger, undo: url}.
customElements.define('pult-toasts', class extends HTMLElement {
  #quiet = region('status');
  #loud = region('alert');
  #listen = event => this.#add(event.detail);

  connectedCallback() {
    this.append(this.#quiet, this.#loud);
    document.addEventListener('pult:toast', this.#listen);
  }

  disconnectedCallback() {
    document.removeEventListener('pult:toast', this.#listen);
  }

  #add({text, value, kind = 'success', undo}) {
    const card = document.createElement('div');
    card.className = `pult-toast pult-toast-${kind}`;
    const sentence = document.createElement('span');
    sentence.textContent = text ?? value;
    card.append(sentence);
    if (undo) card.append(this.#button(this.dataset.undo, 'btn btn-sm', () => this.#undo(undo, card)));
    card.append(this.#button('', 'btn-close', () => card.remove(), this.dataset.close));
    (kind === 'danger' ? this.#loud : this.#quiet).append(card);
    this.#expire(card, undo ? UNDO_LIFE : LIFE[kind] ?? LIFE.info);
  }

  #undo(url, card) {
    card.remove();
    htmx.ajax('POST', url, {source: this, target: this, swap: 'none'});
  }

  #button(text, className, act, label) {
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', className, textContent: text});
    if (label) button.setAttribute('aria-label', label);
    button.addEventListener('click', act);
    return button;
  }

  // Someone who reads or reaches for «Отменить» must not see the card go.
  #expire(card, life) {
    const isHeld = () => card.matches(':hover, :focus-within');
    setTimeout(() => (isHeld() ? this.#expire(card, 1500) : card.remove()), life);
  }
});

function region(role) {
  const element = document.createElement('div');
  element.setAttribute('role', role);
  return element;
}
