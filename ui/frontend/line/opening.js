// «завтра в 08:00»: when the centre opens, by its own clock.
const DAY = 86_400_000;

// `words` has today, tomorrow, days (from Sunday on), and the sentence with {day} and {time}.
export function openingWords(opensAt, zone, words) {
  const at = new Date(opensAt);
  const format = (moment, options) => new Intl.DateTimeFormat('ru', {timeZone: zone, ...options}).format(moment);
  const day = moment => format(moment, {day: '2-digit', month: '2-digit', year: 'numeric'});
  const ahead = [...Array(7).keys()].find(days => day(at) === day(Date.now() + days * DAY));
  const named = {0: words.today, 1: words.tomorrow}[ahead] ?? (ahead ? words.days[weekday(at, zone)] : day(at));
  return words.sentence.replace('{day}', named).replace('{time}', format(at, {hour: '2-digit', minute: '2-digit'}));
}

function weekday(at, zone) {
  const name = new Intl.DateTimeFormat('en', {timeZone: zone, weekday: 'short'}).format(at);
  return ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(name);
}
