"""Tests of the warm executor, with a function that is a Python script."""

import concurrent.futures
import pathlib
import sys
import tempfile
import unittest

import warm_executor
from warm_executor import WarmExecutor

# Requests events on four connections at once and answers each with the id of its process.
FUNCTION = f"""#!{sys.executable}
import http.client, json, os, threading

def serve():
    while True:
        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        response = api.getresponse()
        event = json.loads(response.read())
        if event == "exit":
            os._exit(3)
        with open("handled", "a") as handled:
            handled.write(f"{{event}}\\n")
        path = f"/2018-06-01/runtime/invocation/{{response.headers['lambda-runtime-aws-request-id']}}/"
        path += "error" if event == "refuse" else "response"
        api.request("POST", path, json.dumps({{"event": event, "process": os.getpid()}}))
        api.getresponse().read()

for _ in range(4):
    threading.Thread(target=serve).start()
"""


class WarmExecutorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "bootstrap").write_text(FUNCTION, encoding="utf-8")
        (self.folder / "bootstrap").chmod(0o755)
        self.executor = WarmExecutor(lambda _: self.folder, self.folder / "log")
        self.addCleanup(self.end_processes)

    def end_processes(self):
        for processes in self.executor.idle.values():
            for process in processes:
                process.process.kill()
                process.process.wait()

    def execute(self, event, code="1"):
        config = {"FunctionName": "test", "CodeSha256": code, "MemorySize": 128, "Timeout": 10}
        return self.executor.execute({"config": config, "code_zip": b""}, event)

    def test_each_event_is_handled_once(self):
        with concurrent.futures.ThreadPoolExecutor(20) as callers:
            answers = list(callers.map(self.execute, range(100)))
        self.assertEqual([answer["body"]["event"] for answer in answers], list(range(100)))
        handled = (self.folder / "handled").read_text(encoding="utf-8").split()
        self.assertEqual(sorted(map(int, handled)), list(range(100)))
        processes = {answer["body"]["process"] for answer in answers}
        self.assertLessEqual(len(processes), warm_executor.MOST_AT_ONCE)

    def test_a_process_is_used_again(self):
        self.assertEqual(self.execute("a")["body"]["process"], self.execute("b")["body"]["process"])

    def test_changed_code_starts_a_new_process(self):
        self.assertNotEqual(self.execute("a", "1")["body"]["process"], self.execute("a", "2")["body"]["process"])

    def test_a_process_that_answers_with_an_error_is_used_again(self):
        refused = self.execute("refuse")
        self.assertTrue(refused["error"])
        self.assertEqual(self.execute("b")["body"]["process"], refused["body"]["process"])

    def test_a_process_that_ends_answers_with_an_error_and_is_replaced(self):
        self.execute("a")
        failed = self.execute("exit")
        self.assertTrue(failed["error"])
        self.assertIn("status 3", failed["body"]["errorMessage"])
        self.assertEqual(self.execute("b")["body"]["event"], "b")


if __name__ == "__main__":
    unittest.main()
