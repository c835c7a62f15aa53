// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// From the page's data to typed arrays; html.cc writes what is read here.

// Numbers as html.cc writes them, one after another.
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  // An unsigned number of up to 53 bits.
  u() {
    const bytes = this.bytes;
    let byte = bytes[this.at++];
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = bytes[this.at++];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  // A signed one.
  s() {
    const n = this.u();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }
}

async function decompress(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(
      new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// States as in the file.
const RUNNING = 0, RUNNABLE = 1, SYSCALL = 2, WAITING = 3;
const STATES = ['running', 'runnable', 'syscall', 'waiting'];

function decode(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const trace = JSON.parse(
      new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const r = new Reader(bytes.subarray(4 + size));
  decodeGoroutines(trace, r);
  decodeSlices(trace, r);
  decodeHolds(trace, r);
  decodeWakes(trace, r);
  decodePoints(trace, r);
  decodeUser(trace, r);
  if (r.at !== r.bytes.length) throw new Error('data left over');
  return trace;
}

// Goroutines and their spans, which follow one another without a gap. `sum`
// has, for each span, how long its goroutine was in a state before it.
function decodeGoroutines(trace, r) {
  const n = r.u(), total = r.u();
  const g = trace.g = {
    n, id: new Float64Array(n), name: new Uint32Array(n),
    stack: new Uint32Array(n), creator: new Int32Array(n),
    ended: new Uint8Array(n), begin: new Float64Array(n),
    end: new Float64Array(n), first: new Uint32Array(n + 1),
  };
  const s = trace.spans = {
    n: total, begin: new Float64Array(total), end: new Float64Array(total),
    g: new Uint32Array(total), state: new Uint8Array(total),
    reason: new Uint32Array(total), stack: new Uint32Array(total),
    proc: new Int32Array(total), thread: new Int32Array(total),
    wake: new Int32Array(total),
    sum: [new Float64Array(total + 1), new Float64Array(total + 1),
          new Float64Array(total + 1)],
  };
  let at = 0;
  const sum = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    g.id[i] = r.u();
    g.name[i] = r.u();
    g.stack[i] = r.u();
    g.creator[i] = r.u() - 1;
    g.ended[i] = r.u();
    let time = g.begin[i] = r.u();
    g.first[i] = at;
    for (let count = r.u(); count > 0; count--, at++) {
      const length = r.u(), state = r.u();
      s.begin[at] = time;
      time += length;
      s.end[at] = time;
      s.g[at] = i;
      s.state[at] = state;
      s.reason[at] = r.u();
      s.stack[at] = r.u();
      s.proc[at] = r.u() - 1;
      s.thread[at] = r.u() - 1;
      s.wake[at] = r.u() - 1;
      for (let k = 0; k < 3; k++) s.sum[k][at] = sum[k];
      if (state < WAITING) sum[state] += length;
    }
    g.end[i] = time;
  }
  g.first[n] = at;
  for (let k = 0; k < 3; k++) s.sum[k][at] = sum[k];
}

// By processor; `sum` has how long it was busy before each slice.
function decodeSlices(trace, r) {
  const procs = trace.procs.length, n = r.u();
  const s = trace.slices = {
    n, begin: new Float64Array(n), end: new Float64Array(n),
    proc: new Uint32Array(n), span: new Uint32Array(n),
    sum: [new Float64Array(n + 1)], first: new Uint32Array(procs + 1),
  };
  let at = 0, sum = 0;
  for (let p = 0; p < procs; p++) {
    s.first[p] = at;
    let time = 0, span = 0;
    for (let count = r.u(); count > 0; count--, at++) {
      s.begin[at] = time += r.u();
      s.end[at] = time += r.u();
      s.proc[at] = p;
      s.span[at] = span += r.s();
      s.sum[0][at] = sum;
      sum += s.end[at] - s.begin[at];
    }
  }
  s.first[procs] = at;
  s.sum[0][at] = sum;
}

// Which thread had which processor, by thread.
function decodeHolds(trace, r) {
  const threads = trace.threads.length, n = r.u();
  const h = trace.holds = {
    n, begin: new Float64Array(n), end: new Float64Array(n),
    proc: new Uint32Array(n), thread: new Uint32Array(n),
    sum: [new Float64Array(n + 1)], first: new Uint32Array(threads + 1),
  };
  let at = 0, sum = 0;
  for (let m = 0; m < threads; m++) {
    h.first[m] = at;
    let time = 0;
    for (let count = r.u(); count > 0; count--, at++) {
      h.begin[at] = time += r.u();
      h.end[at] = time += r.u();
      h.proc[at] = r.u();
      h.thread[at] = m;
      h.sum[0][at] = sum;
      sum += h.end[at] - h.begin[at];
    }
  }
  h.first[threads] = at;
  h.sum[0][at] = sum;
}

function decodeWakes(trace, r) {
  const n = r.u();
  const w = trace.wakes = {
    n, time: new Float64Array(n), g: new Int32Array(n),
    proc: new Int32Array(n), thread: new Int32Array(n),
    span: new Uint32Array(n), stack: new Uint32Array(n),
    created: new Uint8Array(n),
  };
  let time = 0;
  for (let i = 0; i < n; i++) {
    w.time[i] = time += r.u();
    w.g[i] = r.u() - 1;
    w.proc[i] = r.u() - 1;
    w.thread[i] = r.u() - 1;
    w.span[i] = r.u();
    w.stack[i] = r.u();
    w.created[i] = r.u();
  }
}

// Counters over time: goroutines by state, then threads with a processor.
// `sum` is the integral before a point, for means; `peak` the highest of each
// block of 64 points.
const COUNTERS = 5, HELD = 4, BLOCK = 64;

function decodePoints(trace, r) {
  const n = r.u();
  const p = trace.points = {n, time: new Float64Array(n + 1), value: [],
                            sum: [], peak: []};
  for (let k = 0; k < COUNTERS; k++) {
    p.value.push(new Int32Array(n));
    p.sum.push(new Float64Array(n + 1));
    p.peak.push(new Int32Array(Math.ceil(n / BLOCK)));
  }
  let time = 0;
  const value = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const delta = r.u();
    time += delta;
    p.time[i] = time;
    for (let k = 0; k < COUNTERS; k++) {
      if (i > 0) p.sum[k][i] = p.sum[k][i - 1] + value[k] * delta;
      value[k] += r.s();
      p.value[k][i] = value[k];
      const block = Math.floor(i / BLOCK);
      if (value[k] > p.peak[k][block]) p.peak[k][block] = value[k];
    }
  }
  p.time[n] = trace.duration;
  for (let k = 0; k < COUNTERS && n > 0; k++) {
    p.sum[k][n] = p.sum[k][n - 1] + value[k] * (trace.duration - time);
  }
}

function decodeUser(trace, r) {
  trace.tasks = [];
  for (let n = r.u(); n > 0; n--) {
    trace.tasks.push({id: r.u(), parent: r.u(), name: r.u(), begin: r.u(),
                      end: r.u(), g: r.u() - 1});
  }
  trace.regions = [];
  trace.regionsOf = new Map();
  for (let n = r.u(); n > 0; n--) {
    const region = {g: r.u(), begin: r.u(), end: r.u(), task: r.u(),
                    name: r.u(), depth: r.u()};
    trace.regions.push(region);
    if (!trace.regionsOf.has(region.g)) trace.regionsOf.set(region.g, []);
    trace.regionsOf.get(region.g).push(region);
  }
  trace.logs = [];
  for (let n = r.u(); n > 0; n--) {
    trace.logs.push(
        {time: r.u(), g: r.u(), task: r.u(), key: r.u(), value: r.u()});
  }
}

// What parktrace summary --json has, counted from what arrived here.
function countsOf(trace) {
  const counts = {
    goroutines: trace.g.n, procs: trace.procs.length,
    threads: trace.threads.length, spans: trace.spans.n,
    slices: trace.slices.n, holds: trace.holds.n, wakes: trace.wakes.n,
    points: trace.points.n, tasks: trace.tasks.length,
    regions: trace.regions.length, logs: trace.logs.length,
  };
  const inState = [0, 0, 0, 0];
  for (let i = 0; i < trace.spans.n; i++) inState[trace.spans.state[i]]++;
  STATES.forEach((name, i) => counts[name + '_spans'] = inState[i]);
  return counts;
}
