// Patterns: which blocks which head reads, and how much heads, steps and runs agree.

class Explorer {
  constructor(report, sequenceIndex, root) {
    Object.assign(this, { report, sequenceIndex, root });
    this.runs = report.runs.map((_, index) => index).filter((index) => this.selectionsOf(index).length > 0);
    this.run = this.runs[0];
    this.index = 0;
    this.layer = 0;
    this.head = 0;
    this.compare = "";
    if (this.run === undefined) this.showNone();
    else this.build();
  }

  selectionsOf(run) {
    return this.report.runs[run].sequences[this.sequenceIndex].selections;
  }

  get sequence() {
    return this.report.runs[this.run].sequences[this.sequenceIndex];
  }

  get selection() {
    return this.selectionsOf(this.run)[this.index];
  }

  showNone() {
    this.root.replaceChildren(element("p", { className: "muted", textContent: "No step built a pattern: attention was full throughout. " + sentence(this.report.runs[0].reason) }));
  }

  build() {
    // The first block of the generation, and a block from the middle of the prompt.
    this.row = Math.floor((this.sequence.promptLength - this.selection.firstQuery) / (this.selection.queryBlock * this.selection.scale));
    this.column = Math.floor(this.selection.columns / 2);
    this.controls = element("div", { className: "controls" });
    this.here = new HeadMap("The chosen head", (row, column) => this.point(row, column));
    this.there = new HeadMap("What it is compared with", (row, column) => this.point(row, column));
    this.legend = element("div", { className: "legend" });
    this.note = element("p", { className: "note", id: "cell-note", "aria-live": "polite" });
    this.overlap = element("p", { id: "overlap" });
    this.heads = element("div", { className: "heads", id: "heads" });
    this.headsTitle = element("h3");
    this.overview = element("canvas", { tabIndex: 0, id: "overview", role: "application", "aria-roledescription": "grid of layers and heads", "aria-label": "Every head of every layer; arrow keys choose" });
    this.overviewNote = element("p", { className: "note muted" });
    this.maps = element("div", { className: "maps" }, this.here.root, this.there.root);
    this.lens = element("canvas", { role: "img", "aria-label": "The blocks around the chosen one, enlarged" });
    this.queryText = element("div", { className: "text block-text", id: "query-text", dir: "auto", tabIndex: 0, role: "region", "aria-label": "Text of the query block" });
    this.keyText = element("div", { className: "text block-text", id: "key-text", dir: "auto", tabIndex: 0, role: "region", "aria-label": "Text of the key block" });
    this.queryTitle = element("h3");
    this.keyTitle = element("h3");
    this.matrix = new HeadMatrix((a, b) => this.choose({ head: a, compare: a === b ? "" : "head " + b }));
    this.steps = element("div", { id: "step-overlaps" });
    this.around = element("div", {}, element("h3", { textContent: "Around it" }), this.lens);
    const details = element("div", { className: "details" }, this.around,
      element("div", {}, this.queryTitle, this.queryText, this.keyTitle, this.keyText));
    this.explorer = element("div", { className: "explorer" },
      element("div", {}, this.maps, this.legend, this.overlap, this.note, details),
      element("div", { className: "choosers" },
        element("div", {}, element("h3", { textContent: "Layers (down) and heads (across)" }), element("div", { className: "overview" }, this.overview), this.overviewNote),
        element("div", {}, this.headsTitle, this.heads),
        this.matrix.root,
        this.steps));
    this.root.replaceChildren(this.controls, this.explorer);
    this.overview.addEventListener("pointerdown", (event) => this.onOverview(event, true));
    this.overview.addEventListener("pointermove", (event) => this.onOverview(event, false));
    this.overview.addEventListener("pointerleave", () => this.sayHead(this.layer, this.head));
    this.overview.addEventListener("keydown", (event) => this.onOverviewKey(event));
    this.choose({});
  }

  /** Changes what is shown. */
  choose(changes) {
    Object.assign(this, changes);
    this.index = Math.min(this.index, this.selectionsOf(this.run).length - 1);
    this.layer = clamp(this.layer, 0, this.selection.layers - 1);
    this.head = clamp(this.head, 0, this.selection.heads - 1);
    this.row = clamp(this.row, 0, this.selection.rows - 1);
    this.column = clamp(this.column, 0, this.selection.columns - 1);
    if (!this.comparisons().some(([value]) => value === this.compare)) this.compare = "";
    this.other = this.otherOf();
    this.showControls();
    this.showHeads();
    this.showMaps();
    this.matrix.show(this.selection, this.layer, this.head, this.other && this.other.kind === "head" ? this.other.head : this.head);
    this.showStepOverlaps();
    this.draw();
  }

