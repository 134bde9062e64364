import {chooseMicrophone, listMicrophones, openMicrophone, watchLevel} from './microphone.js';
import {Tones, unlockSound} from './tones.js';

const HEARD = 0.05;

// «Проверить звук и микрофон»: a tone to hear, a bar that moves, and a sentence for each trouble.
customElements.define('pult-sound-check', class extends HTMLElement {
  #tones = new Tones();
  #stop;

  connectedCallback() {
    unlockSound();
    this.addEventListener('click', ({target}) => this.#clicked(target.closest('[data-check]')?.dataset.check));
    this.#find('[data-microphones]').addEventListener('change', ({target}) => this.#choose(target.value));
    this.#showNotifications();
    listMicrophones(this.#find('[data-microphones]'));
  }

  disconnectedCallback() {
    this.#tones.stop();
    this.#stop?.();
  }

  #find(selector) {
    return this.querySelector(selector);
  }

  #clicked(check) {
    if (check === 'sound') this.#tones.sample();
    if (check === 'microphone') this.#listen();
    if (check === 'notifications') this.#askNotifications();
  }

  #choose(id) {
    chooseMicrophone(id);
    if (this.#stop) this.#listen();
  }

  async #listen() {
    this.#stop?.();
    this.#stop = undefined;
    this.#show('');
    try {
      const stream = await openMicrophone();
      const unwatch = watchLevel(stream, level => this.#level(level));
      this.#stop = () => {
        unwatch();
        for (const track of stream.getTracks()) track.stop();
      };
      await listMicrophones(this.#find('[data-microphones]'));
    } catch (error) {
      this.#show(error.message);
    }
  }

  #level(level) {
    this.#find('[data-level]').value = level;
    if (level > HEARD) this.#find('[data-heard]').hidden = false;
  }

  #show(trouble) {
    for (const each of this.querySelectorAll('[data-trouble]')) each.hidden = each.dataset.trouble !== trouble;
  }

  // Asked for on a click only: a browser remembers a refusal for ever.
  async #askNotifications() {
    await Notification.requestPermission();
    this.#showNotifications();
  }

  #showNotifications() {
    const line = this.#find('[data-notifications]');
    if (line) line.hidden = Notification.permission !== 'granted';
  }
});
