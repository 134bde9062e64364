// Ring, ring-back and music, made of sines: no files, no licences. Each is one short loop, so no timer has to be punctual.
const LOUD = 0.22;
const CHORDS = [[261.6, 329.6, 392, 523.3], [220, 261.6, 329.6, 440], [174.6, 220, 261.6, 349.2], [196, 246.9, 293.7, 392]];
const STEP = 0.5;
let context;

export function audioContext() {
  context ??= new AudioContext();
  return context;
}

// A browser lets a page sound only after a click or a key.
export function unlockSound() {
  const unlock = () => audioContext().resume();
  for (const type of ['pointerdown', 'keydown']) addEventListener(type, unlock, {once: true, capture: true});
}

export const isSoundLocked = () => audioContext().state !== 'running';

export class Tones {
  #source;
  #analyser;
  #playing = '';
  #loops = new Map();

  play(name) {
    if (name === this.#playing) return;
    this.stop();
    this.#playing = name;
    audioContext().resume();
    this.#source = new AudioBufferSourceNode(audioContext(), {buffer: this.#loop(name), loop: true});
    this.#analyser ??= new AnalyserNode(audioContext(), {fftSize: 2048});
    this.#source.connect(this.#analyser).connect(audioContext().destination);
    this.#source.start();
  }

  // Mean amplitude of what leaves the page now, 0 in silence.
  get loudness() {
    if (!this.#source || isSoundLocked()) return 0;
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  }

  stop() {
    this.#source?.stop();
    this.#source = undefined;
    this.#playing = '';
  }

  // One second for «Проверить звук».
  async sample() {
    this.play('sample');
    await new Promise(resolve => setTimeout(resolve, 1200));
    this.stop();
  }

  #loop(name) {
    if (!this.#loops.has(name)) this.#loops.set(name, LOOPS[name](audioContext()));
    return this.#loops.get(name);
  }
}

const LOOPS = {
  ringback: context => loop(context, 4, [[0, 0.8, 425]], LOUD / 2),
  ring: context => loop(context, 3, bell(0).concat(bell(0.5)), LOUD),
  sample: context => loop(context, 1.2, [[0, 0.3, 523.3], [0.3, 0.3, 659.3], [0.6, 0.5, 784]], LOUD),
  music: context => loop(context, CHORDS.length * 4 * STEP, melody(), LOUD / 4, true),
};

function bell(at) {
  return [0, 0.1, 0.2, 0.3].map((shift, place) => [at + shift, 0.1, place % 2 ? 880 : 1109]);
}

function melody() {
  return CHORDS.flatMap((chord, bar) => chord.flatMap((note, step) => {
    const at = (bar * 4 + step) * STEP;
    return [[at, STEP * 2, note], ...(step ? [] : [[at, STEP * 4, chord[0] / 2]])];
  }));
}

// Notes are [at, seconds, hertz]; a plucked note dies away, others only fade at the edges.
function loop(context, seconds, notes, loudness, isPlucked = false) {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, seconds * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const [at, length, hertz] of notes) {
    for (let place = 0; place < length * rate; place++) {
      const time = place / rate;
      const edge = Math.min(1, time / 0.01, (length - time) / 0.02);
      const fade = isPlucked ? edge * Math.exp(-2.5 * time) : edge;
      samples[(Math.floor(at * rate) + place) % samples.length] += loudness * fade * Math.sin(2 * Math.PI * hertz * time);
    }
  }
  return buffer;
}