  /** Where a selection comes from; with its blocks where layers of the same step differ in them. */
  name(run, index) {
    const all = this.selectionsOf(run);
    const { step } = all[index];
    const name = step === null ? "patterns" : `step ${step + 1}`;
    return all.filter((each) => each.step === step).length > 1 ? `${name}, ${all[index].blocks}` : name;
  }

  get layerNumber() {
    return this.selection.numbers[this.layer];
  }

  showControls() {
    const { selection, report } = this;
    const numbers = (length) => Array.from({ length }, (_, i) => [String(i), String(i)]);
    const controls = [];
    if (this.runs.length > 1) {
      controls.push(choice("Run", this.runs.map((run) => [String(run), report.runs[run].name]), String(this.run), (value) => this.choose({ run: Number(value), compare: "" })));
    }
    if (this.selectionsOf(this.run).length > 1) {
      const steps = this.selectionsOf(this.run).map((_, i) => [String(i), this.name(this.run, i)]);
      controls.push(choice("Selected in", steps, String(this.index), (value) => this.choose({ index: Number(value) })));
    }
    controls.push(choice("Layer", selection.numbers.map((number, i) => [String(i), String(number)]), String(this.layer), (value) => this.choose({ layer: Number(value) })));
    controls.push(choice("Head", numbers(selection.heads), String(this.head), (value) => this.choose({ head: Number(value) })));
    controls.push(choice("Compare with", this.comparisons(), this.compare, (value) => this.choose({ compare: value })));
    const focused = document.activeElement && document.activeElement.parentElement && document.activeElement.parentElement.textContent;
    const labels = [...this.controls.children].map((label) => label.textContent);
    this.controls.replaceChildren(...controls);
    const again = labels.indexOf(focused);
    if (again >= 0 && controls[again]) controls[again].querySelector("select").focus();
  }

  /** What the head may be compared with: values and names. */
  comparisons() {
    const { selection } = this;
    const options = [["", "nothing"]];
    for (let head = 0; head < selection.heads; head++) {
      if (head !== this.head) options.push(["head " + head, `head ${head}`]);
    }
    for (const run of this.runs) {
      this.selectionsOf(run).forEach((other, index) => {
        const same = run === this.run && index === this.index;
        if (!same && this.overlapsWith(run, index)) {
          const where = run === this.run ? "" : this.report.runs[run].name + ", ";
          options.push([`selection ${run} ${index}`, `the same head in ${where}${this.name(run, index)}`]);
        }
      });
    }
    return options;
  }

  /** The overlaps of this selection's heads with those of another one, where the grids are alike. */
  overlapsWith(run, index) {
    const same = ([otherRun, otherIndex], aRun, aIndex) => otherRun === aRun && otherIndex === aIndex;
    return this.report.overlaps.find(({ sequence, a, b }) => sequence === this.sequenceIndex
      && ((same(a, this.run, this.index) && same(b, run, index)) || (same(b, this.run, this.index) && same(a, run, index))));
  }

  otherOf() {
    const [kind, first, second] = this.compare.split(" ");
    if (kind === "head") {
      const head = Number(first);
      return { kind, selection: this.selection, layer: this.layer, head, name: `head ${head}`, overlap: this.selection.headOverlap(this.layer, this.head, head) };
    }
    if (kind === "selection") {
      const [run, index] = [Number(first), Number(second)];
      const name = run === this.run ? this.name(run, index) : `${this.report.runs[run].name}, ${this.name(run, index)}`;
      return { kind, selection: this.selectionsOf(run)[index], layer: this.layer, head: this.head, name, overlap: this.overlapsWith(run, index).shares[this.layer][this.head] };
    }
    return undefined;
  }

  title(selection, layer, head, name) {
    return `Layer ${selection.numbers[layer]}, head ${head}${name}: ${percent(selection.densities[layer][head])} of the blocks`;
  }

