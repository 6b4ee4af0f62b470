"""Whether permissions let nobody pass who is not known."""

from __future__ import annotations

from strangler.facts import Permission

_LOGIN = frozenset({"IsAuthenticated", "IsAdminUser"})
_WRITING_LOGIN = frozenset({"IsAuthenticatedOrReadOnly"})
_MODULE = "rest_framework.permissions"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def requires_login(trees: tuple[Permission, ...], method: str) -> bool:
    """Whether no anonymous caller passes all of these with a request of this method."""
    return any(_login(tree, method) for tree in trees)


def _login(tree: Permission, method: str) -> bool:
    if tree.op == "and":
        return any(_login(part, method) for part in tree.of)
    if tree.op == "or":
        return all(_login(part, method) for part in tree.of)
    module, _, name = (tree.asks or tree.path or "").rpartition(".")
    wanted = _LOGIN if method in _SAFE else _LOGIN | _WRITING_LOGIN
    return tree.op is None and module == _MODULE and name in wanted
