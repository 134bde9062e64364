import {serverNow, duration} from '../clock.js';
import {request} from './leg.js';
import {Message} from './message.js';
import {tellWhy} from './opening.js';
import {Tones} from './tones.js';

// Nobody answers: a message, or the place kept and a call back. Steps: menu, recording, review, sending.
customElements.define('pult-choosing', class extends HTMLElement {
  #call;
  #choice = null;
  #message;
  #step = '';
  #tones = new Tones();

  connectedCallback() {
    this.addEventListener('click', ({target}) => this.#clicked(target.closest('[data-choose]')?.dataset.choose));
    this.addEventListener('pult:due', ({target}) => target.closest('[data-at]').dataset.at === this.#step && this.#runOut());
  }

  follow(call) {
    const choice = call.stage === 'choosing' ? (call.leg?.view?.choice ?? null) : null;
    if (choice && !this.#choice) this.#begin(call, choice);
    if (!choice && this.#choice && call.stage !== 'choosing') this.#end();
  }

  #begin(call, choice) {
    this.#call = call;
    this.#choice = choice;
    tellWhy(this, choice);
    this.#tones.sample();
    this.#become('menu');
    this.#find('[data-choose=record]').focus();
  }

  #end() {
    this.#choice = null;
    this.#message?.close();
    this.#message = undefined;
    this.#step = '';
  }

  #clicked(choose) {
    if (choose === 'record') this.#record();
    if (choose === 'stop') this.#message.stop();
    if (choose === 'play') this.#message.play();
    if (choose === 'send') this.#send();
    if (choose === 'callback') this.#keepPlace();
  }

  // Silence in the menu ends the call; what is recorded and not sent goes by itself.
  #runOut() {
    if (this.#step === 'menu') this.#call.hangUp('silence');
    if (this.#step === 'review') this.#send();
  }

  #record() {
    this.#message?.close();
    const level = this.#find('[data-level]');
    const message = new Message();
    this.#message = message;
    message.addEventListener('change', () => this.#message === message && this.#heard(message));
    message.record(this.#call.stream, loudness => { level.value = loudness; });
    this.#become('recording');
    this.#find('[data-choose=stop]').focus();
  }

  #heard(message) {
    if (this.#step === 'recording') {
      this.#find('[data-length]').textContent = duration(message.length);
      this.#become('review');
      this.#find('[data-choose=send]').focus();
    }
    this.#show('playing', message.isPlaying);
    this.#show('still', !message.isPlaying);
  }

  async #send() {
    this.#become('sending');
    const status = await this.#message.send(`${this.#call.leg.url}/voicemail`);
    if (status < 300) return this.#call.hangUp('voicemail');
    this.#refused('review');
  }

  async #keepPlace() {
    this.#become('sending');
    const response = await request('POST', `${this.#call.leg.url}/callback-wish`);
    if (response.ok) return this.#call.hangUp('callback');
    this.#refused('menu');
  }

  #refused(step) {
    if (!this.#choice) return;
    this.#become(step);
    this.#show('failed', true);
  }

  #become(step) {
    this.#step = step;
    this.dataset.step = step;
    this.#show('failed', false);
    for (const each of this.querySelectorAll('[data-at]')) each.hidden = !each.dataset.at.split(' ').includes(step);
    const timer = this.querySelector(`[data-at=${step}] pult-timer`);
    if (step === 'recording') timer.setAttribute('since', Math.round(serverNow()));
    else timer?.setAttribute('until', Math.round(serverNow() + this.#choice.seconds * 1000));
  }

  #show(when, isShown) {
    for (const each of this.querySelectorAll(`[data-when=${when}]`)) each.hidden = !isShown;
  }

  #find(selector) {
    return this.querySelector(selector);
  }
});
