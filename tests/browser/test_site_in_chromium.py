"""The built site as a browser shows it: formulas, search, narrow screens, access.

Run by `make browser`. No page may load anything from another machine.
"""
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if "_static" not in path.parts)  # the theme's templates
LESSON = "notebooks/05_train_lenet_with_and_without.html"
FORMULAS = "notebooks/03_write_batch_norm.html"
SOLUTIONS = "notebooks/solutions/08_backpropagate_through_it.html"
# One of each kind that looks different.
KINDS = ("index.html", FORMULAS, LESSON, SOLUTIONS, "notebooks/programs/index.html",
         "notebooks/appendix_mxnet_traps.html", "measured.html", "reference/index.html",
         "reference/norm.html", "docs/exercises.html", "search.html")
TYPESET = "() => !window.MathJax || MathJax.startup.promise.then(() => true)"
RAW = ("$$", "\\frac", "\\(", "\\[", "\\hat")
# Pictures without a text, or which did not load.
MISSING = """() => [...document.images].filter(
    picture => !picture.alt || !picture.complete || !picture.naturalWidth
).map(picture => picture.src)"""
# Text that a reader sees, code aside: where dollars and backslashes may stand.
SEEN = """() => {
    const walk = document.createTreeWalker(document.querySelector('main'), 4);
    const skipped = 'pre, code, script, style, mjx-container';
    let text = '';
    while (walk.nextNode())
        if (!walk.currentNode.parentElement.closest(skipped))
            text += walk.currentNode.data;
    return text;
}"""


def opened(page, address):
    """Open the page, wait until its formulas are set, and return what went wrong."""
    wrong = []
    page.on("console", lambda message: message.type == "error"
            and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: answer.status >= 400
            and wrong.append(f"{answer.status} {answer.url}"))
    page.goto(address)
    page.wait_for_function(TYPESET)
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_loads_nothing_from_elsewhere(page, elsewhere, site, name):
    page.set_viewport_size({"width": 375, "height": 800})
    assert opened(page, f"{site}/{name}") == []
    assert elsewhere == []
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    wide, screen = page.evaluate(widths)
    assert wide <= screen, f"{wide} pixels wide on a screen of {screen}"
    seen = page.evaluate(SEEN)
    assert [sign for sign in RAW if sign in seen] == []
    assert page.locator("mjx-merror").count() == 0
    assert page.evaluate(MISSING) == []


def test_formulas_are_set(page, site):
    opened(page, f"{site}/{FORMULAS}")
    sources = page.locator("span.math, div.math").count()
    assert sources > 40
    assert page.locator("span.math mjx-container, div.math mjx-container"
                        ).count() == sources


def test_formulas_and_code_in_a_hint_are_set_once_it_unfolds(page, site):
    opened(page, f"{site}/{SOLUTIONS}")
    hint = page.locator("details", has=page.locator("mjx-container")).first
    formula = hint.locator("mjx-container").first
    assert not formula.is_visible()
    hint.locator("summary").first.click()
    assert formula.is_visible()


def test_the_search_finds_a_word_that_is_typed(page, elsewhere, site):
    opened(page, f"{site}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("running_mean")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    results.nth(3).wait_for()  # they come one by one
    assert elsewhere == []


def test_code_of_a_figure_and_solutions_unfold(page, site):
    opened(page, f"{site}/{LESSON}")
    folded = page.locator("details.hide").first
    assert not folded.locator("pre").first.is_visible()
    folded.locator("summary").click()
    assert folded.locator("pre").first.is_visible()
    opened(page, f"{site}/{SOLUTIONS}")
    solution = page.locator("details.solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").first.click()
    assert solution.locator("pre").first.is_visible()


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("name", KINDS)
def test_nothing_keeps_a_reader_out(page, site, name, scheme):
    """axe-core finds nothing serious: names, roles, contrast."""
    # Without motion: a colour that is still changing has another contrast.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    opened(page, f"{site}/{name}")
    found = Axe().run(page).response["violations"]
    assert [f"{violation['id']}: {node['target']}" for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]] == []
