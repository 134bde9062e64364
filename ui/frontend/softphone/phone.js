// The telephone itself: lives as long as the page, whatever is swapped around it.
import {toast} from '../notices.js';
import {Leg, request} from '../line/leg.js';
import {Trouble, openMicrophone} from '../line/microphone.js';
import {Tones} from '../line/tones.js';
import {Voice} from '../line/voice.js';
import {Recorder} from './recorder.js';

const TALK = ['talking', 'held'];
const LATE = 3000;
const UNWANTED = 'pult-unwanted';
const TONES = {ringing: 'ring', dialling: 'ringback'};

export class Phone extends EventTarget {
  leg = null;
  voice = null;
  recorder = null;
  tones = new Tones();
  trouble = '';
  iceServers = [];
  isEnding = false;
  unwanted = sessionStorage.getItem(UNWANTED); // the call that is being cancelled, also over a reload
  isLate = false;
  #isBusy = false;
  #cancelling = null;
  #joining;
  #version;
  #left = new Set();

  constructor() {
    super();
    addEventListener('pagehide', () => TALK.includes(this.leg?.view?.state) && this.leg.leave());
  }

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
      const response = await this.#answer(leg);
      if (response.ok) return true;
      toast((await response.json().catch(() => ({}))).detail, 'danger');
      if (!this.leg || this.leg === leg) this.drop();
    } catch (error) {
      this.#complain(error);
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

  // Before its process has dialled a call has no leg: the server ends it without one, and a leg that comes first is ended.
  async cancel(call) {
    if (this.#cancelling === call) return;
    this.unwanted = this.#cancelling = call;
    sessionStorage.setItem(UNWANTED, call);
    this.isLate = false;
    setTimeout(() => { this.isLate = true; this.#tell(); }, LATE);
    this.#tell();
    if (this.leg) await this.hangUp();
    while (this.unwanted === call) {
      const {status} = await request('DELETE', `/api/v1/calls/${call}/dialling`);
      if (status && status < 500) break;
    }
  }

  // The call is over, or was never this one.
  forgetUnwanted() {
    this.unwanted = this.#cancelling = null;
    sessionStorage.removeItem(UNWANTED);
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

  async #answer(leg) {
    await this.#speak(leg);
    this.tones.stop();
    let response;
    await this.voice.offer(async signal => { response = await leg.answer(signal); });
    leg.look();
    return response;
  }

  // A page that was loaded again in the middle of a talk, or that calls out, speaks without a button.
  async #join(leg, isFirst) {
    this.#isBusy = true;
    try {
      await this.#speak(leg);
      this.voice.follow(leg.view, isFirst);
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #speak(leg) {
    const stream = await openMicrophone();
    if (this.leg !== leg) {
      for (const track of stream.getTracks()) track.stop();
      throw new Trouble('');
    }
    this.trouble = '';
    this.voice = new Voice({leg, stream, iceServers: this.iceServers});
    for (const name of ['lost', 'found', 'connected']) this.voice.addEventListener(name, () => this.#tell());
    this.#record(leg, this.voice, stream);
    this.#tell();
  }

  // The recording goes with the voice: it begins when the other side is heard, and goes on after a new connection.
  // Somebody else at the other side is a recording of its own.
  #record(leg, voice, stream) {
    voice.addEventListener('changed', () => this.#begin(leg));
    voice.addEventListener('connected', () => this.recorder?.start(stream, voice.peer.audio.srcObject));
    this.#begin(leg);
  }

  #begin(leg) {
    this.recorder?.stop();
    this.recorder = new Recorder(leg);
    this.recorder.addEventListener('change', () => this.#tell());
  }

  #looked(view, isFirst) {
    const {leg} = this;
    const {state, version} = view;
    this.recorder?.follow(state);
    if (state === 'ended') return this.#over();
    if (view.call_id === this.unwanted) return this.hangUp();
    if (TONES[state] && !(state === 'ringing' && (this.voice || this.#isBusy))) this.tones.play(TONES[state]);
    else this.tones.stop();
    if (this.voice) this.voice.follow(view, isFirst);
    else if (state !== 'ringing' && !this.#isBusy) this.#joining = this.#join(leg, isFirst && TALK.includes(state));
    if (version !== this.#version) this.dispatchEvent(new Event('moved'));
    this.#version = version;
    this.#tell();
  }

  #over() {
    this.drop();
    this.dispatchEvent(new Event('over'));
  }

  async #signalled(signal, isFirst) {
    if (isFirst) return;
    await this.#joining;
    await this.voice?.receive(signal);
  }

  #complain(error) {
    this.trouble = error instanceof Trouble ? error.message : '';
    if (!this.trouble) console.warn('softphone', error);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
