"""The reference pages of the module d2l_bn, from its source; nothing is imported.

Used by tools/build_site.py. The docstrings are written as Markdown reads (`name` is
code), which Sphinx's own tools for docstrings would not take.
"""
import ast
import re

INDEX = """# The module d2l_bn

What lessons build, ready to import. `import d2l_bn` comes first: it makes `import mxnet` work. Bad input gets an error that names the argument, what came and what was expected.
"""  # noqa: E501
CHECK = "reference/check"
ARGUMENT = re.compile(r"(`?\w+`?(?:\([\w, ]*\))?(?:, `?\w+`?)*): (?=\S)")


def markdown(docstring):
    """A docstring as Markdown: an argument that begins a line begins a list's item.

    A sentence that begins a line begins a paragraph.
    """
    lines, before = [], ""
    for line in docstring.splitlines():
        argument = ARGUMENT.match(line)
        if argument:
            name = argument[1].strip("`")
            lines += ["", f"- **{escaped(name)}**: {escaped(line[argument.end():])}"]
        elif line.startswith("    "):  # code
            lines.append(line)
        else:
            lines += [""] * (before.endswith(".") and line[:1].isupper())
            lines.append(escaped(line))
        before = line
    return "\n".join(lines)


def escaped(text):
    """Stars are stars, outside of code."""
    return "`".join(part if number % 2 else part.replace("*", r"\*")
                    for number, part in enumerate(text.split("`")))


def summary(node):
    """The first sentence of what is defined here."""
    text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", text)[0]


def signature(node):
    """How it is called, as in the source."""
    if isinstance(node, ast.ClassDef):
        calls = [part for part in node.body
                 if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
        if not calls:
            return ""
        text = ast.unparse(calls[0].args)
        return f"({re.sub(r'^self(, )?', '', text)})"
    return f"({ast.unparse(node.args)})"


def described(node, name):
    """The entry of one function or class."""
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    bases = ""
    if kind == "class" and node.bases:
        bases = f"Subclass of `{', '.join(map(ast.unparse, node.bases))}`.\n\n"
    return (f"````{{py:{kind}}} {name}{signature(node)}\n\n{bases}"
            f"{markdown(ast.get_docstring(node))}\n````\n")


def definitions(tree):
    return {node.name: node for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def public_names(package):
    """Module -> the public names that it defines, as `d2l_bn/__init__.py` has them."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    names = next(ast.literal_eval(node.value) for node in tree.body
                 if isinstance(node, ast.Assign) and node.targets[0].id == "__all__")
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            mine = [alias.name for alias in node.names if alias.name in names]
            if mine:
                found[node.module] = mine
    missing = set(names) - {name for mine in found.values() for name in mine}
    if missing:
        raise LookupError(f"d2l_bn/__init__.py: {sorted(missing)} of __all__ are "
                          "imported from no module of the package")
    return found


def check_page(package):
    """One page for all checks: what each expects."""
    text = (package / "check" / "__init__.py").read_text(encoding="utf-8")
    lines = ["# The checks: d2l_bn.check", "", markdown(ast.get_docstring(
        ast.parse(text))), "", "[The exercises](../docs/exercises.md) lists them with "
        "the mistakes that they name.", ""]
    for path in sorted((package / "check").glob("lesson*.py")):
        lines += [f"## `{path.stem}`", ""]
        lines += [f"- `{name}`: {escaped(summary(node).partition(': ')[2])}"
                  if summary(node).startswith(f"{name}: ")
                  else f"- {escaped(summary(node))}"
                  for name, node in definitions(
                      ast.parse(path.read_text(encoding="utf-8"))).items()
                  if not name.startswith("_") and isinstance(node, ast.FunctionDef)
                  and [argument.arg for argument in node.args.args] == ["answer"]]
        lines.append("")
    return "\n".join(lines)


def reference_pages(package):
    """Page name -> Markdown: an index, a page a module, the checks."""
    pages, index, entries = {}, [INDEX], []
    for module, names in public_names(package).items():
        tree = ast.parse((package / f"{module}.py").read_text(encoding="utf-8"))
        nodes = definitions(tree)
        pages[f"reference/{module}"] = "\n".join(
            [f"# d2l_bn.{module}", "", markdown(ast.get_docstring(tree)), "",
             *(described(nodes[name], f"d2l_bn.{name}") for name in names)])
        index += ["", f"## [`d2l_bn.{module}`]({module}.md)", "", *(
            f"- {{py:obj}}`d2l_bn.{name}`: {summary(nodes[name])}" for name in names)]
        entries.append(module)
    pages[CHECK] = check_page(package)
    pages["reference/index"] = "\n".join(
        [*index, "", "## [`d2l_bn.check`](check.md)", "",
         "The checks of the exercises.", "", "```{toctree}", ":hidden:", "",
         *entries, "check", "```", ""])
    return pages
