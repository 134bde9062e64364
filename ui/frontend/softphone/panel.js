// What the server cannot know of the panel: in which condition this page's telephone and voice are.
import {isSoundLocked} from '../line/tones.js';
import {toast} from '../notices.js';

let said;

export function paint(element, {phone, presence}) {
  const condition = conditionOf(phone, presence);
  const voice = voiceOf(phone);
  element.toggleAttribute('leader', presence.leads);
  element.dataset.state = condition;
  element.dataset.voice = voice;
  for (const each of element.querySelectorAll('[data-when]')) each.hidden = each.dataset.when !== condition;
  for (const each of element.querySelectorAll('[data-voice]')) each.hidden = each.dataset.voice !== voice;
  for (const each of element.querySelectorAll('[data-waits]')) each.hidden = phone.unwanted !== null;
  for (const each of element.querySelectorAll('[data-recording]')) each.hidden = !phone.recorder?.isRecording;
  element.querySelector('[data-key=mute]')?.setAttribute('aria-pressed', String(Boolean(phone.voice?.isMuted)));
}

// A hand-over that came to nothing; once, however often the panel is drawn.
export function sayFailure(element) {
  const failed = element.querySelector('[data-failed]');
  if (!failed || failed.dataset.failed === said) return;
  said = failed.dataset.failed;
  toast(failed.textContent.replace(/\s+/g, ' ').trim(), 'danger');
}

function conditionOf(phone, presence) {
  if (!presence.leads) return 'follower';
  const trouble = phone.trouble || presence.trouble;
  if (trouble) return trouble;
  if (!presence.isHeld) return presence.isRefused ? 'elsewhere' : 'joining';
  return isSoundLocked() ? 'silent' : 'ready';
}

function voiceOf(phone) {
  if (phone.unwanted) return phone.isLate ? 'late' : 'cancelling';
  if (phone.isEnding) return 'ending';
  return phone.voice && !phone.voice.isHeard ? 'lost' : 'clear';
}
