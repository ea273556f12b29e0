#!/usr/bin/env python3
"""The job of tenantctl as a script does it, and the data that other programs need to do it too.

    compare.py render WORKSPACE ENVIRONMENT OVERRIDE      merge, validate and render; YAML documents on standard output
    compare.py jsonnet WORKSPACE ENVIRONMENT OVERRIDE DIR write DIR/main.jsonnet and its layers for jrsonnet
    compare.py kustomize OBJECTS DIR                      write overlays that make the objects of a stream
    compare.py same A B..                                 fail unless all outputs hold the objects of the first

It reads the workspaces that `cargo run --example generate` writes, and no others: mappings merge by key, all else
replaces; templates are Jinja with every text in quotes. Needs PyYAML with libyaml, Jinja2 and jsonschema.
"""
import copy
import json
import os
import re
import sys

import yaml

LOADER = yaml.CSafeLoader


def load(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return yaml.load(file, Loader=LOADER)


def merged(below, above):
    """A new mapping; what did not change is shared."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(value, dict) and isinstance(known, dict) else value
    return result


def tenants(workspace, environment):
    folder = os.path.join(workspace, "environments", environment, "tenants")
    return sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".yml"))


def layers(workspace, environment, override):
    return [
        load(workspace, "environments", "base.yml"),
        load(workspace, "environments", environment, environment + ".yml"),
        load(workspace, "overrides", override + ".yml"),
    ]


def tiers(workspace):
    folder = os.path.join(workspace, "tiers")
    return {name[:-4]: load(folder, name) for name in sorted(os.listdir(folder))}


def configurations(workspace, environment, override):
    """The configuration of each tenant; what tenants share is merged once."""
    shared = {}
    for layer in layers(workspace, environment, override):
        shared = merged(shared, layer)
    by_tier = {name: merged(shared, tier) for name, tier in tiers(workspace).items()}
    for tenant in tenants(workspace, environment):
        own = load(workspace, "environments", environment, "tenants", tenant + ".yml")
        yield merged(by_tier[own["tenant"]["tier"]], own)


def render(workspace, environment, override):
    import jinja2
    import jsonschema

    with open(os.path.join(workspace, "schemas", "configuration.json"), encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator(schema)
    folder = os.path.join(workspace, "templates", "tenant")
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates = [engine.get_template(name) for name in sorted(os.listdir(folder))]
    for configuration in configurations(workspace, environment, override):
        errors = list(validator.iter_errors(configuration))
        if errors:
            sys.exit("\n".join(error.message for error in errors))
        for template in templates:
            text = template.render(configuration)
            # Read back, as one must who puts values into text: a value may have broken it.
            for document in yaml.load_all(text, Loader=LOADER):
                if not document or "kind" not in document:
                    sys.exit(f"{template.name}: not an object")
            sys.stdout.write("---\n" + text)


HOLE = re.compile(r"\{\{ ([a-z_.]+) \}\}")
LOOP = re.compile(r"\{% for (\w+)(?:, (\w+))? in ([a-z_.]+)(?: \| items)? %\}")


def jsonnet(workspace, environment, override, folder):
    """Takes the templates apart: what is a hole in them is a reference in Jsonnet."""
    os.makedirs(folder, exist_ok=True)

    def write(name, value):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file)

    for number, layer in enumerate(layers(workspace, environment, override)):
        write(f"layer{number}.json", layer)
    for name, tier in tiers(workspace).items():
        write(f"tier-{name}.json", tier)
    names = tenants(workspace, environment)
    for name in names:
        write(f"tenant-{name}.json", load(workspace, "environments", environment, "tenants", name + ".yml"))
    templates = os.path.join(workspace, "templates", "tenant")
    objects = []
    for name in sorted(os.listdir(templates)):
        with open(os.path.join(templates, name), encoding="utf-8") as file:
            objects.append(expression(load_marked(file.read())))
    choices = ", ".join(f"'{name}': import 'tier-{name}.json'" for name in tiers(workspace))
    imports = ",\n  ".join(f"import 'tenant-{name}.json'" for name in names)
    with open(os.path.join(folder, "main.jsonnet"), "w", encoding="utf-8") as file:
        file.write(
            "local merge(a, b) = if std.isObject(a) && std.isObject(b) then\n"
            "  a + { [k]: if std.objectHas(a, k) then merge(a[k], b[k]) else b[k] for k in std.objectFields(b) }\n"
            "  else b;\n"
            "local shared = merge(merge(import 'layer0.json', import 'layer1.json'), import 'layer2.json');\n"
            f"local tiers = {{ [k]: merge(shared, $[k]) for k in std.objectFields($) }};\n".replace(
                "$", "{ " + choices + " }"
            )
            + "local objects(c) = [\n  "
            + ",\n  ".join(objects)
            + "\n];\n"
            + f"local tenants = [\n  {imports}\n];\n"
            + "std.flattenArrays([objects(merge(tiers[t.tenant.tier], t)) for t in tenants])\n"
        )


def load_marked(text):
    """A template as data: a loop becomes a mapping or an item of its own that says over what."""
    lines = []
    loops = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        loop = LOOP.match(line.strip())
        if loop:
            loops.append(loop)
            continue
        if "{% endfor %}" in line:
            loops.pop()
            continue
        # A hole that is not in quotes keeps its type.
        bare = re.match(r"^(\s*(?:- )?[\w.\"/-]+: )\{\{ ([a-z_.]+) \}\}$", line)
        if bare and not loops:
            line = f'{bare[1]}"\\u0001{bare[2]}"'
        if loops:
            over = ";".join(f"{loop[1]},{loop[2] or ''},{loop[3]}" for loop in loops)
            lines.append((over, line))
        else:
            lines.append((None, line))
    out = []
    last = None
    for over, line in lines:
        if over is None:
            out.append(line)
        elif last != over or line.lstrip().startswith(('"', "- ")):
            stripped = line.lstrip()
            indent = line[: len(line) - len(stripped)]
            item = stripped.startswith("- ")
            body = stripped[2:] if item else stripped
            if item and not body.startswith('"'):
                out.append(f"{indent}- \"\\u0002for\": {json.dumps(over)}")
                out.append(f"{indent}  {body}")
            elif item:
                out.append(f"{indent}- \"\\u0002for\": {json.dumps(over)}")
                out.append(f"{indent}  \"\\u0002item\": {body}")
            else:
                key, value = body.split(": ", 1)
                out.append(f"{indent}{json.dumps(chr(2) + over + chr(2) + json.loads(key))}: {value}")
        else:
            out.append(line)
        last = over
    return yaml.load("\n".join(out), Loader=LOADER)


def reference(path, bound):
    first, *rest = path.split(".")
    return bound.get(first, "c." + first) + "".join("." + part for part in rest)


def string(text, bound):
    if text.startswith("\x01"):
        return reference(text[1:], bound)
    parts = HOLE.split(text)
    pieces = []
    for number, part in enumerate(parts):
        if number % 2:
            pieces.append(f"std.toString({reference(part, bound)})")
        elif part:
            pieces.append(json.dumps(part))
    return " + ".join(pieces) or '""'


def over(text, bound):
    """The `for` clauses of loops, and what the names they bind stand for.

    The value of a mapping's member is written out: jrsonnet 0.5 fails where a clause reads what an earlier one binds
    inside a list.
    """
    clauses = []
    bound = dict(bound)
    for loop in text.split(";"):
        key, value, path = loop.split(",")
        where = reference(path, bound)
        if value:
            clauses.append(f"for {key} in std.objectFields({where})")
            bound |= {key: key, value: f"{where}[{key}]"}
        else:
            clauses.append(f"for {key} in {where}")
            bound[key] = key
    return " ".join(clauses), bound


def expression(value, bound=None):
    bound = bound or {}
    if isinstance(value, str):
        return string(value, bound)
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], dict) and "\x02for" in value[0]:
            item = dict(value[0])
            clauses, inner = over(item.pop("\x02for"), bound)
            body = item["\x02item"] if "\x02item" in item else item
            return f"[{expression(body, inner)} {clauses}]"
        return "[" + ", ".join(expression(item, bound) for item in value) + "]"
    if not isinstance(value, dict):
        return json.dumps(value)
    parts = []
    own = []
    for key, below in value.items():
        if key.startswith("\x02"):
            _, loops, name = key.split("\x02")
            clauses, inner = over(loops, bound)
            # A comprehension names the object `c` itself, so it stands beside the literal.
            parts.append(f"{{ [{string(name, inner)}]: {expression(below, inner)} {clauses} }}")
        else:
            own.append(f"{string(key, bound) if '{{' in key else json.dumps(key)}: {expression(below, bound)}")
    if own or not parts:
        parts.insert(0, "{ " + ", ".join(own) + " }")
    return "(" + " + ".join(parts) + ")" if len(parts) > 1 else parts[0]


def identity(document):
    metadata = document["metadata"]
    return metadata.get("namespace") or metadata["name"], document["kind"], metadata["name"]


def documents(name):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    found = json.loads(text) if text.startswith(("[", "{")) else yaml.load_all(text, Loader=LOADER)
    if isinstance(found, dict):
        found = found["items"]
    return [document for document in found if document]


def differing(base, wanted):
    """What a merge patch must say to make one object of another."""
    patch = {}
    for key in {**base, **wanted}:
        if key not in wanted:
            patch[key] = None
        elif key not in base or type(base[key]) is not type(wanted[key]):
            patch[key] = wanted[key]
        elif isinstance(wanted[key], dict):
            below = differing(base[key], wanted[key])
            if below:
                patch[key] = below
        elif base[key] != wanted[key]:
            patch[key] = wanted[key]
    return patch


def kustomize(objects, folder):
    """A base of the first tenant's objects, and for each tenant an overlay with JSON patches."""
    by_tenant = {}
    for document in documents(objects):
        by_tenant.setdefault(identity(document)[0], []).append(document)

    def write(value, *names):
        name = os.path.join(folder, *names)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            if isinstance(value, list):
                yaml.dump_all(value, file, Dumper=yaml.CSafeDumper, sort_keys=False)
            else:
                yaml.dump(value, file, Dumper=yaml.CSafeDumper, sort_keys=False)

    first = next(iter(by_tenant.values()))
    write(first, "base", "objects.yaml")
    write({"resources": ["objects.yaml"]}, "base", "kustomization.yaml")
    for namespace, wanted in by_tenant.items():
        patches = []
        for base, document in zip(first, wanted):
            operations = list(steps(base, document, ""))
            if operations:
                metadata = base["metadata"]
                target = {"kind": base["kind"], "name": metadata["name"]}
                patches.append({"target": target, "patch": json.dumps(operations)})
        write({"resources": ["../../base"], "patches": patches}, "tenants", namespace, "kustomization.yaml")
    names = [f"tenants/{namespace}" for namespace in by_tenant]
    write({"resources": names}, "kustomization.yaml")


def steps(base, wanted, path):
    """JSON patch operations from one value to another."""
    if isinstance(base, dict) and isinstance(wanted, dict):
        for key in {**base, **wanted}:
            below = path + "/" + key.replace("~", "~0").replace("/", "~1")
            if key not in wanted:
                yield {"op": "remove", "path": below}
            elif key not in base:
                yield {"op": "add", "path": below, "value": wanted[key]}
            else:
                yield from steps(base[key], wanted[key], below)
    elif base != wanted or type(base) is not type(wanted):
        yield {"op": "replace", "path": path, "value": wanted}


def normal(value):
    """Variables in any order: Jsonnet sorts the keys of the mapping they come from."""
    if isinstance(value, dict):
        return {key: normal(below) for key, below in value.items()}
    if isinstance(value, list):
        items = [normal(below) for below in value]
        pairs = all(isinstance(item, dict) and set(item) == {"name", "value"} for item in items)
        return sorted(items, key=lambda item: item["name"]) if items and pairs else items
    return value


def same(left, *rights):
    def objects(name):
        return {identity(document): normal(document) for document in documents(name)}

    wanted = objects(left)
    for right in rights:
        found = objects(right)
        for key in {**wanted, **found}:
            a, b = wanted.get(key), found.get(key)
            if a != b:
                there = "differ" if a and b else "is in one of them only"
                detail = json.dumps(differing(a, b)) if a and b else ""
                sys.exit(f"{left} and {right}: {'/'.join(key)} {there} {detail}"[:400])


if __name__ == "__main__":
    commands = {"render": render, "jsonnet": jsonnet, "kustomize": kustomize, "same": same}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
