// Draws every [data-chart] with ApexCharts, which is fetched only where a page has one.
const drawn = new Map();
let library = null;

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.documentElement.dataset.apexcharts;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isDay = (label) => /^\d{4}-\d\d-\d\d$/.test(label);
const dayName = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const naming = (label) => (isDay(label) ? dayName.format(new Date(label)) : String(label ?? ""));

function options(spec, width) {
  const colors = ["--ls-primary", "--ls-ember", "--ls-info", "--ls-warning", "--ls-success", "--ls-muted"].map(token);
  const muted = token("--ls-muted");
  const write = (value) => (value == null ? "" : `${Number(value).toLocaleString()}${spec.unit ? ` ${spec.unit}` : ""}`);
  const shared = {
    chart: {
      type: spec.kind, height: spec.height, accessibility: { enabled: false }, fontFamily: "inherit", foreColor: muted, background: "transparent", parentHeightOffset: 0, toolbar: { show: false }, zoom: { enabled: false },
      nonce: document.querySelector("script[nonce]")?.nonce, animations: { enabled: !matchMedia("(prefers-reduced-motion: reduce)").matches, speed: 260 },
    },
    theme: { mode: document.documentElement.dataset.bsTheme },
    colors, dataLabels: { enabled: false },
    legend: { show: spec.series.length > 1 || spec.kind === "donut", position: "top", horizontalAlign: "left", offsetX: -28, markers: { size: 5, shape: "circle" }, itemMargin: { horizontal: 10 }, fontSize: "13px" },
    tooltip: { y: { formatter: write } },
  };
  if (spec.kind === "donut") return { ...shared, series: spec.series[0].data, labels: spec.labels.map(naming), stroke: { width: 2, colors: [token("--ls-surface")] }, legend: { ...shared.legend, position: "bottom", horizontalAlign: "center", offsetX: 0 } };
  return {
    ...shared,
    series: spec.series.map((each) => ({ name: each.name, data: each.data })),
    stroke: { width: spec.kind === "bar" ? 0 : 2, curve: "monotoneCubic" },
    fill: spec.kind === "area" ? { type: "gradient", gradient: { opacityFrom: 0.3, opacityTo: 0.02 } } : { opacity: 1 },
    plotOptions: { bar: { borderRadius: 3, columnWidth: "55%" } },
    grid: { borderColor: token("--ls-line"), strokeDashArray: 3, padding: { left: 6, right: 6, top: -8 } },
    xaxis: {
      categories: spec.labels, tickAmount: Math.min(width < 480 ? 3 : 7, spec.labels.length - 1), tooltip: { enabled: false }, axisBorder: { show: false }, axisTicks: { show: false },
      labels: { formatter: naming, rotate: 0, hideOverlappingLabels: true, style: { fontSize: "12px" } },
    },
    yaxis: { min: 0, forceNiceScale: true, decimalsInFloat: 0, labels: { formatter: (value) => Math.round(value).toLocaleString(), style: { fontSize: "12px" } } },
    tooltip: { ...shared.tooltip, shared: true, intersect: false, x: { formatter: (value, at) => naming(spec.labels[at?.dataPointIndex] ?? value) } },
    markers: { size: 0, hover: { size: 4 } },
  };
}

async function draw(within = document) {
  const boxes = [...within.querySelectorAll("[data-chart]")].filter((box) => !drawn.has(box));
  if (!boxes.length) return;
  await load();
  for (const box of boxes) {
    const chart = new window.ApexCharts(box, options(JSON.parse(box.dataset.chart), box.clientWidth));
    drawn.set(box, chart);
    chart.render();
  }
}

document.addEventListener("ls:theme", () => {
  for (const [box, chart] of drawn) {
    if (box.isConnected) chart.updateOptions(options(JSON.parse(box.dataset.chart), box.clientWidth), false, false);
    else {
      chart.destroy();
      drawn.delete(box);
    }
  }
});
document.addEventListener("ls:content", (event) => draw(event.target));
draw();
