"""Tests of the proof of the policies, with simulators that decide right or wrong."""

import unittest

import prove_policies
from policies import allows
from prove_policies import ACTIONS, simulator, wrong_decisions
from test_policies import STACK, statement

STATEMENTS = [
    statement("PutItem", "audit#*", "entity#*"),
    statement("DeleteItem", "entity#*"),
    {"Effect": "Allow", "Action": "kms:Decrypt", "Condition": {"StringEquals": {"kms:EncryptionContext:x": "y"}}},
]


class Iam:
    """Decides as the statements say, and keeps what it was asked."""

    def __init__(self, statements):
        self.statements = statements
        self.calls = []

    def simulate_principal_policy(self, **call):
        self.calls.append(call)
        keys = {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in call["ContextEntries"]}
        is_allowed = lambda action: any(allows(it, action, keys, STACK) for it in self.statements)
        decisions = {action: "allowed" if is_allowed(action) else "implicitDeny" for action in call["ActionNames"]}
        results = [{"EvalActionName": action, "EvalDecision": it} for action, it in decisions.items()]
        return {"EvaluationResults": results}


class ProvePoliciesTest(unittest.TestCase):
    def wrong(self, deployed):
        self.iam = Iam(deployed)
        simulate = simulator(self.iam, "a role", "a table")
        return list(wrong_decisions(simulate, STATEMENTS, STACK, prove_policies.asked()))

    def test_policies_as_in_the_template_are_proved(self):
        self.assertEqual(self.wrong(STATEMENTS[:2]), [])
        self.assertGreater(len(self.iam.calls), 30)
        for call in self.iam.calls:
            self.assertEqual((call["PolicySourceArn"], call["ResourceArns"]), ("a role", ["a table"]))
            self.assertEqual(call["ActionNames"], ACTIONS)

    def test_a_policy_that_allows_more_is_found(self):
        wrong = self.wrong([*STATEMENTS[:2], statement("DeleteItem", "audit#*")])
        self.assertEqual(wrong, ["dynamodb:DeleteItem ['audit#x']: allows, but template.yaml denies it"])

    def test_a_policy_that_allows_less_is_found(self):
        wrong = self.wrong(STATEMENTS[:1])
        self.assertEqual(wrong, ["dynamodb:DeleteItem ['entity#x']: denies, but template.yaml allows it"])

    def test_all_kinds_of_partitions_are_asked_about(self):
        asked = [keys[0] for keys in prove_policies.asked() if len(keys) == 1]
        for key in ("issuer", "deployment", "signing-keys", "customers", "entity#x", "audit#x", "job#erasure"):
            self.assertIn(key, asked)

    def test_the_arn_of_the_table_is_of_the_stack(self):
        stack = "arn:aws:cloudformation:eu-central-1:123456789012:stack/tokenbooth/1"
        arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/t"
        self.assertEqual(prove_policies.table_arn(stack, "t"), arn)


if __name__ == "__main__":
    unittest.main()
