"""Answers the queries: who resolves which field of the schema, over the records of the workspace."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema

from syncline.sandbox.customeros import filters
from syncline.sandbox.customeros.filters import Condition, Doc, Properties
from syncline.sandbox.customeros.limits import Limits
from syncline.sandbox.customeros.workspace import ORGANIZATIONS, USERS, Workspace, moment

Info = GraphQLResolveInfo[Any]
Resolver = Callable[..., Any]
DEFAULT_LIMIT = 10
"""Rows of a page where nobody says how many: not documented."""


class Queries:
    """The resolvers of one workspace."""

    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._workspace = workspace
        self._limits = limits

    def bind(self, schema: GraphQLSchema) -> GraphQLSchema:
        """Let these resolvers answer the fields the schema has; all other fields are keys of the records."""
        for type_, resolvers in self._resolvers().items():
            fields = getattr(schema.type_map[type_], "fields", {})
            for name in resolvers.keys() & fields.keys():
                fields[name].resolve = resolvers[name]
        return schema

    def _resolvers(self) -> Mapping[str, Mapping[str, Resolver]]:
        organization: dict[str, Resolver] = {
            "owner": self._owner,
            "domains": lambda doc, _info: [each["domain"] for each in doc["domains"]],
            "domainsDetails": lambda doc, _info: doc["domains"],
            "icpFit": self._fit,
        }
        query: dict[str, Resolver] = {
            "organizations": self._organizations,
            "organization": self._organization,
            "organizations_HiddenAfter": self._hidden_after,
            "ui_organizations": self._details,
            "ui_organizations_search": self._search,
            "users": self._users,
            "user": self._user,
            "user_ByEmail": self._user_by_email,
        }
        return {"Query": query, "Organization": organization, "OrganizationUiDetails": organization}

    def _organizations(
        self,
        _root: object,
        _info: Info,
        pagination: Mapping[str, int] | None = None,
        where: Condition | None = None,
        sort: Sequence[Condition] | None = None,
    ) -> Mapping[str, Any]:
        listed = self._workspace.listed()
        page = _page(listed, pagination, where, sort, filters.ORGANIZATION_PROPERTIES)
        return {**page, "totalAvailable": len(listed)}

    def _organization(self, _root: object, _info: Info, id: str) -> Doc | None:  # noqa: A002 - the schema's
        return self._workspace.found(ORGANIZATIONS, id)

    def _hidden_after(self, _root: object, _info: Info, date: Any) -> list[str]:
        try:
            after = moment(str(date))
        except ValueError:
            raise GraphQLError(f"{str(date)[:80]} is no time") from None
        return [
            str(doc["id"])
            for doc in self._workspace.state.all(ORGANIZATIONS)
            if doc["hide"] and not doc["_merged_into"] and moment(doc["_hidden_at"]) >= after
        ]

    def _details(self, _root: object, _info: Info, ids: list[str] | None = None) -> list[Doc]:
        wanted = dict.fromkeys(ids or ())
        return [doc for id_ in wanted if (doc := self._workspace.found(ORGANIZATIONS, id_)) is not None]

    def _search(
        self,
        _root: object,
        _info: Info,
        limit: int | None = None,
        where: Condition | None = None,
        sort: Condition | None = None,
    ) -> Mapping[str, Any]:
        listed = self._workspace.listed()
        properties = filters.ORGANIZATION_PROPERTIES
        fitting = [doc for doc in listed if filters.passes(doc, where, properties)]
        found = filters.ordered(fitting, [sort] if sort else [], properties)
        most = self._limits.setting()["rows"]
        shown = found[: most if limit is None else min(most, max(0, limit))]
        ids = [str(doc["id"]) for doc in shown]
        return {"ids": ids, "totalElements": len(ids), "totalAvailable": len(listed)}

    def _users(
        self,
        _root: object,
        _info: Info,
        pagination: Mapping[str, int] | None = None,
        where: Condition | None = None,
        sort: Sequence[Condition] | None = None,
    ) -> Mapping[str, Any]:
        users = self._workspace.state.all(USERS)
        return _page(users, pagination, where, sort, filters.USER_PROPERTIES)

    def _user(self, _root: object, _info: Info, id: str) -> Doc:  # noqa: A002 - the schema's
        return _there(self._workspace.found(USERS, id))

    def _user_by_email(self, _root: object, _info: Info, email: str) -> Doc:
        wanted = email.strip().casefold()
        users = self._workspace.state.all(USERS)
        return _there(next((u for u in users if wanted in _addresses(u)), None))

    def _owner(self, doc: Doc, _info: Info) -> Mapping[str, Any] | None:
        """The owner without addresses: they are not loaded here. A user who is gone is no owner."""
        user = self._workspace.found(USERS, doc["owner_id"] or "")
        return {**user, "emails": None} if user else None

    def _fit(self, doc: Doc, _info: Info) -> bool | str | None:
        """The older form of the fit is yes or no, where what was never looked at is a no."""
        fit: str | None = doc["icpFit"]
        return fit if self._workspace.edition().has_fit_enum else fit == "ICP_FIT"


def _page(
    docs: Sequence[Doc],
    pagination: Mapping[str, int] | None,
    where: Condition | None,
    sort: Sequence[Condition] | None,
    properties: Properties,
) -> dict[str, Any]:
    fitting = [doc for doc in docs if filters.passes(doc, where, properties)]
    found = filters.ordered(fitting, sort or (), properties)
    asked = pagination or {"page": 1, "limit": DEFAULT_LIMIT}
    page, limit = max(1, asked["page"]), max(1, asked["limit"])
    shown = found[(page - 1) * limit : page * limit]
    return {"content": shown, "totalPages": -(-len(found) // limit), "totalElements": len(found)}


def _addresses(user: Doc) -> set[str]:
    return {str(each["email"]).casefold() for each in user["emails"]}


def _there(user: Doc | None) -> Doc:
    if user is None:
        raise GraphQLError("user not found")
    return user
