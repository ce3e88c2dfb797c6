"""How a page must look wherever it is shown."""
import json

from axe_playwright_python.sync_playwright import Axe


def looks_right(page):
    width = page.viewport_size["width"]
    if page.locator("script[src$='app.js']").count():
        page.wait_for_selector("html[data-awake]")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == width, page.url
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}
        violations = Axe().run(page, options=rules).response["violations"]
        assert violations == [], (page.url, scheme, json.dumps(violations)[:2000])
    page.emulate_media(color_scheme="light")
