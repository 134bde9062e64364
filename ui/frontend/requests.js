// How htmx speaks to our server: the token, the key that makes a repeat harmless, and refusals in words.
import 'htmx.org';
import {csrf, toast, toLogin} from './notices.js';
import {repeating} from './repeating.js';

const SAFE = ['GET', 'HEAD'];
const words = name => document.querySelector('pult-toasts')?.dataset[name];
const isLive = ctx => ctx.sourceEvent?.type?.startsWith('pult:');

document.addEventListener('htmx:config:request', ({detail: {ctx}}) => {
  const {request} = ctx;
  if (SAFE.includes(request.method)) dropEmpty(request.body);
  else request.headers['X-CSRF-Token'] = csrf();
  const key = SAFE.includes(request.method) ? null : request.body?.get?.('key');
  if (!key) return;
  request.headers['Idempotency-Key'] = key;
  request.timeout = 0; // repeating() keeps its own time
  ctx.fetch = repeating(words('saving'));
});

document.addEventListener('htmx:before:response', event => {
  const {ctx} = event.detail;
  const url = new URL(ctx.response.raw.url || location.href);
  if (ctx.response.status === 401 || (ctx.response.raw.redirected && url.pathname === '/login')) {
    event.preventDefault();
    toLogin();
  }
});

// A refusal is shown in place only when it is a fragment made for that place; else it becomes a toast.
document.addEventListener('htmx:response:error', ({detail: {ctx}}) => {
  const isFragment = ctx.response.status < 500 && isHtml(ctx) && !/^\s*<!doctype/i.test(ctx.text);
  const boosted = ctx.sourceElement._htmx?.boosted && isHtml(ctx);
  if ((isFragment && !isLive(ctx)) || boosted) return;
  ctx.swap = 'none';
  ctx.hx.reswap = 'none';
  ctx.push = ctx.replace = 'false';
  if (!isLive(ctx) && !ctx.hx.trigger?.includes('pult:toast')) toast(sentence(ctx) ?? words('failed'), 'danger');
});

document.addEventListener('htmx:error', ({detail}) => {
  if (detail.ctx && !isLive(detail.ctx)) toast(words('offline'), 'danger');
});

function isHtml(ctx) {
  return ctx.response.headers.get('content-type')?.startsWith('text/html');
}

function sentence(ctx) {
  if (!ctx.response.headers.get('content-type')?.includes('json')) return null;
  try {
    const problem = JSON.parse(ctx.text);
    return problem.detail ?? problem.title ?? null;
  } catch {
    return null;
  }
}

// An empty search field must not leave `?q=` in the address.
function dropEmpty(form) {
  for (const name of new Set(form?.keys?.() ?? [])) {
    if (form.getAll(name).every(value => value === '')) form.delete(name);
  }
}
