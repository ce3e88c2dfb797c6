"""Every part of pages, in every state, in a real browser."""
import pytest
from looks import looks_right


@pytest.mark.parametrize("width", [1280, 390])
def test_every_part_is_whole(server, chromium, width):
    context = chromium.new_context(viewport={"width": width, "height": 860}, reduced_motion="reduce")
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(f"http://127.0.0.1:{server.port}/kit")
    assert answer.status == 200 and "default-src 'none'" in answer.headers["content-security-policy"]
    looks_right(page)
    page.get_by_role("button", name="Pause…").click()
    looks_right(page)
    page.get_by_role("button", name="Keep sending").click()
    page.get_by_role("button", name="Field", exact=True).click()
    looks_right(page)
    assert said == []
    context.close()
