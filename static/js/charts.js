// Draws every [data-chart] from the JSON beside it. ECharts is loaded only on pages that have a chart.
const COLOURS = ["#0b5c6b", "#f4b942", "#0a6b3d", "#c2573f", "#5b6ee1", "#8a5a00", "#7a869a", "#b04a8f"];
// Colours that mean something; the same meaning has the same colour in mainstay.css.
const TONES = {
  primary: "#0b5c6b",
  explore: "#4a8fc2",
  muted: "#b8c0c8",
  good: "#0a6b3d",
  bad: "#9d2b2b",
  warn: "#8a5a00",
  "grade-0": "#0a6b3d",
  "grade-1": "#0b5c6b",
  "grade-2": "#8a5a00",
  "grade-3": "#9d2b2b",
};
const INK = "#56606b";
const FONT = getComputedStyle(document.documentElement).getPropertyValue("--tblr-font-sans-serif").trim();

let loading = null;

function loadECharts() {
  if (window.echarts) return Promise.resolve(window.echarts);
  if (!loading) {
    loading = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = document.querySelector("meta[name=echarts]").content;
      script.onload = () => resolve(window.echarts);
      script.onerror = reject;
      document.head.append(script);
    });
  }
  return loading;
}

const locale = document.documentElement.lang || "en";
const formats = {
  integer: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
  decimal: new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }),
  score: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  compact: new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }),
  // Along an axis: 1.71亿 and 1.72亿 are two of its lines.
  scale: new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 4 }),
  percent: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }),
};

function formatter(name) {
  return (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : formats[name].format(value));
}

const list = (value) => [].concat(value ?? []);

// A point's figure: a number, the last of a pair, or the value of an object.
function figureOf(point) {
  const value = point?.value ?? point;
  return Array.isArray(value) ? value[value.length - 1] : value;
}

// "format" and "tone" in the JSON become functions and colours here: no function crosses the wire.
function applyWords(option) {
  for (const key of ["xAxis", "yAxis"]) {
    for (const axis of list(option[key])) {
      const format = axis.type === "value" && axis.format === "compact" ? "scale" : axis.format;
      if (format) axis.axisLabel = { ...axis.axisLabel, formatter: formatter(format) };
      if (axis.names) axis.axisLabel = { ...axis.axisLabel, formatter: (value) => axis.names[value] ?? "" };
      if (axis.type === "value") axis.axisLabel = { hideOverlap: true, ...axis.axisLabel };
      if (axis.type === "category") axis.axisTick = { show: false, ...axis.axisTick };
    }
  }
  for (const series of list(option.series)) {
    if (series.tone) series.color = TONES[series.tone];
    if (series.format) {
      const format = formatter(series.format);
      series.tooltip = { ...series.tooltip, valueFormatter: (value) => format(figureOf(value)) };
      if (series.label?.show) series.label.formatter = (point) => format(figureOf(point.value));
      if (series.markLine) series.markLine.label = { formatter: (mark) => format(mark.value), ...series.markLine.label };
    }
    if (series.names) {
      series.tooltip = { ...series.tooltip, valueFormatter: (value) => series.names[figureOf(value)] ?? "–" };
    }
    if (series.type === "sankey") applyFlows(series);
    for (const point of list(series.data)) {
      if (point?.tone) point.itemStyle = { color: TONES[point.tone], ...point.itemStyle };
    }
  }
  return option;
}

// A flow says itself in words, as text and never as markup, and has the colour of its meaning.
function applyFlows(series) {
  for (const link of list(series.links)) {
    if (link.tone) link.lineStyle = { color: TONES[link.tone], ...link.lineStyle };
  }
  const formatWords = (point) => {
    const words = document.createElement("span");
    words.textContent = point.data.words ?? point.name;
    return words;
  };
  series.tooltip = { ...series.tooltip, formatter: formatWords };
}

export async function drawCharts(root) {
  const places = root.querySelectorAll?.("[data-chart]:not([data-drawn])") ?? [];
  if (!places.length) return;
  const echarts = await loadECharts();
  for (const place of places) {
    if (place.dataset.drawn) continue;
    place.dataset.drawn = "yes";
    const option = applyWords(JSON.parse(document.getElementById(place.dataset.chart).textContent));
    // On a phone the legend stays on its one line.
    if (option.legend && place.clientWidth < 480) {
      option.legend = { type: "scroll", ...option.legend, itemWidth: 10, itemGap: 6, textStyle: { fontSize: 10 } };
    }
    const chart = echarts.init(place, null, { renderer: "canvas", locale: locale.startsWith("zh") ? "ZH" : "EN" });
    chart.setOption({
      color: COLOURS,
      textStyle: { fontFamily: FONT, color: INK },
      grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", confine: true },
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      ...option,
    });
    if (place.dataset.drill) {
      chart.on("click", (point) => {
        const key = point.data?.key ?? point.name;
        window.location.assign(place.dataset.drill.replace("{name}", encodeURIComponent(key)));
      });
    }
    new ResizeObserver(() => chart.resize()).observe(place);
  }
}
