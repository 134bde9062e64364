// The place of a waiting citizen and how long it may take, as the server last said. Sentences stand in the template.
const MINUTE = 60;
const MOST = 10 * MINUTE;

customElements.define('pult-waiting', class extends HTMLElement {
  follow({stage, leg}) {
    const waiting = stage === 'waiting' && leg?.view?.waiting;
    if (!waiting) return;
    this.#say('[data-place]', this.dataset.place.replace('{number}', waiting.position));
    this.#say('[data-expected]', this.#expected(waiting.expected_seconds));
  }

  #expected(seconds) {
    if (seconds === null) return this.dataset.busy;
    if (seconds < MINUTE) return this.dataset.less;
    if (seconds > MOST) return this.dataset.more;
    return this.dataset.minutes.replace('{minutes}', Math.ceil(seconds / MINUTE));
  }

  // A screen reader says what changes, so nothing is written that has not.
  #say(place, text) {
    const element = this.querySelector(place);
    if (element.textContent !== text) element.textContent = text;
  }
});
