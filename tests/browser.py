"""A headless Chromium, and what a test asks of a page in it.

Debian's packages ``chromium`` and ``chromium-driver``; nothing is downloaded, and a test that finds none is skipped.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

HEIGHT = 900


def start() -> Iterator[Browser]:
    """Yield a browser, or skip the test and say what is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install selenium")
    from selenium.webdriver.chrome.service import Service

    program, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    if program is None or driver is None:
        pytest.skip("no chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(switch)
    if os.getuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium has none for root, and refuses to start
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(started)
    finally:
        started.quit()


class Browser:
    """A page at a time, with what was asked of the network and said on the console since it was opened."""

    def __init__(self, driver) -> None:
        self._driver = driver

    def open(self, page: Path) -> None:
        """Open a file, with nothing remembered of the one before."""
        for kind in ("browser", "performance"):
            self._driver.get_log(kind)
        self.look(1440)
        self._driver.get(page.as_uri())

    def look(self, width: int, scheme: str = "light", medium: str = "screen") -> None:
        """Look at the page on a screen or on paper so many CSS pixels wide."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._tell("Emulation.setEmulatedMedia", media=medium, features=[feature])
        # Not as a phone: that zooms out until whatever sticks out is in the window.
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=HEIGHT, deviceScaleFactor=1, mobile=False)

    def run(self, script: str) -> object:
        """Return what a script of this file returns in the page."""
        return self._driver.execute_script(script)

    def requested(self) -> list[str]:
        """Addresses that were asked for, the page's own among them."""
        events = [json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def console(self) -> list[str]:
        """Every message on the console: errors, warnings, what the page's policy refused."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def text(self) -> str:
        """What can be read: nothing hidden, white space as one blank."""
        return re.sub(r"\s+", " ", self.run("return document.body.innerText"))

    def pages_printed(self) -> int:
        """Pages of the page on A4."""
        printed = self._tell("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
        return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"])))

    def _tell(self, command: str, **settings: object) -> dict:
        return self._driver.execute_cdp_cmd(command, settings)


STICKING_OUT = """
const scrolling = element => getComputedStyle(element).overflowX === "auto";
const scrolls = element => element && (scrolling(element) || scrolls(element.parentElement));
const out = [];
if (document.documentElement.scrollWidth > innerWidth) out.push(`page of ${document.documentElement.scrollWidth} px`);
for (const element of document.body.querySelectorAll("*")) {
  const box = element.getBoundingClientRect();
  if (!box.width || element.closest("defs") || scrolls(element.parentElement)) continue;
  const name = `${element.tagName} ${element.getAttribute("class")} ${element.textContent.slice(0, 40)}`;
  if (box.right > innerWidth + 0.5 || box.left < -0.5) out.push(`${name}: ${box.left} to ${box.right}`);
  const figure = element.tagName === "text" && element.ownerSVGElement.getBoundingClientRect();
  if (figure && (box.right > figure.right + 2 || box.left < figure.left - 2)) out.push(`${name}: cut off`);
}
return out;
"""
"""What reaches beyond the window, or of a figure's text beyond the figure; what scrolls in a box of its own may."""

FAINT = """
const channel = value => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const rgba = colour => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
const ground = element => {
  const colour = element ? rgba(getComputedStyle(element).backgroundColor) : [255, 255, 255, 1];
  return colour[3] === 1 ? colour : ground(element.parentElement);
};
const faint = new Set();
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const element = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const colour = rgba(element instanceof SVGElement ? style.fill : style.color);
  const [bright, dark] = [light(colour), light(ground(element))].sort((a, b) => b - a);
  const contrast = (bright + 0.05) / (dark + 0.05);
  const name = `${element.tagName} ${element.getAttribute("class")}: ${walk.currentNode.data}`;
  if (contrast < 4.5) faint.add(`${contrast.toFixed(2)} ${name}`);
}
return [...faint];
"""
"""Text of less than 4.5 to 1 against what is behind it (WCAG 2, level AA), from the computed styles."""

GROUND = "return getComputedStyle(document.body).backgroundColor"
