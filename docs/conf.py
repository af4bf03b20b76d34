"""What Sphinx is told; tools/build_site.py gathers the pages and starts it.

Nothing is executed and nothing is loaded from another machine.
"""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

project = "Batch normalization in MXNet"
html_title = project
html_use_index = False  # the search finds more
html_domain_indices = False
language = "en"
extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx_copybutton"]
root_doc = "index"
nitpicky = True  # a reference to what is not described is an error
smartquotes = False  # quotes and dashes stay as the lessons have them

nb_execution_mode = "off"  # the stored outputs are shown
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath"]
myst_dmath_allow_labels = False
myst_dmath_double_inline = True
myst_heading_anchors = 3
myst_heading_slug_func = "site_pages.anchor"

# Gathered with the pages: one file and its fonts. Without the menu a formula is no stop
# of the Tab key.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}
html_css_files = ["site.css"]
html_theme = "sphinx_book_theme"
html_copy_source = True
html_sourcelink_suffix = ""
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_theme_options = {
    "show_toc_level": 2,
    # Pages below others are listed by these: the theme's folding lists have no names.
    "max_navbar_depth": 1,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the search is at the side already
    "footer_content_items": ["extra-footer.html"],
    "extra_footer": "Code: Apache License 2.0. Text, figures and exercises: CC BY 4.0.",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
address = os.environ.get("COURSE_ADDRESS", "")
if address:
    html_theme_options |= {
        "repository_url": address,
        "repository_branch": "main",
        "use_repository_button": True,
        "launch_buttons": {"colab_url": "https://colab.research.google.com",
                           "binderhub_url": "https://mybinder.org",
                           "notebook_interface": "jupyterlab"},
    }
