"""Tests of the policy gate."""

import unittest

from policies import DEPLOYMENT, refusal

TABLE = "table"
STACK = {"TableName": TABLE, "DeploymentName": "deployment"}


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
        return refusal(statements, operation, request, STACK)

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

    def test_the_data_key_is_decrypted_only_for_the_deployment_or_its_table(self):
        conditions = [{"tokenbooth:deployment": DEPLOYMENT}, {"tokenbooth:table": {"Ref": "Table"}}]
        statements = [decrypt(condition) for condition in conditions]
        for context, is_allowed in [
            ({"tokenbooth:deployment": "deployment"}, True),
            ({"tokenbooth:table": TABLE}, True),
            ({"tokenbooth:deployment": TABLE}, False),
            ({"tokenbooth:table": "deployment"}, False),
            ({}, False),
        ]:
            refused = self.refusal(statements, "Decrypt", {"EncryptionContext": context})
            self.assertEqual(refused is None, is_allowed, context)


def decrypt(context):
    condition = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Condition": {"StringEquals": condition}}


if __name__ == "__main__":
    unittest.main()
