// The report's content: JSON, and the bits of its patterns, both compressed in the page.

async function unpacked(id) {
  const text = byId(id).textContent;
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function readReport() {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("This browser cannot unpack the page's content (DecompressionStream); a newer one can.");
  }
  const [json, bits] = await Promise.all([unpacked("report-json"), unpacked("report-bits")]);
  const report = JSON.parse(new TextDecoder().decode(json));
  for (const run of report.runs) {
    run.sequences = run.sequences.map((sequence) => new Sequence(report, run, sequence, bits));
    run.active = activeSteps(run);
  }
  return report;
}

/** Steps up to the last one that computed or decided something. */
function activeSteps(run) {
  const decided = run.sequences.flatMap((sequence) => sequence.decided);
  let last = run.steps.length;
  while (last > 0 && !run.steps[last - 1].ran && !decided.includes(last - 1)) last--;
  return last;
}

const OPEN = -1;
const GIVEN = -2; // among the steps that decided positions: a token that was there before
const ONES = Uint8Array.from({ length: 256 }, (_, i) => i.toString(2).replaceAll("0", "").length);

/** One sequence of a run: its tokens, when they were decided, its patterns. */
class Sequence {
  constructor(report, run, json, bits) {
    Object.assign(this, json);
    this.pieces = report.pieces;
    this.specials = new Set(report.specials);
    this.selections = json.selections.map((each) => new Selection(each, bits));
    this.steps = run.steps.length;
    this.length = this.tokens.length;
    this.shown = this.length - this.promptLength;
    this.generated = this.decided.filter((step) => step !== GIVEN).length;
    this.joint = new Map(); // position -> the characters that several tokens make together
    for (const [start, length, text] of json.joint) {
      for (let i = 0; i < length; i++) this.joint.set(start + i, { start, length, text });
    }
  }

  /** The step that decided a position of the generation, or undefined. */
  decidedIn(index) {
    const step = this.decided[index];
    return step < 0 ? undefined : step;
  }

  isGiven(index) {
    return this.decided[index] === GIVEN;
  }

  isDecided(index, step) {
    return this.isGiven(index) || (this.decided[index] >= 0 && this.decided[index] < step);
  }

  isSpecial(position) {
    return this.specials.has(this.tokens[position]);
  }

  piece(number) {
    return number === OPEN ? "" : this.pieces[number];
  }

  /** The final text of a position; of characters made of several tokens all of it at the first. */
  text(position) {
    const joint = this.joint.get(position);
    if (joint) return joint.start === position ? joint.text : "";
    return this.piece(this.tokens[position]);
  }

  /** The text of some positions at the end; a special token that is repeated is there once. */
  textOf(from, to) {
    const end = Math.min(to, this.length);
    let text = "";
    for (let i = from; i < end; i++) {
      text += this.tokens[i] === OPEN ? "\u2591" : this.text(i);
      const first = i;
      while (this.isSpecial(first) && i + 1 < end && this.tokens[i + 1] === this.tokens[first]) i++;
      if (i > first) text += ` \u00d7 ${i - first + 1} `;
    }
    return text;
  }

  /** What is guessed for the open positions after some steps: a Map from index to piece. */
  guessesAt(step) {
    if (!this.guesses) return undefined;
    if (!this.guessed || this.guessed.step > step) this.guessed = { step: 0, pieces: new Map() };
    while (this.guessed.step < step) {
      const changes = this.guesses[this.guessed.step++] || [];
      for (let i = 0; i < changes.length; i += 2) this.guessed.pieces.set(changes[i], changes[i + 1]);
    }
    return this.guessed.pieces;
  }
}

/**
 * The patterns of one grid that one step selected; `numbers` are their layers. A cell is a block, or the mean of some where
 * `scale` > 1. Cells lie column after column, as columns are alike from row to row and pack well.
 */
class Selection {
  constructor(json, bits) {
    Object.assign(this, json);
    this.columnBytes = this.scale === 1 ? Math.ceil(this.rows / 8) : this.rows;
    this.headBytes = this.columns * this.columnBytes;
    // The queries are the last tokens that are read: of a model that attends block by block its block.
    this.firstQuery = this.keyTokens - this.queryTokens;
    this.bits = bits.subarray(this.offset, this.offset + this.layers * this.heads * this.headBytes);
  }

  /** How large blocks are. */
  get blocks() {
    const { queryBlock, keyBlock } = this;
    return `blocks of ${queryBlock === keyBlock ? plural(keyBlock, "token") : `${plural(queryBlock, "query token")} and ${plural(keyBlock, "key token")}`}`;
  }

  column(layer, head, column) {
    return (layer * this.heads + head) * this.headBytes + column * this.columnBytes;
  }

  /** The share of a cell's blocks that a head reads: 0 or 1 where cells are blocks. */
  share(layer, head, row, column) {
    const start = this.column(layer, head, column);
    return this.scale === 1 ? (this.bits[start + (row >> 3)] >> (row & 7)) & 1 : this.bits[start + row] / 255;
  }

  /** A head in at most so many cells a side, each the mean of what it covers. */
  small(layer, head, most) {
    const rows = Math.min(most, this.rows);
    const columns = Math.min(most, this.columns);
    const sums = new Float32Array(rows * columns);
    const sizes = new Float32Array(rows * columns);
    // Eight blocks at once where they fall into the same cell but for its edges.
    const wide = this.scale === 1 && this.rows >= 16 * rows;
    const stride = wide ? 8 : 1;
    for (let column = 0; column < this.columns; column++) {
      const to = Math.floor((column * columns) / this.columns);
      const start = this.column(layer, head, column);
      for (let row = 0; row < this.rows; row += stride) {
        const cell = Math.floor((row * rows) / this.rows) * columns + to;
        sums[cell] += wide ? ONES[this.bits[start + (row >> 3)]] : this.share(layer, head, row, column);
        sizes[cell] += Math.min(stride, this.rows - row);
      }
    }
    return { rows, columns, at: (row, column) => sums[row * columns + column] / sizes[row * columns + column] };
  }

  /** How much two heads of a layer overlap. */
  headOverlap(layer, a, b) {
    if (a === b) return 1;
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    return this.headOverlaps[layer][low * this.heads - (low * (low + 1)) / 2 + high - low - 1];
  }
}