  showMaps() {
    const { selection, layer, head, other } = this;
    const prompt = this.sequence.promptLength;
    const name = other && other.kind === "selection" && this.runs.length > 1 ? `, ${this.report.runs[this.run].name}` : "";
    this.here.show(this.title(selection, layer, head, name), selection, layer, head, prompt, other && { ...other, colour: "here" });
    this.there.root.hidden = !other;
    if (other) {
      const its = other.kind === "selection" ? `, ${other.name}` : "";
      this.there.show(this.title(other.selection, other.layer, other.head, its), other.selection, other.layer, other.head, prompt, { selection, layer, head, colour: "there" });
    }
    this.maps.className = "maps" + (other ? " two" : "");
    this.explorer.className = "explorer" + (other ? " paired" : "");
    const { scale, blocks } = selection;
    const border = element("span", { className: "key" }, element("span", { style: "width: 18px; border-top: 2px dashed var(--border)" }), "end of the prompt");
    const size = scale === 1 ? blocks : `each cell is the mean of ${scale} \u00d7 ${scale} ${blocks}, so that the page stays small`;
    const keys = other ? [key("read by both", "both"), key("by this only", "here"), key(`by ${other.name} only`, "there")] : [key("read", "block")];
    this.legend.replaceChildren(...keys, key("skipped", "skipped"), border, element("span", { textContent: size }));
    this.overlap.textContent = other ? `Overlap with ${other.name}: ${percent(other.overlap)} (blocks of both over blocks of either)` : "";
  }

  showHeads() {
    const { selection, layer } = this;
    const focused = [...this.heads.children].indexOf(document.activeElement);
    this.headsTitle.textContent = `Heads of layer ${this.layerNumber}: share of blocks read`;
    this.heads.replaceChildren(...Array.from({ length: selection.heads }, (_, head) => {
      const density = selection.densities[layer][head];
      const canvas = element("canvas");
      drawThumbnail(sized(canvas, 80, 80), 0, 0, 80, selection, layer, head);
      const other = this.other && this.other.kind === "head" && this.other.head === head;
      return element("button", { type: "button", className: other ? "other" : "", "aria-pressed": String(head === this.head), "aria-label": `Head ${head}, ${percent(density)}`, onclick: () => this.choose({ head }) },
        canvas, element("span", { textContent: `${head}: ${percent(density)}` }), element("span", { className: "bar" }, element("i", { style: `width: ${100 * density}%` })));
    }));
    if (focused >= 0 && this.heads.children[focused]) this.heads.children[focused].focus();
  }

  draw() {
    this.drawOverview();
    this.drawCell();
  }

  point(row, column) {
    if (row === this.row && column === this.column) return;
    this.row = row;
    this.column = column;
    this.drawCell();
  }

  drawCell() {
    this.here.draw(this.row, this.column);
    if (this.other) this.there.draw(this.row, this.column);
    this.around.hidden = Math.min(this.here.cellWidth, this.here.cellHeight) >= LENS.cell;
    if (!this.around.hidden) drawLens(this.lens, this.here);
    const { selection, sequence } = this;
    const tokensOf = (cell, block, first) => [first + cell * block * selection.scale, Math.min(first + (cell + 1) * block * selection.scale, selection.keyTokens)];
    const query = tokensOf(this.row, selection.queryBlock, selection.firstQuery);
    const key = tokensOf(this.column, selection.keyBlock, 0);
    const place = ([from, to]) => (to - from === 1 ? `token ${count(from)}` : `tokens ${count(from)} to ${count(to - 1)}`);
    const part = ([from, to]) => (to <= sequence.promptLength ? "prompt" : from >= sequence.promptLength ? "generation" : "prompt and generation");
    const what = (cell) => (selection.scale === 1 ? String(cell) : `${cell * selection.scale} to ${(cell + 1) * selection.scale - 1}`);
    const share = selection.share(this.layer, this.head, this.row, this.column);
    const verb = share === 1 ? "reads" : share === 0 ? "skips" : `reads ${percent(share, 0)} of`;
    let text = `Query block ${what(this.row)} ${verb} key block ${what(this.column)}`;
    if (selection.scale === 1) {
      let read = 0;
      for (let column = 0; column < selection.columns; column++) read += selection.share(this.layer, this.head, this.row, column);
      text += `; it reads ${count(read)} of ${plural(selection.columns, "key block")}`;
    }
    this.note.textContent = text + ".";
    this.queryTitle.textContent = `Query block ${what(this.row)}: ${place(query)}, ${part(query)}`;
    this.keyTitle.textContent = `Key block ${what(this.column)}: ${place(key)}, ${part(key)}`;
    this.queryText.textContent = visible(sequence.textOf(...query));
    this.keyText.textContent = visible(sequence.textOf(...key));
  }

