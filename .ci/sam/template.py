"""Reads template.yaml."""

import yaml


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags: `!Ref Table` is `{"Ref": "Table"}`."""


def tagged(loader, tag, node):
    is_list = isinstance(node, yaml.SequenceNode)
    return {tag: loader.construct_sequence(node, deep=True) if is_list else node.value}


Loader.add_multi_constructor("!", tagged)


def functions(text):
    """Each function's binary, with its resource."""
    for resource in resources(text).values():
        if resource["Type"] == "AWS::Serverless::Function":
            yield resource["Metadata"]["BuildProperties"]["Binary"], resource


def resources(text):
    return yaml.load(text, Loader)["Resources"]


if __name__ == "__main__":
    with open("template.yaml", encoding="utf-8") as file:
        print(*(f"--bin={binary}" for binary, _ in functions(file)))
