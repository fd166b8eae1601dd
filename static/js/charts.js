// Draws every [data-chart] from the JSON beside it. ECharts is loaded only on pages that have a chart.
const COLOURS = ["#0b5c6b", "#f4b942", "#0a6b3d", "#c2573f", "#5b6ee1", "#8a5a00", "#7a869a", "#b04a8f"];
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
  compact: new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }),
  percent: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }),
};

function formatter(name) {
  return (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : formats[name].format(value));
}

// "format": "compact" on an axis or series in the JSON becomes a function here: no function crosses the wire.
function applyFormats(option) {
  for (const key of ["xAxis", "yAxis"]) {
    for (const axis of [].concat(option[key] ?? [])) {
      if (axis.format) axis.axisLabel = { ...axis.axisLabel, formatter: formatter(axis.format) };
    }
  }
  for (const series of [].concat(option.series ?? [])) {
    if (series.format) series.tooltip = { ...series.tooltip, valueFormatter: formatter(series.format) };
  }
  return option;
}

export async function drawCharts(root) {
  const places = root.querySelectorAll?.("[data-chart]:not([data-drawn])") ?? [];
  if (!places.length) return;
  const echarts = await loadECharts();
  for (const place of places) {
    if (place.dataset.drawn) continue;
    place.dataset.drawn = "yes";
    const option = applyFormats(JSON.parse(document.getElementById(place.dataset.chart).textContent));
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption({
      color: COLOURS,
      textStyle: { fontFamily: FONT },
      grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", confine: true },
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
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
