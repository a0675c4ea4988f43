"""How the source is built: the figures by which the house is compared with other projects.

    python benchmarks/shape.py

Prints lines and files, the length of files, functions and classes, docstrings and annotations, circles and lazy imports, and the
longest Lua scripts. Tests and benchmarks are not counted. Declarations of scripts are no functions: their body is in Lua.
tests/test_architecture.py holds the limits of these figures.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import test_architecture as house


def main() -> None:
    """Print the figures, one a line."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    files = [(path.relative_to(house.ROOT).as_posix(), path.read_text()) for path in house.sources()]
    trees = [ast.parse(text) for _, text in files]
    scripts = sorted(house.ROOT.glob("state/*/lua/**/*.lua"))
    rows = {
        "lines / files": f"{sum(map(lines, [text for _, text in files])):,} / {len(files)}",
        "lines / files of Lua": f"{sum(lines(path.read_text()) for path in scripts):,} / {len(scripts)}",
        "file: median · p90 · max": spread([lines(text) for _, text in files]),
        "function: median · p90 · max": spread([house.length(node) for node in house.bodies()]),
        "class: median · p90 · max": spread([house.length(node) for node in classes(trees)]),
        "public methods: median · p90 · max": spread([house.methods(node) for node in classes(trees)]),
        "script: median · p90 · max": spread([len(house.body_of(path)) for path in scripts]),
        "public functions with docstring / annotated": f"{share(documented(trees))} / {share(annotated(trees))}",
        "import circles": str(len(house.circles())),
        "imports inside functions / in commands/": f"{lazy_imports(trees)} / {lazy_imports(trees_of(files, trees, 'commands/'))}",
        "debts": str(len(house.DEBTS)),
    }
    for name, value in rows.items():
        print(f"{name:<44} {value}")


def lines(text: str) -> int:
    """Lines of a text."""
    return text.count("\n")


def spread(sizes: Sequence[int]) -> str:
    """Median, 90th percentile and largest."""
    ordered = sorted(sizes)
    return f"{ordered[len(ordered) // 2]} · {ordered[len(ordered) * 9 // 10]} · {ordered[-1]}"


def share(answers: Sequence[bool]) -> str:
    """How many are true, in percent."""
    return f"{100 * sum(answers) / len(answers):.0f} %"


def classes(trees: Sequence[ast.Module]) -> Iterator[ast.ClassDef]:
    """Every class."""
    return (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def public(trees: Sequence[ast.Module]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every public function of a module."""
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield node


def documented(trees: Sequence[ast.Module]) -> list[bool]:
    """Whether each public function has a docstring."""
    return [bool(ast.get_docstring(node)) for node in public(trees)]


def annotated(trees: Sequence[ast.Module]) -> list[bool]:
    """Whether each public function says the types of its parameters and of its result."""
    return [bool(node.returns) and all(arg.annotation for arg in node.args.args + node.args.kwonlyargs) for node in public(trees)]


def lazy_imports(trees: Sequence[ast.Module]) -> int:
    """Imports that stand in a function."""
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for func in functions for node in ast.walk(func) if isinstance(node, ast.Import | ast.ImportFrom)}
    return len(inner)


def trees_of(files: Sequence[tuple[str, str]], trees: Sequence[ast.Module], folder: str) -> list[ast.Module]:
    """The trees of the files below a folder."""
    return [tree for (name, _), tree in zip(files, trees, strict=True) if name.startswith(folder)]


if __name__ == "__main__":
    main()
