"""Keeps what was asked, for check_recording.py and for tests that count."""

import hashlib
import json
import threading

from request import Request, respond

# A longer body is told by its length and digest.
KEPT_BYTES = 64 << 10
SECRET = {"authorization", "x-amz-security-token", "x-aws-ec2-metadata-token"}


class Recorder:
    def __init__(self, application, standin):
        self.application = application
        self.standin = standin
        self.lock = threading.Lock()
        self.entries = []

    def clear(self):
        with self.lock:
            self.entries = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/-/"):
            return self.control(environ, path, start_response)
        if path.startswith("/moto-api"):
            return self.application.moto(environ, start_response)
        request = Request(environ)
        entry = self.entry(request)
        with self.lock:
            self.entries.append(entry)

        def starting(status, headers, exc_info=None):
            entry["status"] = int(status.split()[0])
            return start_response(status, headers, exc_info)

        return self.application(request, starting)

    def control(self, environ, path, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if path == "/-/log":
            with self.lock:
                return respond(start_response, 200, list(self.entries))
        if path == "/-/rules":
            self.application.rules(json.loads(body))
        elif path == "/-/config" and self.standin:
            self.standin.state.configure(json.loads(body))
        elif path == "/-/clear":
            self.clear()
        else:
            return respond(start_response, 404, {"path": path})
        return respond(start_response, 200, {})

    @staticmethod
    def entry(request):
        entry = {
            "service": request.service, "operation": request.operation, "method": request.method,
            "path": request.raw_path, "query": request.raw_query, "status": 0,
            "headers": {name: value for name, value in request.headers.items() if name not in SECRET},
            "bodyBytes": len(request.body)}
        if len(request.body) <= KEPT_BYTES:
            entry["body"] = request.body.decode("utf-8", "replace")
        else:
            entry["bodySha256"] = hashlib.sha256(request.body).hexdigest()
        return entry
