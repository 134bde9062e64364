// A ring must be noticed in any window: the title, a notification, and a question before the page is left.
let plainTitle = '';
let notification;

export function callAttention({number, call}) {
  plainTitle ||= document.title;
  document.title = `☎ ${number}`;
  if (!document.hidden || Notification.permission !== 'granted') return;
  notification ??= new Notification(number, {tag: call, requireInteraction: true});
  notification.onclick = () => window.focus();
}

export function calmDown() {
  if (plainTitle) document.title = plainTitle;
  plainTitle = '';
  notification?.close();
  notification = undefined;
}

export function askBeforeLeaving(isTalking) {
  addEventListener('beforeunload', event => isTalking() && event.preventDefault());
}
