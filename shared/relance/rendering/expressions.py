"""Reading a template's syntax tree against the list of what is allowed; all else is a mistake."""

import difflib
import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from jinja2 import nodes

from relance.rendering.formats import DATE_LENGTHS
from relance.rendering.templates import Mistake
from relance.rendering.variables import (
    BY_NAME,
    FILTER,
    GROUPS,
    LOOP_FIELD,
    ROW_FIELD,
    Filter,
    Kind,
    Variable,
)

# What an expression is; of one whose mistake has been told no more is said.
Seen: TypeAlias = Kind | Literal["told"]
_MOST_LOOPS = 2
_LONGEST_WORDS = 500
_CALCULATIONS = (
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Concat,
    nodes.Pos,
)  # fmt: skip
_PRINTABLE = frozenset({"told", "text", "lines", "link", "date", "number", "amount", "table"})
_TESTABLE = _PRINTABLE | {"yes/no", "rows"}
_ORDERED = frozenset({"number", "date"})
_EQUAL = frozenset({"text", "number", "date", "yes/no"})


class Reader:
    """Collects every mistake of one source."""

    def __init__(self, source: str, *, tables: bool) -> None:
        self.mistakes: list[Mistake] = []
        self.loop_names: set[str] = set()
        self._lines = source.split("\n")
        self._tables = tables
        self._loops = 0

    def read(self, tree: nodes.Template) -> None:
        """Walk the whole tree."""
        self._body(tree.body)

    def _body(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    self._print(child)
            elif isinstance(node, nodes.If):
                self._condition(node)
            elif isinstance(node, nodes.For):
                self._loop(node)
            else:
                self._tell(node, f"{_spoken(node)} is not available: only if and for.")

    def _print(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            return
        kind = self._kind(node)
        if kind == "rows":
            self._tell(
                node,
                "A list cannot be printed: use a loop, |numbers, or the items_list_… of that name.",
            )
        elif kind == "table" and not self._tables:
            self._tell(node, "A table does not fit on one line.")
        elif kind not in _PRINTABLE:
            self._tell(node, "This answers yes or no: it can only stand in a condition.")

    def _condition(self, node: nodes.If) -> None:
        self._test(node.test)
        self._body(node.body)
        for other in node.elif_:
            self._condition(other)
        self._body(node.else_)

    def _test(self, node: nodes.Node) -> None:
        kind = self._kind(node)
        if kind not in _TESTABLE:
            self._tell(node, "This cannot stand in a condition.")

    def _loop(self, node: nodes.For) -> None:
        kind = self._kind(node.iter)
        if kind not in {"rows", "told"}:
            self._tell(node.iter, "A loop goes over a list, such as items_selected.")
        self._loops += 1
        if self._loops > _MOST_LOOPS:
            self._tell(node, f"Loops may stand in each other {_MOST_LOOPS} deep, not more.")
        if node.recursive:
            self._tell(node, "A recursive loop is not available.")
        named = self._loop_name(node)
        before = set(self.loop_names)
        self.loop_names |= named
        if node.test is not None:
            self._test(node.test)
        self._body(node.body)
        self.loop_names = before
        self._body(node.else_)
        self._loops -= 1

    def _loop_name(self, node: nodes.For) -> set[str]:
        if not isinstance(node.target, nodes.Name):
            self._tell(node, "A loop gives one name, such as `for item in items_selected`.")
            return set()
        name = node.target.name
        if name in GROUPS or name in BY_NAME or name == "loop" or name.startswith("_"):
            self._tell(node, f"The name {name} is taken: choose another for the loop.")
        return {name}

    def _kind(self, node: nodes.Node) -> Seen:
        match node:
            case nodes.Const():
                return self._constant(node)
            case nodes.Name() | nodes.Getattr():
                return self._named(node)
            case nodes.Filter():
                return self._filtered(node)
            case nodes.Compare():
                return self._compared(node)
            case nodes.And() | nodes.Or():
                self._test(node.left)
                self._test(node.right)
                return "yes/no"
            case nodes.Not():
                self._test(node.node)
                return "yes/no"
            case nodes.Neg(node=nodes.Const(value=int())):
                return "number"
            case nodes.CondExpr():
                return self._chosen(node)
            case _:
                return self._tell(node, _refusal(node))

    def _constant(self, node: nodes.Const) -> Seen:
        if isinstance(node.value, bool):
            return "yes/no"
        if isinstance(node.value, int) and abs(node.value) < 10**9:
            return "number"
        if isinstance(node.value, str) and len(node.value) <= _LONGEST_WORDS:
            return "text"
        return self._tell(node, "Write whole numbers and short words only.")

    def _named(self, node: nodes.Name | nodes.Getattr) -> Seen:
        path = _path(node)
        if path is None:
            return self._tell(node, "Only the documented names may be used, such as customer.name.")
        group, _, field = path.partition(".")
        if group in self.loop_names:
            return self._field(node, group, field, ROW_FIELD)
        if group == "loop" and self._loops:
            return self._field(node, group, field, LOOP_FIELD)
        if path in BY_NAME:
            return BY_NAME[path].kind
        if path in GROUPS:
            first = next(name for name in BY_NAME if name.startswith(f"{path}."))
            return self._tell(node, f"Say what of {path}, such as {first}.")
        return self._unknown(node, path, [*BY_NAME, *self.loop_names])

    def _field(self, node: nodes.Expr, group: str, field: str, known: dict[str, Variable]) -> Seen:
        if field in known:
            return known[field].kind
        if not field:
            return self._tell(node, f"Say what of {group}, such as {group}.{next(iter(known))}.")
        return self._unknown(node, f"{group}.{field}", [f"{group}.{name}" for name in known])

    def _unknown(self, node: nodes.Expr, path: str, known: Iterable[str]) -> Seen:
        by_flat = {name.replace(".", "_"): name for name in known}
        near = difflib.get_close_matches(path.replace(".", "_"), by_flat, n=1)
        hint = f" Did you mean {by_flat[near[0]]}?" if near else ""
        return self._tell(node, f"There is no {path}.{hint}", at=path)

    def _filtered(self, node: nodes.Filter) -> Seen:
        known = FILTER.get(node.name)
        if known is None or node.node is None:
            near = difflib.get_close_matches(node.name, FILTER, n=1)
            hint = f" Did you mean |{near[0]}?" if near else f" There are {', '.join(FILTER)}."
            return self._tell(node, f"There is no |{node.name}.{hint}", at=f"|{node.name}")
        kind = self._kind(node.node)
        if kind != "told" and kind not in known.takes:
            takes = " or ".join(sorted(known.takes))
            self._tell(node, f"|{known.name} takes {takes}, not {kind}.", at=known.name)
        self._told(node, known)
        return known.gives

    def _told(self, node: nodes.Filter, known: Filter) -> None:
        words = [word.value for word in node.args if isinstance(word, nodes.Const)]
        plain = len(words) == len(node.args) and all(isinstance(word, str) for word in words)
        extra = node.kwargs or node.dyn_args or node.dyn_kwargs
        if extra or not plain or not known.least <= len(words) <= known.most:
            self._tell(node, f"Write it like this: {known.example}", at=known.name)
        elif known.name == "date" and words and words[0] not in DATE_LENGTHS:
            self._tell(node, f"A date is {', '.join(DATE_LENGTHS)}.", at=known.name)
        elif any(len(word) > _LONGEST_WORDS for word in words):
            self._tell(node, "The words are too long.", at=known.name)

    def _compared(self, node: nodes.Compare) -> Seen:
        if len(node.ops) != 1:
            return self._tell(node, "Compare two things at a time, and join with `and`.")
        operation = node.ops[0]
        left = self._kind(node.expr)
        if operation.op in {"in", "notin"}:
            return self._among(node, left, operation.expr)
        right = self._kind(operation.expr)
        if "told" in {left, right}:
            return "yes/no"
        comparable = _EQUAL if operation.op in {"eq", "ne"} else _ORDERED
        if left != right or left not in comparable:
            return self._tell(node, f"{left} and {right} cannot be compared this way.")
        return "yes/no"

    def _among(self, node: nodes.Compare, left: Seen, choices: nodes.Expr) -> Seen:
        if not isinstance(choices, nodes.Tuple | nodes.List) or left not in {"told", "text"}:
            return self._tell(node, 'Write it like this: customer.language in ("fr", "de")')
        for choice in choices.items:
            if not isinstance(choice, nodes.Const) or not isinstance(choice.value, str):
                return self._tell(node, "Between the brackets stand words in quotation marks.")
        return "yes/no"

    def _chosen(self, node: nodes.CondExpr) -> Seen:
        self._test(node.test)
        if node.expr2 is None:
            return self._tell(node, 'Add what stands there otherwise: … if … else ""')
        first, second = self._kind(node.expr1), self._kind(node.expr2)
        if "told" in {first, second} or first == second:
            return first
        return self._tell(node, f"{first} and {second} cannot stand in the same place.")

    def _tell(self, node: nodes.Node, message: str, *, at: str | None = None) -> Literal["told"]:
        line = min(max(node.lineno, 1), len(self._lines))
        column = self._lines[line - 1].find(at) + 1 if at else 0
        mistake = Mistake(line=line, column=column or None, message=message)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)
        return "told"


def _path(node: nodes.Expr) -> str | None:
    """`customer.name` of such a node; None where it hangs on anything but a name."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None else f"{before}.{node.attr}"
    return None


def _refusal(node: nodes.Node) -> str:
    if isinstance(node, _CALCULATIONS):
        return "A template does not calculate or join: amounts and totals have names of their own."
    if isinstance(node, nodes.Call):
        return "Nothing can be called from a template: leave out the round brackets."
    if isinstance(node, nodes.Test):
        return "`is …` is not available: write `if customer.reference` to ask whether it is there."
    if isinstance(node, nodes.Getitem):
        return "Square brackets are not available: use the documented names, or a loop."
    return f"{_spoken(node)} is not available in a template."


def _spoken(node: nodes.Node) -> str:
    word = re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()
    return {"assign": "{% set %}", "assign block": "{% set %}"}.get(word, "{% " + word + " %}")
