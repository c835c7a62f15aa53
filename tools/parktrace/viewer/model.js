// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// Questions to a trace: names, who woke whom, why something was late.

function duration(ns) {
  const abs = Math.abs(ns);
  const digits = (n) => n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0);
  if (abs < 1000) return Math.round(ns) + ' ns';
  if (abs < 1e6) return digits(ns / 1e3) + ' µs';
  if (abs < 1e9) return digits(ns / 1e6) + ' ms';
  return digits(ns / 1e9) + ' s';
}

// A moment, to the nanosecond.
function moment(ns) {
  if (ns < 1e6) return (ns / 1e3).toFixed(3) + ' µs';
  return ns < 1e9 ? (ns / 1e6).toFixed(6) + ' ms' : (ns / 1e9).toFixed(9) + ' s';
}

// What one calls a C++ function: without template arguments, parameters and
// namespaces without a name. Other languages' names stay as they are.
function shortName(name) {
  let rest = name.replaceAll('(anonymous namespace)::', '');
  if (rest.endsWith(')') && !/operator\(\)$/.test(rest)) {
    let depth = 0, at = rest.length;
    do {
      at--;
      depth += rest[at] === ')' ? 1 : rest[at] === '(' ? -1 : 0;
    } while (depth > 0 && at > 0);
    if (at > 0) rest = rest.slice(0, at);
  }
  let out = '', depth = 0;
  for (let i = 0; i < rest.length; i++) {
    const c = rest[i];
    const isBracket = (c === '<' || c === '>') && rest[i - 1] !== '-' &&
        !/operator[<>=-]*$/.test(rest.slice(Math.max(0, i - 11), i));
    if (isBracket && c === '>' && --depth === 0) {
      out += i > 0 && rest[i - 1] === '<' ? '>' : '\u2026>';
    } else if (depth === 0) {
      out += c;
    }
    if (isBracket && c === '<') depth++;
  }
  return depth === 0 ? out : rest;
}

// The first index in [from, to) whose value is greater, or `to`.
function firstGreater(array, from, to, value) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (array[middle] > value) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

class Model {
  constructor(trace) {
    this.trace = trace;
    this.shortNames = new Map();
    const {g, spans} = trace;
    // Of each goroutine: time in each state, and the longest wait for a P.
    this.inState = [];
    for (let k = 0; k < 4; k++) this.inState.push(new Float64Array(g.n));
    this.longest = new Float64Array(g.n);
    for (let i = 0; i < spans.n; i++) {
      const length = spans.end[i] - spans.begin[i];
      this.inState[spans.state[i]][spans.g[i]] += length;
      if (spans.state[i] === RUNNABLE && length > this.longest[spans.g[i]]) {
        this.longest[spans.g[i]] = length;
      }
    }
    // Wakes by who did them.
    const count = new Uint32Array(g.n + 1);
    for (let i = 0; i < trace.wakes.n; i++) {
      if (trace.wakes.g[i] >= 0) count[trace.wakes.g[i] + 1]++;
    }
    for (let i = 0; i < g.n; i++) count[i + 1] += count[i];
    this.wakesFirst = count.slice();
    this.wakesBy = new Uint32Array(count[g.n]);
    for (let i = 0; i < trace.wakes.n; i++) {
      const by = trace.wakes.g[i];
      if (by >= 0) this.wakesBy[count[by]++] = i;
    }
  }

  text(number) { return this.trace.strings[number]; }

  fullName(g) { return this.text(this.trace.g.name[g]) || '?'; }

  functionOf(g) {
    const number = this.trace.g.name[g];
    if (!this.shortNames.has(number)) {
      this.shortNames.set(number, shortName(this.fullName(g)));
    }
    return this.shortNames.get(number);
  }

  title(g) { return 'G ' + this.trace.g.id[g] + '  ' + this.functionOf(g); }

  reason(span) { return this.text(this.trace.spans.reason[span]); }

  lengthOf(span) {
    return this.trace.spans.end[span] - this.trace.spans.begin[span];
  }

  // The goroutine's span at a time, -1 if it was not there.
  spanAt(g, time) {
    const {first} = this.trace.g;
    const i = firstGreater(this.trace.spans.end, first[g], first[g + 1], time);
    return i < first[g + 1] && this.trace.spans.begin[i] <= time ? i : -1;
  }

