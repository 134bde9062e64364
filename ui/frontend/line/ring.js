import {callAttention, calmDown} from '../softphone/attention.js';
import {Trouble} from './microphone.js';

// What a called page shows while it rings, and when nobody came: the sentences and buttons stand in the template.
customElements.define('pult-ring', class extends HTMLElement {
  #call;
  #stage = '';

  connectedCallback() {
    this.addEventListener('click', ({target}) => this.#clicked(target.closest('[data-ring]')?.dataset.ring));
  }

  follow(call) {
    this.#call = call;
    if (call.stage === this.#stage) return;
    this.#stage = call.stage;
    this.#complain('');
    if (call.stage !== 'called') return calmDown();
    callAttention({number: this.dataset.caller, call: call.leg.id});
    this.querySelector('[data-ring=answer]').focus();
  }

  #clicked(act) {
    if (act === 'answer') this.#call.answer().catch(error => this.#refuse(error));
    if (act === 'decline') this.#call.decline();
  }

  #refuse(error) {
    if (!(error instanceof Trouble)) throw error;
    this.#complain(error.message);
  }

  #complain(trouble) {
    for (const each of this.querySelectorAll('[data-ring-trouble]')) each.hidden = each.dataset.ringTrouble !== trouble;
  }
});
