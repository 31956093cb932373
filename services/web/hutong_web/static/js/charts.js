/* Draws the small charts of the board from the numbers that the page already holds as text. */
"use strict";
(function () {
  const drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function draw() {
    while (drawn.length) drawn.pop().dispose();
    const panels = document.querySelector(".panels");
    if (!panels || !window.echarts) return;
    const weeks = panels.dataset.weeks.split("|");
    weeks[weeks.length - 1] = panels.dataset.this;
    const scale = Math.max(1, Number(panels.dataset.scale));
    const brick = colour("--brick");
    const seal = colour("--seal");
    for (const place of panels.querySelectorAll(".panel-chart")) {
      const values = place.dataset.values.split(",").map(Number);
      const chart = window.echarts.init(place, null, { renderer: "canvas" });
      chart.setOption({
        animation: false,
        grid: { left: 0, right: 0, top: 6, bottom: 0 },
        xAxis: { type: "category", data: weeks, show: false },
        yAxis: { type: "value", max: scale, min: 0, show: false },
        tooltip: {
          trigger: "axis",
          renderMode: "richText",
          confine: true,
          axisPointer: { type: "shadow", shadowStyle: { color: "rgba(95,106,113,0.12)" } },
          formatter: (points) => points[0].name + "  " + points[0].value.toLocaleString("en"),
          padding: [3, 7],
          borderWidth: 1,
          borderColor: brick,
          textStyle: { fontSize: 12, color: colour("--ink") },
        },
        series: [{
          type: "bar",
          barCategoryGap: "22%",
          data: values.map((value, n) => ({
            value: value,
            itemStyle: { color: n === values.length - 1 ? seal : brick },
          })),
          silent: true,
        }],
      });
      drawn.push(chart);
    }
  }

  let waiting = 0;
  window.addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () { drawn.forEach((chart) => chart.resize()); }, 100);
  });
  window.hutongCharts = { draw: draw };
  draw();
})();
