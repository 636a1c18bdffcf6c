"""Decides whether the policies of a function in template.yaml allow a call of DynamoDB or KMS."""

import fnmatch

TABLE = {"Ref": "Table"}
DEPLOYMENT = {"If": ["HasDeploymentName", {"Ref": "DeploymentName"}, {"Ref": "AWS::StackName"}]}

WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def refusal(statements, operation, request, stack):
    """Why the call is refused, or None if it is allowed. An unknown call is refused.

    `stack` has the outputs of the stack, whose names conditions refer to.
    """
    try:
        for action, values in required(operation, request):
            if not any(allows(statement, action, values, stack) for statement in statements):
                return f"{action} {values}"
    except (LookupError, NotImplementedError) as error:
        return f"{operation}, which the policy gate does not understand: {error!r}"
    return None


def required(operation, request):
    """The actions that a call needs, each with the values that conditions compare."""
    if operation == "TransactWriteItems":
        keys = {}
        for item in request["TransactItems"]:
            for kind, write in item.items():
                keys.setdefault(kind, []).append(partition_key(write.get("Key") or write["Item"]))
        for kind, written in keys.items():
            # AWS does not document whether DynamoDB compares the keys of one write or of all writes with the same
            # action. This is the stricter way: one statement must allow them all.
            yield f"dynamodb:{WRITES[kind]}", {"dynamodb:LeadingKeys": written}
    elif operation == "BatchGetItem":
        for table in request["RequestItems"].values():
            yield "dynamodb:BatchGetItem", {"dynamodb:LeadingKeys": [partition_key(key) for key in table["Keys"]]}
    elif operation in ("DeleteItem", "GetItem", "UpdateItem"):
        yield f"dynamodb:{operation}", {"dynamodb:LeadingKeys": [partition_key(request["Key"])]}
    elif operation == "PutItem":
        yield "dynamodb:PutItem", {"dynamodb:LeadingKeys": [partition_key(request["Item"])]}
    elif operation == "Query":
        values = request["ExpressionAttributeValues"]
        placeholder = request["KeyConditionExpression"].split("=", 1)[1].split()[0]
        yield "dynamodb:Query", {"dynamodb:LeadingKeys": [values[placeholder]["S"]]}
    elif operation == "Decrypt":
        context = request.get("EncryptionContext", {})
        yield "kms:Decrypt", {f"kms:EncryptionContext:{key}": [value] for key, value in context.items()}
    else:
        yield operation, {}


def partition_key(item):
    return item["pk"]["S"]


def allows(statement, action, values, stack):
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return statement["Effect"] == "Allow" and action in actions and all(
        matches(operator, values.get(key, []), resolved(pattern, stack))
        for operator, condition in statement.get("Condition", {}).items()
        for key, pattern in condition.items()
    )


def resolved(pattern, stack):
    if pattern == TABLE:
        return stack["TableName"]
    return stack["DeploymentName"] if pattern == DEPLOYMENT else pattern


def matches(operator, values, patterns):
    if operator not in ("ForAllValues:StringLike", "ForAllValues:StringEquals", "StringEquals"):
        raise NotImplementedError(f"the condition {operator}")
    equals = fnmatch.fnmatchcase if operator.endswith("StringLike") else str.__eq__
    patterns = patterns if isinstance(patterns, list) else [patterns]
    return bool(values) and all(any(equals(value, pattern) for pattern in patterns) for value in values)
