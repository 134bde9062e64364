// «Принимать звонки на этот номер»: while it is on, the centre can call this page. Its sentences stand in the template.
import {request} from './leg.js';
import {microphoneTrouble, openMicrophone} from './microphone.js';
import {isNumber, showNumber} from './number.js';
import {isSoundLocked} from './tones.js';

const PAGES = '/api/v1/line/pages';
const WISHED = 'pult-called';
const KEPT = 'pult-page';
const EVERY = 4000;
const SILENCE = 8000;

customElements.define('pult-called', class extends HTMLElement {
  #page = null;
  #events;
  #heardAt = 0;
  #isOpening = false;

  connectedCallback() {
    this.#switch().checked = localStorage.getItem(WISHED) === 'yes';
    this.#switch().addEventListener('change', () => this.#wish());
    this.#number().addEventListener('change', () => this.#open());
    for (const type of ['pointerdown', 'keydown']) addEventListener(type, () => setTimeout(() => this.#show(), 100), {once: true});
    addEventListener('pagehide', () => this.#isFree() && this.#close());
    addEventListener('pageshow', ({persisted}) => persisted && this.#open());
    setInterval(() => this.#page && Date.now() - this.#heardAt > SILENCE && this.#look(), EVERY);
    this.#open();
  }

  #switch() {
    return this.querySelector('input');
  }

  #number() {
    return this.closest('form').elements.number;
  }

  #isFree() {
    return !['called', 'answering', 'talking', 'held', 'parked'].includes(this.closest('pult-phone').dataset.stage);
  }

  // The browser asks for the microphone and for notifications now, not in the middle of a ring.
  async #wish() {
    const isOn = this.#switch().checked;
    localStorage.setItem(WISHED, isOn ? 'yes' : 'no');
    if (!isOn) return this.#close();
    if ('Notification' in window && Notification.permission === 'default') Notification.requestPermission();
    await openMicrophone().then(stream => stream.getTracks().forEach(track => track.stop()), () => {});
    this.#open();
  }

  async #open() {
    if (!this.#switch().checked || this.#isOpening) return this.#show();
    const number = showNumber(this.#number().value);
    if (this.#page && this.#page.number !== number) this.#close();
    if (this.#page || !isNumber(number)) return this.#show();
    this.#isOpening = true;
    const response = await request('POST', PAGES, {number}, {'Idempotency-Key': keyOf(number)});
    const answer = await response.json().catch(() => ({}));
    this.#isOpening = false;
    if (!response.ok) return this.#refuse(answer);
    this.#listen({id: answer.page_id, number});
    this.#take(answer);
  }

  #listen(page) {
    this.#page = page;
    this.#events = new EventSource(`${PAGES}/${page.id}/events`);
    for (const name of ['pult:leg', 'pult:resync', 'ping']) this.#events.addEventListener(name, () => this.#look());
    if (showNumber(this.#number().value) !== page.number) this.#open(); // typed on while we asked
  }

  async #look() {
    const page = this.#page;
    if (!page) return;
    this.#heardAt = Date.now();
    const response = await fetch(`${PAGES}/${page.id}`).catch(() => null);
    if (this.#page !== page || !response) return;
    if (response.ok) return this.#take(await response.json());
    if (response.status < 500) this.#forget(); // the computer slept, and the centre has forgotten the page
    this.#open();
  }

  #take({confirmed, call}) {
    this.#heardAt = Date.now();
    this.#page.confirmed = confirmed;
    this.#show();
    if (!call) return;
    const detail = {id: call.leg_id, iceServers: call.ice_servers};
    this.dispatchEvent(new CustomEvent('pult:called', {bubbles: true, detail}));
  }

  #close() {
    if (this.#page) request('DELETE', `${PAGES}/${this.#page.id}`);
    this.#forget();
    this.#show();
  }

  #forget() {
    this.#events?.close();
    this.#page = null;
  }

  #refuse({detail, errors = []}) {
    this.querySelector('[data-called=failed] span').textContent = errors[0]?.message ?? detail;
    this.#show('failed');
  }

  async #show(said) {
    const trouble = this.#page && await microphoneTrouble();
    const state = said ?? this.#state(trouble);
    for (const each of this.querySelectorAll('[data-called]')) each.hidden = each.dataset.called !== state;
    for (const each of this.querySelectorAll('[data-called-number]')) each.textContent = this.#page?.number ?? '';
  }

  #state(trouble) {
    if (!this.#switch().checked) return 'off';
    if (!this.#page) return isNumber(showNumber(this.#number().value)) ? 'opening' : 'numberless';
    if (!this.#page.confirmed) return 'unconfirmed';
    if (trouble) return 'deaf';
    return isSoundLocked() ? 'silent' : 'ready';
  }
});

// The same page after a reload: a call that rings or talks goes on.
function keyOf(number) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
  if (kept.number === number) return kept.key;
  const key = crypto.randomUUID();
  sessionStorage.setItem(KEPT, JSON.stringify({number, key}));
  return key;
}
