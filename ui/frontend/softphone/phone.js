// The telephone itself: lives as long as the page, whatever is swapped around it.
import {toast} from '../notices.js';
import {Leg} from '../line/leg.js';
import {Trouble, openMicrophone} from '../line/microphone.js';
import {Tones} from '../line/tones.js';
import {Voice} from '../line/voice.js';
import {Recorder} from './recorder.js';

export class Phone extends EventTarget {
  leg = null;
  voice = null;
  recorder = null;
  tones = new Tones();
  trouble = '';
  iceServers = [];
  isEnding = false;
  #isBusy = false;
  #left = new Set();

  // Takes up a leg that the server says is ours; the same leg again is only looked at again.
  watch(id) {
    if (this.#left.has(id)) return;
    if (this.leg?.id !== id) {
      this.drop();
      this.trouble = '';
      this.leg = new Leg(id, {looked: (view, isFirst) => this.#looked(view, isFirst), signalled: (...all) => this.#signalled(...all)});
    }
    return this.leg.look();
  }

  get isTalking() {
    return this.voice !== null;
  }

  async accept() {
    if (!this.leg || this.#isBusy || this.voice) return false;
    this.#isBusy = true;
    const {leg} = this;
    try {
      const response = await this.#talk(leg, signal => leg.answer(signal));
      if (response.ok) return true;
      toast((await response.json().catch(() => ({}))).detail, 'danger');
      if (!this.leg || this.leg === leg) this.drop();
    } catch (error) {
      this.trouble = error instanceof Trouble ? error.message : '';
      if (!this.trouble) console.warn('softphone', error);
      this.#tell();
    } finally {
      this.#isBusy = false;
    }
    return false;
  }

  // The voice ends at once; the server hears of it as soon as it can be reached.
  async hangUp() {
    const {leg} = this;
    if (!leg) return;
    this.isEnding = true;
    this.drop();
    await leg.hangUp();
    this.isEnding = false;
    this.#tell();
  }

  async decline() {
    const {leg} = this;
    if (!leg || this.voice) return;
    this.drop();
    await leg.decline();
    this.#tell();
  }

  mute() {
    this.voice?.mute(!this.voice.isMuted);
    this.#tell();
  }

  drop() {
    if (this.leg) this.#left.add(this.leg.id); // a late picture of the desk must not take it up again
    this.release();
  }

  // Another browser holds the telephone now: it goes on there.
  release() {
    this.tones.stop();
    this.recorder?.stop();
    this.recorder = null;
    this.voice?.close();
    this.voice = null;
    this.leg = null;
    this.#tell();
  }

  async #talk(leg, first) {
    const stream = await openMicrophone();
    this.trouble = '';
    this.tones.stop();
    this.voice = new Voice({leg, stream, iceServers: this.iceServers, insists: false});
    for (const name of ['lost', 'found', 'connected']) this.voice.addEventListener(name, () => this.#tell());
    this.#record(leg, this.voice, stream);
    let response;
    await this.voice.offer(first && (async signal => { response = await first(signal); }));
    this.#tell();
    return response;
  }

  // The recording goes with the voice: it begins when the other side is heard, again after each new connection.
  #record(leg, voice, stream) {
    const recorder = new Recorder(leg);
    this.recorder = recorder;
    recorder.addEventListener('change', () => this.#tell());
    voice.addEventListener('connected', () => recorder.start(stream, voice.peer.audio.srcObject));
  }

  async #looked({state}, isFirst) {
    const {leg} = this;
    this.recorder?.follow(state);
    if (state === 'ended') return this.#over();
    if (state === 'ringing' && !this.voice && !this.#isBusy) this.tones.play('ring');
    // The page was loaded again in the middle of the talk.
    if (state === 'talking' && isFirst && !this.voice && !this.#isBusy) this.#talk(leg).catch(error => { this.trouble = error.message; });
    this.#tell();
  }

  #over() {
    this.drop();
    this.dispatchEvent(new Event('over'));
  }

  #signalled(signal, isFirst) {
    if (!isFirst) return this.voice?.receive(signal);
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
