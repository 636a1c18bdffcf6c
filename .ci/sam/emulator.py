"""Starts the AWS emulator (ministack) with three of its parts replaced.

- Functions run on the warm processes of `warm_executor`.
- The emulator answers POST /oauth2/token as Cognito does, whatever the host. That answer is removed, because the path
  belongs to the deployed stack.
- The emulator answers OPTIONS itself. Without `CorsConfiguration`, API Gateway sends it to its route.

All replace private functions of the emulator, so .ci/requirements.txt pins its exact version.
"""

import os
import pathlib

from ministack import app
from ministack.services import apigateway, lambda_svc

from warm_executor import WarmExecutor


async def no_answer(*_):
    """The emulator then goes on to the next service."""
    return None


class RoutedMethod(str):
    """A method that is not recognised as OPTIONS, so that it goes to its route."""

    def __eq__(self, other):
        return other != "OPTIONS" and str.__eq__(self, other)

    __hash__ = str.__hash__


def routing_options(handle):
    """Handles each request of an HTTP API by its route."""

    async def routed(api_id, stage, path, method, *rest):
        return await handle(api_id, stage, path, RoutedMethod(method), *rest)

    return routed


def replace(module, name, replacement):
    """Replaces a function that must exist: another version of the emulator may have renamed it."""
    assert callable(getattr(module, name)), f"{module.__name__} has no {name}"
    setattr(module, name, replacement)


if __name__ == "__main__":
    executor = WarmExecutor(
        code_folder=lambda_svc._provided_runtime_code_dir,
        log=pathlib.Path(os.environ["FUNCTIONS_LOG"]),
    )
    replace(lambda_svc, "_execute_function_provided", executor.execute)
    replace(app, "_handle_cognito_body_request", no_answer)
    replace(apigateway, "_handle_execute_in_scope", routing_options(apigateway._handle_execute_in_scope))
    app.main()
