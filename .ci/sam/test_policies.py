"""Tests of the policy gate."""

import unittest

from policies import refusal

TABLE = "table"


def statement(action, *partitions):
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}
    return {"Effect": "Allow", "Action": f"dynamodb:{action}", "Condition": condition}


def item(partition):
    return {"pk": {"S": partition}, "sk": {"S": "x"}}


def transaction(**writes):
    parts = {"Put": "Item", "Update": "Key", "Delete": "Key", "ConditionCheck": "Key"}
    items = [{kind: {parts[kind]: item(key)}} for kind, keys in writes.items() for key in keys]
    return {"TransactItems": items}


class PoliciesTest(unittest.TestCase):
    def refusal(self, statements, operation, request):
        return refusal(statements, operation, request, TABLE)

    def test_a_transaction_is_judged_by_action(self):
        statements = [statement("PutItem", "entity#*", "audit#*"), statement("DeleteItem", "entity#*")]
        allowed = transaction(Put=["entity#1", "audit#1"], Delete=["entity#1"])
        self.assertIsNone(self.refusal(statements, "TransactWriteItems", allowed))
        deletes_audit = transaction(Put=["entity#1"], Delete=["audit#1"])
        self.assertIn("DeleteItem", self.refusal(statements, "TransactWriteItems", deletes_audit))
        checks = transaction(Put=["entity#1"], ConditionCheck=["entity#1"])
        self.assertIn("ConditionCheckItem", self.refusal(statements, "TransactWriteItems", checks))

    def test_one_statement_must_allow_all_keys_of_an_action(self):
        apart = [statement("PutItem", "entity#*"), statement("PutItem", "audit#*")]
        request = transaction(Put=["entity#1", "audit#1"])
        self.assertIn("PutItem", self.refusal(apart, "TransactWriteItems", request))

    def test_a_call_without_keys_is_refused(self):
        statements = [statement("Scan", "entity#*"), statement("BatchGetItem", "entity#*")]
        self.assertIsNotNone(self.refusal(statements, "Scan", {"TableName": TABLE}))
        self.assertIsNotNone(self.refusal(statements, "ExecuteStatement", {"Statement": "SELECT * FROM table"}))


if __name__ == "__main__":
    unittest.main()
