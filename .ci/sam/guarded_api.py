"""Deploys examples/guarded-api behind the deployed authorizer, and calls it: what must be admitted is, and nothing else.

The emulator invokes the authorizer for each call of an HTTP API. It does not know the identity source `$context.routeKey`, so
the stack is deployed with answers that are not kept. It has no REST API here: the authorizer gets such an event directly.

usage: guarded_api.py EMULATOR_URL AUTHORIZER_ARN DEMO_JSON
"""

import base64
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "guarded-api" / "template.yaml"
STACK = "guarded-api"
METHOD_ARN = "arn:aws:execute-api:us-east-1:000000000000:abcdef1234/prod/GET/orders"


class Booth:
    """The demo tenant of a booth."""

    def __init__(self, demo):
        self.demo = demo
        self.identifier = demo["api"]["identifier"]

    def form(self, path, key, **fields):
        credentials = f"{key['appClientId']}:{key['appClientSecret']}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(credentials).decode()}"}
        return send(self.demo["url"] + path, "POST", headers, urllib.parse.urlencode(fields).encode())

    def token(self, key="api_key", **fields):
        status, answer = self.form("/oauth2/token", self.demo[key], grant_type="client_credentials", **fields)
        assert status == 200, answer
        return answer["access_token"]

    def api_token(self, scope):
        return self.token(resource=self.identifier, scope=scope)


def main(emulator, authorizer, demo_json):
    booth = Booth(json.loads(pathlib.Path(demo_json).read_text(encoding="utf-8")))
    host = deploy(boto3.client("cloudformation", endpoint_url=emulator), authorizer, booth.identifier)
    check_http_api(booth, lambda method, token: call(emulator, host, method, token))
    check_rest_event(booth, boto3.client("lambda", endpoint_url=emulator), authorizer)
    print("guarded-api: the authorizer admits and refuses as it should")


def deploy(cloudformation, authorizer, identifier):
    """Deploys the example and returns the host name of its API in the emulator."""
    parameters = {"AuthorizerArn": authorizer, "Audience": identifier, "AuthorizerSeconds": "0"}
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=EXAMPLE.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    url = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "Url")
    return f"{urllib.parse.urlsplit(url).hostname.split('.')[0]}.execute-api.localhost"


def check_http_api(booth, call_api):
    read, write = booth.api_token("orders:read"), booth.api_token("orders:write")
    status, answer = call_api("GET", read)
    client = booth.demo["api_key"]["appClientId"]
    assert (status, answer["caller"]["sub"], answer["caller"]["scope"]) == (200, client, "orders:read"), answer
    assert call_api("POST", write)[0] == 200
    revoked = booth.api_token("orders:read")
    assert call_api("GET", revoked)[0] == 200
    assert booth.form("/oauth2/revoke", booth.demo["api_key"], token=revoked)[0] == 200
    for case, method, token in [
        ("another scope", "POST", read),
        ("another scope", "GET", write),
        ("a revoked token", "GET", revoked),
        ("a changed token", "GET", read[:-1] + ("A" if read[-1] != "A" else "B")),
        ("a token of the booth itself", "GET", booth.token()),
        ("no JWT", "GET", "x"),
        ("no token", "GET", None),
    ]:
        status, answer = call_api(method, token)
        assert status in (401, 403) and "caller" not in answer, (case, status, answer)


def check_rest_event(booth, lambdas, authorizer):
    def invoke(token, method="GET"):
        headers = {"Authorization": [f"Bearer {token}"]}
        event = {
            "type": "REQUEST", "methodArn": METHOD_ARN, "multiValueHeaders": headers,
            "stageVariables": {"tokenbooth_audience": booth.identifier},
            "requestContext": {"resourcePath": "/orders", "httpMethod": method},
        }
        answer = lambdas.invoke(FunctionName=authorizer, Payload=json.dumps(event).encode())
        return answer.get("FunctionError"), json.load(answer["Payload"])

    token = booth.api_token("orders:read")
    error, answer = invoke(token)
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": METHOD_ARN}
    assert error is None and answer["policyDocument"]["Statement"] == [statement], answer
    error, answer = invoke(token, "POST")
    assert error is None and answer["policyDocument"]["Statement"][0]["Effect"] == "Deny", answer
    error, answer = invoke("x")
    assert error and answer["errorMessage"] == "Unauthorized", answer


def call(emulator, host, method, token):
    port = urllib.parse.urlsplit(emulator).port
    headers = {"host": f"{host}:{port}"} | ({"authorization": f"Bearer {token}"} if token else {})
    return send(f"{emulator}/orders", method, headers, b"{}" if method == "POST" else None)


def send(url, method, headers, body):
    """The status and the JSON of the answer."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.loads(response.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


if __name__ == "__main__":
    main(*sys.argv[1:])
