"""Checks recorded requests against botocore's models: operations, names, shapes, required members, enums.

Usage: check_recording.py FILE     the JSON that a server's /-/log gives
Prints "ok: N requests, N operations", or what is wrong, one a line, and ends with 1.
"""

import base64
import json
import re
import sys
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.validate import ParamValidator
from xml.etree import ElementTree

# Of signatures and of HTTP itself.
KNOWN_HEADERS = {
    "host", "accept", "accept-encoding", "user-agent", "content-length", "content-type", "x-amz-date",
    "x-amz-content-sha256", "x-amz-target", "amz-sdk-invocation-id", "amz-sdk-request", "expect", "connection"}
SERVICES = {"ec2", "ebs", "s3", "sts", "sso", "iam", "pricing", "kms"}
session = botocore.session.get_session()


class Wrong(Exception):
    pass


def leaf(shape, text, where):
    """A value as the model's type."""
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            if text not in ("true", "false"):
                raise ValueError(text)
            return text == "true"
        if kind == "blob":
            return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"{where}: '{text}' is no {kind}") from error
    return text


def checked(shape, value, where):
    """What ParamValidator leaves out: enums, patterns, the upper ends of ranges and lengths."""
    if shape.type_name == "structure":
        for name, member in value.items():
            checked(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for member in value:
            checked(shape.member, member, where)
    elif shape.type_name == "string":
        if getattr(shape, "enum", None) and value not in shape.enum:
            raise Wrong(f"{where}: '{value}' is none of {', '.join(shape.enum[:8])}")
        longest = shape.metadata.get("max")
        if longest is not None and len(value) > longest:
            raise Wrong(f"{where}: longer than {longest}")
        pattern = shape.metadata.get("pattern")
        # A block's token is what the server gave; moto's are no real ones.
        if pattern and not where.endswith(".BlockToken") and not fits(pattern, value):
            raise Wrong(f"{where}: '{value}' does not match {pattern}")
    elif shape.type_name in ("integer", "long"):
        most = shape.metadata.get("max")
        if most is not None and value > most:
            raise Wrong(f"{where}: {value} is more than {most}")


def fits(pattern, value):
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


# The query protocols

def wire_name(shape, name, is_ec2):
    serialization = shape.serialization
    if is_ec2:
        if "queryName" in serialization:
            return serialization["queryName"]
        named = serialization.get("name", name)
        return named[0].upper() + named[1:]
    return serialization.get("name", name)


def structure(shape, form, is_ec2, where):
    members = {wire_name(member, name, is_ec2): (name, member) for name, member in shape.members.items()}
    groups = {}
    for name, value in form.items():
        head, _, rest = name.partition(".")
        if head not in members:
            raise Wrong(f"{where}: there is no '{name}'")
        groups.setdefault(head, {})[rest] = value
    return {members[head][0]: query_value(members[head][1], parts, is_ec2, f"{where}.{head}")
            for head, parts in groups.items()}


def query_value(shape, parts, is_ec2, where):
    """`parts` are the rest of the names, "" for the value itself."""
    if shape.type_name == "structure":
        return structure(shape, parts, is_ec2, where)
    if shape.type_name == "list":
        if not is_ec2 and not shape.serialization.get("flattened"):
            parts = {
                name.split(".", 1)[1] if name.startswith("member.") else "?": value for name, value in parts.items()}
        items = {}
        for name, value in parts.items():
            number, _, rest = name.partition(".")
            if not number.isdigit() or int(number) < 1:
                raise Wrong(f"{where}: '{name}' is no member of a list")
            items.setdefault(int(number), {})[rest] = value
        if sorted(items) != list(range(1, len(items) + 1)):
            raise Wrong(f"{where}: the numbers {sorted(items)} are not in order")
        return [query_value(shape.member, items[number], is_ec2, where) for number in sorted(items)]
    if set(parts) != {""}:
        raise Wrong(f"{where}: a {shape.type_name} has no {sorted(parts)}")
    return leaf(shape, parts[""], where)


def query_parameters(model, operation, entry):
    pairs = parse_qsl(entry["body"], keep_blank_values=True, strict_parsing=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Wrong("a parameter comes twice")
    form.pop("Action")
    if form.pop("Version", None) != model.api_version:
        raise Wrong(f"the version is not {model.api_version}")
    return structure(operation.input_shape, form, model.protocol == "ec2", operation.name) if form else {}


# The REST protocols

def template(operation):
    """The path of an operation as a pattern, its names, and the queries that are part of it."""
    path, _, query = operation.http["requestUri"].partition("?")
    names = re.findall(r"\{(\w+)\+?\}", path)
    pattern = re.sub(r"\\\{\w+(\\\+)?\\\}", lambda match: "(.+)" if match.group(1) else "([^/]+)", re.escape(path))
    return pattern.rstrip("/") + "/?", names, dict(parse_qsl(query, keep_blank_values=True))


def rest_parameters(model, operation, entry):
    shape = operation.input_shape
    if entry["method"] != operation.http["method"]:
        raise Wrong(f"the method is {operation.http['method']}")
    pattern, names, fixed = template(operation)
    match = re.fullmatch(pattern, entry["path"])
    if not match:
        raise Wrong(f"the path is not that of {operation.http['requestUri']}")
    found = {}
    by_uri = {member.serialization.get("name", name): name for name, member in shape.members.items()
              if member.serialization.get("location") == "uri"}
    for name, text in zip(names, match.groups()):
        member = by_uri.get(name, name)
        found[member] = leaf(shape.members[member], unquote(text), member)
    by_query = {member.serialization["name"]: name for name, member in shape.members.items()
                if member.serialization.get("location") == "querystring"}
    for name, text in parse_qsl(entry["query"], keep_blank_values=True):
        if name in fixed:
            continue
        if name not in by_query:
            raise Wrong(f"there is no query '{name}'")
        found[by_query[name]] = leaf(shape.members[by_query[name]], text, name)
    missing = set(fixed) - {name for name, _ in parse_qsl(entry["query"], keep_blank_values=True)}
    if missing:
        raise Wrong(f"the query lacks {missing}")
    by_header = {member.serialization["name"].lower(): name for name, member in shape.members.items()
                 if member.serialization.get("location") == "header"}
    for name, text in entry["headers"].items():
        if name in by_header:
            found[by_header[name]] = leaf(shape.members[by_header[name]], text, name)
        elif name not in KNOWN_HEADERS:
            raise Wrong(f"there is no header '{name}'")
    found.update(body(operation, shape, entry))
    return found


def body(operation, shape, entry):
    payload = shape.serialization.get("payload")
    rest = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if payload and shape.members[payload].type_name in ("blob", "string"):
        return {payload: b"?"} if entry["bodyBytes"] else {}
    if payload and shape.members[payload].type_name == "structure":
        if not entry["bodyBytes"]:
            return {}
        return {payload: xml(shape.members[payload], ElementTree.fromstring(entry["body"]), payload)}
    if not rest:
        if entry["bodyBytes"]:
            raise Wrong("it has a body")
        return {}
    said = json.loads(entry["body"] or "{}")
    unknown = set(said) - {member.serialization.get("name", name) for name, member in rest.items()}
    if unknown:
        raise Wrong(f"there is no {sorted(unknown)}")
    return {name: said[member.serialization.get("name", name)] for name, member in rest.items()
            if member.serialization.get("name", name) in said}


def xml(shape, element, where):
    if shape.type_name != "structure":
        return leaf(shape, element.text or "", where)
    found = {}
    names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag not in names:
            raise Wrong(f"{where}: there is no <{tag}>")
        name, member = names[tag]
        if member.type_name == "list" and member.serialization.get("flattened"):
            found.setdefault(name, []).append(xml(member.member, child, f"{where}.{tag}"))
        else:
            found[name] = xml(member, child, f"{where}.{tag}")
    return found


def json_parameters(model, operation, entry):
    target = f"{model.metadata['targetPrefix']}.{operation.name}"
    if entry["headers"].get("x-amz-target") != target:
        raise Wrong(f"the target is not {target}")
    kind = "application/x-amz-json-" + model.metadata["jsonVersion"]
    if entry["headers"].get("content-type") != kind:
        raise Wrong(f"the content type is not {kind}")
    return json.loads(entry["body"])


def check(entry):
    if entry["service"] not in SERVICES:
        raise Wrong("it is no service that is known here")
    model = session.get_service_model(entry["service"])
    if entry["operation"] not in model.operation_names:
        raise Wrong("there is no such operation")
    operation = model.operation_model(entry["operation"])
    if operation.deprecated:
        raise Wrong("the operation is deprecated")
    reader = {"ec2": query_parameters, "query": query_parameters, "json": json_parameters}.get(
        model.protocol, rest_parameters)
    found = reader(model, operation, entry) if operation.input_shape else {}
    if operation.input_shape:
        report = ParamValidator().validate(found, operation.input_shape)
        if report.has_errors():
            raise Wrong(report.generate_report())
        checked(operation.input_shape, found, operation.name)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = json.load(file)
    wrong = []
    counted = [entry for entry in entries if entry["service"] != "local"]
    for number, entry in enumerate(counted):
        try:
            check(entry)
        except (Wrong, ValueError, KeyError) as error:
            wrong.append(f"{number} {entry['service']}.{entry['operation']}: {error!s}")
    if wrong:
        print("\n".join(wrong))
        return 1
    operations = {(entry["service"], entry["operation"]) for entry in counted}
    print(f"ok: {len(counted)} requests, {len(operations)} operations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
