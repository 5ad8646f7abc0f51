// Overlap between the heads of a layer.

/** How much the heads of a layer agree, as a square of colours. */
class HeadMatrix {
  constructor(chosen) {
    this.canvas = element("canvas", { tabIndex: 0, role: "application", "aria-roledescription": "matrix of heads", "aria-label": "Overlap of the layer's heads with each other; arrow keys choose a pair" });
    this.title = element("h3");
    this.note = element("p", { className: "note muted" });
    this.legend = element("div", { className: "legend" });
    this.root = element("div", { className: "matrix" }, this.title, element("div", { style: "overflow-x: auto" }, this.canvas), this.legend, this.note);
    this.canvas.addEventListener("pointerdown", (event) => this.onPoint(event, chosen));
    this.canvas.addEventListener("pointermove", (event) => this.onPoint(event, (a, b) => this.say(a, b)));
    this.canvas.addEventListener("pointerleave", () => this.say(this.a, this.b));
    this.canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      chosen(clamp(this.a + move[0], 0, this.selection.heads - 1), clamp(this.b + move[1], 0, this.selection.heads - 1));
    });
  }

  onPoint(event, tell) {
    const a = Math.floor((event.offsetY - 20) / this.cell);
    const b = Math.floor((event.offsetX - 30) / this.cell);
    if (a >= 0 && b >= 0 && a < this.selection.heads && b < this.selection.heads) tell(a, b);
  }

  show(selection, layer, a, b) {
    Object.assign(this, { selection, layer, a, b });
    const { heads } = selection;
    this.root.hidden = heads < 2;
    this.title.textContent = `Overlap between the heads of layer ${selection.numbers[layer]}`;
    this.cell = clamp(Math.floor(360 / heads), 12, 44);
    const context = sized(this.canvas, 32 + heads * this.cell, 22 + heads * this.cell);
    const colourOf = (share) => css(between([rgb(colour("skipped")), rgb(colour("here"))], share));
    context.textBaseline = "middle";
    for (let row = 0; row < heads; row++) {
      context.fillStyle = colour("muted");
      context.textAlign = "right";
      if (this.cell > 13 || row % 2 === 0) context.fillText(String(row), 22, 20 + (row + 0.5) * this.cell);
      context.textAlign = "center";
      if (this.cell > 17 || row % 2 === 0) context.fillText(String(row), 30 + (row + 0.5) * this.cell, 10);
      for (let column = 0; column < heads; column++) {
        context.fillStyle = colourOf(selection.headOverlap(layer, row, column));
        context.fillRect(30 + column * this.cell, 20 + row * this.cell, this.cell - 1, this.cell - 1);
      }
    }
    context.strokeStyle = colour("ink");
    context.lineWidth = 2;
    context.strokeRect(30 + b * this.cell, 20 + a * this.cell, this.cell - 1, this.cell - 1);
    this.legend.replaceChildren(ramp(colourOf, "0 %", "100 % of the blocks of either"));
    this.say(a, b);
  }

  say(a, b) {
    this.note.textContent = a === b ? `Head ${a} with itself: ${percent(1)}` : `Heads ${a} and ${b}: ${percent(this.selection.headOverlap(this.layer, a, b))}`;
  }
}
