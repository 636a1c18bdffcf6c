"""A proxy between the deployed functions and the emulator, which itself lets every function do everything.

It refuses each call that the function's policies do not allow, so a policy that is too narrow fails the suite.

usage: policy_gate.py EMULATOR_URL PORT STACK_ENV     STACK_ENV is written when the gate answers
"""

import http.client
import http.server
import json
import os
import sys

from deployed_stack import DeployedStack
from policies import refusal


VARIABLES = {
    "API_URL": "ApiUrl",
    "AUTHORIZER": "AuthorizerArn",
    "DEPLOYMENT": "DeploymentName",
    "KMS_KEY": "KmsKeyArn",
    "TABLE": "TableName",
}


def main(emulator, port, stack_env):
    stack = DeployedStack(emulator)
    statements = {}
    for name, function in stack.functions():
        statements[name] = stack.statements(function)
        stack.add_routes(name, function)
        stack.set_endpoint(name, f"http://127.0.0.1:{port}/{name}")
    handler = proxy(emulator.removeprefix("http://"), statements, stack.outputs)
    http.server.ThreadingHTTPServer.request_queue_size = 128
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    write_env(stack_env, stack.outputs)
    server.serve_forever()


def write_env(path, outputs):
    with open(path + ".new", "w", encoding="utf-8") as env:
        for variable, output in VARIABLES.items():
            env.write(f"{variable}={outputs[output]}\n")
    os.rename(path + ".new", path)


def proxy(emulator, statements, stack_outputs):
    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # sends a response in one piece: head and body apart would wait 40 ms for each other

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            function = self.path.split("/")[1]
            operation = self.headers["x-amz-target"].rsplit(".", 1)[-1]
            if refused := refusal(statements[function], operation, json.loads(body), stack_outputs):
                print(f"refused {function} {refused}", file=sys.stderr, flush=True)
                self.answer(400, json.dumps({"__type": "AccessDeniedException"}).encode(), {})
            else:
                self.forward(body)

        def forward(self, body):
            # The emulator never closes a connection that only the client has closed. It would run out of open files.
            headers = {"connection": "close"}
            headers |= {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            upstream = http.client.HTTPConnection(emulator)
            upstream.request("POST", "/", body, headers)
            response = upstream.getresponse()
            self.answer(response.status, response.read(), response.headers)
            upstream.close()

        def answer(self, status, body, headers):
            self.send_response(status)
            for name in ("content-type", "x-amz-crc32", "x-amzn-requestid"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Proxy


if __name__ == "__main__":
    main(*sys.argv[1:])
