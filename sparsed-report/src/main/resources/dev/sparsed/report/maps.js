// Drawing one head: query blocks from top to bottom, key blocks from left to right.

const BLOCK = { left: 58, top: 24, right: 8, bottom: 4, most: 620 };

/** The colour of each cell of a head, as a canvas of one pixel per cell. */
function cellsOf(selection, layer, head, other) {
  const canvas = document.createElement("canvas");
  canvas.width = selection.columns;
  canvas.height = selection.rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(selection.columns, selection.rows);
  const skipped = rgb(colour("skipped"));
  const read = rgb(colour(other ? "both" : "block"));
  const alone = other && rgb(colour(other.colour));
  let at = 0;
  for (let row = 0; row < selection.rows; row++) {
    for (let column = 0; column < selection.columns; column++) {
      const share = selection.share(layer, head, row, column);
      const ink = other && other.selection.share(other.layer, other.head, row, column) < share ? alone : read;
      for (let i = 0; i < 3; i++) image.data[at++] = skipped[i] + (ink[i] - skipped[i]) * share;
      image.data[at++] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** A thumbnail of a head in a square of so many CSS pixels. */
function drawThumbnail(context, left, top, size, selection, layer, head) {
  const small = selection.small(layer, head, size);
  const skipped = rgb(colour("skipped"));
  const read = rgb(colour("block"));
  const canvas = document.createElement("canvas");
  canvas.width = small.columns;
  canvas.height = small.rows;
  const its = canvas.getContext("2d");
  const image = its.createImageData(small.columns, small.rows);
  let at = 0;
  for (let row = 0; row < small.rows; row++) {
    for (let column = 0; column < small.columns; column++) {
      for (let i = 0; i < 3; i++) image.data[at++] = skipped[i] + (read[i] - skipped[i]) * small.at(row, column);
      image.data[at++] = 255;
    }
  }
  its.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, left, top, size, size);
}

/** One head, large, with axes in tokens and a cell that pointer and arrow keys choose. */
class HeadMap {
  constructor(label, chosen) {
    this.chosen = chosen;
    this.title = element("h3");
    this.canvas = element("canvas", { tabIndex: 0, role: "application", "aria-roledescription": "map of blocks", "aria-label": `${label}; arrow keys move by a block, with Shift by ten` });
    this.root = element("div", {}, this.title, this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - BLOCK.left) / this.cellWidth);
    const row = Math.floor((event.clientY - box.top - BLOCK.top) / this.cellHeight);
    if (row >= 0 && column >= 0 && row < this.selection.rows && column < this.selection.columns) this.chosen(row, column);
  }

  onKey(event) {
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    this.chosen(clamp(this.row + far * move[0], 0, this.selection.rows - 1), clamp(this.column + far * move[1], 0, this.selection.columns - 1));
  }

  /** Shows a head. `other` holds what it is compared with and the colour of what only this reads. */
  show(title, selection, layer, head, promptLength, other) {
    Object.assign(this, { selection, promptLength });
    this.title.textContent = title;
    this.cells = cellsOf(selection, layer, head, other);
  }

  draw(row, column) {
    this.row = row;
    this.column = column;
    const width = Math.min(this.root.clientWidth, BLOCK.most + BLOCK.left + BLOCK.right);
    if (!width) return;
    const { selection } = this;
    // As wide as high in tokens; whole pixels per cell where there is room for them.
    const room = width - BLOCK.left - BLOCK.right;
    const most = Math.max(selection.rows, selection.columns);
    const pixels = window.devicePixelRatio || 1;
    const whole = Math.floor((room * pixels) / most) / pixels;
    const token = (whole * most || room) / Math.max(selection.queryTokens, selection.keyTokens);
    this.cellWidth = token * selection.keyBlock * selection.scale;
    this.cellHeight = token * selection.queryBlock * selection.scale;
    this.token = token;
    const right = this.cellWidth * selection.columns;
    const bottom = this.cellHeight * selection.rows;
    const context = sized(this.canvas, width, bottom + BLOCK.top + BLOCK.bottom);
    context.imageSmoothingEnabled = !whole;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.cells, BLOCK.left, BLOCK.top, right, bottom);
    this.drawAxes(context);
    this.drawBorder(context, right, bottom);
    this.drawCursor(context, right, bottom);
  }

  drawAxes(context) {
    const tokens = this.token; // pixels per token
    const right = tokens * this.selection.keyTokens;
    const bottom = tokens * this.selection.queryTokens;
    context.fillStyle = colour("muted");
    context.strokeStyle = colour("line");
    const mark = roundStep(this.selection.keyTokens, Math.max(2, right / 90));
    context.textBaseline = "bottom";
    for (let at = 0; at * tokens < right; at += mark) {
      context.textAlign = at === 0 ? "left" : "center";
      const x = BLOCK.left + at * tokens;
      if (at > 0 && x + 20 > BLOCK.left + right) continue;
      context.fillText(at === 0 ? "key 0" : count(at), x, BLOCK.top - 6);
      context.fillRect(x, BLOCK.top - 5, 1, 5);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    const down = roundStep(this.selection.queryTokens, Math.max(2, bottom / 90));
    for (let at = 0; at * tokens < bottom; at += down) {
      const y = BLOCK.top + at * tokens;
      const query = count(this.selection.firstQuery + at);
      context.fillText(at === 0 ? `query ${query}` : query, BLOCK.left - 8, Math.max(y, BLOCK.top + 6));
      context.fillRect(BLOCK.left - 5, y, 5, 1);
    }
  }

  /** Where the prompt ends. */
  drawBorder(context, right, bottom) {
    const at = this.promptLength * this.token;
    const down = (this.promptLength - this.selection.firstQuery) * this.token;
    context.strokeStyle = colour("border");
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(BLOCK.left + at, BLOCK.top);
    context.lineTo(BLOCK.left + at, BLOCK.top + bottom);
    if (down >= 0) {
      context.moveTo(BLOCK.left, BLOCK.top + down);
      context.lineTo(BLOCK.left + right, BLOCK.top + down);
    }
    context.stroke();
    context.setLineDash([]);
  }

  drawCursor(context, right, bottom) {
    const { cellWidth, cellHeight } = this;
    const x = BLOCK.left + this.column * cellWidth;
    const y = BLOCK.top + this.row * cellHeight;
    context.strokeStyle = colour("accent");
    context.lineWidth = 1;
    context.globalAlpha = 0.6;
    context.strokeRect(BLOCK.left, y - 0.5, right, cellHeight + 1);
    context.strokeRect(x - 0.5, BLOCK.top, cellWidth + 1, bottom);
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, cellWidth + 2, cellHeight + 2);
  }
}

const LENS = { cells: 17, cell: 11 };

/** The surroundings of the chosen cell, enlarged. */
function drawLens(canvas, map) {
  const size = LENS.cells * LENS.cell;
  const context = sized(canvas, size, size);
  context.fillStyle = colour("panel");
  context.fillRect(0, 0, size, size);
  context.imageSmoothingEnabled = false;
  const half = (LENS.cells - 1) / 2;
  context.drawImage(map.cells, (half - map.column) * LENS.cell, (half - map.row) * LENS.cell, map.selection.columns * LENS.cell, map.selection.rows * LENS.cell);
  context.strokeStyle = colour("accent");
  context.lineWidth = 2;
  context.strokeRect(half * LENS.cell, half * LENS.cell, LENS.cell, LENS.cell);
}
