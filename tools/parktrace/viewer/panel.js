// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// The panel at the right: details of what is selected, and tables.

function element(tag, properties, ...children) {
  const e = document.createElement(tag);
  Object.assign(e, properties);
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// The file and its folder.
function shortPath(path) {
  return path.split('/').slice(-2).join('/');
}

function swatch(color) {
  const e = element('span', {className: 'swatch'});
  e.style.background = color;
  return e;
}

class Details {
  // `go(span)` selects a span and shows it.
  constructor(place, model, painter, go) {
    this.place = place;
    this.model = model;
    this.painter = painter;
    this.trace = model.trace;
    this.go = go;
  }

  show(span) {
    this.place.replaceChildren();
    if (span < 0) {
      this.add(element('p', {className: 'hint', textContent:
          'Click a slice: what it is, why it stopped, who woke it and what ' +
          'it woke. Double click zooms; ? lists the keys.'}));
      return;
    }
    this.head(span);
    this.late(span);
    this.wakesOf(span);
    this.stack(span);
    this.logs(span);
    this.place.scrollTop = 0;
  }

  add(...children) { this.place.append(...children); }

  heading(text) { this.add(element('h3', {textContent: text})); }

  link(span, text) {
    if (span < 0) return element('span', {textContent: text});
    return element('a', {textContent: text, onclick: () => this.go(span)});
  }

  title(g) { return this.model.title(g); }

  color(span) {
    const {spans} = this.trace, state = spans.state[span];
    return state === WAITING ? this.painter.waits[spans.reason[span]] :
        this.painter.states[state];
  }

  facts(rows) {
    const list = element('dl');
    for (const [name, value] of rows) {
      if (value === null || value === '') continue;
      const dd = element('dd');
      dd.append(value);
      list.append(element('dt', {textContent: name}), dd);
    }
    this.add(list);
  }

  what(span) {
    const {spans} = this.trace, reason = this.model.reason(span);
    if (spans.state[span] === WAITING) {
      return 'waiting' + (reason ? ': ' + reason : '');
    }
    if (spans.state[span] === RUNNABLE && reason) {
      return 'runnable, after ' + reason;
    }
    return spans.state[span] === SYSCALL ? 'in a syscall' :
        STATES[spans.state[span]];
  }

  head(span) {
    const {spans, procs, threads, g} = this.trace, me = spans.g[span];
    const length = this.model.lengthOf(span);
    this.add(
        element('h2', {textContent: this.title(me),
                       title: this.model.fullName(me)}),
        element('span', {className: 'chip'}, swatch(this.color(span)),
                this.what(span)));
    const step = (other, name) => other < 0 ? null :
        this.link(other, this.what(other) + ', ' +
                  duration(this.model.lengthOf(other)));
    const creator = g.creator[me];
    this.facts([
      ['Duration', duration(length)],
      ['From', moment(spans.begin[span])],
      ['To', moment(spans.end[span]) +
           (this.model.next(span) < 0 && !g.ended[me] ? ', the end' : '')],
      ['On', spans.proc[span] < 0 ? '' : 'P ' + procs[spans.proc[span]] +
           (spans.thread[span] < 0 ? '' :
                ', M ' + threads[spans.thread[span]])],
      ['Before', step(this.model.previous(span))],
      ['Next', step(this.model.next(span))],
      ['Created', creator < 0 ? '' : this.link(
          g.first[creator], 'by ' + this.title(creator))],
    ]);
  }

  bar(parts) {
    const bar = element('div', {className: 'bar'});
    for (const [color, share] of parts) {
      const piece = element('div');
      piece.style.background = color;
      piece.style.width = 100 * share + '%';
      bar.append(piece);
    }
    this.add(bar);
  }

  // How long it waited for a processor, why, and how it came to be woken.
  late(span) {
    const {spans} = this.trace, runnable = this.model.runnableOf(span);
    if (runnable < 0) return;
    const length = this.model.lengthOf(runnable);
    this.heading(spans.state[span] === RUNNABLE ? 'Why it does not run yet' :
        'Why it did not run earlier');
    const {busy, free} = this.model.splitOf(runnable);
    this.add(element('p', {}, 'Runnable for ',
                     this.link(runnable, duration(length)), ' before it ran.'));
    if (length > 0) {
      this.bar([[this.painter.color.runnable, busy / length],
                [this.painter.color.sleep, free / length]]);
    }
    this.facts([
      ['All Ps busy', duration(busy)],
      ['A P was free', duration(free)],
    ]);
    const others = this.model.othersBefore(runnable);
    if (others.length) {
      const run = this.model.next(runnable);
      this.add(element('p', {className: 'time', textContent: 'Meanwhile on P ' +
          this.trace.procs[spans.proc[run]] + ':'}));
      for (const [g, time] of others.slice(0, 4)) {
        const there = this.model.spanAt(g, spans.begin[runnable]);
        this.add(element('p', {}, this.link(there < 0 ?
            this.trace.g.first[g] : there, this.title(g)), ' ',
            element('span', {className: 'time', textContent: duration(time)})));
      }
      if (others.length > 4) {
        this.add(element('p', {className: 'time', textContent:
            'and ' + (others.length - 4) + ' more'}));
      }
    }
    this.chain(span);
  }

  chain(span) {
    const {wakes, spans} = this.trace, end = spans.begin[span];
    const chain = this.model.chainOf(span, 12);
    if (!chain.length) return;
    this.heading('Woken by');
    const list = element('ol', {className: 'chain'});
    for (const {runnable, wake, by} of chain) {
      const item = element('li');
      if (wake < 0) {
        item.append('nobody: it gave up its P' +
            (this.model.reason(runnable) ?
                 ' (' + this.model.reason(runnable) + ')' : ''));
      } else {
        const g = wakes.g[wake];
        const who = g < 0 ? 'the runtime' +
            (wakes.thread[wake] < 0 ? '' :
                 ', M ' + this.trace.threads[wakes.thread[wake]]) :
            this.title(g);
        item.append(wakes.created[wake] ? 'created by ' : '',
                    this.link(by, who));
        const place = this.place1(wakes.stack[wake]);
        item.append(element('div', {className: 'time', textContent:
            (place ? place + ', ' : '') +
            duration(end - wakes.time[wake]) + ' earlier'}));
      }
      list.append(item);
    }
    this.add(list);
  }

  wakesOf(span) {
    const {wakes, spans} = this.trace;
    if (spans.state[span] !== RUNNING) return;
    const found = this.model.wakesIn(span);
    if (!found.length) return;
    this.heading('Woke ' + found.length);
    for (const wake of found.slice(0, 12)) {
      const woken = wakes.span[wake], run = this.model.next(woken);
      this.add(element('p', {}, this.link(run < 0 ? woken : run,
                                          this.title(spans.g[woken])), ' ',
          element('span', {className: 'time', textContent: run < 0 ? 'later' :
              'ran ' + duration(this.model.lengthOf(woken)) + ' later'})));
    }
  }

  frames(stack) {
    const numbers = this.trace.stacks[stack] || [], frames = [];
    for (let i = 0; i < numbers.length; i += 3) {
      frames.push({name: this.model.text(numbers[i]) || '?',
                   file: this.model.text(numbers[i + 1]),
                   line: numbers[i + 2]});
    }
    return frames;
  }

  place1(stack) {
    const frames = this.frames(stack);
    if (!frames.length) return '';
    const {file, line} = frames[0];
    return file.slice(file.lastIndexOf('/') + 1) + ':' + line;
  }

  stack(span) {
    const {spans, g} = this.trace;
    let stack = this.model.stackOf(span);
    let title = spans.state[span] === RUNNING ? 'Stopped at' :
        spans.state[span] === WAITING ? 'Waits at' : 'Stack';
    if (!stack) {
      stack = g.stack[spans.g[span]];
      title = 'Began at';
    }
    const frames = this.frames(stack);
    if (!frames.length) return;
    this.heading(title);
    for (const {name, file, line} of frames) {
      const frame = element('div', {className: 'frame', textContent: name},
          element('span', {textContent: shortPath(file) + ':' + line}));
      frame.title = file;
      this.add(frame);
    }
  }

  logs(span) {
    const {spans} = this.trace;
    const found = this.trace.logs.filter(
        (log) => log.g === spans.g[span] && log.time >= spans.begin[span] &&
            log.time <= spans.end[span]);
    if (!found.length) return;
    this.heading('Logged');
    for (const log of found.slice(0, 20)) {
      this.add(element('p', {textContent: this.model.text(log.key) + ': ' +
          this.model.text(log.value)}));
    }
  }
}

// A table of which only the rows in view exist.
class Table {
  // Columns: {title, value(row), text(row), width}; `pick(row)` is a click.
  constructor(place, columns, pick) {
    this.place = place;
    this.columns = columns;
    this.pick = pick;
    this.rows = [];
    this.sorted = columns.length > 2 ? 2 : 1;
    this.down = true;
    this.height = 24;
    this.chosen = () => false;
    place.addEventListener('scroll', () => {
      if (this.visible) this.fill();
    });
  }

  set(rows) {
    this.rows = rows.slice();
    this.sort();
  }

  sort() {
    const {value} = this.columns[this.sorted], sign = this.down ? -1 : 1;
    const keys = new Map(this.rows.map((row) => [row, value(row)]));
    this.rows.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      return (x < y ? -1 : x > y ? 1 : 0) * sign;
    });
    if (this.visible) this.render();
  }

  render() {
    this.visible = true;
    const head = element('tr');
    this.columns.forEach((column, i) => {
      const th = element('th', {textContent: column.title +
          (i === this.sorted ? (this.down ? ' \u25be' : ' \u25b4') : '')});
      th.className = i === this.sorted ? 'on' : '';
      th.style.width = column.width || '';
      th.onclick = () => {
        this.down = i === this.sorted ? !this.down : i !== 0;
        this.sorted = i;
        this.sort();
      };
      head.append(th);
    });
    this.body = element('tbody');
    this.place.replaceChildren(
        element('table', {}, element('thead', {}, head), this.body));
    if (!this.rows.length) {
      this.place.append(element('div', {className: 'none', textContent:
          'None.'}));
    }
    this.fill();
  }

  hide() { this.visible = false; }

  fill() {
    const first = Math.max(0, Math.floor(
        this.place.scrollTop / this.height) - 10);
    const last = Math.min(this.rows.length, first + 20 +
        Math.ceil(this.place.clientHeight / this.height));
    const spacer = (rows) => {
      const tr = element('tr');
      tr.style.height = rows * this.height + 'px';
      return tr;
    };
    const shown = [spacer(first)];
    for (let i = first; i < last; i++) {
      const row = this.rows[i];
      const tr = element('tr', {className: 'row', onclick: () =>
          this.pick(row)});
      if (this.chosen(row)) tr.className += ' on';
      for (const column of this.columns) {
        const text = column.text(row);
        tr.append(element('td', {textContent: text, title: text}));
      }
      shown.push(tr);
    }
    shown.push(spacer(this.rows.length - last));
    this.body.replaceChildren(...shown);
  }
}
