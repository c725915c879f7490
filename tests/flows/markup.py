"""A page as a tree: what stands where, with which class and at which place; held to well-formedness."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input"}


@dataclass
class Node:
    """One element: its tag and attributes, and in order the texts and elements within."""

    tag: str
    attrs: dict[str, str | None] = field(default_factory=dict)
    parts: "list[Node | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all text within, each run of spaces as one; a space that does not break is kept."""
        return re.sub(r"[ \n]+", " ", self.spread).strip()

    @property
    def words(self) -> str:
        """Return all text within, a space between any two pieces of it; style and scripts are none."""
        return re.sub(r"[ \n]+", " ", " ".join(self.pieces())).strip()

    @property
    def spread(self) -> str:
        return "".join(part if isinstance(part, str) else part.spread for part in self.parts)

    def pieces(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            elif part.tag not in ("style", "script"):
                yield from part.pieces()

    @property
    def classes(self) -> str:
        return self.attrs.get("class") or ""

    def within(self) -> "Iterator[Node]":
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.within()

    def all(self, tag: str, **attrs: str) -> "list[Node]":
        """Return the elements of a tag whose attributes hold these words, in order; `_class` reads class."""
        wanted = {name.strip("_").replace("_", "-"): word for name, word in attrs.items()}
        return [
            node
            for node in self.within()
            if node.tag == tag and all(word in (node.attrs.get(name) or "").split() for name, word in wanted.items())
        ]

    def one(self, tag: str, **attrs: str) -> "Node":
        """Return the only such element."""
        [found] = self.all(tag, **attrs)
        return found

    def get(self, *names: str) -> tuple[str | None, ...]:
        """Return attributes by name, None for those that are not there."""
        return tuple(self.attrs.get(name) for name in names)

    def rows(self) -> list[list[str]]:
        """Return the texts of a table's cells, its head among them."""
        return [[cell.text for cell in row.cells()] for row in self.all("tr")]

    def cells(self) -> "list[Node]":
        return [part for part in self.parts if isinstance(part, Node) and part.tag in ("th", "td")]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.open[-1].parts.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def tree(text: str) -> Node:
    """Return a page as a tree; an element that is not closed in its place fails."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    [page] = builder.open
    return page
