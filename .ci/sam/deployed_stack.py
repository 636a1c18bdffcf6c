"""The deployed stack, and the steps of a deployment that the emulator does not do."""

import boto3

import template

NAME = "tokenbooth"


class DeployedStack:
    def __init__(self, emulator):
        self.lambdas = boto3.client("lambda", endpoint_url=emulator)
        self.apis = boto3.client("apigatewayv2", endpoint_url=emulator)
        cloudformation = boto3.client("cloudformation", endpoint_url=emulator)
        stack = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.template = cloudformation.get_template(StackName=NAME, TemplateStage="Original")["TemplateBody"]
        self.resources = template.resources(self.template)

    def functions(self):
        """The name of each deployed function, with its resource in the template."""
        for binary, function in template.functions(self.template):
            # .ci/sam-host sets no parameter that adds a function.
            if "Condition" not in function:
                yield f"{NAME}-{binary}", function

    def statements(self, function):
        """All statements of the policies of a function."""
        policies = [self.resources[policy["Ref"]] for policy in function["Properties"]["Policies"]]
        documents = [policy["Properties"]["PolicyDocument"] for policy in policies]
        return [statement for document in documents for statement in document["Statement"]]

    def add_routes(self, name, function):
        """The emulator does not read the routes of an HTTP API out of a template."""
        integration = self.apis.create_integration(
            ApiId=self.outputs["ApiId"],
            IntegrationType="AWS_PROXY",
            PayloadFormatVersion="2.0",
            IntegrationUri=self.lambdas.get_function_configuration(FunctionName=name)["FunctionArn"],
        )
        events = function["Properties"].get("Events", {}).values()
        for event in (event for event in events if event["Type"] == "HttpApi"):
            self.apis.create_route(
                ApiId=self.outputs["ApiId"],
                RouteKey=f"{event['Properties']['Method']} {event['Properties']['Path']}",
                Target=f"integrations/{integration['IntegrationId']}",
            )

    def set_endpoint(self, name, url):
        """Lets a function send its calls of DynamoDB and KMS to this URL."""
        configuration = self.lambdas.get_function_configuration(FunctionName=name)
        variables = configuration["Environment"]["Variables"] | {"AWS_ENDPOINT_URL": url}
        self.lambdas.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
