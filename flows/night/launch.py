"""The nightly flow from the command line: on the site's own Prefect server on this machine, or on a temporary one."""

import os
from contextlib import ExitStack

from flows.night.lock import exclusive
from flows.night.order import Order, resolve
from flows.night.run import LOGGER
from flows.night.server import at_home, settle_environment, temporary_server
from flows.night.steps import Done

OPEN_SERVER = (
    "warning: PREFECT_API_URL names a server, but no PREFECT_API_AUTH_STRING is set: a server without authentication "
    "lets every user of this machine change what is run and what is said of it (README, Every night)"
)


def conduct(order: Order) -> Done:
    """Run the nightly flow once; raise what a step raised."""
    resolve(order)  # a wrong order is told at once, and so is a second run
    with exclusive(order.home):
        pass
    settle_environment(order.home)
    if "PREFECT_API_URL" in os.environ:
        if not os.environ.get("PREFECT_API_AUTH_STRING"):
            LOGGER.warning(OPEN_SERVER)
        with at_home():
            import flows.night.flow
        return run_flow(order)
    with temporary_server() as server, ExitStack() as held:
        with at_home():
            from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

            import flows.night.flow  # noqa: F401 - what takes seconds to import is imported while the server starts
            from flows.intake import load_great_expectations

            load_great_expectations()
            told = {PREFECT_API_URL: server.wait(), PREFECT_API_AUTH_STRING: server.secret}
            held.enter_context(temporary_settings(told))
        return run_flow(order)


def run_flow(order: Order) -> Done:
    """Hand the order to the flow, as the plain values that a schedule hands it."""
    from flows.night.flow import run_here

    return run_here(
        extract=order.given.location,
        home=str(order.home),
        source=order.given.kind,
        mapping=str(order.given.mapping) if order.given.mapping else None,
        as_of=order.as_of,
        guideline=order.guideline,
        site=str(order.site) if order.site else None,
        codelists=tuple(str(folder) for folder in order.codelists),
        replay=order.replay,
        without_predecessor=order.without_predecessor,
        keep=order.keep,
    )
