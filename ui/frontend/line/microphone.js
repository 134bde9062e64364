// The microphone: opening it, naming what went wrong, and showing that it hears.
import {audioContext} from './tones.js';

const VOICE = {echoCancellation: true, noiseSuppression: true, autoGainControl: true};
const TROUBLES = {NotAllowedError: 'denied', NotFoundError: 'missing', OverconstrainedError: 'missing', NotReadableError: 'busy'};
const CHOSEN = 'pult-microphone';

export const chosenMicrophone = () => localStorage.getItem(CHOSEN) ?? '';
export const chooseMicrophone = id => localStorage.setItem(CHOSEN, id);

// Throws 'denied', 'missing', 'busy' or 'insecure': the page has a sentence for each.
export async function openMicrophone() {
  if (!navigator.mediaDevices) throw new Trouble('insecure');
  const deviceId = chosenMicrophone() || undefined;
  try {
    return await navigator.mediaDevices.getUserMedia({audio: {...VOICE, deviceId}});
  } catch (error) {
    throw new Trouble(TROUBLES[error.name] ?? 'busy');
  }
}

export class Trouble extends Error {}

// '' when a call could be taken now, or the trouble; 'ask' while the browser has not asked yet.
export async function microphoneTrouble() {
  if (!navigator.mediaDevices) return 'insecure';
  const {state} = await navigator.permissions.query({name: 'microphone'}).catch(() => ({state: 'granted'}));
  if (state === 'denied') return 'denied';
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some(device => device.kind === 'audioinput')) return 'missing';
  return state === 'prompt' ? 'ask' : '';
}

// Fills a <select>; names are known only after the permission.
export async function listMicrophones(select) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const inputs = devices.filter(device => device.kind === 'audioinput' && device.label);
  if (!inputs.length) return;
  select.replaceChildren(...inputs.map(({deviceId, label}) => new Option(label, deviceId)));
  if (inputs.some(({deviceId}) => deviceId === chosenMicrophone())) select.value = chosenMicrophone();
}

// Calls `show` with a level of 0..1 until the returned function is called.
export function watchLevel(stream, show) {
  const analyser = new AnalyserNode(audioContext(), {fftSize: 1024});
  const source = audioContext().createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    show(Math.min(1, Math.sqrt(power) * 4));
  }, 80);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}
