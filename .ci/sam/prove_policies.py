"""Asks IAM what the functions of a deployed stack may do with the table, and compares it with template.yaml.

For each function, each action and each kind of partition key, IAM's policy simulator evaluates all policies that the
deployed role has. The script prints every decision that is not as template.yaml says, and fails if there is one.
It reads only. It needs `iam:SimulatePrincipalPolicy`, `lambda:GetFunctionConfiguration` and
`cloudformation:DescribeStacks`, and boto3 and PyYAML, which `pip install aws-sam-cli` brings.

The simulator evaluates policies. It does not prove which keys DynamoDB compares in a transaction; the suite against
the deployed stack proves that what the functions do is allowed.

usage: prove_policies.py STACK            proves the stack in the account and region of the environment
       prove_policies.py --questions      prints the questions, without an account
"""

import pathlib
import re
import sys

from policies import allows

ROOT = pathlib.Path(__file__).parents[2]

# The actions that read or write items. No function may use the last ones.
ACTIONS = [
    f"dynamodb:{name}"
    for name in (
        *("BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        *("BatchWriteItem", "PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "Scan"),
    )
]


def partitions(layout):
    """One partition key of each kind, from the table in the comment of key/mod.rs: `audit#x` for `audit#<entity>`."""
    starts = re.findall(r"^//! \| `([a-z#-]+)", layout, re.MULTILINE)
    return sorted({start + "x" if start.endswith("#") else start for start in starts} - {"pk"})


def questions(partition_keys):
    """The partition keys of each request to ask about."""
    yield from ([key] for key in partition_keys)
    # One statement must allow all keys of a request.
    yield from ([key, "issuer"] for key in partition_keys if key != "issuer")


def wrong_decisions(simulate, statements, stack, asked):
    """Every decision of `simulate` that is not as the statements of template.yaml say."""
    for keys in asked:
        decisions = simulate(ACTIONS, keys)
        for action in ACTIONS:
            values = {"dynamodb:LeadingKeys": keys}
            expected = any(allows(statement, action, values, stack) for statement in statements)
            if decisions[action] != expected:
                yield f"{action} {keys}: {verb(decisions[action])}, but template.yaml {verb(expected)} it"


def verb(is_allowed):
    return "allows" if is_allowed else "denies"


def simulator(iam, role, table_arn):
    """Asks IAM about requests of `role`."""

    def simulate(actions, keys):
        leading = {
            "ContextKeyName": "dynamodb:LeadingKeys",
            "ContextKeyType": "stringList",
            "ContextKeyValues": keys,
        }
        results = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=actions, ResourceArns=[table_arn], ContextEntries=[leading]
        )["EvaluationResults"]
        return {result["EvalActionName"]: result["EvalDecision"] == "allowed" for result in results}

    return simulate


def prove(stack):
    import boto3
    import botocore.config

    import template

    patient = botocore.config.Config(retries={"mode": "adaptive", "max_attempts": 10})
    iam, lambdas = boto3.client("iam", config=patient), boto3.client("lambda", config=patient)
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    table = outputs["TableName"]
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    wrong = 0
    for binary, function in template.functions(text):
        try:
            role = lambdas.get_function_configuration(FunctionName=f"{stack}-{binary}")["Role"]
        except lambdas.exceptions.ResourceNotFoundException:
            if "Condition" not in function:
                raise
            print(f"{binary}: not deployed")
            continue
        arn = table_arn(described["StackId"], table)
        found = list(wrong_decisions(simulator(iam, role, arn), statements(text, function), outputs, asked()))
        wrong += len(found)
        print(f"{binary}: {len(found)} decisions differ", *found, sep="\n  ")
    print(f"all functions: {wrong} decisions differ")
    return wrong == 0


def statements(text, function):
    """All statements of the policies of a function."""
    import template

    resources = template.resources(text)
    policies = [resources[policy["Ref"]] for policy in function["Properties"]["Policies"]]
    return [it for policy in policies for it in policy["Properties"]["PolicyDocument"]["Statement"]]


def table_arn(stack_id, table):
    """The ARN of a table in the account and region of the stack."""
    partition, region, account = (stack_id.split(":")[index] for index in (1, 3, 4))
    return f"arn:{partition}:dynamodb:{region}:{account}:table/{table}"


def asked():
    layout = ROOT / "shared/store/src/dynamodb/key/mod.rs"
    return list(questions(partitions(layout.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    if sys.argv[1:] == ["--questions"]:
        for request_keys in asked():
            print(*request_keys)
        print(f"{len(asked())} requests with each of {len(ACTIONS)} actions, for each function")
    elif len(sys.argv) == 2:
        sys.exit(0 if prove(sys.argv[1]) else 1)
    else:
        sys.exit(__doc__)
