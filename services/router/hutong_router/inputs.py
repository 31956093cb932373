"""The topics that the router reads, which grow when a promoted pack brings a new department."""

from hutong.events.topics import TopicCatalogue
from hutong.ops.log import get_logger
from hutong_router.route import Router
from hutong_router.transport import RouterApp, resubscribe


class Inputs:
    """The subscription of a running app. All methods belong to the event loop."""

    def __init__(self, app: RouterApp, router: Router, catalogue: TopicCatalogue) -> None:
        self._app = app
        self._router = router
        self._topics = [topic.name for topic in catalogue.routed]

    def read(self, catalogue: TopicCatalogue) -> None:
        """Read the topics of this catalogue too. None is ever dropped: a department that the pack
        no longer has may still say what became of its issues."""
        present = set(self._topics)
        added = [topic.name for topic in catalogue.routed if topic.name not in present]
        if added:
            get_logger().info("reading more topics", topics=added)
            self._router.read(catalogue)
            self._topics += added

    def keep(self) -> None:
        """Have Faust subscribe what it does not yet; cheap when there is nothing to do."""
        resubscribe(self._app, self._topics)
