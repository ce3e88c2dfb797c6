"""The pages of people in a real browser: an empty list, a file, the look, the import, its undo; rules that are built without a script."""
import re

import pytest
from looks import looks_right
from playwright.sync_api import expect

FILE = """Mobile,First Name,E-mail,Opted Out,City
(312) 555-0142,Maria,m@example.com,,Oakland
312-555-0143,Theo,,yes,Boise
12,Nobody,,,
312.555.0144,June,j@example.com,,Rome
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_is_looked_at_imported_and_taken_back(site, browse, tmp_path, width):
    page = browse(width)
    page.goto(site.url + "/t/acme/contacts")
    looks_right(page)
    page.get_by_role("main").get_by_role("link", name="Import a file").last.click()
    looks_right(page)
    (tmp_path / "spring-list.csv").write_text(FILE)
    page.set_input_files("#file", tmp_path / "spring-list.csv")
    page.fill("#i-source", "our website")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("button", name="Import 3 people")).to_be_visible(timeout=20_000)
    assert "spring-list.csv" in page.inner_text("h1")
    looks_right(page)
    # Another choice is tried at the same address, and still nothing is written.
    address = page.url
    page.select_option("[name='columns.4.as']", "ignore")
    page.get_by_role("button", name="Look again").first.click()
    expect(page.get_by_role("button", name="Import 3 people")).to_be_visible(timeout=20_000)
    assert page.url.split("?")[0] == address.split("?")[0] and page.input_value("[name='columns.4.as']") == "ignore"
    # What cannot be is said, and what was chosen is still there.
    page.select_option("[name='columns.4.as']", "phone")
    page.select_option("[name='columns.0.as']", "phone")
    page.get_by_role("button", name="Look again").first.click()
    expect(page.get_by_role("alert")).to_contain_text("names two columns for phone")
    assert page.input_value("[name='columns.4.as']") == "phone"
    page.said = [text for text in page.said if "422" not in text and "Autofocus" not in text]
    page.goto(address)
    page.get_by_role("button", name="Import 3 people").click()
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=20_000)
    looks_right(page)
    page.goto(site.url + "/t/acme/contacts")
    assert all(name in page.inner_text("main") for name in ("Maria", "Theo", "June", "Opted out"))
    looks_right(page)
    page.get_by_role("link", name="Maria").click()
    page.wait_for_url("**/contacts/*")
    assert "Yes: agreed today, by an import" in page.inner_text("main")
    looks_right(page)
    page.goto(site.url + "/t/acme/imports")
    looks_right(page)
    page.get_by_role("link", name="spring-list.csv").first.click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("main")).to_contain_text("3 people are gone again", timeout=20_000)
    page.goto(site.url + "/t/acme/contacts")
    assert "No people yet" in page.inner_text("main")
    # The opt-out of the file is nobody's to undo.
    page.goto(site.url + "/t/acme/opt-outs")
    assert "+1 312 555 0143" in page.inner_text("main")
    looks_right(page)
    assert page.said == []


def test_a_rule_is_built_with_and_without_scripts(site, browse):
    page = browse(390)
    page.goto(site.url + "/t/acme/audiences/new")
    looks_right(page)
    page.fill("#value-0", "vip")
    page.click("#add-group-")
    page.select_option("[id='what-1.0']", "consent")
    # What can be chosen follows from what was chosen before.
    page.wait_for_selector("select[id='value-1.0']")
    page.select_option("[id='value-1.0']", "marketing")
    page.fill("#a-name", "Vips")
    looks_right(page)
    page.get_by_role("button", name="Save this audience").click()
    page.wait_for_url(re.compile(r"/audiences/\d+\?done=saved"))
    looks_right(page)
    assert page.said == []
    plain = browse(1280, scripts=False)
    plain.goto(site.url + "/t/acme/audiences/1")
    # A group of one is its one rule.
    assert plain.input_value("#value-0") == "vip" and plain.input_value("#what-1") == "consent"
    plain.click("[id='add-row-']")
    plain.select_option("#what-2", "do_not_contact")
    plain.get_by_role("button", name="Count again").click()
    plain.select_option("#how-2", "not")
    plain.click("button[value='remove:1']")
    plain.fill("#a-name", "")
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_role("main")).to_contain_text("Name: is required")
    assert plain.input_value("#what-1") == "do_not_contact"
    plain.fill("#a-name", "Vips still here")
    plain.get_by_role("button", name="Save", exact=True).click()
    plain.wait_for_url("**/audiences/1?done=saved")
    assert plain.inner_text("h1") == "Vips still here" and plain.locator(".rule").count() == 2
