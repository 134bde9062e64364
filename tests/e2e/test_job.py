"""Вера takes the journal out of the browser as an XLSX, and the timeline of a call as a PDF."""

import zipfile
from io import BytesIO

import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from tests.e2e.whole import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
async def page(browser: Browser, whole: Whole) -> Page:
    """The journal as Вера sees it."""
    page = await browser.new_page(locale="ru-RU", viewport={"width": 1440, "height": 900})
    await page.goto(f"{whole.url}/login")
    await page.fill("input[name=login]", "vera")
    await page.fill("input[name=password]", whole.password("vera"))
    await page.get_by_role("button", name="Войти").click()
    await page.get_by_text("Супервизор").click()
    await page.get_by_role("button", name="Продолжить").click()
    await page.wait_for_url("**/journal")
    return page


async def download(page: Page, name: str) -> bytes:
    async with page.expect_download() as waited:
        await page.get_by_role("link", name=name).click()
    return (await (await waited.value).path()).read_bytes()


async def test_the_journal_comes_as_a_file_while_the_page_is_used(page: Page) -> None:
    await page.get_by_role("button", name="Выгрузить в XLSX").click()
    await expect(page.get_by_role("link", name="Скачать файл")).to_be_visible(timeout=30000)
    with zipfile.ZipFile(BytesIO(await download(page, "Скачать файл"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") > 500


async def test_only_what_is_filtered_is_exported(page: Page, whole: Whole) -> None:
    await page.goto(f"{whole.url}/journal?channel=missed")
    await page.get_by_role("button", name="Выгрузить в XLSX").click()
    await expect(page.get_by_role("progressbar", name="Подготовка файла")).to_be_visible()
    await expect(page.get_by_role("progressbar", name="Подготовка файла")).to_be_hidden(timeout=30000)
    with zipfile.ZipFile(BytesIO(await download(page, "Скачать файл"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Пропущенные" in sheet
    assert "Входящие" not in sheet


async def test_the_timeline_of_a_call_can_be_printed(page: Page) -> None:
    await page.locator("#journal tbody a").first.click()
    await page.get_by_role("tab", name="Хронология обслуживания").click()
    paper = PdfReader(BytesIO(await download(page, "Скачать PDF")))
    assert "Хронология обслуживания" in paper.pages[0].extract_text()
