// Bundles ui/frontend into a fresh directory: hashed files, the icons the templates name, and a manifest.
// The caller renames the directory into place, so a failed build never leaves pages without their assets.
import {cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {build} from 'esbuild';

const SOURCES = 'ui/frontend';
const ENTRIES = ['main.js', 'main.css', 'phone.js', 'softphone.js', 'live-worker.js'];
const ICONS = 'node_modules/@tabler/icons/icons/outline';
const KB = 1024;
const BUDGET = {'main.js': 45, 'main.css': 70}; // brotli kilobytes; every other script may weigh 160
const LAZY_BUDGET = 160;

const directory = process.argv[2];
if (!directory) throw new Error('usage: node build.mjs <output directory>');
rmSync(directory, {recursive: true, force: true});
mkdirSync(join(directory, 'icons'), {recursive: true});

const {metafile} = await build({
  entryPoints: ENTRIES.map(name => `${SOURCES}/${name}`),
  outdir: directory,
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'chrome125',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  loader: {'.woff2': 'file', '.svg': 'file'},
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
});

writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest(), null, 1));
writeFileSync(join(directory, 'NOTICE.txt'), notice());
copyIcons();
checkBudget();
compress();

function manifest() {
  const names = Object.entries(metafile.outputs)
    .filter(([, output]) => output.entryPoint)
    .map(([file, output]) => [basename(output.entryPoint), basename(file)]);
  return Object.fromEntries(names.sort());
}

function packages() {
  const bundled = Object.keys(metafile.inputs)
    .map(path => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1])
    .filter(Boolean);
  return [...new Set([...bundled, '@tabler/icons'])].sort();
}

function notice() {
  return packages().map(name => {
    const folder = join('node_modules', name);
    const {version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8') : ''}`;
  }).join(`\n${'-'.repeat(78)}\n`);
}

// Every quoted word in our sources that is the name of an icon: a few spare files, and never a missing one.
function copyIcons() {
  for (const word of new Set(['ui', 'tests/ui'].filter(existsSync).flatMap(quotedWords))) {
    const icon = join(ICONS, `${word}.svg`);
    if (existsSync(icon)) cpSync(icon, join(directory, 'icons', `${word}.svg`));
  }
}

function quotedWords(folder) {
  return readdirSync(folder, {recursive: true})
    .filter(path => /\.(html|py)$/.test(path))
    .flatMap(path => readFileSync(join(folder, path), 'utf8').match(/(?<=['"])[a-z][a-z0-9-]*(?=['"])/g) ?? []);
}

function checkBudget() {
  let heavy = false;
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!/\.(js|css)$/.test(file)) continue;
    const weight = weigh(file);
    const limit = BUDGET[basename(output.entryPoint ?? '')] ?? LAZY_BUDGET;
    heavy ||= weight > limit;
    console.log(`${basename(file).padEnd(28)} ${weight.toFixed(1).padStart(6)} of ${limit} KB br${weight > limit ? '  TOO HEAVY' : ''}`);
  }
  if (heavy) process.exit(1);
}

// Served beside the original: uvicorn compresses nothing, and the style sheet alone is 660 KB.
function compress() {
  for (const file of Object.keys(metafile.outputs).filter(name => /\.(js|css)$/.test(name))) {
    const text = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(text, {level: 9}));
    writeFileSync(`${file}.br`, brotliCompressSync(text, {params: {[constants.BROTLI_PARAM_SIZE_HINT]: text.length}}));
  }
}

// A file with the chunks it cannot start without.
function weigh(file) {
  const chunks = metafile.outputs[file].imports.filter(({kind}) => kind === 'import-statement').map(({path}) => path);
  return [file, ...chunks].reduce((sum, path) => sum + brotliCompressSync(readFileSync(path)).length / KB, 0);
}
