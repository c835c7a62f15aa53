// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// Draws what a Layout shows. However many items a row has, it costs a few
// steps per pixel: what is narrower than that is drawn as how much of the
// pixel's time it took, from sums that decode.js made.

const COLUMN = 2;  // pixels, where items are narrower

class Painter {
  constructor(canvas, layout) {
    this.canvas = canvas;
    this.layout = layout;
    this.model = layout.model;
    this.trace = this.model.trace;
    this.selected = -1;  // a span
    this.arrows = true;
    this.readTheme();
    this.rankFunctions();
    this.waitColors();
  }

  readTheme() {
    const style = getComputedStyle(document.documentElement);
    this.color = {};
    for (const name of ['back', 'panel', 'stripe', 'line', 'grid', 'text',
                        'muted', 'accent', 'select', 'running', 'runnable',
                        'syscall', 'network', 'sync', 'sleep', 'other',
                        'slice-s', 'slice-l', 'slice-text']) {
      this.color[name] = style.getPropertyValue('--' + name).trim();
    }
    this.sans = style.getPropertyValue('--sans');
    this.mono = style.getPropertyValue('--mono');
    this.functionColors = new Map();
    this.waitColors();
  }

  // Functions that run longest get hues that are far apart.
  rankFunctions() {
    const time = new Map(), {g} = this.trace;
    for (let i = 0; i < g.n; i++) {
      time.set(g.name[i],
               (time.get(g.name[i]) || 0) + this.model.inState[RUNNING][i]);
    }
    this.functions = [...time].sort((a, b) => b[1] - a[1]).map((e) => e[0]);
    this.rank = new Map(this.functions.map((name, i) => [name, i]));
  }

  functionColor(name) {
    let color = this.functionColors.get(name);
    if (!color) {
      const hue = (206 + this.rank.get(name) * 137.5) % 360;
      color = `hsl(${hue} ${this.color['slice-s']} ${this.color['slice-l']})`;
      this.functionColors.set(name, color);
    }
    return color;
  }

