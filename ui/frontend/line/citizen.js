import {Call} from './call.js';
import {Complaints} from './complaints.js';
import {isNumber, showNumber} from './number.js';
import {unlockSound} from './tones.js';
import {Trouble} from './microphone.js';

const NUMBER = 'pult-number';

// «Телефон абонента»: the form, and the call in words. Sentences stand in the template, hidden until they are true.
customElements.define('pult-phone', class extends HTMLElement {
  #call;
  #complaints;
  #key = crypto.randomUUID();
  #stage = '';
  #rejoined;
  #rung = new Set();

  connectedCallback() {
    unlockSound();
    this.#complaints = new Complaints(this.#form());
    this.#form().addEventListener('submit', event => this.#dial(event));
    this.#field('number').addEventListener('change', ({target}) => { target.value = showNumber(target.value); });
    this.addEventListener('click', ({target}) => this.#clicked(target.closest('[data-act]')?.dataset.act));
    addEventListener('beforeunload', event => ['waiting', 'choosing', 'ringing', 'talking', 'held', 'parked'].includes(this.#call.stage) && event.preventDefault());
    this.#field('number').value ||= localStorage.getItem(NUMBER) ?? '';
    this.#take(new Call());
    this.#rejoined = this.#call.rejoin().catch(error => this.#refuse(error));
    this.addEventListener('pult:called', ({detail}) => this.#ring(detail));
  }

  stats() {
    return this.#call.stats();
  }

  // The centre calls this page; a late picture must not bring back what was left.
  async #ring(begun) {
    await this.#rejoined;
    const isKnown = this.#rung.has(begun.id) || this.#call.leg?.id === begun.id;
    if (isKnown || !['idle', 'ended', 'missed'].includes(this.#call.stage)) return;
    this.#rung.add(begun.id);
    this.#take(new Call());
    await this.#call.take(begun).catch(error => this.#refuse(error));
  }

  #take(call) {
    this.#call = call;
    call.addEventListener('change', () => this.#paint());
    this.#paint();
  }

  #form() {
    return this.querySelector('form');
  }

  #field(name) {
    return this.#form().elements[name];
  }

  async #dial(event) {
    event.preventDefault();
    const number = this.#field('number');
    this.#complaints.clear();
    number.value = showNumber(number.value);
    if (!isNumber(number.value)) return this.#complaints.about('number');
    localStorage.setItem(NUMBER, number.value);
    this.#form().querySelector('[type=submit]').disabled = true;
    try {
      await this.#call.dial(number.value, this.#field('dialled').value, this.#key);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#form().querySelector('[type=submit]').disabled = false;
    }
  }

  #refuse(error) {
    this.#key = crypto.randomUUID();
    if (error instanceof Trouble) return this.#complaints.say(error.message);
    if (!error.problem) throw error;
    const {errors = [], detail} = error.problem;
    for (const {pointer, message} of errors) this.#complaints.about(pointer.split('/').pop(), message);
    if (!errors.length) this.#complaints.say('refused', detail);
  }

  #clicked(act) {
    if (act === 'hangup') this.#call.hangUp();
    if (act === 'mute') this.#call.mute();
    if (act === 'again') this.#start();
  }

  #start() {
    this.#key = crypto.randomUUID();
    this.#take(new Call());
    this.#form().querySelector('[type=submit]').focus();
  }

  #paint() {
    const {stage, endedBy, answeredAt, isMuted} = this.#call;
    if (stage === 'declined') return this.#start();
    this.dataset.stage = stage;
    this.toggleAttribute('data-rung', this.#call.isCalled); // a call from the centre has no queue: it is recorded
    for (const each of this.querySelectorAll('[data-on]')) each.hidden = !each.dataset.on.split(' ').includes(stage);
    for (const each of this.querySelectorAll('[data-by]')) each.hidden = !each.dataset.by.split(' ').includes(endedBy || 'exchange');
    for (const each of this.querySelectorAll('[data-number]')) each.textContent = this.#field('number').value;
    this.querySelector('[data-act=mute]').setAttribute('aria-pressed', String(isMuted));
    for (const each of this.querySelectorAll('[data-follows]')) each.follow(this.#call);
    if (stage === 'talking') this.querySelector('pult-timer').setAttribute('since', Date.parse(answeredAt));
    if (stage !== this.#stage && stage === 'connecting') this.querySelector('[data-act=hangup]').focus();
    this.#stage = stage;
  }
});
