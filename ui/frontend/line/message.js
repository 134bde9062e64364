// A voice message: recorded in the citizen's page, heard again, sent whole. Small enough for one request.
import {csrf} from '../notices.js';
import {watchLevel} from './microphone.js';

const KIND = 'audio/webm;codecs=opus';
const BITS = 24_000;
const LONGEST = 180_000;
const PATIENCE = 60_000;
const PAUSE = 1000;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export class Message extends EventTarget {
  static longest = LONGEST;
  sound = null;
  startedAt = 0;
  length = 0;
  #recorder;
  #player;
  #unwatch;
  #timer;
  #key = crypto.randomUUID();

  record(stream, showLevel) {
    for (const track of stream.getAudioTracks()) track.enabled = true;
    const pieces = [];
    this.#recorder = new MediaRecorder(stream, {mimeType: KIND, audioBitsPerSecond: BITS});
    this.#recorder.ondataavailable = ({data}) => pieces.push(data);
    this.#recorder.onstop = () => this.#recorded(pieces);
    this.#recorder.start(1000);
    this.startedAt = Date.now();
    this.#unwatch = watchLevel(stream, showLevel);
    this.#timer = setTimeout(() => this.stop(), LONGEST);
  }

  get isRecording() {
    return this.#recorder?.state === 'recording';
  }

  get isPlaying() {
    return Boolean(this.#player && !this.#player.paused);
  }

  stop() {
    if (this.isRecording) this.#recorder.stop();
  }

  play() {
    if (this.isPlaying) return this.#player.pause();
    if (!this.#player) {
      this.#player = new Audio(URL.createObjectURL(this.sound));
      for (const name of ['play', 'pause', 'ended']) this.#player.addEventListener(name, () => this.#tell());
    }
    this.#player.currentTime = 0;
    return this.#player.play();
  }

  // The status of the answer: 201 is kept. Repeated by the same key until there is one.
  async send(url) {
    this.#player?.pause();
    const headers = {'Content-Type': 'audio/webm', 'X-CSRF-Token': csrf(), Accept: 'application/json', 'Idempotency-Key': this.#key};
    const giveUpAt = Date.now() + PATIENCE;
    for (;;) {
      const options = {method: 'POST', headers, body: this.sound, signal: AbortSignal.timeout(30_000)};
      const response = await fetch(url, options).catch(() => null);
      if (response && response.status < 500) return response.status;
      if (Date.now() > giveUpAt) return 503;
      await pause(PAUSE);
    }
  }

  close() {
    clearTimeout(this.#timer);
    this.#unwatch?.();
    if (this.#recorder) this.#recorder.onstop = null;
    this.stop();
    this.#player?.pause();
    if (this.#player) URL.revokeObjectURL(this.#player.src);
  }

  #recorded(pieces) {
    clearTimeout(this.#timer);
    this.#unwatch();
    this.length = Date.now() - this.startedAt;
    this.sound = new Blob(pieces, {type: 'audio/webm'});
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
