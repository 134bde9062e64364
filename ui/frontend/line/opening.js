// Why nobody answers, and when somebody will: «Откроемся завтра в 08:00», by the centre's own clock.
const DAY = 86_400_000;

export function tellWhy(element, {closed, opens_at: opensAt}) {
  const line = element.querySelector('[data-when=opens]');
  element.querySelector('[data-when=closed]').hidden = !closed;
  element.querySelector('[data-when=busy]').hidden = closed;
  line.hidden = !opensAt;
  if (opensAt) line.textContent = openingWords(opensAt, element.dataset);
}

// `days` are the words of the week from Sunday on.
function openingWords(opensAt, {zone, opens, today, tomorrow, days}) {
  const at = new Date(opensAt);
  const format = (moment, options) => new Intl.DateTimeFormat('ru', {timeZone: zone, ...options}).format(moment);
  const day = moment => format(moment, {day: '2-digit', month: '2-digit', year: 'numeric'});
  const ahead = [...Array(7).keys()].find(count => day(at) === day(Date.now() + count * DAY));
  const named = {0: today, 1: tomorrow}[ahead] ?? (ahead ? days.split('|')[weekday(at, zone)] : day(at));
  return opens.replace('{day}', named).replace('{time}', format(at, {hour: '2-digit', minute: '2-digit'}));
}

function weekday(at, zone) {
  const name = new Intl.DateTimeFormat('en', {timeZone: zone, weekday: 'short'}).format(at);
  return ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(name);
}
