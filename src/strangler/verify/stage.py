"""Both applications on twins with rows and users: made, started, and cleared away."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from strangler.facts import Endpoint, Facts
from strangler.verify.lockstep import Lockstep
from strangler.verify.media import Media
from strangler.verify.preparation import Scene, set_up
from strangler.verify.project import Project


@contextmanager
def staged(
    project: Project,
    facts: Facts,
    endpoints: Sequence[Endpoint],
    *,
    url: str | None = None,
    isolation: str = "namespace",
    mirror: bool = False,
) -> Iterator[tuple[Scene, Lockstep]]:
    """The twins and who acts on them, and both applications, running.

    mirror: Run legacy as the new application too. StranglerError when an application or a twin
    fails to start.
    """
    with ExitStack() as opened:
        scene = set_up(project, facts, endpoints, url=url, isolation=isolation)
        opened.callback(scene.twins.close)
        media = Media(scene.settings["media"])
        opened.callback(media.close)
        lockstep = Lockstep(project, scene.twins, media, isolation, scene.hello, mirror)
        opened.callback(lockstep.close)
        lockstep.start()
        yield scene, lockstep
