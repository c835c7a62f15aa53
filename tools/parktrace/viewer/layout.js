// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// Where everything is on the timeline: time across, rows down.

const RULER = 26, GUTTER = 196, HEADING = 24;
const ROW = {counter: 44, proc: 24, thread: 16, goroutine: 18};

const COUNTERS_SHOWN = [
  {name: 'Running', parts: [[RUNNING, 'running'], [SYSCALL, 'syscall']]},
  {name: 'Runnable', parts: [[RUNNABLE, 'runnable']]},
  {name: 'Waiting', parts: [[WAITING, 'sync']]},
];

class Layout {
  constructor(model) {
    this.model = model;
    this.t0 = 0;
    this.t1 = Math.max(1, model.trace.duration);
    this.scroll = 0;
    this.width = 100;
    this.height = 100;
    this.open = {counter: true, proc: true, thread: false, goroutine: true};
    this.filter('');
  }

  // Goroutines by id or function; all words must occur.
  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter((w) => w);
    const {g} = this.model.trace;
    this.goroutines = [];
    for (let i = 0; i < g.n; i++) {
      const title = words.length ?
          (this.model.title(i) + ' ' + this.model.fullName(i)).toLowerCase() :
          '';
      if (words.every((w) => title.includes(w))) this.goroutines.push(i);
    }
    this.rowOf = new Map();
    this.goroutines.forEach((g, row) => this.rowOf.set(g, row));
    this.place();
  }

  place() {
    const {trace} = this.model;
    const shown = this.goroutines.length, all = trace.g.n;
    this.sections = [
      {kind: 'counter', title: 'Goroutines over time',
       rows: COUNTERS_SHOWN.length},
      {kind: 'proc', title: 'Processors', rows: trace.procs.length},
      {kind: 'thread', title: 'Threads', rows: trace.threads.length},
      {kind: 'goroutine', title: 'Goroutines',
       note: shown === all ? String(all) : shown + ' of ' + all, rows: shown},
    ];
    let y = 0;
    for (const s of this.sections) {
      s.y = y;
      s.top = y + HEADING;
      s.height = this.open[s.kind] ? s.rows * ROW[s.kind] : 0;
      if (!s.note) s.note = String(s.rows);
      y = s.top + s.height + 4;
    }
    this.total = y + 40;
  }

  section(kind) { return this.sections.find((s) => s.kind === kind); }

  toggle(kind) {
    this.open[kind] = !this.open[kind];
    this.place();
  }

  // ---- Time ----
  get scale() { return (this.width - GUTTER) / (this.t1 - this.t0); }
  x(time) { return GUTTER + (time - this.t0) * this.scale; }
  time(x) { return this.t0 + (x - GUTTER) / this.scale; }

  show(t0, t1) {
    const whole = Math.max(1, this.model.trace.duration);
    const shortest = Math.min(whole, 50);
    const length = Math.min(Math.max(t1 - t0, shortest), whole * 1.02);
    const middle = (t0 + t1) / 2;
    const margin = whole * 0.01;
    t0 = Math.max(-margin, Math.min(middle - length / 2,
                                    whole + margin - length));
    this.t0 = t0;
    this.t1 = t0 + length;
  }

  zoom(factor, x) {
    const at = this.time(x);
    this.show(at - (at - this.t0) * factor, at + (this.t1 - at) * factor);
  }

  move(pixels) {
    const by = pixels / this.scale;
    this.show(this.t0 + by, this.t1 + by);
  }

  // ---- Rows ----
  get viewHeight() { return this.height - RULER - 26; }

  scrollTo(scroll) {
    const most = Math.max(0, this.total - this.viewHeight);
    this.scroll = Math.max(0, Math.min(scroll, most));
  }

  // On the canvas, the top of a row.
  rowY(kind, row) {
    return this.section(kind).top + row * ROW[kind] - this.scroll + RULER;
  }

  // {kind, row, heading} at a place of the canvas; null for nothing.
  at(y) {
    const inside = y - RULER + this.scroll;
    if (y < RULER) return null;
    for (const s of this.sections) {
      if (inside >= s.y && inside < s.top) return {kind: s.kind, heading: true};
      if (inside >= s.top && inside < s.top + s.height) {
        return {kind: s.kind, row: Math.floor((inside - s.top) / ROW[s.kind])};
      }
    }
    return null;
  }

  // Brings a goroutine's row into view, opening what hides it.
  reveal(kind, row) {
    if (!this.open[kind]) this.toggle(kind);
    const y = this.rowY(kind, row) - RULER;
    if (y < HEADING || y > this.viewHeight - 2 * ROW[kind]) {
      this.scrollTo(this.scroll + y - this.viewHeight / 2);
    }
  }

  // The items of a row: their arrays, and which of them.
  items(kind, row) {
    const {trace} = this.model;
    if (kind === 'proc') {
      return {array: trace.slices, from: trace.slices.first[row],
              to: trace.slices.first[row + 1]};
    }
    if (kind === 'thread') {
      return {array: trace.holds, from: trace.holds.first[row],
              to: trace.holds.first[row + 1]};
    }
    const g = this.goroutines[row];
    return {array: trace.spans, from: trace.g.first[g],
            to: trace.g.first[g + 1]};
  }

  // The item at a place: the one there, or the longest within two pixels.
  itemAt(kind, row, x) {
    const {array, from, to} = this.items(kind, row);
    const begin = this.time(x - 2), end = this.time(x + 2), at = this.time(x);
    let best = -1, length = -1;
    let i = firstGreater(array.end, from, to, begin);
    for (let steps = 0; i < to && array.begin[i] <= end && steps < 200;
         i++, steps++) {
      if (array.begin[i] <= at && array.end[i] > at &&
          (array.end[i] - array.begin[i]) * this.scale >= 1) {
        return i;
      }
      // Waiting is what all else stands out from.
      const weight = (array.end[i] - array.begin[i]) *
          (array.state && array.state[i] === WAITING ? 0.001 : 1);
      if (weight > length) {
        best = i;
        length = weight;
      }
    }
    return best;
  }
}
