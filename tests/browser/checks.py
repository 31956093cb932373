"""What is looked at in the page itself: contrast, names of controls, order of headings."""

from __future__ import annotations

from itertools import pairwise

from playwright.sync_api import Page

#: WCAG 2.2 AA: 4.5 for text, 3 for large text (24 px, or 18.66 px bold).
_LOW_CONTRAST = """() => {
  const channel = (v) => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = Array.from(element.childNodes)
      .some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true })) continue;
    if (element.closest(".unseen, .skip, option")) continue;
    const style = getComputedStyle(element);
    const both = [luminance(parse(style.color)), luminance(behind(element))];
    const [a, b] = both.sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) {
      found.add(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${style.color}`);
    }
  }
  return Array.from(found);
}"""

_WITHOUT_NAME = """() => Array.from(
  document.querySelectorAll("a, button, input:not([type=hidden]), select, summary"))
  .filter((e) => e.checkVisibility())
  .filter((e) => !(e.getAttribute("aria-label") || e.innerText || e.title || "").trim()
    && !(e.labels && Array.from(e.labels).some((l) => l.textContent.trim())))
  .map((e) => e.outerHTML.slice(0, 120))"""

_HEADINGS = """() => Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6"))
  .filter((e) => !e.closest("[hidden]"))
  .map((e) => Number(e.tagName[1]))"""

_DOUBLE_IDS = """() => { const ids = Array.from(document.querySelectorAll("[id]"), (e) => e.id);
  return ids.filter((id, n) => ids.indexOf(id) !== n); }"""

_BROKEN_REFERENCES = """() => Array.from(document.querySelectorAll("[aria-labelledby], label[for]"))
  .map((e) => e.getAttribute("aria-labelledby") || e.getAttribute("for"))
  .filter((id) => !document.getElementById(id))"""


def low_contrast(page: Page) -> list[str]:
    """Visible texts that are too pale, with their ratio."""
    return list(page.evaluate(_LOW_CONTRAST))


def structure_faults(page: Page) -> list[str]:
    """What a screen reader or a keyboard would stumble over."""
    faults = [f"no name: {html}" for html in page.evaluate(_WITHOUT_NAME)]
    levels = page.evaluate(_HEADINGS)
    if levels[:1] != [1] or levels.count(1) != 1:
        faults.append(f"not one h1 first: {levels}")
    faults += [
        f"h{before} is followed by h{after}"
        for before, after in pairwise(levels)
        if after > before + 1
    ]
    faults += [f"id twice: {name}" for name in page.evaluate(_DOUBLE_IDS)]
    faults += [f"points nowhere: {name}" for name in page.evaluate(_BROKEN_REFERENCES)]
    if page.locator("main").count() != 1 or not page.locator("html").get_attribute("lang"):
        faults.append("no main or no lang")
    return faults


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
