// The server's clock in the page: one offset and one ticker for everything that counts seconds.
const listeners = new Set();
let offset = Date.now() - Number(document.documentElement.dataset.now || Date.now());

setInterval(() => listeners.forEach(listener => listener()), 1000);

export const serverNow = () => Date.now() - offset;

export function setServerNow(now) {
  offset = Date.now() - now;
}

export function everySecond(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = [Math.floor((seconds % 3600) / 60), seconds % 60].map(part => String(part).padStart(2, '0'));
  return [...(hours ? [hours] : []), ...rest].join(':');
}
