"""The nightly flow from the command line: on the site's own Prefect server on this machine, or on a temporary one."""

import os

from flows.lock import exclusive
from flows.night import Night, Order
from flows.server import settle_environment, temporary_server


def conduct(order: Order) -> Night:
    """Run the nightly flow once; raise what a step raised."""
    Night(order)  # a wrong order is told at once, and so is a second run
    with exclusive(order.home):
        pass
    settle_environment(order.home)
    if "PREFECT_API_URL" in os.environ:
        return run_flow(order)
    with temporary_server() as server:
        from prefect.settings import PREFECT_API_URL, temporary_settings

        import flows.nightly  # noqa: F401 - what takes seconds to import is imported while the server starts
        from flows import gx

        gx.load()
        with temporary_settings({PREFECT_API_URL: server.wait()}):
            return run_flow(order)


def run_flow(order: Order) -> Night:
    """Hand the order to the flow, as the plain values that a schedule hands it."""
    from flows.nightly import nightly

    return nightly(
        extract=order.given.location,
        home=str(order.home),
        source=order.given.kind,
        mapping=str(order.given.mapping) if order.given.mapping else None,
        as_of=order.as_of,
        guideline=order.guideline,
        site=str(order.site) if order.site else None,
        codelists=tuple(str(folder) for folder in order.codelists),
    )
