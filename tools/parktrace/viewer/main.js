// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// Puts the parts together, and listens to the user.

const $ = (id) => document.getElementById(id);

class Viewer {
  constructor(trace) {
    this.trace = trace;
    this.model = new Model(trace);
    this.layout = new Layout(this.model);
    this.painter = new Painter($('tracks'), this.layout);
    this.details = new Details($('details'), this.model, this.painter,
                               (span) => this.go(span));
    this.selected = -1;
    this.pointer = {x: 0, y: 0};
    this.makeTables();
    this.makeHeader();
    this.listen();
    this.resize();
    this.tab('details');
    this.select(-1);
  }

  // ---- Drawing ----

  redraw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      const begin = performance.now();
      this.painter.draw();
      this.drawMinimap();
      this.drawTime = performance.now() - begin;
    });
  }

  resize() {
    this.painter.resize();
    const map = $('minimap'), ratio = window.devicePixelRatio || 1;
    const box = map.getBoundingClientRect();
    map.width = Math.round(box.width * ratio);
    map.height = Math.round(box.height * ratio);
    this.mapWidth = box.width;
    this.mapHeight = box.height;
    this.map = null;
    this.placeScrollbar();
    this.redraw();
  }

  placeScrollbar() {
    this.layout.scrollTo(this.layout.scroll);
    $('scroll-size').style.height = this.layout.total + 'px';
    $('scrollbar').scrollTop = this.layout.scroll;
  }

  // The whole trace, drawn once, and what of it is shown.
  drawMinimap() {
    const canvas = $('minimap'), c = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1, {color} = this.painter;
    const w = this.mapWidth, h = this.mapHeight;
    if (!this.map) {
      this.map = document.createElement('canvas');
      this.map.width = canvas.width;
      this.map.height = canvas.height;
      const m = this.map.getContext('2d');
      m.setTransform(ratio, 0, 0, ratio, 0, 0);
      const step = this.trace.duration / w, most = this.trace.procs.length;
      const peak = Math.max(1, ...this.trace.points.peak[RUNNABLE]);
      for (let x = 0; x < w; x++) {
        const at = (k) => this.painter.mean(k, x * step, (x + 1) * step);
        const running = Math.min(1, at(RUNNING) / most) * (h - 14);
        const runnable = Math.min(1, at(RUNNABLE) / peak) * (h - 14);
        m.fillStyle = color.running;
        m.fillRect(x, h - running, 1, running);
        m.fillStyle = color.runnable;
        m.fillRect(x, h - runnable, 1, Math.min(2, runnable));
      }
    }
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, canvas.width, canvas.height);
    c.drawImage(this.map, 0, 0);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const scale = w / Math.max(1, this.trace.duration);
    const x0 = Math.max(0, this.layout.t0 * scale);
    const x1 = Math.min(w, this.layout.t1 * scale);
    c.globalAlpha = 0.72;
    c.fillStyle = color.panel;
    c.fillRect(0, 0, x0, h);
    c.fillRect(x1, 0, w - x1, h);
    c.globalAlpha = 1;
    c.strokeStyle = color.accent;
    c.lineWidth = 1.5;
    c.strokeRect(x0 + 0.75, 1, Math.max(3, x1 - x0 - 1.5), h - 2);
  }

  // ---- Selecting ----

  select(span) {
    this.selected = this.painter.selected = span;
    this.details.show(span);
    if (this.table && this.table.visible) this.table.render();
    this.redraw();
  }

  // Selects a span and brings it into view.
  go(span) {
    if (span < 0) return;
    const {spans} = this.trace, l = this.layout;
    this.select(span);
    const begin = spans.begin[span], end = spans.end[span];
    const shown = l.t1 - l.t0, length = end - begin;
    if (begin < l.t0 || begin > l.t1 - shown * 0.1 || end < l.t0) {
      const middle = begin + Math.min(length, shown) / 2;
      l.show(middle - shown / 2, middle + shown / 2);
    }
    if (length * l.scale < 3) {
      const wide = Math.max(length * 40, 2000);
      l.show(begin + length / 2 - wide / 2, begin + length / 2 + wide / 2);
    }
    const row = l.rowOf.get(spans.g[span]);
    if (row !== undefined && !this.isProcInView(span)) {
      l.reveal('goroutine', row);
    }
    this.placeScrollbar();
    this.redraw();
  }

  isProcInView(span) {
    const proc = this.trace.spans.proc[span];
    if (proc < 0 || !this.layout.open.proc) return false;
    const y = this.layout.rowY('proc', proc);
    return y > RULER && y < this.layout.height - 40;
  }

  zoomTo(span) {
    if (span < 0) return;
    const {spans} = this.trace;
    const begin = spans.begin[span], end = spans.end[span];
    const margin = Math.max((end - begin) * 0.5, 100);
    this.layout.show(begin - margin, end + margin);
    this.redraw();
  }

  // The span under the pointer, -1 for none.
  spanAt(x, y) {
    const hit = this.layout.at(y);
    if (!hit || hit.heading || hit.kind === 'counter') return -1;
    if (x < GUTTER) {
      return hit.kind === 'goroutine' ? this.longestOf(hit.row) : -1;
    }
    const item = this.layout.itemAt(hit.kind, hit.row, x);
    if (item < 0 || hit.kind === 'thread') return -1;
    return hit.kind === 'proc' ? this.trace.slices.span[item] : item;
  }

  // Of a goroutine's row: the span most worth a look.
  longestOf(row) {
    const g = this.layout.goroutines[row], {spans} = this.trace;
    let best = this.trace.g.first[g], length = -1;
    for (let i = best; i < this.trace.g.first[g + 1]; i++) {
      if (spans.state[i] === RUNNING && this.model.lengthOf(i) > length) {
        best = i;
        length = this.model.lengthOf(i);
      }
    }
    return best;
  }

  // ---- Header ----

  makeHeader() {
    const {trace} = this;
    $('name').textContent = trace.name;
    $('facts').textContent = [
      duration(trace.duration), trace.events.toLocaleString() + ' events',
      trace.g.n.toLocaleString() + ' goroutines', trace.procs.length + ' Ps',
    ].join('  \u00b7  ');
    const {color} = this.painter;
    const keys = [['running', 'running'], ['runnable', 'runnable'],
                  ['syscall', 'in a syscall'], ['network', 'waits: network'],
                  ['sync', 'sync'], ['sleep', 'sleep'], ['other', 'other']];
    $('legend').replaceChildren(...keys.map(([name, text]) =>
        element('span', {className: 'key'}, swatch(color[name]), text)));
  }

  // ---- Tables ----

  makeTables() {
    const {g} = this.trace, m = this.model;
    const blocked = (i) => m.inState[WAITING][i];
    const time = (title, value) =>
        ({title, value, text: (i) => duration(value(i)), width: '15%'});
    const places = {};
    for (const name of ['goroutines', 'functions', 'tasks']) {
      places[name] = $('table');
    }
    const goroutines = new Table(places.goroutines, [
      {title: 'G', value: (i) => g.id[i], text: (i) => String(g.id[i]),
       width: '13%'},
      {title: 'Function', value: (i) => m.functionOf(i),
       text: (i) => m.functionOf(i)},
      time('Blocked', blocked),
      time('Running', (i) => m.inState[RUNNING][i]),
      time('Runnable', (i) => m.inState[RUNNABLE][i]),
      time('Longest', (i) => m.longest[i]),
    ], (i) => this.go(this.longestOf(this.layout.rowOf.get(i))));
    goroutines.chosen = (i) =>
        this.selected >= 0 && this.trace.spans.g[this.selected] === i;
    const functions = new Table(places.functions, [
      {title: 'Function', value: (f) => f.name, text: (f) => f.name},
      {title: 'Gs', value: (f) => f.count, text: (f) => String(f.count),
       width: '12%'},
      ...['Blocked', 'Running', 'Runnable', 'Syscall'].map((title) => ({
        title, value: (f) => f[title], text: (f) => duration(f[title]),
        width: '15%'})),
    ], (f) => {
      $('filter').value = f.name;
      this.applyFilter();
    });
    const tasks = new Table(places.tasks, [
      {title: 'Task', value: (t) => m.text(t.name), text: (t) =>
          m.text(t.name)},
      {title: 'At', value: (t) => t.begin, text: (t) => duration(t.begin),
       width: '22%'},
      {title: 'Took', value: (t) => t.end - t.begin,
       text: (t) => duration(t.end - t.begin), width: '22%'},
    ], (t) => {
      const margin = (t.end - t.begin) * 0.1 + 100;
      this.layout.show(t.begin - margin, t.end + margin);
      this.redraw();
    });
    this.tables = {goroutines, functions, tasks};
    this.fillTables();
  }

  fillTables() {
    const {g, tasks} = this.trace, m = this.model, byName = new Map();
    for (const i of this.layout.goroutines) {
      const name = m.functionOf(i);
      if (!byName.has(name)) {
        byName.set(name, {name, count: 0, Blocked: 0, Running: 0, Runnable: 0,
                          Syscall: 0});
      }
      const f = byName.get(name);
      f.count++;
      f.Running += m.inState[RUNNING][i];
      f.Runnable += m.inState[RUNNABLE][i];
      f.Syscall += m.inState[SYSCALL][i];
      f.Blocked += m.inState[WAITING][i];
    }
    this.tables.goroutines.set(this.layout.goroutines);
    this.tables.functions.set([...byName.values()]);
    this.tables.tasks.set(tasks);
  }

  tab(name) {
    for (const other of ['details', 'goroutines', 'functions', 'tasks']) {
      $('tab-' + other).className = other === name ? 'on' : '';
    }
    $('details').hidden = name !== 'details';
    $('table').hidden = name === 'details';
    $('table').className = name === 'goroutines' ? 'named' : '';
    if (this.table) this.table.hide();
    this.table = this.tables[name];
    if (this.table) {
      $('table').scrollTop = 0;
      this.table.render();
    }
  }

  applyFilter() {
    this.layout.filter($('filter').value);
    this.fillTables();
    this.placeScrollbar();
    this.redraw();
  }

  // ---- Input ----

  listen() {
    const canvas = $('tracks'), l = this.layout;
    window.addEventListener('resize', () => this.resize());
    matchMedia('(prefers-color-scheme: dark)').addEventListener(
        'change', () => {
          this.painter.readTheme();
          this.map = null;
          this.makeHeader();
          this.select(this.selected);
        });
    $('zoom-in').onclick = () => this.zoom(0.5, this.middle());
    $('zoom-out').onclick = () => this.zoom(2, this.middle());
    $('fit').onclick = () => this.fit();
    $('arrows').onchange = () => {
      this.painter.arrows = $('arrows').checked;
      this.redraw();
    };
    $('filter').oninput = () => this.applyFilter();
    for (const name of ['details', 'goroutines', 'functions', 'tasks']) {
      $('tab-' + name).onclick = () => this.tab(name);
    }
    $('help-button').onclick = () => $('help').hidden = false;
    $('help').onclick = () => $('help').hidden = true;
    $('scrollbar').addEventListener('scroll', () => {
      if (Math.abs($('scrollbar').scrollTop - l.scroll) < 1) return;
      l.scrollTo($('scrollbar').scrollTop);
      this.redraw();
    });
    canvas.addEventListener('wheel', (e) => this.wheel(e), {passive: false});
    $('minimap').addEventListener('wheel', (e) => {
      e.preventDefault();
      this.zoom(Math.pow(1.002, e.deltaY), this.middle());
    }, {passive: false});
    this.listenToPointer(canvas);
    this.listenToMinimap($('minimap'));
    window.addEventListener('keydown', (e) => this.key(e));
  }

  middle() { return (GUTTER + this.layout.width) / 2; }

  zoom(factor, x) {
    this.layout.zoom(factor, x);
    this.redraw();
  }

  fit() {
    this.layout.show(0, this.trace.duration);
    this.redraw();
  }

  wheel(e) {
    e.preventDefault();
    const l = this.layout, unit = e.deltaMode === 1 ? 24 : 1;
    const hit = l.at(e.offsetY);
    const above = e.offsetY < RULER || (hit && hit.kind === 'counter');
    if (e.ctrlKey || e.metaKey || above) {
      l.zoom(Math.pow(1.0025, e.deltaY * unit), Math.max(e.offsetX, GUTTER));
    } else {
      const across = e.shiftKey ? e.deltaY || e.deltaX : e.deltaX;
      if (across) l.move(across * unit);
      if (!e.shiftKey && e.deltaY) l.scrollTo(l.scroll + e.deltaY * unit);
    }
    this.placeScrollbar();
    this.redraw();
  }

  listenToPointer(canvas) {
    const l = this.layout;
    let from = null, dragged = false;
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      canvas.focus();
      from = {x: e.offsetX, y: e.offsetY};
      dragged = false;
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener('pointermove', (e) => {
      this.pointer = {x: e.offsetX, y: e.offsetY};
      if (!from) {
        this.tip(e);
        return;
      }
      const dx = e.offsetX - from.x, dy = e.offsetY - from.y;
      if (!dragged && Math.abs(dx) + Math.abs(dy) < 4) return;
      dragged = true;
      $('tip').hidden = true;
      canvas.classList.add('drag');
      l.move(-dx);
      l.scrollTo(l.scroll - dy);
      from = {x: e.offsetX, y: e.offsetY};
      this.placeScrollbar();
      this.redraw();
    });
    canvas.addEventListener('pointerup', (e) => {
      canvas.classList.remove('drag');
      const clicked = from && !dragged;
      from = null;
      if (clicked) this.click(e.offsetX, e.offsetY);
    });
    canvas.addEventListener('pointerleave', () => $('tip').hidden = true);
    canvas.addEventListener('dblclick', (e) =>
        this.zoomTo(this.spanAt(e.offsetX, e.offsetY)));
  }

  click(x, y) {
    const hit = this.layout.at(y);
    if (hit && hit.heading) {
      this.layout.toggle(hit.kind);
      this.placeScrollbar();
      this.redraw();
      return;
    }
    this.select(this.spanAt(x, y));
    if (this.selected >= 0) this.tab('details');
  }

  tip(e) {
    const span = e.offsetX < GUTTER ? -1 : this.spanAt(e.offsetX, e.offsetY);
    const tip = $('tip');
    tip.hidden = span < 0;
    if (span < 0) return;
    const g = this.trace.spans.g[span];
    tip.replaceChildren(
        element('b', {textContent: this.model.title(g)}),
        element('div', {textContent: this.details.what(span) + ', ' +
            duration(this.model.lengthOf(span))}));
    const width = tip.offsetWidth, height = tip.offsetHeight;
    tip.style.left = Math.min(e.clientX + 14, innerWidth - width - 8) + 'px';
    tip.style.top = Math.min(e.clientY + 16, innerHeight - height - 8) + 'px';
  }

  // Clicking centres, dragging chooses.
  listenToMinimap(map) {
    let from = -1;
    const time = (e) => Math.max(0, Math.min(this.trace.duration,
        e.offsetX / this.mapWidth * this.trace.duration));
    map.addEventListener('pointerdown', (e) => {
      from = time(e);
      map.setPointerCapture(e.pointerId);
    });
    map.addEventListener('pointermove', (e) => {
      if (from < 0) return;
      const to = time(e);
      const least = 4 / this.mapWidth * this.trace.duration;
      if (Math.abs(to - from) < least) return;
      this.layout.show(Math.min(from, to), Math.max(from, to));
      this.redraw();
    });
    map.addEventListener('pointerup', (e) => {
      const to = time(e), least = 4 / this.mapWidth * this.trace.duration;
      if (from >= 0 && Math.abs(to - from) < least) {
        const half = (this.layout.t1 - this.layout.t0) / 2;
        this.layout.show(to - half, to + half);
        this.redraw();
      }
      from = -1;
    });
  }

  key(e) {
    if (e.target === $('filter')) {
      if (e.key === 'Escape') {
        $('filter').value = '';
        this.applyFilter();
        $('tracks').focus();
      }
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const l = this.layout, x = Math.max(GUTTER, this.pointer.x);
    const quarter = (l.width - GUTTER) / 4, span = this.selected;
    const keys = {
      w: () => this.zoom(0.6, x),
      s: () => this.zoom(1 / 0.6, x),
      a: () => l.move(-quarter),
      d: () => l.move(quarter),
      f: () => this.zoomTo(span),
      u: () => this.goToWaker(),
      0: () => this.fit(),
      ArrowLeft: () => span >= 0 && this.go(this.model.previous(span)),
      ArrowRight: () => span >= 0 && this.go(this.model.next(span)),
      ArrowUp: () => l.scrollTo(l.scroll - 60),
      ArrowDown: () => l.scrollTo(l.scroll + 60),
      '/': () => $('filter').focus(),
      '?': () => $('help').hidden = !$('help').hidden,
      Escape: () => {
        if ($('help').hidden) this.select(-1);
        $('help').hidden = true;
      },
    };
    const action = keys[e.key];
    if (!action) return;
    e.preventDefault();
    action();
    this.placeScrollbar();
    this.redraw();
  }

  goToWaker() {
    const [step] = this.selected < 0 ? [] :
        this.model.chainOf(this.selected, 1);
    if (step) this.go(step.by);
  }
}

// For tests, and for whoever wants to look from the console.
window.__trace = {ready: false, counts: {}, errors: []};
window.addEventListener('error', (e) =>
    window.__trace.errors.push(String(e.message)));
window.addEventListener('unhandledrejection', (e) =>
    window.__trace.errors.push(String(e.reason)));

async function open() {
  try {
    const begin = performance.now();
    const trace = decode(await decompress($('data').textContent));
    $('data').remove();
    window.__trace.counts = countsOf(trace);
    window.__trace.viewer = new Viewer(trace);
    window.__trace.opened = performance.now() - begin;
    $('loading').hidden = true;
    requestAnimationFrame(() => window.__trace.ready = true);
  } catch (e) {
    window.__trace.errors.push(String(e));
    $('loading').className = 'bad';
    $('loading').textContent = 'This page cannot show its trace: ' + e;
  }
}

open();
