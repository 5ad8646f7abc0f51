// Elements, numbers, texts and colours.

/** An element with properties, attributes (by their names with a dash, or role) and children. */
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else if (name === "style") made.style.cssText = value;
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

const byId = (id) => document.getElementById(id);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const count = (number) => number.toLocaleString("en-US");
const percent = (share, digits = 1) => (100 * share).toFixed(digits) + " %";
const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

function duration(milliseconds) {
  if (milliseconds >= 9950) return (milliseconds / 1000).toFixed(1) + " s";
  if (milliseconds >= 1000) return (milliseconds / 1000).toFixed(2) + " s";
  return milliseconds.toFixed(milliseconds < 99.95 ? 1 : 0) + " ms";
}

function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let size = number;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return (unit === 0 ? size : size.toFixed(1)) + " " + units[unit];
}

/** A text in which nothing is invisible: control characters and directions have signs. */
function visible(text) {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return "\u27e8U+" + code.toString(16).toUpperCase().padStart(4, "0") + "\u27e9";
  });
}

/** The same in one line, quoted. */
const quoted = (text) => "\u201c" + visible(text).replace(/\n/g, "\u21b5") + "\u201d";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

function rgb(hex) {
  const number = parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** A colour between those of a list, by their numbers of red, green and blue. */
function between(stops, share) {
  const at = clamp(share, 0, 1) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  return stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * (at - low)));
}

const css = (numbers) => `rgb(${numbers.join(" ")})`;

// Viridis (early is dark), without its ends where paper or ink would swallow them.
const STEPS = ["#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0c934"].map(rgb);
const STEPS_DARK = ["#8b78d8", "#5a8fd0", "#3aa5b5", "#35b98f", "#7ad151", "#fde725"].map(rgb);
// Unsure is orange, sure is blue: told apart by all common forms of colour blindness.
const SURE = ["#c9520a", "#d9a06a", "#9a9a9a", "#6c9fd0", "#155fa8"].map(rgb);
const SURE_DARK = ["#ff8a3c", "#d8a076", "#8f969c", "#79b0e6", "#58b0ff"].map(rgb);

const stepColour = (share) => css(between(isDark() ? STEPS_DARK : STEPS, share));
const sureColour = (share) => css(between(isDark() ? SURE_DARK : SURE, share));

/** A legend's ramp. */
function ramp(colourOf, low, high) {
  const stops = [0, 0.25, 0.5, 0.75, 1].map(colourOf).join(", ");
  return element("span", { className: "key" }, low, element("span", { className: "ramp", style: `background: linear-gradient(to right, ${stops})` }), high);
}

function key(name, colourName) {
  return element("span", { className: "key" }, element("span", { className: "swatch", style: `background: var(--${colourName})` }), name);
}

/** Gives a canvas a size in CSS pixels and returns its context, scaled to the device's pixels. */
function sized(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.font = "12px " + colour("sans");
  return context;
}

/** Calls back with a pointer's place on an element, while it is dragged too. */
function onDrag(target, callback) {
  const tell = (event) => {
    const box = target.getBoundingClientRect();
    callback(event.clientX - box.left, event.clientY - box.top);
  };
  target.addEventListener("pointerdown", (event) => {
    target.setPointerCapture(event.pointerId);
    tell(event);
  });
  target.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) tell(event);
  });
}

/** A labelled choice among options, each [value, text]. */
function choice(label, options, value, changed) {
  const select = element("select", { onchange: () => changed(select.value) });
  for (const [option, text] of options) select.append(element("option", { value: option, textContent: text }));
  select.value = value;
  return element("label", {}, label, select);
}

/** A round step for an axis with about so many marks. */
function roundStep(range, marks) {
  const rough = range / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}
