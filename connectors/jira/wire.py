"""What Jira sends, as far as we read it; Cloud (v3) and Data Center (v2) alike."""

import msgspec


class ServerInfo(msgspec.Struct, rename="camel"):
    """GET /rest/api/2/serverInfo. Servers before 7.1 do not say what they are."""

    version: str
    deployment_type: str = "Server"


class Page(msgspec.Struct, rename="camel"):
    """What lists with `startAt` have in common."""

    start_at: int = 0
    total: int | None = None
    is_last: bool | None = None


class TokenPage(msgspec.Struct, rename="camel"):
    """What pages have in common whose token leads to the next."""

    next_page_token: str | None = None


class User(msgspec.Struct, rename="camel"):
    """A person: Cloud names them by account id, Data Center by key and name."""

    account_id: str | None = None
    key: str | None = None
    name: str | None = None
    display_name: str | None = None
    email_address: str | None = None
    active: bool | None = None
    time_zone: str | None = None

    @property
    def id(self) -> str:
        """What stays the same when the name changes."""
        return self.account_id or self.key or self.name or ""


class FieldSchema(msgspec.Struct):
    """What a custom field is, whatever its id and name."""

    custom: str = ""


class Field(msgspec.Struct):
    """A row of GET /field."""

    id: str
    name: str
    schema: FieldSchema | None = None

    @property
    def custom(self) -> str:
        """The custom field's type; empty for Jira's own fields."""
        return self.schema.custom if self.schema else ""


class Category(msgspec.Struct):
    """What a status means: new, indeterminate or done."""

    key: str


class Status(msgspec.Struct, rename="camel"):
    """A status."""

    id: str
    name: str
    status_category: Category | None = None


class Project(msgspec.Struct):
    """A project."""

    id: str
    key: str
    name: str


class Projects(Page):
    """GET /project/search (Cloud)."""

    values: list[Project] = []


class IssueType(msgspec.Struct, rename="camel"):
    """An issue type; an epic is one level above the others."""

    name: str
    subtask: bool = False
    hierarchy_level: int | None = None

    @property
    def is_epic(self) -> bool:
        """Whether it holds other tickets."""
        return self.hierarchy_level == 1 if self.hierarchy_level is not None else self.name == "Epic"


class Named(msgspec.Struct):
    """A priority, resolution, component or version."""

    name: str


class ParentFields(msgspec.Struct):
    """What a ticket tells of its parent."""

    issuetype: IssueType | None = None


class Parent(msgspec.Struct):
    """The ticket above."""

    id: str
    key: str
    fields: ParentFields | None = None


class LinkType(msgspec.Struct):
    """A kind of link and its two readings."""

    name: str
    inward: str = ""
    outward: str = ""


class Linked(msgspec.Struct):
    """The other end of a link."""

    key: str


class Link(msgspec.Struct, rename="camel"):
    """A link; one of the two ends is the ticket itself."""

    type: LinkType
    inward_issue: Linked | None = None
    outward_issue: Linked | None = None


class ProjectRef(msgspec.Struct):
    """The project of a ticket."""

    key: str


class Fields(msgspec.Struct):
    """Jira's own fields of a ticket. Custom ones are read beside it, by the ids that the field list gives."""

    summary: str | None
    project: ProjectRef
    issuetype: IssueType
    status: Status
    created: str
    updated: str | None = None
    priority: Named | None = None
    resolution: Named | None = None
    resolutiondate: str | None = None
    duedate: str | None = None
    assignee: User | None = None
    reporter: User | None = None
    parent: Parent | None = None
    labels: list[str] = []
    components: list[Named] = []
    fixVersions: list[Named] = []  # noqa: N815 - Jira's name
    issuelinks: list[Link] = []


FIELDS = Fields.__struct_fields__


class ChangeItem(msgspec.Struct, rename={"from_id": "from", "from_name": "fromString", "to_name": "toString"}):
    """A change of one field: ids, and the names of that time."""

    field: str
    from_id: str | None = None
    from_name: str | None = None
    to: str | None = None
    to_name: str | None = None


class History(msgspec.Struct):
    """An entry of a change log; several may share one time, so only its id names it."""

    id: str
    created: str | int
    items: list[ChangeItem]
    author: User | None = None


class Changelog(msgspec.Struct):
    """The change log within a ticket; it may be cut short."""

    histories: list[History]
    total: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all entries are here."""
        return len(self.histories) >= self.total


class Issue(msgspec.Struct):
    """A ticket. `fields` are decoded later, when their custom ids are known."""

    id: str
    key: str
    fields: msgspec.Raw = msgspec.Raw(b"{}")
    changelog: Changelog | None = None


class Found(TokenPage, kw_only=True):
    """A page of a search: Cloud's with a token, Data Center's with a start and a total."""

    issues: list[Issue]
    is_last: bool | None = None
    total: int | None = None


class WhenCreated(msgspec.Struct):
    """A ticket's time of creation."""

    created: str


class Created(msgspec.Struct):
    """Of a ticket that is only counted: its time and project."""

    created: str
    project: ProjectRef


class IssueChanges(msgspec.Struct, rename="camel"):
    """One ticket's part of a bulk answer; more of it may come on a later page."""

    issue_id: str
    change_histories: list[History]


class BulkChanges(TokenPage, kw_only=True):
    """POST /changelog/bulkfetch."""

    issue_change_logs: list[IssueChanges]


class Changes(Page):
    """GET /issue/{id}/changelog (Cloud)."""

    values: list[History] = []


class Count(msgspec.Struct):
    """POST /search/approximate-count."""

    count: int


class BoardPlace(msgspec.Struct, rename="camel"):
    """Where a board belongs."""

    project_key: str | None = None


class Board(msgspec.Struct):
    """A board."""

    id: int
    name: str
    type: str
    location: BoardPlace | None = None


class Boards(Page):
    """GET /board."""

    values: list[Board] = []


class StatusRef(msgspec.Struct):
    """A status in a column."""

    id: str


class Column(msgspec.Struct):
    """A column of a board."""

    name: str
    statuses: list[StatusRef] = []


class Columns(msgspec.Struct):
    """The columns of a board."""

    columns: list[Column] = []


class EstimationField(msgspec.Struct, rename="camel"):
    """The field that a board estimates in."""

    field_id: str = ""


class Estimation(msgspec.Struct):
    """How a board estimates."""

    field: EstimationField | None = None


class BoardConfiguration(msgspec.Struct, rename="camel"):
    """GET /board/{id}/configuration."""

    column_config: Columns | None = None
    estimation: Estimation | None = None


class Sprint(msgspec.Struct, rename="camel"):
    """A sprint; one to come has no dates."""

    id: int
    name: str
    state: str
    start_date: str | None = None
    end_date: str | None = None
    complete_date: str | None = None
    origin_board_id: int | None = None
    goal: str | None = None


class Sprints(Page):
    """GET /board/{id}/sprint."""

    values: list[Sprint] = []
