"""Holds every real answer of the journeys against the document that the server gives of itself."""
import json, re

from jsonschema import Draft202012Validator, FormatChecker

METHODS = ("get", "put", "post", "delete", "patch")


class Document:
    def __init__(self, document):
        self.document = document
        self.validators, self.found = {}, {}
        self.operations = []
        for path, item in document["paths"].items():
            # Those of link hosts have other servers.
            if "servers" in item:
                continue
            pattern = re.compile("^" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "$")
            for method in METHODS:
                if method in item:
                    self.operations.append((path.count("{"), method, pattern, item[method]))
        self.operations.sort(key=lambda one: one[0])

    def find(self, method, path):
        """The operation with the fewest parameters. Remembered: webhooks come by the thousand."""
        key = method.lower(), path.split("?")[0]
        if key not in self.found:
            matching = (operation for _, known, pattern, operation in self.operations if known == key[0] and pattern.match(key[1]))
            self.found[key] = next(matching, None)
        return self.found[key]

    def answer(self, operation, status):
        answer = operation["responses"].get(str(status))
        while answer and "$ref" in answer:
            answer = self.component(answer["$ref"])
        return answer

    def component(self, reference):
        value = self.document
        for part in reference.lstrip("#/").split("/"):
            value = value[part]
        return value

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            # A reference is looked up in the schema's own document.
            whole = {**schema, "components": self.document["components"]}
            self.validators[key] = Draft202012Validator(whole, format_checker=FormatChecker())
        return self.validators[key]

    def problems(self, schema, value):
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in self.validator(schema).iter_errors(value)]

    def examples(self):
        """Each example with its schema, and where it stands."""
        def walk(value, place):
            if isinstance(value, dict):
                if "example" in value and "schema" in value:
                    yield place, value["schema"], value["example"]
                for name, inner in value.items():
                    if name not in ("schema", "example"):
                        yield from walk(inner, f"{place}/{name}")
            elif isinstance(value, list):
                for index, inner in enumerate(value):
                    yield from walk(inner, f"{place}/{index}")
        yield from walk(self.document["paths"], "paths")
        yield from walk(self.document["components"]["responses"], "responses")


class Watch:
    """One of a test session. What does not match fails the test that asked, at its end."""

    def __init__(self):
        self.document = None
        self.servers = set()
        self.answered = {}
        # Of workers that ran beside this one.
        self.known = set()
        self.mismatches = []

    def see(self, port, method, path, status, headers, text):
        if port not in self.servers or method == "HEAD":
            return
        operation = self.document.find(method, path)
        if operation is None:
            return
        name = operation["operationId"]
        if status < 400:
            self.answered[name] = self.answered.get(name, 0) + 1
        place = f"{method} {path.split('?')[0]} ({name}): {status}"
        answer = self.document.answer(operation, status)
        if answer is None:
            self.mismatches.append(f"{place} is not in the document: {text[:200]!r}")
            return
        kind = next((value for key, value in headers.items() if key.lower() == "content-type"), "").split(";")[0]
        contents = answer.get("content", {})
        if not contents:
            if text and status < 400:
                self.mismatches.append(f"{place} has a body: {text[:200]!r}")
            return
        content = contents.get(kind) if kind in contents else contents.get("*/*")
        # An unknown host is told nothing, not even a problem.
        if content is None:
            if status >= 400 and not text:
                return
            self.mismatches.append(f"{place} is of type {kind!r}, not {list(contents)}")
        elif "schema" in content:
            try:
                value = json.loads(text)
            except ValueError:
                self.mismatches.append(f"{place} is no JSON")
                return
            self.mismatches += [f"{place} {problem}" for problem in self.document.problems(content["schema"], value)[:5]]

    def begin(self, port, read):
        """At `port` a server of ours listens; `read` fetches its document, which is the same of all."""
        if self.document is None:
            self.document = Document(json.loads(read()))
        self.servers.add(port)

    def operations(self):
        return [operation["operationId"] for *_, operation in self.document.operations] if self.document else []

    def missing(self):
        return sorted({*self.known, *self.operations()} - set(self.answered))


watch = Watch()
