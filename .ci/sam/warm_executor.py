"""Runs functions of the runtime `provided` in warm processes, as AWS Lambda does.

The emulator's own executor has two faults:
- It answers every poll of /runtime/invocation/next with the same event until it ends the process. On a busy machine a
  function then handles an event twice, and the second answer replaces the first.
- It starts a process for each event, so every call is a cold start.

Here a process handles one event at a time and stays for the next. Each event is handed out exactly once. The number of
processes that handle an event at the same time is bounded; further events wait.
"""

import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time
import uuid

# AWS starts up to a thousand processes; a small machine only gets slower with more than this.
MOST_AT_ONCE = 8
# Seconds that a process gets beyond the function's timeout, because the machine may be busy.
GRACE = 60


class WarmExecutor:
    """Keeps the idle processes of all functions."""

    def __init__(self, code_folder, log):
        """`code_folder` unpacks a zip file and returns its folder; all functions write to the file `log`."""
        self.code_folder = code_folder
        self.log = log
        self.places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.lock = threading.Lock()
        self.idle = {}

    def execute(self, function, event):
        """Lets the function handle the event, in place of the emulator's `_execute_function_provided`."""
        config = function["config"]
        # A process keeps the variables it started with, so a changed configuration needs a new process.
        key = (config["FunctionName"], config["CodeSha256"], json.dumps(config.get("Environment"), sort_keys=True))
        with self.places:
            process = self.take(key) or self.start(function)
            answer = process.handle(event, config["Timeout"])
            self.put_back(key, process)
            return answer

    def take(self, key):
        with self.lock:
            idle = self.idle.get(key, [])
            while idle:
                process = idle.pop()
                if process.is_alive():
                    return process
            return None

    def put_back(self, key, process):
        with self.lock:
            self.idle.setdefault(key, []).append(process)

    def start(self, function):
        # One at a time: a process that starts while another thread unpacks a zip file would inherit the open file, and
        # Linux does not execute a file that somebody may still write to.
        with self.lock:
            return Process(function["config"], self.code_folder(function["code_zip"]), self.log)


class Process:
    """A running function, with a Runtime API that only this process uses."""

    def __init__(self, config, folder, log):
        self.events = queue.Queue()
        self.answers = queue.Queue()
        self.api = RuntimeApiServer(("127.0.0.1", 0), runtime_api(self.events, self.answers))
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [pathlib.Path(folder) / "bootstrap"],
                cwd=folder,
                env=environment(config, folder, self.api.server_port),
                stdout=output,
                stderr=output,
            )
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        threading.Thread(target=self.watch, daemon=True).start()

    def handle(self, event, timeout):
        """Hands the event to the process and returns its answer, in the emulator's form."""
        request_id = str(uuid.uuid4())
        self.events.put((request_id, json.dumps(event).encode(), timeout))
        try:
            kind, answered_id, body = self.answers.get(timeout=timeout + GRACE)
        except queue.Empty:
            kind, answered_id, body = "timeout", request_id, f"no answer within {timeout + GRACE} s".encode()
        if (kind, answered_id) == ("response", request_id):
            return {"body": json.loads(body)}
        if (kind, answered_id) == ("error", request_id) and self.is_alive():
            return {"body": json.loads(body), "error": True}  # the function's own error: it goes on
        self.process.kill()  # a process that failed must not handle another event
        self.process.wait()
        return {"body": {"errorType": "Runtime.ExitError", "errorMessage": body.decode()}, "error": True}

    def watch(self):
        """Waits for the end of the process, so that nobody waits for an answer that cannot come."""
        status = self.process.wait()
        self.answers.put(("exit", "", f"the process ended with status {status}".encode()))
        self.api.shutdown()
        self.api.server_close()

    def is_alive(self):
        return self.process.poll() is None


class RuntimeApiServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A lost connection is no error of the server: the process ended, which `Process.watch` reports."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def environment(config, folder, port):
    """The variables of the emulator itself, those that Lambda sets, then the function's own."""
    return os.environ | {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_STREAM_NAME": str(uuid.uuid4()),
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": "bootstrap",
    } | config.get("Environment", {}).get("Variables", {})


def runtime_api(events, answers):
    """Makes the handler of one process's Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)."""

    class RuntimeApi(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # sends a response in one piece: head and body apart would wait 40 ms for each other

        def do_GET(self):
            """/2018-06-01/runtime/invocation/next: waits for an event and takes it from the queue."""
            request_id, event, timeout = events.get()
            self.send_response(200)
            self.send_header("lambda-runtime-aws-request-id", request_id)
            self.send_header("lambda-runtime-deadline-ms", str(int((time.time() + timeout) * 1000)))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            """…/invocation/ID/response, …/invocation/ID/error or …/init/error."""
            *_, request_id, kind = self.path.split("/")
            answers.put((kind, request_id, self.body()))
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def body(self):
            if self.headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers["content-length"]))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, *_):
            pass

    return RuntimeApi
