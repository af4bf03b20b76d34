"""The page "What this course measured": figures gathered from the lessons.

Used by tools/build_site.py. Nothing is written down twice: each table is looked up in
the lesson, and the build fails when one is no longer there.
"""
import re
from dataclasses import dataclass

from site_pages import anchor

HEADING = re.compile(r"(?m)^#{2,3} (.+)$")
TABLE = re.compile(r"(?m)(?:^\|.*\|$\n?)+")
INTRODUCTION = """# What this course measured

The main figures of the lessons, as their stored runs printed them. The nets are small and the data easy; three seeds show a spread and do not measure it precisely. Each lesson says how it measured and what does not follow."""  # noqa: E501


@dataclass
class Figures:
    """Where figures stand: a lesson, a section, and how the figures begin.

    begins: the first words that a cell of the section prints, or those of the header of
    a table in its text.
    """
    lesson: str
    section: str
    begins: str
    says: str


MEASURED = (
    Figures("05", "5. Train nine networks", "LeNet, 5 epochs",
            "LeNet with and without BN, all else equal"),
    Figures("05", "7. Change the learning rate", "loss of the second epoch at rate",
            "The learning rates at which it learns"),
    Figures("05", "8. Standardise the inputs alone", "loss     after epoch 2",
            "What standardised inputs give without BN"),
    Figures("05", "9. Train with a better recipe", "no BN        seed 0",
            "A better recipe, with and without BN"),
    Figures("09", "9. Weigh the claims", "|claim|",
            "The ledger: ten claims about BN, and what the measurements say"),
    Figures("10", "4. Train with two to thirty-two images a statistic",
            "mean of three seeds", "Small batches, and the norms that know no batch"),
    Figures("10", "6. Try the remedies", "rates:", "Remedies for small batches"),
    Figures("10", "8. Watch a good training loss predict badly", "mean of three seeds",
            "Batches from one source each"),
    Figures("10", "9. Choose for your own case", "|if|", "Which norm for which case"),
    Figures("13", "1. Freeze BN, or train on?", "right, in percent",
            "Fine-tuning: BN live, frozen or re-estimated"),
    Figures("13", "2. Take weight decay apart", "three seeds   length of w",
            "What weight decay acts through"),
    Figures("13", "6. Leave the norm out", "right, in percent",
            "A residual net without a norm"),
)


def sections(notebook):
    """Heading -> what stands below it: printed texts, and tables of the text."""
    found, title = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            # The text before a cell's first heading belongs to the section before.
            parts = ["", *HEADING.split(cell.source)]
            for name, text in zip(parts[::2], parts[1::2], strict=True):
                title = name or title
                found.setdefault(title, []).extend(TABLE.findall(text))
        elif cell.cell_type == "code":
            found.setdefault(title, []).extend(
                output.text for output in cell.outputs
                if output.output_type == "stream" and output.name == "stdout")
    return found


def looked_up(figures, lessons):
    """The page's name and the figures as the lesson has them."""
    names = [name for name in lessons
             if name.startswith(f"notebooks/{figures.lesson}_")]
    texts = [text.strip("\n") for name in names
             for text in sections(lessons[name]).get(figures.section, [])
             if text.startswith(figures.begins)]
    if len(texts) != 1:
        raise LookupError(
            f"lesson {figures.lesson}, section {figures.section!r}: {len(texts)} "
            f"outputs or tables begin with {figures.begins!r}, and one was expected; "
            "if the lesson has changed, change MEASURED in tools/site_measured.py")
    return names[0], texts[0]


def measured_page(lessons):
    """The page's Markdown. lessons: page name -> notebook, as stored."""
    lines = [INTRODUCTION]
    for figures in MEASURED:
        name, text = looked_up(figures, lessons)
        if text.startswith("|"):  # its links lead into the lesson
            text = text.replace("](#", f"]({name}.ipynb#")
        else:
            text = f"```text\n{text}\n```"
        link = f"{name}.ipynb#{anchor(figures.section)}"
        lines += [f"## {figures.says}", text,
                  f"[Lesson {figures.lesson}, section {figures.section}]({link})"]
    return "\n\n".join(lines) + "\n"
