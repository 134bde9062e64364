// A redraw replaces the button that has just been pressed: the focus goes to the one in its place, else to the panel.
export class KeptFocus {
  #panel;
  #id = null;

  constructor(panel, until) {
    this.#panel = panel;
    panel.addEventListener('focusin', ({target}) => { this.#id = target.id; }, until);
    panel.addEventListener('focusout', ({relatedTarget}) => relatedTarget && this.#forget(relatedTarget), until);
    document.addEventListener('pointerdown', ({target}) => this.#forget(target), until);
  }

  // A button that is disabled while its order is under way has lost the focus without a word.
  restore() {
    if (this.#id === null || document.activeElement !== document.body) return;
    const there = this.#id && this.#panel.querySelector(`#${CSS.escape(this.#id)}`);
    (there || this.#panel).focus({preventScroll: true});
  }

  #forget(target) {
    if (!this.#panel.contains(target)) this.#id = null;
  }
}
