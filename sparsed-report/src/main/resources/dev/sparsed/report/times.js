// How long each step took, and what it did.

/** The top of the scale: the longest step, or less where few steps would flatten all others. */
function timeScale(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const usual = sorted[Math.floor(0.9 * (sorted.length - 1))] || 1e-3;
  return Math.min(sorted[sorted.length - 1] || 1e-3, 2.5 * usual);
}

class Times {
  constructor(report, run, playhead, most) {
    Object.assign(this, { run, playhead, most });
    this.canvas = element("canvas", { role: "img" });
    this.note = element("p", { className: "note muted" });
    const used = Object.keys(PHASES).filter((name) => run.steps.some((step) => step.ran && step.phase === name));
    this.root = element("div", {}, ...(report.runs.length > 1 ? [element("h3", { textContent: run.name })] : []),
      this.canvas,
      element("div", { className: "legend" }, ...used.map((name) => key(PHASES[name].name, PHASES[name].colour)),
        ...(run.steps.some((step) => step.cache === "read") ? [element("span", { className: "key", textContent: "\u25bf reads the cache, feeds a part" })] : [])),
      this.note, this.table(),
      ...(run.active < run.steps.length ? [element("p", { className: "note muted", textContent: `Nothing was left to decide after step ${count(run.active)}; the ${plural(run.steps.length - run.active, "step")} after it computed nothing.` })] : []));
    this.canvas.addEventListener("mousemove", (event) => this.say(this.stepAt(event.offsetX)));
    onDrag(this.canvas, (x) => playhead.move(this.stepAt(x) + 1));
  }

  stepAt(x) {
    return clamp(Math.floor(((x - TIME.left) / this.inner) * this.run.active), 0, this.run.active - 1);
  }

  say(index) {
    const step = this.run.steps[index];
    if (!step) return;
    const cache = { bypassed: "", filled: ", fills the cache", read: ", reads the cache" }[step.cache];
    this.note.textContent = `Step ${count(index + 1)}: ` + (step.ran ? `${PHASES[step.phase].name}${cache}, ${duration(step.milliseconds)}` : "computes nothing: it would decide nothing");
  }

  draw() {
    const width = this.canvas.parentElement.clientWidth;
    if (!width || this.run.active === 0) return;
    const context = sized(this.canvas, width, TIME.height + TIME.top + TIME.bottom);
    this.inner = width - TIME.left - 4;
    const steps = this.run.steps.slice(0, this.run.active);
    const y = (milliseconds) => TIME.top + TIME.height * (1 - milliseconds / this.most);
    this.drawScale(context, width, y);
    const slot = this.inner / steps.length;
    steps.forEach((step, index) => {
      if (!step.ran) return;
      const left = TIME.left + index * slot;
      const bar = Math.max(1, slot - (slot > 3 ? 1 : 0));
      context.globalAlpha = index < this.playhead.step ? 1 : 0.35;
      context.fillStyle = colour(PHASES[step.phase].colour);
      const top = clamp(y(step.milliseconds), TIME.top, TIME.top + TIME.height - 1);
      context.fillRect(left, top, bar, TIME.top + TIME.height - top);
      if (step.milliseconds > this.most) this.drawBeyond(context, left, duration(step.milliseconds));
      if (step.cache === "read" && slot > 7) {
        context.textAlign = "center";
        context.textBaseline = "bottom";
        context.fillText("\u25bf", left + bar / 2, top);
      }
    });
    context.globalAlpha = 1;
    this.canvas.setAttribute("aria-label", `Time of ${steps.length} steps of ${this.run.name}, the longest ${duration(Math.max(...steps.map((each) => each.milliseconds)))}; the table below has the sums`);
    if (this.playhead.step > 0) this.say(Math.min(this.playhead.step, steps.length) - 1);
    else this.note.textContent = "";
  }

  /** A step that the scale has no room for: its bar is cut, and its time stands beside it. */
  drawBeyond(context, left, text) {
    context.fillStyle = colour("ink");
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillText("\u25b2 " + text, clamp(left - 2, TIME.left, TIME.left + this.inner - 60), TIME.top - 2);
  }

  drawScale(context, width, y) {
    const mark = roundStep(this.most, 3);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let at = 0; at <= this.most; at += mark) {
      context.fillStyle = colour("line");
      context.fillRect(TIME.left, Math.round(y(at)), this.inner, 1);
      context.fillStyle = colour("muted");
      context.fillText(at >= 1000 || mark >= 1000 ? `${+(at / 1000).toFixed(2)} s` : `${+at.toPrecision(3)} ms`, TIME.left - 8, y(at));
    }
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillText("step 1", TIME.left, TIME.top + TIME.height + 5);
    context.textAlign = "right";
    context.fillText(count(this.run.active), width - 4, TIME.top + TIME.height + 5);
  }

  table() {
    const rows = this.run.phases.map((phase) => {
      const texts = [count(phase.steps), count(phase.forwardPasses), duration(1000 * phase.seconds),
        phase.forwardPasses ? duration((1000 * phase.seconds) / phase.forwardPasses) : "\u2013"];
      return element("tr", {}, element("th", { scope: "row", textContent: PHASES[phase.phase].name }), ...texts.map((text) => element("td", { textContent: text })));
    });
    const names = ["Steps", "Computed", "Time", "Each"].map((name) => element("th", { scope: "col", textContent: name }));
    return element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col", textContent: "Attention" }), ...names)), element("tbody", {}, ...rows));
  }
}

const TIME = { left: 60, top: 20, height: 130, bottom: 22 };