  waitColors() {
    this.waits = this.trace.strings.map((reason) => {
      if (reason === 'network') return this.color.network;
      if (reason === 'sleep') return this.color.sleep;
      return /chan|sync|select/.test(reason) ? this.color.sync :
          this.color.other;
    });
    this.states = [this.color.running, this.color.runnable,
                   this.color.syscall];
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    this.layout.width = box.width;
    this.layout.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.context = this.canvas.getContext('2d', {alpha: false});
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  draw() {
    const c = this.context, l = this.layout;
    c.fillStyle = this.color.back;
    c.fillRect(0, 0, l.width, l.height);
    c.textBaseline = 'middle';
    this.drawGrid();
    for (const s of l.sections) this.drawSection(s);
    if (this.arrows) this.drawArrows();
    this.drawRuler();
    this.drawGutterLine();
  }

  // Calls `row(i, y)` for the rows that can be seen.
  drawSection(s) {
    const c = this.context, l = this.layout;
    const top = s.top - l.scroll + RULER, height = ROW[s.kind];
    const first = Math.max(0, Math.floor((RULER - top) / height));
    const last = Math.min(s.height / height,
                          Math.ceil((l.height - top) / height));
    for (let i = first; i < last; i++) {
      const y = top + i * height;
      if (s.kind === 'counter') this.drawCounter(i, y);
      if (s.kind === 'proc') this.drawProc(i, y);
      if (s.kind === 'thread') this.drawThread(i, y);
      if (s.kind === 'goroutine') this.drawGoroutine(i, y);
    }
    const y = s.y - l.scroll + RULER;
    if (y + HEADING < RULER || y > l.height) return;
    c.fillStyle = this.color.stripe;
    c.fillRect(0, y, l.width, HEADING);
    c.fillStyle = this.color.line;
    c.fillRect(0, y, l.width, 1);
    c.font = `650 12px ${this.sans}`;
    c.fillStyle = this.color.text;
    const mark = l.open[s.kind] ? '\u25be' : '\u25b8';
    c.fillText(mark, 12, y + HEADING / 2 + 1);
    c.fillText(s.title, 26, y + HEADING / 2 + 1);
    const x = 26 + c.measureText(s.title).width + 8;
    c.font = `12px ${this.sans}`;
    c.fillStyle = this.color.muted;
    c.fillText(s.note, x, y + HEADING / 2 + 1);
  }

  label(text, y, height, strong) {
    const c = this.context;
    c.fillStyle = this.color.back;
    c.fillRect(0, y, GUTTER, height);
    c.font = `${strong ? 600 : 400} 11.5px ${this.sans}`;
    c.fillStyle = strong ? this.color.text : this.color.muted;
    c.fillText(this.fit(text, GUTTER - 36), 26, y + height / 2 + 0.5);
  }

  // The text's beginning, if all of it is too wide.
  fit(text, width) {
    const c = this.context;
    if (c.measureText(text).width <= width) return text;
    let low = 0, high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (c.measureText(text.slice(0, middle) + '\u2026').width <= width) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low ? text.slice(0, low) + '\u2026' : '';
  }

  // ---- Rows of items ----

  // Calls wide(i, x0, x1) for items that can be seen one by one, and
  // dense(x, t0, t1, i, j) for columns of items [i, j) that cannot.
  eachItem(kind, row, wide, dense) {
    const l = this.layout, {array, from, to} = l.items(kind, row);
    const end = l.width;
    let i = firstGreater(array.end, from, to, l.t0);
    let free = GUTTER;  // the first pixel without anything
    while (i < to) {
      const x0 = Math.max(l.x(array.begin[i]), GUTTER);
      if (x0 >= end) break;
      const x1 = Math.min(l.x(array.end[i]), end);
      if (x1 - x0 >= COLUMN || x1 >= end) {
        wide(i, x0, x1);
        free = x1;
        i++;
        continue;
      }
      const x = Math.max(free, COLUMN * Math.floor(x0 / COLUMN));
      const t0 = l.time(x), t1 = l.time(x + COLUMN);
      const j = Math.max(i + 1, firstGreater(array.end, i, to, t1));
      dense(x, t0, t1, i, j);
      free = x + COLUMN;
      i = j;
    }
  }

  // How much of [t0, t1] the sums say items [i, j) and the begin of j took.
  share(array, k, t0, t1, i, j, to, counts) {
    const sum = array.sum[k];
    let time = sum[j] - sum[i];
    if (counts(i) && array.begin[i] < t0) time -= t0 - array.begin[i];
    if (j < to && counts(j) && array.begin[j] < t1) time += t1 - array.begin[j];
    return Math.max(0, Math.min(1, time / (t1 - t0)));
  }

  drawProc(row, y) {
    const c = this.context, h = ROW.proc - 4, {slices, spans} = this.trace;
    const to = slices.first[row + 1];
    c.font = `11px ${this.sans}`;
    this.eachItem('proc', row, (i, x0, x1) => {
      const span = slices.span[i];
      const inSyscall = spans.state[span] === SYSCALL;
      const name = this.trace.g.name[spans.g[span]];
      c.fillStyle = inSyscall ? this.color.syscall : this.functionColor(name);
      const width = Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 0.5 : 0));
      c.fillRect(x0, y + 2, width, h);
      if (x1 - x0 > 34) {
        c.fillStyle = this.color['slice-text'];
        const text = inSyscall ? 'syscall' : this.model.title(spans.g[span]);
        c.fillText(this.fit(text, x1 - x0 - 8), x0 + 4, y + ROW.proc / 2 + 0.5);
      }
      if (span === this.selected) this.frame(x0, y + 2, x1 - x0, h);
    }, (x, t0, t1, i, j) => {
      const part = this.share(slices, 0, t0, t1, i, j, to, () => true);
      const span = slices.span[i];
      c.fillStyle = this.functionColor(this.trace.g.name[spans.g[span]]);
      const height = Math.max(1.5, h * part);
      c.fillRect(x, y + 2 + h - height, COLUMN, height);
    });
    this.label('P ' + this.trace.procs[row], y, ROW.proc, true);
  }

  drawThread(row, y) {
    const c = this.context, h = ROW.thread - 4, {holds} = this.trace;
    const to = holds.first[row + 1];
    c.fillStyle = this.color.network;
    c.font = `10px ${this.sans}`;
    this.eachItem('thread', row, (i, x0, x1) => {
      c.fillStyle = this.color.network;
      c.fillRect(x0, y + 2, Math.max(1, x1 - x0 - 0.5), h);
      if (x1 - x0 > 26) {
        c.fillStyle = this.color['slice-text'];
        c.fillText('P ' + this.trace.procs[holds.proc[i]], x0 + 4, y + 8.5);
      }
    }, (x, t0, t1, i, j) => {
      const part = this.share(holds, 0, t0, t1, i, j, to, () => true);
      const height = Math.max(1.5, h * part);
      c.fillStyle = this.color.network;
      c.fillRect(x, y + 2 + h - height, COLUMN, height);
    });
    this.label('M ' + this.trace.threads[row], y, ROW.thread, false);
  }

  drawGoroutine(row, y) {
    const c = this.context, {spans} = this.trace;
    const h = ROW.goroutine - 6, g = this.layout.goroutines[row];
    const to = this.trace.g.first[g + 1];
    const isSelected =
        this.selected >= 0 && spans.g[this.selected] === g;
    if (isSelected) {
      c.fillStyle = this.color.stripe;
      c.fillRect(0, y, this.layout.width, ROW.goroutine);
    }
    const counts = [0, 1, 2].map((k) => (i) => spans.state[i] === k);
    this.eachItem('goroutine', row, (i, x0, x1) => {
      const state = spans.state[i];
      const width = Math.max(1, x1 - x0);
      if (state === WAITING) {
        c.fillStyle = this.waits[spans.reason[i]];
        c.fillRect(x0, y + 3 + h / 2 - 1, width, 2.5);
      } else {
        c.fillStyle = this.states[state];
        c.fillRect(x0, y + 3, width, h);
      }
      if (i === this.selected) this.frame(x0, y + 3, width, h);
    }, (x, t0, t1, i, j) => {
      let bottom = y + 3 + h;
      for (let k = 0; k < 3; k++) {
        const part = this.share(spans, k, t0, t1, i, j, to, counts[k]);
        if (part === 0) continue;
        const height = Math.max(0.5, h * part);
        c.fillStyle = this.states[k];
        c.fillRect(x, bottom - height, COLUMN, height);
        bottom -= height;
      }
    });
    this.drawRegions(g, y + ROW.goroutine - 3);
    this.label(this.model.title(g), y, ROW.goroutine, isSelected);
  }

  drawRegions(g, y) {
    const regions = this.trace.regionsOf.get(g);
    if (!regions) return;
    const c = this.context, l = this.layout;
    c.fillStyle = this.color.accent;
    let last = GUTTER;
    for (const region of regions) {
      const x0 = Math.max(l.x(region.begin), GUTTER), x1 = l.x(region.end);
      if (x1 < Math.max(last, GUTTER) || x0 > l.width) continue;
      if (x1 - last < 1) continue;
      c.fillRect(x0, y, Math.max(1, x1 - x0 - 0.5), 1.5);
      last = x1;
    }
  }

  frame(x, y, width, height) {
    const c = this.context;
    c.strokeStyle = this.color.select;
    c.lineWidth = 1.5;
    c.strokeRect(x - 0.75, y - 0.75, Math.max(width, 2) + 1.5, height + 1.5);
  }

  // ---- Counters ----

  drawCounter(row, y) {
    const c = this.context, l = this.layout, {points, procs} = this.trace;
    const shown = COUNTERS_SHOWN[row], h = ROW.counter - 8;
    let most = row === 0 ? procs.length : 1;
    for (const [k] of shown.parts) {
      if (row === 0) break;
      for (const peak of points.peak[k]) most = Math.max(most, peak);
    }
    const columns = Math.ceil((l.width - GUTTER) / COLUMN);
    const base = new Float64Array(columns);
    for (const [k, color] of shown.parts) {
      c.fillStyle = this.color[color];
      for (let column = 0; column < columns; column++) {
        const x = GUTTER + column * COLUMN;
        const mean = this.mean(k, l.time(x), l.time(x + COLUMN));
        const height = Math.min(h - base[column], h * mean / most);
        if (height <= 0) continue;
        c.fillRect(x, y + 4 + h - base[column] - height, COLUMN, height);
        base[column] += height;
      }
    }
    c.fillStyle = this.color.line;
    c.fillRect(GUTTER, y + ROW.counter - 4, l.width - GUTTER, 1);
    this.label(shown.name, y, ROW.counter, true);
    c.font = `11px ${this.sans}`;
    c.fillStyle = this.color.muted;
    c.textAlign = 'right';
    c.fillText(row === 0 ? most + ' P' : String(most), GUTTER - 8, y + 11);
    c.textAlign = 'left';
  }

  integral(k, time) {
    const {points} = this.trace;
    if (time <= 0 || points.n === 0) return 0;
    const t = Math.min(time, this.trace.duration);
    const i = Math.max(0, firstGreater(points.time, 0, points.n, t) - 1);
    return points.sum[k][i] + points.value[k][i] * (t - points.time[i]);
  }

  mean(k, t0, t1) {
    if (t1 <= 0 || t0 >= this.trace.duration) return 0;
    return (this.integral(k, t1) - this.integral(k, t0)) / (t1 - t0);
  }

  // ---- Ruler ----

  step() {
    const least = 90 / this.layout.scale;
    const power = Math.pow(10, Math.floor(Math.log10(least)));
    for (const factor of [1, 2, 5, 10]) {
      if (factor * power >= least) return Math.max(1, factor * power);
    }
    return 10 * power;
  }

  eachTick(f) {
    const l = this.layout, step = this.step();
    for (let t = Math.ceil(l.time(GUTTER) / step) * step; t <= l.t1;
         t += step) {
      f(l.x(t), t);
    }
  }

  drawGrid() {
    const c = this.context;
    c.fillStyle = this.color.grid;
    this.eachTick((x) => c.fillRect(Math.round(x), RULER, 1,
                                    this.layout.height));
  }

  drawRuler() {
    const c = this.context, l = this.layout;
    c.fillStyle = this.color.panel;
    c.fillRect(0, 0, l.width, RULER);
    c.fillStyle = this.color.line;
    c.fillRect(0, RULER - 1, l.width, 1);
    c.font = `11px ${this.sans}`;
    this.eachTick((x, t) => {
      c.fillStyle = this.color.line;
      c.fillRect(Math.round(x), RULER - 7, 1, 6);
      c.fillStyle = this.color.muted;
      c.fillText(this.tick(t), x + 4, RULER / 2);
    });
    c.fillStyle = this.color.panel;
    c.fillRect(0, 0, GUTTER, RULER - 1);
    c.fillStyle = this.color.muted;
    c.fillText(duration(l.t1 - l.t0) + ' shown', 26, RULER / 2);
  }

  // A time, as precise as the ruler's steps are.
  tick(t) {
    const step = this.step();
    const [unit, name] = t < 1e3 && step < 1e3 ? [1, 'ns'] :
        step < 1e3 ? [1e3, 'µs'] : step < 1e6 ? [1e6, 'ms'] : [1e9, 's'];
    const digits = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
    return (t / unit).toFixed(digits) + ' ' + name;
  }

  drawGutterLine() {
    const c = this.context;
    c.fillStyle = this.color.line;
    c.fillRect(GUTTER, 0, 1, this.layout.height);
  }

  // ---- Wakes ----

  drawArrows() {
    const c = this.context;
    c.save();
    c.beginPath();
    c.rect(GUTTER, RULER, this.layout.width, this.layout.height);
    c.clip();
    const l = this.layout, {wakes} = this.trace;
    const from = firstGreater(wakes.time, 0, wakes.n, l.t0);
    const to = firstGreater(wakes.time, from, wakes.n, l.t1);
    if (to - from < 300) {
      for (let i = from; i < to; i++) this.arrow(i, 'proc', 0.4);
    }
    if (this.selected >= 0) {
      const runnable = this.model.runnableOf(this.selected);
      const wake = runnable < 0 ? -1 : this.trace.spans.wake[runnable];
      for (const kind of ['proc', 'goroutine']) {
        if (wake >= 0) this.arrow(wake, kind, 1);
        for (const i of this.model.wakesIn(this.selected).slice(0, 50)) {
          this.arrow(i, kind, 0.8);
        }
      }
    }
    c.restore();
  }

  // From who woke it to where it ran; between processors or goroutines.
  arrow(wake, kind, alpha) {
    const c = this.context, l = this.layout, {wakes, spans} = this.trace;
    const run = this.model.next(wakes.span[wake]);
    if (run < 0 || !l.open[kind]) return;
    const byProc = kind === 'proc';
    const fromRow = byProc ? wakes.proc[wake] : l.rowOf.get(wakes.g[wake]);
    const toRow = byProc ? spans.proc[run] :
        l.rowOf.get(spans.g[wakes.span[wake]]);
    if (toRow === undefined || toRow < 0) return;
    const half = ROW[kind] / 2;
    const x1 = l.x(byProc ? spans.begin[run] : wakes.time[wake]);
    const y1 = l.rowY(kind, toRow) + half;
    const x0 = l.x(wakes.time[wake]);
    const fromNobody = fromRow === undefined || fromRow < 0;
    const y0 = fromNobody ? y1 - half - 6 : l.rowY(kind, fromRow) + half;
    // Along a row it would only cross out what stands there.
    if (fromRow === toRow && alpha < 0.8) return;
    if (x1 < GUTTER || x0 > l.width || Math.max(y0, y1) < RULER ||
        Math.min(y0, y1) > l.height) {
      return;
    }
    c.globalAlpha = alpha;
    c.strokeStyle = c.fillStyle =
        alpha >= 0.8 ? this.color.accent : this.color.text;
    c.lineWidth = alpha >= 0.8 ? 1.5 : 1;
    const bend = Math.max(12, Math.min(60, Math.abs(x1 - x0) / 2));
    c.beginPath();
    c.moveTo(x0, y0);
    if (fromRow === toRow) {
      const top = y0 - half - 5;
      c.bezierCurveTo(x0, top, x1 - 4, top, x1, y1 - half + 2);
    } else if (byProc) {
      c.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
    } else {
      c.lineTo(x1, y1);
    }
    c.stroke();
    const down = fromRow === toRow ? 1 : byProc ? 0 : Math.sign(y1 - y0);
    const tip = fromRow === toRow ? y1 - half + 3 : y1;
    c.beginPath();
    c.moveTo(x1, tip);
    if (down) {
      c.lineTo(x1 - 3.5, tip - 6 * down);
      c.lineTo(x1 + 3.5, tip - 6 * down);
    } else {
      c.lineTo(x1 - 6, tip - 3.5);
      c.lineTo(x1 - 6, tip + 3.5);
    }
    c.fill();
    c.globalAlpha = 1;
  }
}
