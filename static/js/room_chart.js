/** The price over time as a drawing that grows: start price, bids, moved ends, pauses; and the same in a sentence. */
import { timeOfDay } from "./clock.js";
import { yuan } from "./money.js";
import { isBetter, isHidden, isOver, isUp } from "./room_state.js";
import { set } from "./room_words.js";

const SPACE = "http://www.w3.org/2000/svg";
const DOTS = 80;

function draw(name, attributes = {}, text = "") {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

export class Chart {
  /** `box` takes the drawing, `words` the sentence that says the same; `box` may change its width at any time. */
  constructor({ box, words, word }) {
    Object.assign(this, { box, words, word });
    new ResizeObserver(() => this.shown && this.box.clientWidth !== this.width && this.show(...this.shown)).observe(box);
  }

  /** Draw a state as it stands at `now` (ms). */
  show(state, now) {
    this.shown = [state, now];
    this.width = this.box.clientWidth;
    if (!this.width) return;
    const scale = this.scale(state, now);
    const text = this.sentence(state);
    const svg = draw("svg", { class: "room-chart", viewBox: `0 0 ${scale.width} ${scale.height}`, width: scale.width, height: scale.height, role: "img", "aria-label": `${this.word("chart")}。${text}`, focusable: "false" });
    svg.append(...this.frame(state, scale), ...this.pauses(state, scale), ...this.ends(state, scale), ...this.line(state, scale));
    this.box.replaceChildren(svg);
    set(this.words, text);
  }

  scale(state, now) {
    const font = parseFloat(getComputedStyle(this.box).fontSize) || 13;
    const [width, height] = [this.width, Math.max(190, Math.round(font * 15))];
    const until = isOver(state) ? state.ends : Math.max(state.ends, Math.min(now, state.hard ?? state.ends));
    const [from, to] = [state.opens, Math.max(until, state.opens + 1000)];
    const prices = [state.ceiling, ...state.points.map((point) => point.price).filter((price) => price !== null)];
    const [low, high] = [Math.min(...prices), Math.max(...prices)];
    const reach = high - low || state.step * 6;
    const [bottom, top] = isUp(state) ? [low, low + reach] : [high - reach, high];
    const [above, below] = [font * (isUp(state) ? 3.6 : 2.4), font * (isUp(state) ? 3 : 4)]; // the newest price is written in the air
    const x = (t) => 6 + ((Math.min(Math.max(t, from), to) - from) / (to - from)) * (width - 12);
    const y = (fen) => above + ((top - fen) / (top - bottom)) * (height - above - below);
    return { width, height, font, x, y, from, to, floor: height - font * 1.9, above: font * 1.5, now: Math.min(Math.max(now, from), to) };
  }

  frame(state, { width, height, y, from, to, floor }) {
    const level = y(state.ceiling).toFixed(1);
    const parts = [
      draw("line", { class: "chart-axis", x1: 6, x2: width - 6, y1: floor, y2: floor }),
      draw("line", { class: "chart-ceiling", x1: 6, x2: width - 6, y1: level, y2: level }),
      draw("text", { class: "chart-note", x: isUp(state) ? width - 10 : 6, y: Number(level) - 5, "text-anchor": isUp(state) ? "end" : "start" }, this.word("chart_ceiling", { price: yuan(state.ceiling) })),
      draw("text", { class: "chart-note", x: 6, y: height - 5 }, timeOfDay(from)),
      draw("text", { class: "chart-note", x: width - 6, y: height - 5, "text-anchor": "end" }, this.word("chart_end", { time: timeOfDay(to) })),
    ];
    if (width > 620) parts.push(draw("text", { class: "chart-note", x: width / 2, y: height - 5, "text-anchor": "middle" }, timeOfDay((from + to) / 2)));
    return parts;
  }

  pauses(state, { x, font, above, floor }) {
    const starts = state.marks.filter((mark) => mark.e === "pause");
    return starts.flatMap((start) => {
      const end = state.marks.find((mark) => mark.e === "resume" && mark.t >= start.t)?.t ?? (isOver(state) ? state.ends : Math.max(start.t, this.shown[1]));
      const width = Math.max(3, x(end) - x(start.t));
      return [
        draw("rect", { class: "chart-pause", x: x(start.t), y: above, width, height: floor - above }),
        draw("text", { class: "chart-note", x: x(start.t) + 4, y: floor - font * 0.5 }, this.word("chart_pause")),
      ];
    });
  }

  /** A dashed line where an end stood before it moved; the words once, at the first. */
  ends(state, { x, width, font, above, floor }) {
    const moved = state.marks.filter((mark) => mark.e === "extended" || mark.e === "prolong");
    const lines = moved.map((mark) => draw("line", { class: "chart-moved", x1: x(mark.before), x2: x(mark.before), y1: above, y2: floor }));
    lines.push(draw("line", { class: "chart-end", x1: width - 6, x2: width - 6, y1: above, y2: floor }));
    if (state.extensions || moved.length) {
      const text = this.word("chart_extended", { count: Math.max(state.extensions, moved.length) });
      lines.push(draw("text", { class: "chart-note chart-note-moved", x: width - 10, y: font * 1.1, "text-anchor": "end" }, text));
    }
    return lines;
  }

  line(state, scale) {
    const { x, y, floor } = scale;
    if (state.status === "scheduled") return [];
    const parts = [];
    const corners = [[x(scale.from), y(state.ceiling)]];
    let best = null;
    for (const point of state.points) {
      if (point.price === null || point.voided || !isBetter(state, point.price, best)) continue;
      corners.push([x(point.t), corners.at(-1)[1]], [x(point.t), y(point.price)]);
      best = point.price;
    }
    const end = isOver(state) ? x(scale.to) : x(scale.now);
    corners.push([end, corners.at(-1)[1]]);
    const stair = corners.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" ");
    if (!isHidden(state) || best !== null) {
      parts.push(draw("polygon", { class: "chart-under", points: `${stair} ${end.toFixed(1)},${floor} ${x(scale.from)},${floor}` }));
      parts.push(draw("polyline", { class: "chart-line", points: stair }));
    }
    parts.push(...state.points.slice(-DOTS).map((point) => this.dot(point, state, scale)));
    if (best === null) return parts;
    const [left, top] = corners.at(-1);
    parts.push(draw("circle", { class: "chart-now", cx: left, cy: top, r: 5 }), this.price(best, left, top, state, scale));
    return parts;
  }

  /** The newest price beside the end of the line, where it covers nothing. */
  price(fen, left, top, state, { width, font, floor }) {
    const isLeft = left > width * 0.6;
    const level = isUp(state) ? top - font * 0.8 : Math.min(top + font * 1.6, floor - font * 0.4);
    return draw("text", { class: "chart-price", x: isLeft ? left - 4 : left + 4, y: level, "text-anchor": isLeft ? "end" : "start" }, `¥${yuan(fen)}`);
  }

  dot(point, state, { x, y, floor }) {
    const left = x(point.t);
    if (point.price === null) return draw("line", { class: "chart-tick", x1: left, x2: left, y1: floor - 10, y2: floor });
    const top = y(point.price);
    if (point.voided) return draw("path", { class: "chart-void", d: `M${left - 4} ${top - 4}l8 8m0-8l-8 8` });
    if (state.own && point.label === state.own) return draw("path", { class: "chart-own", d: `M${left} ${top - 6}l6 6-6 6-6-6z` });
    return draw("circle", { class: "chart-dot", cx: left, cy: top, r: 2.6 });
  }

  sentence(state) {
    const { word } = this;
    const times = { from: timeOfDay(state.opens), to: timeOfDay(state.ends) };
    if (state.status === "scheduled") return word("chart_before", times);
    const said = [word("chart_bids", { ...times, count: state.seq })];
    if (isHidden(state)) said.push(word("chart_hidden"));
    else if (state.price !== null) said.push(word("chart_fall", { ceiling: yuan(state.ceiling), price: yuan(state.price) }));
    if (state.extensions) said.push(word("chart_moved", { count: state.extensions }));
    const pauses = state.marks.filter((mark) => mark.e === "pause").length;
    if (pauses) said.push(word("chart_paused", { count: pauses }));
    return said.join("");
  }
}
