// Telephone numbers as Russians write them; the server has the last word.
export function showNumber(text) {
  const digits = text.replace(/\D/g, '');
  const national = /^[78]?(\d{10})$/.exec(digits)?.[1];
  if (!national || (text.trim().startsWith('+') && !digits.startsWith('7'))) return text.trim();
  return `+7 (${national.slice(0, 3)}) ${national.slice(3, 6)}-${national.slice(6, 8)}-${national.slice(8)}`;
}

export function isNumber(text) {
  const digits = text.replace(/\D/g, '');
  if (/^\d{2,5}$/.test(text.trim())) return true;
  return digits.length >= 10 && digits.length <= 15 && /^[+\d\s()-]+$/.test(text.trim());
}
