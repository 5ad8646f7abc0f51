// Puts the page together, and draws again where its width or its colours change.

class Page {
  constructor(report) {
    this.report = report;
    this.view = { colour: "step", guesses: true, hasGuesses: report.runs.some((run) => run.sequences.some((sequence) => sequence.guesses)) };
    this.playhead = new Playhead(Math.max(...report.runs.map((run) => run.active)), Math.max(...report.runs.map((run) => run.completedSteps)));
    byId("lede").textContent = report.runs.map((run) => run.model).filter((model, i, all) => all.indexOf(model) === i).join("; ");
    byId("main").hidden = false;
    const recorded = this.playhead.last > 0;
    for (const id of ["denoising-title", "time-title"]) byId(id).parentElement.hidden = !recorded;
    showPlayer(this.playhead, this.view, () => this.drawTimelines());
    const sequences = report.runs[0].sequences.length;
    if (sequences > 1) {
      const options = Array.from({ length: sequences }, (_, i) => [String(i), String(i + 1)]);
      byId("sequences").hidden = false;
      byId("sequences").replaceChildren(choice("Sequence", options, "0", (value) => this.show(Number(value))));
    }
    const most = timeScale(report.runs.flatMap((run) => run.steps.filter((step) => step.ran)).map((step) => step.milliseconds));
    this.times = report.runs.map((run) => new Times(report, run, this.playhead, most));
    this.fill("times", this.times);
    this.playhead.onMove(() => this.drawSteps());
    this.show(0);
    this.playhead.move(this.playhead.last);
    new ResizeObserver(() => requestAnimationFrame(() => this.redraw())).observe(byId("main"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show(this.sequence));
  }

  fill(id, parts) {
    byId(id).className = "runs" + (parts.length > 1 ? " two" : "");
    byId(id).replaceChildren(...parts.map((part) => part.root));
  }

  show(sequence) {
    this.sequence = sequence;
    showResult(this.report, sequence);
    this.timelines = this.report.runs.map((run) => new Timeline(this.report, run, run.sequences[sequence], this.playhead, this.view));
    this.fill("timeline", this.timelines);
    this.explorer = new Explorer(this.report, sequence, byId("patterns"));
    this.drawTimelines();
  }

  drawTimelines() {
    for (const timeline of this.timelines) timeline.drawLegend();
    this.drawSteps();
  }

  drawSteps() {
    for (const part of [...this.timelines, ...this.times]) part.draw();
  }

  redraw() {
    if (this.width === byId("main").clientWidth) return;
    this.width = byId("main").clientWidth;
    this.drawSteps();
    if (this.explorer.run !== undefined) this.explorer.draw();
  }
}

readReport().then((report) => new Page(report)).catch((failure) => {
  byId("failure").hidden = false;
  byId("failure").textContent = "The report cannot be shown: " + failure.message;
  throw failure;
});
