// Records one talk: both voices as one sound, sent piece by piece. A page that comes back begins a recording of its own.
import {audioContext} from '../line/tones.js';
import {Uploading} from '../line/uploading.js';

const KIND = 'audio/webm;codecs=opus';
const PIECE = 5000;
const BITS = 32_000;

export class Recorder extends EventTarget {
  #leg;
  #id = crypto.randomUUID();
  #sources = [];
  #mix;
  #recorder;
  #uploading;
  #startedAt;
  #gone = new AbortController();

  constructor(leg) {
    super();
    this.#leg = leg;
  }

  get isRecording() {
    return this.#recorder?.state === 'recording';
  }

  // Once more with a new remote voice (the network broke) it goes on as the same recording.
  start(stream, remote) {
    if (this.#gone.signal.aborted || !this.#leg.view?.recorded || !globalThis.MediaRecorder?.isTypeSupported(KIND)) return;
    if (!this.#recorder) this.#begin();
    this.#listen(stream, remote);
    this.follow(this.#leg.view.state); // a page may come back to a talk that is held
  }

  // Nobody is recorded while the talk is held.
  follow(state) {
    if (state === 'held' && this.isRecording) this.#recorder.pause();
    if (state === 'talking' && this.#recorder?.state === 'paused') this.#recorder.resume();
  }

  stop() {
    this.#gone.abort();
    this.#listen();
    if (this.#recorder && this.#recorder.state !== 'inactive') this.#recorder.stop();
  }

  #begin() {
    audioContext().resume();
    this.#mix = new MediaStreamAudioDestinationNode(audioContext(), {channelCount: 1, channelCountMode: 'explicit'});
    this.#recorder = new MediaRecorder(this.#mix.stream, {mimeType: KIND, audioBitsPerSecond: BITS});
    this.#uploading = new Uploading(piece => this.#address(piece));
    this.#startedAt = Date.now();
    this.#recorder.ondataavailable = ({data}) => this.#uploading.add(data);
    this.#recorder.onstop = () => this.#uploading.add(new Blob(), true);
    for (const name of ['start', 'pause', 'resume', 'stop']) {
      this.#recorder.addEventListener(name, () => this.dispatchEvent(new Event('change')));
    }
    this.#recorder.start(PIECE);
    // What was said since the last piece; a page that goes away has no time to be asked then.
    addEventListener('beforeunload', () => this.#recorder.requestData(), {signal: this.#gone.signal});
    addEventListener('pagehide', () => this.#leave(), {signal: this.#gone.signal});
  }

  #listen(...streams) {
    for (const source of this.#sources) source.disconnect();
    this.#sources = streams.filter(Boolean).map(each => audioContext().createMediaStreamSource(each));
    for (const source of this.#sources) source.connect(this.#mix);
  }

  #leave() {
    this.#uploading.add(new Blob(), true);
    this.#uploading.flush();
  }

  #address({seq, last}) {
    const age = ((Date.now() - this.#startedAt) / 1000).toFixed(1);
    return `${this.#leg.url}/recordings/${this.#id}/${seq}?age=${age}${last ? '&last=true' : ''}`;
  }
}