  drawOverview() {
    const { selection } = this;
    const width = this.overview.parentElement.clientWidth;
    if (!width) return;
    const left = 30;
    const top = 20;
    const size = clamp(Math.floor((width - left) / selection.heads) - 2, 18, 84);
    this.slot = size + 2;
    const state = [this.run, this.index, size, isDark(), window.devicePixelRatio].join();
    const all = [left + this.slot * selection.heads, top + this.slot * selection.layers];
    if (this.drawn !== state) {
      this.thumbnails = document.createElement("canvas");
      const context = sized(this.thumbnails, ...all);
      for (let layer = 0; layer < selection.layers; layer++) {
        for (let head = 0; head < selection.heads; head++) {
          drawThumbnail(context, left + head * this.slot, top + layer * this.slot, size, selection, layer, head);
        }
      }
      this.drawn = state;
    }
    const context = sized(this.overview, ...all);
    context.drawImage(this.thumbnails, 0, 0, ...all);
    context.fillStyle = colour("muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let layer = 0; layer < selection.layers; layer++) context.fillText(String(selection.numbers[layer]), left - 8, top + (layer + 0.5) * this.slot);
    context.textAlign = "center";
    for (let head = 0; head < selection.heads; head++) context.fillText(String(head), left + (head + 0.5) * this.slot, top - 9);
    context.strokeStyle = colour("accent");
    context.lineWidth = 2;
    context.strokeRect(left + this.head * this.slot - 1, top + this.layer * this.slot - 1, size + 2, size + 2);
    this.overviewPlace = { left, top };
    this.sayHead(this.layer, this.head);
  }

  sayHead(layer, head) {
    this.overviewNote.textContent = this.title(this.selection, layer, head, "");
  }

  onOverview(event, press) {
    const head = Math.floor((event.offsetX - this.overviewPlace.left) / this.slot);
    const layer = Math.floor((event.offsetY - this.overviewPlace.top) / this.slot);
    if (head < 0 || layer < 0 || head >= this.selection.heads || layer >= this.selection.layers) return;
    if (press) this.choose({ layer, head });
    else this.sayHead(layer, head);
  }

  onOverviewKey(event) {
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.choose({ layer: this.layer + move[0], head: this.head + move[1] });
  }

  /** How much the chosen head's patterns of several steps and runs agree. */
  showStepOverlaps() {
    const places = this.runs.flatMap((run) => this.selectionsOf(run).map((_, index) => [run, index]))
      .filter(([run, index]) => this.selectionsOf(run)[index].numbers.includes(this.layerNumber));
    const name = ([run, index]) => (this.runs.length > 1 ? `${this.report.runs[run].name}, ` : "") + this.name(run, index);
    if (places.length < 2) {
      this.steps.replaceChildren();
      return;
    }
    const rows = places.map((a) => element("tr", {}, element("th", { scope: "row", textContent: name(a) }), ...places.map((b) => element("td", { textContent: this.shareOf(a, b) }))));
    const table = element("table", {}, element("caption", { textContent: `Overlap of layer ${this.layerNumber}, head ${this.head} between steps${this.runs.length > 1 ? " and runs" : ""}` }),
      element("thead", {}, element("tr", {}, element("td"), ...places.map((place) => element("th", { scope: "col", textContent: name(place) })))), element("tbody", {}, ...rows));
    this.steps.replaceChildren(element("div", { style: "overflow-x: auto; margin-top: 20px" }, table));
  }

  shareOf(a, b) {
    const same = (x, y) => x[0] === y[0] && x[1] === y[1];
    if (same(a, b)) return "100 %";
    const pair = this.report.overlaps.find((each) => each.sequence === this.sequenceIndex && ((same(each.a, a) && same(each.b, b)) || (same(each.a, b) && same(each.b, a))));
    const at = this.selectionsOf(a[0])[a[1]].numbers.indexOf(this.layerNumber);
    return pair ? percent(pair.shares[at][this.head]) : "\u2013";
  }
}
