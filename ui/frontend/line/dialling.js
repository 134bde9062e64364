// The beginning of a citizen's call: asked for once by its key, and remembered over a reload.
import {request} from './leg.js';

const KEPT = 'pult-call';

// Throws {problem}, the words of the refusal.
export async function dial(number, dialled, key) {
  const response = await request('POST', '/api/v1/line/calls', {number, dialled}, {'Idempotency-Key': key});
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error('refused'), {problem: answer});
  return {id: answer.leg_id, iceServers: answer.ice_servers};
}

export const keep = call => sessionStorage.setItem(KEPT, JSON.stringify(call));
export const forget = () => sessionStorage.removeItem(KEPT);

// The leg's cookie outlives a reload, and its call does for 15 s.
export async function findKept() {
  const call = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  if (!call) return null;
  const view = await fetch(`/api/v1/line/legs/${call.id}`).then(each => (each.ok ? each.json() : null), () => null);
  return view && view.state !== 'ended' ? {...call, isRinging: view.state === 'called'} : forget();
}
