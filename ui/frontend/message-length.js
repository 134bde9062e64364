// How long an SMS is, by the rule of schemas/message_length.py: a test holds them to each other.
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '\f^{}\\[~]|€';
const GSM7 = {name: 'gsm7', alone: 160, together: 153, units: char => (EXTENSION.includes(char) ? 2 : 1)};
const UCS2 = {name: 'ucs2', alone: 70, together: 67, units: char => char.length};

export function measure(text) {
  const chars = [...text.replace(/\r\n?/g, '\n')];
  const encoding = chars.every(char => BASIC.includes(char) || EXTENSION.includes(char)) ? GSM7 : UCS2;
  const {alone, together, units} = encoding;
  const all = chars.reduce((sum, char) => sum + units(char), 0);
  const [parts, left] = all <= alone ? [1, alone - all] : filled(chars, together, units);
  return {encoding: encoding.name, characters: chars.length, parts, left};
}

// Neither a pair of UTF-16 nor one of the extension is divided between two parts.
function filled(chars, room, units) {
  let parts = 1;
  let left = room;
  for (const char of chars) {
    if (units(char) > left) [parts, left] = [parts + 1, room];
    left -= units(char);
  }
  return [parts, left];
}
