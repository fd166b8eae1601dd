"""An account among others: its group and whom it buys through or sells on to, two steps out, as boxes and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from crm.models import Account, AccountSupply
from crm.scoring.relation_map import Place, place_nodes

if TYPE_CHECKING:
    from crm.models import User

STEPS = 2
# Drawn and listed at most; the rest is counted. A distributor may have thousands of customers.
MOST_PER_STEP = 30
LABEL_PLACES = 19
GROUP, SUPPLY = "group", "supply"


@dataclass(frozen=True)
class Edge:
    """`above` is the parent, or the one who supplies."""

    kind: str
    above: int
    below: int


@dataclass
class Node:
    """`place` is where the box stands; `via` the node through which the walk came to it."""

    account: Account
    steps: int
    via: int | None = None
    edge: Edge | None = None
    place: Place | None = None
    # Relations that are not drawn: of accounts out of sight, and more than fit.
    unseen: int = 0
    more: int = 0
    # The account through which it was reached.
    through: Account | None = None

    @property
    def label(self) -> str:
        """The name, as much of it as the box holds: a Chinese character takes two places."""
        name, taken = str(self.account), 0
        for place, letter in enumerate(name):
            taken += 2 if ord(letter) > 0x2E7F else 1
            if taken > LABEL_PLACES:
                return f"{name[:place]}…"
        return name

    @property
    def relation(self) -> str:
        """What it is to the account through which it was reached."""
        if self.edge is None:
            return "self"
        above = self.edge.above == self.account.pk
        if self.edge.kind == GROUP:
            return "parent" if above else "subsidiary"
        return "supplier" if above else "customer"


@dataclass
class Relations:
    nodes: dict[int, Node]
    edges: list[Edge]
    width: int = 0
    height: int = 0
    lines: list[tuple[Edge, str]] = field(default_factory=list)

    @property
    def others(self) -> list[Node]:
        """Without the account itself, the nearest first."""
        return [node for node in self.nodes.values() if node.steps]

    @property
    def unseen(self) -> int:
        return sum(node.unseen for node in self.nodes.values())

    @property
    def more(self) -> int:
        return sum(node.more for node in self.nodes.values())


def relations_of(account: Account, user: User) -> Relations:
    """The neighbours of the account and theirs, as far as `user` sees them. Three queries a step.

    The walk does not lead on through an account out of sight: it is counted where it was met, and that is all.
    """
    found = Relations({account.pk: Node(account, 0)}, [])
    front = [account.pk]
    for step in range(1, STEPS + 1):
        edges = _edges(front)
        met = {pk for edge in edges for pk in (edge.above, edge.below)} - set(found.nodes)
        visible = Account.objects.visible_to(user).filter(pk__in=met).order_by("sort_name", "pk")
        seen = {pk: place for place, pk in enumerate(visible.values_list("pk", flat=True))}
        edges.sort(key=lambda edge: (edge.kind, max(seen.get(edge.above, -1), seen.get(edge.below, -1))))
        front = _walk(found, edges, set(front), seen, step)
        accounts = Account.objects.in_bulk(front)
        for pk in front:
            node = found.nodes[pk]
            node.account = accounts[pk]
            node.through = found.nodes[node.via].account if node.via else None
        if not front:
            break
    _draw(found, account.pk)
    return found


def _walk(
    found: Relations, edges: list[Edge], last: set[int], seen: Mapping[int, int], step: int
) -> list[int]:
    """Add what the edges lead to; returns the accounts reached for the first time."""
    front: list[int] = []
    drawn = set(found.edges)
    for edge in edges:
        near, far = (edge.above, edge.below) if edge.above in last else (edge.below, edge.above)
        if edge in drawn:
            continue
        if far in found.nodes:
            found.edges.append(edge)
        elif far not in seen:
            found.nodes[near].unseen += 1
        elif len(front) >= MOST_PER_STEP:
            found.nodes[near].more += 1
        else:
            found.edges.append(edge)
            # Its row is read with those of the whole step.
            found.nodes[far] = Node(Account(pk=far), step, near, edge)
            front.append(far)
    return front


def _edges(front: Iterable[int]) -> list[Edge]:
    """Every relation of these accounts to any other, once."""
    ids = list(front)
    # A merged account hangs on nothing; should something still hang on it, it is no relation of anybody.
    group = Account.objects.filter(Q(parent__in=ids) | Q(pk__in=ids), parent__isnull=False, merged_into=None)
    pairs = group.values_list("pk", "parent")
    edges = {Edge(GROUP, parent, pk) for pk, parent in pairs if parent is not None}
    supply = AccountSupply.objects.filter(Q(supplier__in=ids) | Q(customer__in=ids))
    edges |= {Edge(SUPPLY, *pair) for pair in supply.values_list("supplier", "customer")}
    return sorted(edges, key=lambda edge: (edge.kind, edge.above, edge.below))


def _draw(found: Relations, start: int) -> None:
    """Places for the boxes and paths for the lines."""
    pairs = [(edge.kind == SUPPLY, edge.above, edge.below) for edge in found.edges]
    drawing = place_nodes(start, list(found.nodes), pairs)
    for pk, place in drawing.places.items():
        found.nodes[pk].place = place
    found.width, found.height = drawing.width, drawing.height
    found.lines = list(zip(found.edges, drawing.paths, strict=True))
