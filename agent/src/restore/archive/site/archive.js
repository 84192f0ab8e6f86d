// The list of pull requests with its search, and the buttons that copy. Everything is text to the page: nothing here makes HTML.
const perPage = 50;
const stateWords = { OPEN: ['open', 'busy'], MERGED: ['merged', 'ok'], DECLINED: ['declined', 'bad'] };
const orders = {
  newest: (a, b) => (b.created ?? 0) - (a.created ?? 0),
  oldest: (a, b) => (a.created ?? 0) - (b.created ?? 0),
  updated: (a, b) => (b.updated ?? 0) - (a.updated ?? 0),
  comments: (a, b) => b.comments - a.comments,
};
const fields = ['file', 'number', 'title', 'state', 'author', 'from', 'to', 'created', 'updated', 'comments', 'tasks'];
const byId = (id) => document.getElementById(id);
const make = (tag, className, ...inside) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside.filter((part) => part !== null));
  return element;
};
const count = (number, one) => `${number.toLocaleString('en-US')} ${one}${number === 1 ? '' : 's'}`;
const day = (time) => (time === null ? 'unknown date' : new Date(time).toISOString().slice(0, 10));
// oxlint-disable-next-line no-control-regex
const hidden = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const plain = (text) => text.replaceAll(hidden, (sign) => (sign === '\n' || sign === '\t' ? ' ' : '\ufffd'));
const searched = (word) => new RegExp(word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');

/** A stretch of text round the first hit, with the hit marked. */
function snippet(text, pattern) {
  const hit = pattern.exec(text);
  if (hit === null) return null;
  const from = Math.max(0, hit.index - 60);
  const end = hit.index + hit[0].length;
  const rest = plain(text.slice(end, end + 100));
  return make(
    'p',
    'snippet',
    from > 0 ? '…' : '',
    plain(text.slice(from, hit.index)),
    make('mark', '', plain(hit[0])),
    rest,
    end + 100 < text.length ? '…' : '',
  );
}

function rowOf(one, patterns) {
  const [word, tone] = Object.hasOwn(stateWords, one.state) ? stateWords[one.state] : [plain(one.state).toLowerCase(), ''];
  const link = make('a', 'title', plain(one.title));
  link.href = `pull-requests/${encodeURIComponent(one.file)}.html`;
  link.dir = 'auto';
  const facts = make(
    'p',
    'sub',
    `#${plain(one.number)} · `,
    make('bdi', '', plain(one.author)),
    ' · ',
    make('code', '', plain(one.from)),
    ' → ',
    make('code', '', plain(one.to)),
    ` · ${day(one.created)}`,
  );
  if (one.comments > 0) facts.append(` · ${count(one.comments, 'comment')}`);
  if (one.tasks > 0) facts.append(' · ', make('span', 'warn-text', count(one.tasks, 'open task')));
  const said = patterns.find((pattern) => !pattern.test(one.head));
  return make(
    'li',
    '',
    make('span', `lozenge ${tone}`, word),
    make('div', 'grow', link, facts, said === undefined ? null : snippet(one.text, said)),
  );
}

/** Reads the files with texts one after the other; a page from a folder may fetch nothing, but it may have scripts. */
function readTexts(total, rows, onMore) {
  const byFile = new Map(rows.map((row) => [row.file, row]));
  let read = 0;
  globalThis.archiveTexts = (texts) => {
    for (const [file, text] of texts) {
      const row = byFile.get(file);
      if (row !== undefined) row.text = text;
    }
  };
  const next = () => {
    const script = make('script');
    script.src = `texts/${read + 1}.js`;
    const done = () => {
      read += 1;
      onMore(read);
      script.remove();
      if (read < total) next();
    };
    script.addEventListener('load', done);
    script.addEventListener('error', done);
    document.head.append(script);
  };
  if (total > 0) next();
}

function startList({ texts, rows: lists }) {
  const rows = lists.map((list) => Object.fromEntries(fields.map((name, index) => [name, list[index]])));
  for (const row of rows) {
    row.text = '';
    row.head = `#${row.number} ${row.title} ${row.author} ${row.from} ${row.to}`;
  }
  const form = byId('search');
  const words = byId('words');
  const order = byId('order');
  const asked = new URLSearchParams(location.hash.slice(1));
  const state = { page: Number(asked.get('page') ?? 0) || 0, read: 0, reading: false };
  words.value = asked.get('q') ?? '';
  if (Object.hasOwn(orders, asked.get('sort') ?? '')) order.value = asked.get('sort');
  for (const radio of form.elements.state) radio.checked = radio.value === (asked.get('state') ?? '');
  if (![...form.elements.state].some((radio) => radio.checked)) form.elements.state[0].checked = true;

  const show = () => {
    const patterns = words.value.split(/\s+/).filter(Boolean).map(searched);
    const matching = rows.filter((row) => patterns.every((pattern) => pattern.test(row.head) || pattern.test(row.text)));
    for (const place of document.querySelectorAll('[data-count]')) {
      const which = place.dataset.count;
      place.textContent = matching.filter((row) => which === '' || row.state === which).length.toLocaleString('en-US');
    }
    const wanted = form.elements.state.value;
    const found = matching.filter((row) => wanted === '' || row.state === wanted).toSorted(orders[order.value]);
    const pages = Math.max(1, Math.ceil(found.length / perPage));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const first = state.page * perPage;
    byId('list').replaceChildren(...found.slice(first, first + perPage).map((row) => rowOf(row, patterns)));
    const reading = patterns.length > 0 && state.read < texts ? ` · reading comments, ${state.read} of ${texts}` : '';
    byId('found').textContent = `${found.length === 0 ? 'Nothing found' : count(found.length, 'pull request')}${reading}`;
    byId('pages').hidden = pages === 1;
    byId('page').textContent = `Page ${state.page + 1} of ${pages}`;
    byId('before').disabled = state.page === 0;
    byId('after').disabled = state.page === pages - 1;
    const said = { q: words.value, state: wanted, sort: order.value === 'newest' ? '' : order.value, page: state.page || '' };
    const hash = new URLSearchParams(Object.entries(said).filter(([, value]) => value !== '')).toString();
    history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`);
    if (patterns.length > 0 && !state.reading) {
      state.reading = true;
      readTexts(texts, rows, (read) => {
        state.read = read;
        later();
      });
    }
  };
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, 80);
  };
  const turn = (by) => () => {
    state.page += by;
    show();
    byId('found').scrollIntoView({ block: 'nearest' });
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    state.page = 0;
    later();
  });
  byId('before').addEventListener('click', turn(-1));
  byId('after').addEventListener('click', turn(1));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select, textarea')) return;
    event.preventDefault();
    words.focus();
  });
  show();
}

function startCopying() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = 'Copied';
      } catch {
        // From a folder some browsers copy nothing: the line is marked, a key away.
        getSelection().selectAllChildren(button.previousElementSibling);
        button.textContent = 'Press Ctrl+C';
      }
    });
  }
}

document.addEventListener('DOMContentLoaded', () => {
  startCopying();
  if (globalThis.archive !== undefined) startList(globalThis.archive);
});
