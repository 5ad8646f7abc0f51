// The answer, and the run in numbers.

const PHASES = {
  full: { name: "full", colour: "phase-full" },
  full_and_select: { name: "full, selects", colour: "phase-select" },
  sparse_and_select: { name: "sparse, selects", colour: "phase-select" },
  sparse: { name: "sparse", colour: "phase-sparse" },
};

function phaseOf(run, name) {
  return run.phases.find((phase) => phase.phase === name);
}

function stepTime(run, name) {
  const phase = phaseOf(run, name);
  return phase && phase.forwardPasses > 0 ? duration((1000 * phase.seconds) / phase.forwardPasses) : "\u2013";
}

/** Rows of [name, text of a run]. */
const FACTS = [
  ["Prompt", (run, sequence) => plural(sequence.promptLength, "token")],
  ["Generated", (run, sequence) => plural(sequence.generated, "token")],
  ["Open positions", (run, sequence) => (sequence.open ? count(sequence.open) : "")],
  ["Steps", (run) => count(run.completedSteps) + (run.cancelled ? ` of ${count(run.totalSteps)}, cancelled` : "")],
  ["Time", (run) => duration(1000 * run.seconds)],
  ["Tokens per second", (run, sequence) => ((run.sequences.length * sequence.generated) / run.seconds).toFixed(1)],
  ["A full step", (run) => stepTime(run, "full")],
  ["A sparse step", (run) => stepTime(run, "sparse")],
  ["Blocks read in sparse steps", (run) => (run.density === null ? "all: full attention" : percent(run.density))],
  ["Peak memory", (run) => bytes(run.peakMemory)],
  ["Peak memory of the card", (run) => (run.peakCardMemory ? bytes(run.peakCardMemory) : "")],
];

function answerOf(sequence) {
  let text = "";
  for (let i = sequence.promptLength; i < sequence.length; i++) {
    if (!sequence.isSpecial(i)) text += sequence.textOf(i, i + 1);
  }
  return text.trim();
}

function showResult(report, sequenceIndex) {
  const first = report.runs[0].sequences[sequenceIndex];
  byId("question").textContent = endOf(visible(first.textOf(0, first.promptLength)), 400);
  const answers = byId("answers");
  answers.className = "runs" + (report.runs.length > 1 ? " two" : "");
  answers.replaceChildren(
    ...report.runs.map((run) => {
      const answer = visible(answerOf(run.sequences[sequenceIndex]));
      return element(
        "div",
        {},
        element("h3", { textContent: report.runs.length > 1 ? run.name : "Answer" }),
        element("p", { className: answer ? "answer" : "answer muted", dir: "auto", textContent: answer || "(no text)" }),
        element("p", { className: "muted", textContent: sentence(run.reason) })
      );
    })
  );
  byId("facts").replaceChildren(factsTable(report, sequenceIndex));
  const prompt = byId("prompt");
  prompt.querySelector("summary").textContent = `The whole prompt, ${plural(first.promptLength, "token")}`;
  prompt.querySelector(".text").textContent = visible(first.textOf(0, first.promptLength));
}

/** The last words of a text. */
function endOf(text, length) {
  const trimmed = text.trim();
  return trimmed.length <= length ? trimmed : "\u2026 " + trimmed.slice(trimmed.indexOf(" ", trimmed.length - length) + 1);
}

const sentence = (text) => "Attention: " + text + (/[.!?]$/.test(text) ? "" : ".");

function factsTable(report, sequenceIndex) {
  const table = element("table");
  if (report.runs.length > 1) {
    const names = report.runs.map((run) => element("th", { scope: "col", textContent: run.name }));
    table.append(element("thead", {}, element("tr", {}, element("td"), ...names)));
  }
  const body = element("tbody");
  for (const [name, text] of FACTS) {
    const texts = report.runs.map((run) => text(run, run.sequences[sequenceIndex]));
    if (texts.some((each) => each !== "")) {
      const cells = texts.map((each) => element("td", { textContent: each || "\u2013" }));
      body.append(element("tr", {}, element("th", { scope: "row", textContent: name }), ...cells));
    }
  }
  table.append(body);
  return table;
}
