// Denoising, step by step: the text as it stood, and which step decided which position.

/** Where the playback stands, told to whoever draws it. */
class Playhead {
  /** `last` is the step in which something happened last, `total` counts those after it too. */
  constructor(last, total) {
    this.last = last;
    this.total = total;
    this.step = last;
    this.listeners = [];
  }

  onMove(listener) {
    this.listeners.push(listener);
  }

  move(step) {
    this.step = clamp(Math.round(step), 0, this.last);
    for (const listener of this.listeners) listener(this.step);
  }

  get playing() {
    return this.timer !== undefined;
  }

  play(speed) {
    if (this.step >= this.last) this.move(0);
    const pause = clamp(6000 / this.last, 30, 350) / speed;
    this.timer = setInterval(() => {
      this.move(this.step + 1);
      if (this.step >= this.last) this.stop();
    }, pause);
    this.move(this.step);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.move(this.step);
  }
}

function showPlayer(playhead, view, redraw) {
  let speed = 1;
  const play = element("button", { type: "button", className: "primary", id: "play", onclick: toggle });
  const slider = element("input", { type: "range", id: "step", min: 0, max: playhead.last, "aria-label": "Steps done", oninput: () => seek(Number(slider.value)) });
  const output = element("output", { for: "step", id: "step-text" });
  function toggle() {
    if (playhead.playing) playhead.stop();
    else playhead.play(speed);
  }
  function seek(step) {
    if (playhead.playing) playhead.stop();
    playhead.move(step);
  }
  const back = element("button", { type: "button", textContent: "\u2039", "aria-label": "One step back", onclick: () => seek(playhead.step - 1) });
  const forth = element("button", { type: "button", textContent: "\u203a", "aria-label": "One step on", onclick: () => seek(playhead.step + 1) });
  const speeds = [["0.25", "\u00bc\u00d7"], ["0.5", "\u00bd\u00d7"], ["1", "1\u00d7"], ["2", "2\u00d7"], ["4", "4\u00d7"]];
  const colours = element("fieldset", {}, element("legend", { textContent: "Colour" }));
  for (const [value, text] of [["step", "step"], ["sure", "probability"]]) {
    const radio = element("input", { type: "radio", name: "colour", value, checked: view.colour === value });
    radio.onchange = () => {
      view.colour = value;
      redraw();
    };
    colours.append(element("label", {}, radio, text));
  }
  byId("player").replaceChildren(play, back, slider, forth, output, choice("Speed", speeds, "1", (value) => {
    speed = Number(value);
    if (playhead.playing) {
      playhead.stop();
      playhead.play(speed);
    }
  }), colours);
  if (view.hasGuesses) {
    const guesses = element("input", { type: "checkbox", checked: view.guesses, onchange: () => { view.guesses = guesses.checked; redraw(); } });
    byId("player").append(element("label", {}, guesses, "guesses for open positions"));
  }
  playhead.onMove((step) => {
    slider.value = step;
    slider.setAttribute("aria-valuetext", `${step} of ${playhead.total} steps`);
    output.textContent = `step ${step} of ${playhead.total}`;
    play.textContent = playhead.playing ? "Pause" : "Play";
  });
}

/** The text of one run, and its map of decisions. */
class Timeline {
  constructor(report, run, sequence, playhead, view) {
    Object.assign(this, { run, sequence, playhead, view });
    this.cursor = -1;
    this.spans = Array.from({ length: sequence.shown }, () => element("span"));
    this.tokens = element("div", { className: "tokens", id: "tokens-" + report.runs.indexOf(run), tabIndex: 0, dir: "auto", role: "group", "aria-label": `Text of ${run.name}; arrow keys read token by token` }, ...this.spans);
    this.map = element("canvas", { role: "img" });
    this.legend = element("div", { className: "legend" });
    this.root = element("div", {}, ...(report.runs.length > 1 ? [element("h3", { textContent: run.name })] : []), this.tokens, this.legend,
      element("div", { className: "chart" }, element("p", { className: "muted", textContent: "Which step decided which position" }), this.map));
    this.tokens.addEventListener("mouseover", (event) => {
      const index = this.spans.indexOf(event.target);
      if (index >= 0) this.note(index);
    });
    this.tokens.addEventListener("keydown", (event) => this.onKey(event));
    onDrag(this.map, (x, y) => this.playhead.move(((y - MAP.top) / this.mapHeight()) * this.run.active + 0.5));
  }

  onKey(event) {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (this.cursor >= 0) this.spans[this.cursor].classList.remove("cursor");
    this.cursor = clamp(this.cursor + moves[event.key], 0, this.spans.length - 1);
    this.spans[this.cursor].classList.add("cursor");
    this.spans[this.cursor].scrollIntoView({ block: "nearest" });
    this.note(this.cursor);
  }

