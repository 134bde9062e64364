// A fetch that repeats one keyed request until the server has answered it for good.
// 503 means "your act is being saved": the same key asked again gives the stored answer, never a second act.
import {toast} from './notices.js';

const ATTEMPT = 10_000;
const PATIENCE = 120_000;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export function repeating(sentence) {
  return async (url, request) => {
    const giveUpAt = Date.now() + PATIENCE;
    let told = false;
    for (;;) {
      const answer = await attempt(url, request);
      const last = Date.now() > giveUpAt || request.signal?.aborted;
      if (answer.response && (answer.response.status !== 503 || last)) return answer.response;
      if (last) throw answer.error;
      if (!told) toast(sentence, 'info');
      told = true;
      await pause(1000 * Number(answer.response?.headers.get('retry-after') || 1));
    }
  };
}

async function attempt(url, request) {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(ATTEMPT)].filter(Boolean));
  try {
    return {response: await fetch(url, {...request, signal})};
  } catch (error) {
    return {error};
  }
}
