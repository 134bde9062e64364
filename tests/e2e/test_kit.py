"""The ground the pages stand on, in a real browser: keyboard, dialogs, filters, live refresh, contrast, CSP."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.kit import Served, axe, open_dialog, until

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
async def test_nothing_stands_in_the_way_of_anyone(page: Page) -> None:
    assert await axe(page) == []
    await page.click("#calls-channel-button")
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await open_dialog(page)
    await page.click("#finish-form button[type=submit]")
    await expect(page.locator("#reasons-error")).to_be_visible()
    await page.click("#finish-dialog .ts-control")
    assert await axe(page) == []


async def test_a_refused_dialog_keeps_its_place_and_moves_the_focus_to_the_bad_field(page: Page) -> None:
    await open_dialog(page)
    await page.fill("#comment", "Перезвонить")
    await page.click("#finish-form button[type=submit]")
    await expect(page.locator("#reasons-error")).to_have_text("Выберите хотя бы одну причину звонка.")
    await expect(page.locator("#finish-dialog .ts-control input")).to_be_focused()
    await expect(page.locator("#comment")).to_have_value("Перезвонить")


async def test_several_reasons_are_confirmed_by_done_and_the_dialog_closes_itself(page: Page) -> None:
    await open_dialog(page)
    await page.click("#finish-dialog .ts-control")
    for reason in ("Жалоба", "Запись на приём"):
        await page.click(f".ts-dropdown .option:has-text('{reason}')")
    await page.click("text=Готово")
    await expect(page.locator(".ts-dropdown")).to_be_hidden()
    await expect(page.locator("#finish-dialog .ts-control .item")).to_have_count(2)
    await page.click("#finish-form button[type=submit]")
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.locator(".pult-toast")).to_contain_text("Обслуживание завершено")
    await expect(page.locator("#open-finish")).to_be_focused()


async def test_a_chosen_reason_is_taken_back_by_a_second_click(page: Page) -> None:
    await open_dialog(page)
    await page.click("#finish-dialog .ts-control")
    for _ in range(2):
        await page.click(".ts-dropdown .option:has-text('Жалоба')")
    await expect(page.locator("#finish-dialog .ts-control .item")).to_have_count(0)


async def test_a_dialog_with_typed_words_asks_before_it_closes(page: Page) -> None:
    await open_dialog(page)
    await page.fill("#comment", "Не потерять")
    await page.keyboard.press("Escape")
    await page.click("[data-keep]")
    await expect(page.locator("#comment")).to_have_value("Не потерять")
    await page.click("#finish-form [data-close]")
    await page.click("[data-discard]")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_the_telephone_can_be_hung_up_while_a_dialog_is_open(page: Page, gallery: Served) -> None:
    await open_dialog(page)
    assert await page.evaluate("document.getElementById('main').inert")
    await page.click("#hangup")
    await until(lambda: gallery.ground.pressed == ["hangup"])


async def test_tab_stays_inside_the_dialog(page: Page) -> None:
    await open_dialog(page)
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("Boolean(document.activeElement.closest('dialog'))")


async def test_an_open_filter_survives_a_live_refresh_with_its_ticks(page: Page, gallery: Served) -> None:
    await page.click("#calls-channel-button")
    await page.check("#calls-channel input[value=incoming]")
    gallery.ground.extra = 3
    await gallery.ground.notices.put("calls")
    await expect(page.locator("#calls tbody tr")).to_have_count(31)
    await expect(page.locator("#calls-channel")).to_be_visible()
    await expect(page.locator("#calls-channel input[value=incoming]")).to_be_checked()


async def test_a_filter_counts_its_values_in_the_button_and_in_the_address(page: Page) -> None:
    await page.click("#calls-channel-button")
    for value in ("incoming", "missed"):
        await page.check(f"#calls-channel input[value={value}]")
    await page.click("#calls-channel button[type=submit]")
    await expect(page.locator("#calls-channel-button .pult-count")).to_have_text("2")
    await expect(page.locator("#calls-channel")).to_be_hidden()
    assert page.url.endswith("/?channel=incoming&channel=missed")
    await page.reload()
    await expect(page.locator("#calls-channel-button .pult-count")).to_have_text("2")


async def test_clear_takes_one_filter_off_and_reset_takes_all(page: Page, gallery: Served) -> None:
    await page.goto(f"{gallery.url}/?channel=incoming&reason=1")
    await page.click("#calls-channel-button")
    await page.click("#calls-channel [data-clear]")
    await expect(page.locator("#calls-channel-button .pult-count")).to_have_count(0)
    assert page.url.endswith("/?reason=1")
    await page.click("#calls-reset")
    await expect(page.locator("#calls tbody tr")).to_have_count(28)
    await page.click("#calls-reason-button")
    await expect(page.locator("#calls-reason input[value='1']")).not_to_be_checked()


async def test_ticks_that_were_not_applied_are_taken_back(page: Page) -> None:
    await page.click("#calls-channel-button")
    await page.check("#calls-channel input[value=incoming]")
    await page.keyboard.press("Escape")
    await page.fill("#calls-q", "Иванова")
    await page.keyboard.press("Enter")
    await expect(page.locator("#calls tbody tr")).to_have_count(7)
    assert "channel" not in page.url


async def test_a_search_finds_nothing_says_so_and_is_cleared(page: Page) -> None:
    await page.fill("#calls-q", "никого такого")
    await page.click("#calls-query button[type=submit]")
    await expect(page.locator(".pult-empty")).to_contain_text("Ничего не найдено")
    await page.click("#calls-unsearch")
    await expect(page.locator("#calls tbody tr")).to_have_count(28)
    await expect(page.locator("#calls-q")).to_have_value("")


async def test_typing_goes_on_through_a_live_refresh(page: Page, gallery: Served) -> None:
    await page.locator("#calls-q").press_sequentially("Ива")
    gallery.ground.extra = 1
    await gallery.ground.notices.put("calls")
    await expect(page.locator("#calls tbody tr")).to_have_count(29)
    await page.keyboard.type("нова")
    await expect(page.locator("#calls-q")).to_have_value("Иванова")


async def press_russian(page: Page, code: str, key: str, **held: bool) -> None:
    """A key as the Russian layout sends it: our keys must go by the physical code."""
    event = {"code": code, "key": key, "bubbles": True, "cancelable": True, **held}
    await page.evaluate("e => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', e))", event)


async def test_keys_work_on_the_russian_layout(page: Page) -> None:
    await press_russian(page, "Slash", ".")
    await expect(page.locator("#calls-q")).to_be_focused()
    await page.evaluate("document.activeElement.blur()")
    await press_russian(page, "Slash", ",", shiftKey=True)
    await expect(page.locator("#keys-dialog")).to_contain_text("Горячие клавиши")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_the_keys_of_a_call_work_while_typing(page: Page, gallery: Served) -> None:
    await page.focus("#calls-q")
    await press_russian(page, "Digit1", "1", altKey=True)
    await expect(page.locator("#state-button")).to_contain_text("Входящие")
    await page.keyboard.press("F2")
    await expect(page.locator("#calls-q")).to_be_focused()
    await until(lambda: gallery.ground.pressed == ["accept"])


async def test_control_enter_sends_the_form_of_a_dialog(page: Page) -> None:
    await open_dialog(page)
    await page.focus("#comment")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#reasons-error")).to_be_visible()


async def test_an_act_that_is_being_saved_is_repeated_with_the_same_key(page: Page, gallery: Served) -> None:
    gallery.ground.saving = 2
    await open_dialog(page)
    await page.click("#finish-dialog .ts-control")
    await page.click(".ts-dropdown .option:has-text('Жалоба')")
    await page.click("text=Готово")
    await page.click("#finish-form button[type=submit]")
    await expect(page.locator(".pult-toast")).to_contain_text(["Сохраняем…", "Обслуживание завершено"])
    assert gallery.ground.keys == ["k-1"] * 3


async def test_a_refusal_in_words_becomes_a_loud_toast(page: Page) -> None:
    await page.evaluate("htmx.ajax('POST', '/refuse', {target: '#calls'})")
    alert = page.locator("pult-toasts [role=alert] .pult-toast")
    await expect(alert).to_contain_text("Обслуживание уже завершила Ольга в 12:03")
    await expect(page.locator("#calls tbody tr")).to_have_count(28)


async def test_moving_between_sections_keeps_the_telephone_and_marks_the_section(page: Page) -> None:
    await page.evaluate("document.getElementById('softphone').mark = 1")
    await page.click("pult-nav a:has-text('Журнал')")
    await expect(page.locator("#main h1")).to_have_text("Иванова Мария Петровна")
    await expect(page.locator("pult-nav a[aria-current=page]")).to_contain_text("Журнал")
    await expect(page).to_have_title("Карточка — Пульт")
    await page.go_back()
    await expect(page.locator("#calls")).to_be_visible()
    await expect(page.locator("pult-nav a[aria-current=page]")).to_contain_text("Главная")
    assert await page.evaluate("document.getElementById('softphone').mark") == 1


async def test_what_is_typed_is_kept_on_the_server(page: Page, gallery: Served) -> None:
    await page.click("pult-nav a:has-text('Журнал')")
    await page.fill("#comment", "Черновик")
    await expect(page.locator("[data-draft-status]")).to_contain_text("Сохранено")
    assert gallery.ground.drafts[-1]["comment"] == "Черновик"


async def test_a_lost_server_is_told_and_its_return_refetches(page: Page, gallery: Served) -> None:
    await gallery.stop()
    await expect(page.locator(".pult-banner")).to_be_visible()
    await expect(page.locator(".pult-banner strong")).to_contain_text("Нет связи")
    gallery.ground.extra = 2
    await gallery.start()
    await expect(page.locator(".pult-banner")).to_be_hidden(timeout=15_000)
    await expect(page.locator("#calls tbody tr")).to_have_count(30)


async def test_the_menu_of_states_is_walked_by_arrows(page: Page) -> None:
    await page.focus("#state-button")
    await page.keyboard.press("Enter")
    await expect(page.locator("[role=menuitemradio][aria-checked=true]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[data-key=incoming]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#state-button")).to_be_focused()


async def test_the_theme_is_remembered(page: Page) -> None:
    await page.click("pult-theme button")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


async def test_a_session_that_ended_leads_to_the_login_page(page: Page, gallery: Served) -> None:
    gallery.ground.signed_out = True
    await expect(page.locator("h1")).to_have_text("Вход", timeout=10_000)
    assert page.url.endswith("/login?next=%2F")


async def test_a_frozen_server_is_noticed_within_the_limit_of_silence(page: Page, gallery: Served) -> None:
    gallery.ground.frozen = True
    await expect(page.locator(".pult-banner")).to_be_visible(timeout=12_500)
    await page.wait_for_timeout(1500)  # it opens the next stream, which says nothing either
    await expect(page.locator(".pult-banner")).to_be_visible(timeout=1)
    gallery.ground.frozen = False
    await expect(page.locator(".pult-banner")).to_be_hidden(timeout=15_000)