  /** Says all about a position. */
  note(index) {
    const position = this.sequence.promptLength + index;
    const step = this.sequence.decidedIn(index);
    const sure = this.sequence.chances[index];
    const parts = [`Position ${count(position)}, token ${count(index + 1)} of the answer`];
    if (this.sequence.isGiven(index)) parts.push("given", quoted(this.sequence.text(position)));
    else if (step === undefined) parts.push("never decided");
    else {
      if (this.sequence.isDecided(index, this.playhead.step)) {
        const joint = this.sequence.joint.get(position);
        parts.push(joint ? `part of ${quoted(joint.text)}` : quoted(this.sequence.text(position)));
      }
      parts.push(`decided in step ${step + 1} (${PHASES[this.run.steps[step].phase].name})`);
      parts.push(sure === null ? "filled in after the end of the text" : `probability ${percent(sure)}`);
    }
    byId("token-note").textContent = parts.join("; ");
  }

  colourOf(index) {
    if (this.sequence.isGiven(index)) return colour("line");
    const sure = this.sequence.chances[index];
    if (this.view.colour === "sure") return sure === null ? colour("line") : sureColour(sure);
    return stepColour(this.sequence.decided[index] / Math.max(1, this.run.active - 1));
  }

  /** The text after some steps. */
  draw() {
    const step = Math.min(this.playhead.step, this.run.active);
    const guesses = this.view.guesses ? this.sequence.guessesAt(step) : undefined;
    this.spans.forEach((span, index) => {
      const position = this.sequence.promptLength + index;
      const decided = this.sequence.isDecided(index, step);
      const special = decided && this.sequence.isSpecial(position);
      const names = [];
      if (!decided) names.push("open");
      if (special) names.push("special");
      if (decided && this.sequence.decided[index] === step - 1 && step < this.run.active) names.push("fresh");
      if (index === this.cursor) names.push("cursor");
      span.className = names.join(" ");
      if (decided) span.style.setProperty("--at", this.colourOf(index));
      else span.style.removeProperty("--at");
      span.textContent = decided ? this.shown(position, special, step) : this.guess(guesses && guesses.get(index));
    });
    this.drawMap(step);
  }

  shown(position, special, step) {
    if (special) return "\u25c7";
    const joint = this.sequence.joint.get(position);
    if (joint) {
      const whole = Array.from({ length: joint.length }, (_, i) => joint.start + i - this.sequence.promptLength)
        .every((index) => index < 0 || this.sequence.isDecided(index, step));
      return whole ? (position === joint.start ? joint.text : "\u00b7") : "\u25cc";
    }
    const text = visible(this.sequence.text(position));
    return text === "" ? "\u00b7" : text.replace(/\n/g, "\u21b5\n");
  }

  guess(piece) {
    if (piece === undefined || piece === OPEN) return " \u2591\u2591";
    const text = this.sequence.specials.has(piece) ? "\u25c7" : visible(this.sequence.piece(piece)).replace(/\n/g, "\u21b5");
    return text === "" ? " \u2591\u2591" : text;
  }

  drawLegend() {
    const steps = this.run.active;
    const special = this.spans.some((_, index) => this.sequence.isSpecial(this.sequence.promptLength + index));
    this.legend.replaceChildren(
      this.view.colour === "sure" ? ramp(sureColour, "probability 0 %", "100 %") : ramp(stepColour, "decided in step 1", `step ${count(steps)}`),
      element("span", { className: "key" }, "\u2591\u2591 open"),
      ...(special ? [element("span", { className: "key" }, "\u25c7 end of text or another special token")] : [])
    );
  }

  mapHeight() {
    return clamp(this.run.active * 3, 80, 200);
  }

  /** Positions from left to right, steps from top to bottom. */
  drawMap(step) {
    const width = this.map.parentElement.clientWidth;
    if (!width) return;
    const height = this.mapHeight();
    const context = sized(this.map, width, height + MAP.top + MAP.bottom);
    const steps = this.run.active;
    const inner = width - MAP.left - 4;
    const x = (index) => MAP.left + (index / this.sequence.shown) * inner;
    const y = (each) => MAP.top + (each / steps) * height;
    context.fillStyle = colour("panel");
    context.fillRect(MAP.left, MAP.top, inner, height);
    const cellWidth = Math.max(1.5, inner / this.sequence.shown - 0.5);
    const cellHeight = Math.max(1.5, height / steps - 0.5);
    let decisions = 0;
    this.sequence.decided.forEach((each, index) => {
      if (each < 0) return;
      decisions += each < step ? 1 : 0;
      context.globalAlpha = each < step ? 1 : 0.16;
      context.fillStyle = this.colourOf(index);
      context.fillRect(x(index), y(each), cellWidth, cellHeight);
    });
    context.globalAlpha = 1;
    context.strokeStyle = colour("ink");
    context.beginPath();
    context.moveTo(MAP.left, Math.round(y(step)) + 0.5);
    context.lineTo(width - 4, Math.round(y(step)) + 0.5);
    context.stroke();
    context.fillStyle = colour("muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText("step", MAP.left - 8, MAP.top + 6);
    if (step > steps * 0.12) context.fillText(String(step), MAP.left - 8, Math.min(y(step), MAP.top + height));
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillText(count(this.sequence.promptLength), MAP.left, MAP.top + height + 5);
    context.textAlign = "right";
    context.fillText(`position ${count(this.sequence.length - 1)}`, width - 4, MAP.top + height + 5);
    this.map.setAttribute("aria-label", `${decisions} of ${this.sequence.generated} positions are decided after ${step} of ${steps} steps`);
  }
}

const MAP = { left: 44, top: 4, bottom: 22 };
