"""Query text to query tree, by a lark grammar; faults of the text become MALFORMED_QUERY with their place."""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from syncline.sandbox.salesforce.errors import ApiError, refuse
from syncline.sandbox.salesforce.soql import tree

MAX_STATEMENT = 100_000
MAX_OFFSET = 2_000
MAX_INTEGER = 2**31 - 1
WINDOW = 40


def parse(text: str) -> tree.Query:
    """The tree of a query."""
    if len(text) > MAX_STATEMENT:
        raise refuse(
            "QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {MAX_STATEMENT} characters."
        )
    try:
        parsed = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _malformed(text, error) from error
    try:
        query: tree.Query = _Builder(text).transform(parsed)
    except RecursionError as error:
        raise refuse("QUERY_TOO_COMPLICATED", "The query has too many levels of parentheses.") from error
    except VisitError as error:
        raise error.orig_exc from error
    return query


def at(text: str, line: int, column: int, message: str) -> str:
    """A message that shows its place in the query, as the server words it."""
    row = text.splitlines()[line - 1] if text.splitlines() else ""
    start = max(0, column - 1 - WINDOW)
    shown = row[start : column - 1 + WINDOW]
    caret = " " * (column - 1 - start) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{line}:Column:{column}\n{message}"


@cache
def _grammar() -> Lark:
    return Lark.open("soql.lark", rel_to=__file__, parser="lalr", lexer="contextual")


def _malformed(text: str, error: UnexpectedInput) -> ApiError:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        found = f"unexpected token: '{error.token}'"
    elif isinstance(error, UnexpectedCharacters):
        rest = text[error.pos_in_stream :]
        if rest.startswith("'"):
            return refuse(
                "MALFORMED_QUERY", at(text, error.line, error.column, "unexpected end of the string")
            )
        if rest.startswith(":"):
            return refuse("MALFORMED_QUERY", "Bind variables only allowed in Apex code")
        found = f"unexpected token: '{rest.split()[0] if rest.split() else rest}'"
    else:
        return refuse("MALFORMED_QUERY", "unexpected token: '<EOF>'")
    return refuse("MALFORMED_QUERY", at(text, error.line, error.column, found))


class _Builder(Transformer[Token, Any]):
    """Turns each rule of the grammar into its node."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, parts: list[Any]) -> tree.Query:
        selection = parts[1]
        named: dict[str, Any] = {kind: value for each in parts[4:] for kind, value in [each]}
        return tree.Query(
            text=self._text,
            object=_name(parts[3]),
            selection=() if selection is None else tuple(selection),
            count=selection is None,
            where=named.get("where"),
            group=named.get("group", ()),
            order=named.get("order", ()),
            limit=named.get("limit"),
            offset=named.get("offset", 0),
        )

    def count(self, _parts: list[Any]) -> None:
        return None

    def select(self, parts: list[Any]) -> list[Any]:
        return parts

    def item(self, parts: list[Token]) -> tree.Name:
        return _name(parts[0])

    def aggregate(self, parts: list[Token]) -> tree.Aggregate:
        alias = str(parts[2]) if len(parts) > 2 else ""
        return tree.Aggregate(str(parts[0]).upper(), _name(parts[1]), alias)

    def fields(self, parts: list[Token]) -> tree.FieldGroup:
        return tree.FieldGroup(str(parts[1]).upper())

    def where(self, parts: list[Any]) -> tuple[str, tree.Condition]:
        return "where", parts[1]

    def all_of(self, parts: list[Any]) -> tree.Both:
        return tree.Both(tuple(parts[0::2]))

    def any_of(self, parts: list[Any]) -> tree.Either:
        return tree.Either(tuple(parts[0::2]))

    def none_of(self, parts: list[Any]) -> tree.Negation:
        return tree.Negation(parts[1])

    def comparison(self, parts: list[Any]) -> tree.Comparison:
        return tree.Comparison(_name(parts[0]), str(parts[1]).lower(), parts[2])

    def member(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(_name(parts[0]), tuple(parts[2:]), negated=False)

    def no_member(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(_name(parts[0]), tuple(parts[3:]), negated=True)

    def joined(self, parts: list[Any]) -> tree.Join:
        return tree.Join(_name(parts[0]), self._inner(parts[2:]), negated=False)

    def not_joined(self, parts: list[Any]) -> tree.Join:
        return tree.Join(_name(parts[0]), self._inner(parts[3:]), negated=True)

    def _inner(self, parts: list[Any]) -> tree.Query:
        where = parts[4][1] if len(parts) > 4 else None
        return tree.Query(self._text, _name(parts[3]), (_name(parts[1]),), count=False, where=where)

    def group(self, parts: list[Any]) -> tuple[str, tuple[tree.Name, ...]]:
        return "group", tuple(_name(each) for each in parts[2:])

    def value(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal(parts[0].type, str(parts[0]))

    def order(self, parts: list[Any]) -> tuple[str, tuple[tree.Sort, ...]]:
        return "order", tuple(parts[2:])

    def sort(self, parts: list[Any]) -> tree.Sort:
        words = set(parts[1:])
        return tree.Sort(_name(parts[0]), descending="desc" in words, nulls_last="last" in words)

    def direction(self, parts: list[Token]) -> str:
        return str(parts[0]).lower()

    def nulls(self, parts: list[Token]) -> str:
        return str(parts[1]).lower()

    def limit(self, parts: list[Token]) -> tuple[str, int]:
        return "limit", self._count(parts[1])

    def offset(self, parts: list[Token]) -> tuple[str, int]:
        return "offset", self._count(parts[1])

    def _count(self, token: Token) -> int:
        if not token.isdigit():
            place = at(self._text, token.line or 1, token.column or 1, f"unexpected token: '{token}'")
            raise refuse("MALFORMED_QUERY", place)
        return int(token)


def _name(token: Token) -> tree.Name:
    return tree.Name(str(token), token.line or 1, token.column or 1)
