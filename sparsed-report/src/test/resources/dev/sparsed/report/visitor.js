// Added to a page by its test: uses it as a reader would and writes down what is seen.

const seen = { failures: [] };
window.addEventListener("error", (event) => seen.failures.push(String(event.message)));
window.addEventListener("unhandledrejection", (event) => seen.failures.push(String(event.reason)));
for (const level of ["error", "warn"]) {
  console[level] = (...words) => seen.failures.push(level + ": " + words.join(" "));
}

window.addEventListener("load", async () => {
  const get = (id) => document.getElementById(id);
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const until = async (what, condition) => {
    for (let i = 0; i < 400 && !condition(); i++) await pause(50);
    if (!condition()) throw new Error("never: " + what);
  };
  const texts = (nodes) => [...nodes].map((node) => node.textContent);
  const picture = (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let hash = 0;
    for (const value of data) hash = (hash * 31 + value) | 0;
    return `${canvas.width}x${canvas.height}:${hash}`;
  };
  const key = (target, name) => target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const select = (label, value) => {
    const found = [...document.querySelectorAll("label")].find((each) => each.firstChild.textContent === label).querySelector("select");
    found.value = value;
    found.dispatchEvent(new Event("change"));
  };
  const tokens = () => get("tokens-0");
  const decided = () => tokens().querySelectorAll("span:not(.open)").length;
  const timeline = () => document.querySelector("#timeline canvas");
  const map = () => document.querySelector(".maps canvas");

  try {
    await until("shown", () => !get("main").hidden);
    await pause(100);
    seen.title = document.title;
    seen.headings = texts(document.querySelectorAll("h2"));
    seen.facts = Object.fromEntries([...document.querySelectorAll("#facts tbody tr")].map((row) => [row.firstChild.textContent, texts(row.querySelectorAll("td"))]));
    seen.phases = [...document.querySelectorAll("#times tbody tr")].map((row) => texts(row.children));
    seen.answer = document.querySelector(".answer").textContent;
    seen.tokens = texts(tokens().children);

    seen.decidedAtEnd = decided();
    seen.timelineAtEnd = picture(timeline());
    get("step").value = 3;
    get("step").dispatchEvent(new Event("input"));
    seen.decidedAfterThree = decided();
    seen.stepText = get("step-text").textContent;
    seen.timelineAfterThree = picture(timeline());
    seen.timesAfterThree = picture(document.querySelector("#times canvas"));
    get("step").value = 0;
    get("step").dispatchEvent(new Event("input"));
    seen.decidedAtStart = decided();
    get("play").click();
    seen.playing = get("play").textContent;
    await until("some decided while playing", () => decided() > 0);
    seen.decidedWhilePlaying = decided();
    await until("played to the end", () => get("play").textContent === "Play");
    seen.decidedAfterPlaying = decided();
    seen.timesAtEnd = picture(document.querySelector("#times canvas"));
    document.querySelector("input[value=sure]").click();
    seen.timelineBySure = picture(timeline());
    tokens().focus();
    key(tokens(), "ArrowRight");
    seen.tokenNote = get("token-note").textContent;

    seen.heads = texts(get("heads").children);
    seen.mapTitle = document.querySelector(".maps h3").textContent;
    seen.map = picture(map());
    get("heads").children[1].click();
    seen.otherMapTitle = document.querySelector(".maps h3").textContent;
    seen.otherMap = picture(map());
    select("Layer", "1");
    seen.layerTitle = document.querySelector(".maps h3").textContent;
    const blocks = map();
    seen.corner = get("cell-note").textContent;
    for (let i = 0; i < 200; i++) key(blocks, "ArrowLeft");
    seen.firstColumn = get("cell-note").textContent;
    seen.cursorMap = picture(map());
    seen.queryText = get("query-text").textContent;
    seen.blockTitles = texts(document.querySelectorAll(".details h3"));
    seen.keyText = get("key-text").textContent;
    select("Compare with", "head 2");
    seen.overlap = get("overlap").textContent;
    seen.maps = [...document.querySelectorAll(".maps canvas")].filter((canvas) => canvas.offsetParent).map(picture);
    key(get("overview"), "ArrowDown");
    seen.overviewTitle = document.querySelector(".maps h3").textContent;

    seen.nameless = [...document.querySelectorAll("button, select, input, [tabindex], canvas[role]")]
      .filter((each) => each.offsetParent && !each.getAttribute("aria-label") && !each.textContent.trim() && !(each.labels && each.labels.length))
      .map((each) => each.outerHTML.slice(0, 100));
    seen.tooWide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    seen.background = getComputedStyle(document.documentElement).backgroundColor;
    await pause(200);
  } catch (failure) {
    seen.failures.push(String(failure.stack || failure));
  }
  const note = document.createElement("script");
  note.type = "text/plain";
  note.id = "seen";
  note.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
  document.body.append(note);
});
