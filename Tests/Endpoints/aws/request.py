"""What a request asks for, read from its wire form alone."""

import json
import re
from urllib.parse import parse_qsl, unquote

EBS = [
    ("POST", r"/snapshots", "StartSnapshot"),
    ("POST", r"/snapshots/completion/[^/]+", "CompleteSnapshot"),
    ("PUT", r"/snapshots/[^/]+/blocks/[^/]+", "PutSnapshotBlock"),
    ("GET", r"/snapshots/[^/]+/blocks/[^/]+", "GetSnapshotBlock"),
    ("GET", r"/snapshots/[^/]+/blocks", "ListSnapshotBlocks"),
    ("GET", r"/snapshots/[^/]+/changedblocks", "ListChangedBlocks"),
]
S3_OBJECT = {
    "GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject", "POST": "PostObject"}
S3_BUCKET = {
    "GET": "ListObjectsV2", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket",
    "POST": "DeleteObjects"}


class Request:
    """One request, its body read; `service` and `operation` are empty where they cannot be told."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        # As it was sent: what a signature is made of.
        self.raw_path, _, self.raw_query = environ.get("RAW_URI", environ.get("REQUEST_URI", "/")).partition("?")
        self.path = unquote(self.raw_path)
        self.query = parse_qsl(self.raw_query, keep_blank_values=True)
        self.headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                self.headers[name.replace("_", "-").lower()] = environ[name]
        # Its name has what variables of CGI cannot tell from a hyphen.
        if "x-amz-sso-bearer-token" in self.headers:
            self.headers["x-amz-sso_bearer_token"] = self.headers.pop("x-amz-sso-bearer-token")
        self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.form = {}
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self.form = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        self.service = self._service()
        self.operation = self._operation()

    @property
    def name(self):
        return f"{self.service}.{self.operation}"

    @property
    def json(self):
        return json.loads(self.body or b"{}")

    def parameter(self, name, otherwise=None):
        return dict(self.query).get(name, otherwise)

    def _service(self):
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization", ""))
        if scope:
            return scope.group(1)
        if self.path.startswith("/latest/") or self.path.startswith("/v2/credentials"):
            return "local"
        if self.path == "/federation/credentials":
            return "sso"
        return "sts" if "Action" in self.form else ""

    def _operation(self):
        if "Action" in self.form:
            return self.form["Action"]
        if "x-amz-target" in self.headers:
            return self.headers["x-amz-target"].split(".")[-1]
        if self.service == "ebs":
            for method, pattern, name in EBS:
                if method == self.method and re.fullmatch(pattern, self.path):
                    return name
        if self.service == "sso":
            return "GetRoleCredentials"
        if self.service == "s3":
            return self._s3()
        return ""

    def _s3(self):
        names = {name for name, _ in self.query}
        if "uploads" in names:
            return "CreateMultipartUpload" if self.method == "POST" else "ListMultipartUploads"
        if "uploadId" in names:
            return {
                "PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload",
                "GET": "ListParts"}.get(self.method, "")
        if "location" in names:
            return "GetBucketLocation"
        if self.path == "/":
            return "ListBuckets"
        parts = self.path.strip("/").split("/", 1)
        return (S3_OBJECT if len(parts) > 1 else S3_BUCKET).get(self.method, "")


def respond(start_response, status, body=b"", headers=()):
    """An answer of WSGI; `body` is bytes, text or what becomes JSON."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), *headers]
    elif isinstance(body, str):
        body = body.encode()
    start_response(f"{status} -", [*headers, ("Content-Length", str(len(body)))])
    return [body]
