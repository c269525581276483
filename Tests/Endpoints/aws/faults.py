"""Breaks requests on demand, before or after the service has seen them.

A rule is an object:

  match    what `service.Operation` begins with: "ebs.PutSnapshotBlock", "ec2."
  skip     requests that pass before the rule applies (0)
  times    how often it applies (1; 0 is always)
  rate     the share of requests that it applies to, drawn at random, instead of `times`
  action   error     status, code, message, reason: refused in the service's own dialect
           answer    status, body, type: this instead of the service's answer
           reset     the connection is torn down instead of an answer
           lost      as reset, but the service has done what was asked
           truncate  the answer breaks off in the middle of its body
           delay     seconds: the service answers later
"""

import io
import os
import random
import socket
import struct
import threading
import time

from request import respond


class Faults:
    def __init__(self, service):
        self.service = service
        self.moto = getattr(service, "moto", service)
        self.lock = threading.Lock()
        self.list = []
        self.random = random.Random(5)

    def rules(self, rules):
        with self.lock:
            self.list = rules

    def __call__(self, request, start_response):
        rule = self.applying(request.name)
        action = rule["action"] if rule else None
        if action == "error":
            return refuse(
                start_response, request.service, rule["status"], rule["code"], rule.get("message", "it was broken"),
                rule.get("reason"), rule.get("headers", {}))
        if action == "answer":
            return respond(
                start_response, rule.get("status", 200), rule.get("body", ""),
                [("Content-Type", rule.get("type", "text/plain"))])
        if action == "reset":
            return tear(request)
        if action == "delay":
            time.sleep(rule["seconds"])
        if action == "lost":
            self.answered(request)
            return tear(request)
        if action == "truncate":
            return self.truncated(request, start_response)
        return self.forward(request, start_response)

    def applying(self, name):
        with self.lock:
            for rule in self.list:
                if not name.startswith(rule["match"]):
                    continue
                if "rate" in rule:
                    if self.random.random() < rule["rate"]:
                        return rule
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                    continue
                times = rule.get("times", 1)
                if times < 0:
                    continue
                if times:
                    rule["times"] = times - 1 or -1
                return rule
        return None

    def forward(self, request, start_response):
        if self.service is self.moto:
            request.environ["wsgi.input"] = io.BytesIO(request.body)
            return self.moto(request.environ, start_response)
        return self.service(request, start_response)

    def answered(self, request):
        kept = []
        body = b"".join(self.forward(request, lambda *arguments: kept.append(arguments)))
        return kept[0], body

    def truncated(self, request, start_response):
        (status, headers, *_), body = self.answered(request)
        start_response(status, [item for item in headers if item[0].lower() != "content-length"] + [
            ("Content-Length", str(len(body) + 100))])

        def pieces():
            yield body[:len(body) // 2]
            tear(request)

        return pieces()


def tear(request):
    """Ends the connection with a reset."""
    connection = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The server's own files on the socket would keep it open.
    os.close(connection.detach())
    raise ConnectionAbortedError("torn down on purpose")


def refuse(start_response, service, status, code, message, reason=None, headers=None):
    """An error as the service would tell it."""
    more = list((headers or {}).items())
    if service in ("ebs", "pricing", "kms", "sso"):
        body = {"Message": message, "Reason": reason} if service == "ebs" else {"__type": code, "message": message}
        more += [("x-amzn-ErrorType", code + ":"), ("x-amzn-RequestId", "r-1")]
        return respond(start_response, status, body, more)
    if service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            "<RequestID>r-1</RequestID></Response>")
    elif service == "s3":
        text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r-1</RequestId></Error>"
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>r-1</RequestId></ErrorResponse>")
    return respond(start_response, status, text, [("Content-Type", "text/xml"), *more])