  next(span) {
    return span + 1 < this.trace.g.first[this.trace.spans.g[span] + 1] ?
        span + 1 : -1;
  }

  previous(span) {
    return span > this.trace.g.first[this.trace.spans.g[span]] ? span - 1 : -1;
  }

  // The stack that says most about a span: where it stopped at its end for one
  // that runs, where it stopped before for all others.
  stackOf(span) {
    const {spans} = this.trace;
    if (spans.state[span] === RUNNING) {
      const next = this.next(span);
      return next < 0 ? 0 : spans.stack[next];
    }
    if (spans.state[span] === RUNNABLE && !spans.stack[span]) {
      const previous = this.previous(span);
      return previous < 0 ? 0 : spans.stack[previous];
    }
    return spans.stack[span];
  }

  // The span of the waker in which it woke the goroutine; -1: no goroutine.
  wakersSpan(wake) {
    const {wakes} = this.trace;
    return wakes.g[wake] < 0 ? -1 : this.spanAt(wakes.g[wake],
                                                wakes.time[wake] - 0.5);
  }

  // Wakes that a goroutine did during a span.
  wakesIn(span) {
    const {spans, wakes} = this.trace;
    const g = spans.g[span], found = [];
    for (let i = this.wakesFirst[g]; i < this.wakesFirst[g + 1]; i++) {
      const time = wakes.time[this.wakesBy[i]];
      if (time > spans.end[span]) break;
      if (time >= spans.begin[span]) found.push(this.wakesBy[i]);
    }
    return found;
  }

  // The runnable span that belongs to a span: itself, or the one before it.
  runnableOf(span) {
    for (let i = span; i >= 0; i = this.previous(i)) {
      if (this.trace.spans.state[i] === RUNNABLE) return i;
      if (i !== span && this.trace.spans.state[i] === WAITING) return -1;
    }
    return -1;
  }

  // Of a runnable span: how long all processors were busy, and for how long
  // one was free that nobody had told yet.
  splitOf(span) {
    const {spans, points, procs} = this.trace;
    const begin = spans.begin[span], end = spans.end[span];
    let busy = 0, free = 0;
    let i = Math.max(0, firstGreater(points.time, 0, points.n, begin) - 1);
    for (; i < points.n && points.time[i] < end; i++) {
      const from = Math.max(begin, points.time[i]);
      const to = Math.min(end, points.time[i + 1]);
      // One that is held for a syscall is taken; one whose thread still looks
      // for something to run is not.
      const taken = Math.min(
          points.value[HELD][i],
          points.value[RUNNING][i] + points.value[SYSCALL][i]);
      if (taken >= procs.length) {
        busy += to - from;
      } else {
        free += to - from;
      }
    }
    return {busy, free};
  }

  // Who ran, while a goroutine waited, on the processor that it got then.
  othersBefore(runnable) {
    const {spans, slices} = this.trace;
    const run = this.next(runnable);
    if (run < 0 || spans.proc[run] < 0) return [];
    const p = spans.proc[run], time = new Map();
    const begin = spans.begin[runnable], end = spans.end[runnable];
    const last = slices.first[p + 1];
    let i = firstGreater(slices.end, slices.first[p], last, begin);
    for (let steps = 0; i < last && slices.begin[i] < end && steps < 1e5;
         i++, steps++) {
      const g = spans.g[slices.span[i]];
      const length = Math.min(end, slices.end[i]) -
          Math.max(begin, slices.begin[i]);
      time.set(g, (time.get(g) || 0) + length);
    }
    return [...time].sort((a, b) => b[1] - a[1]);
  }

  // Backwards from a span: it ran because it was woken by somebody who ran
  // because... Each step is a runnable span and the wake that began it.
  chainOf(span, limit) {
    const {spans} = this.trace, chain = [];
    const seen = new Set();
    while (span >= 0 && chain.length < limit && !seen.has(span)) {
      seen.add(span);
      const runnable = this.runnableOf(span);
      if (runnable < 0) break;
      const wake = spans.wake[runnable];
      const by = wake < 0 ? -1 : this.wakersSpan(wake);
      chain.push({runnable, wake, by});
      span = by;
    }
    return chain;
  }
}
