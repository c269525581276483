"""STS: keys of roles, and who one is."""

import re

from .ec2 import element
from .state import ROOT_ID, Refusal

ACCOUNT = "123456789012"


def document(action, members):
    return (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>'
        f"{''.join(element(name, value) for name, value in members.items())}</{action}Result>"
        f"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{action}Response>")


class STS:
    UNSIGNED = {"AssumeRoleWithWebIdentity"}

    def __init__(self, state):
        self.state = state

    def handle(self, request):
        form = request.form
        if request.operation == "GetCallerIdentity":
            key = re.search(r"Credential=([^/]+)/", request.headers["authorization"]).group(1)
            who = "root" if key == ROOT_ID else "assumed-role/" + self.state["role"]
            members = {"Arn": f"arn:aws:iam::{ACCOUNT}:{who}", "UserId": "AIDASTANDIN", "Account": ACCOUNT}
        elif request.operation == "AssumeRole":
            members = self.role(form)
            if form.get("ExternalId") != self.state["externalId"]:
                raise Refusal(403, "AccessDenied", "is not authorized to perform: sts:AssumeRole")
        elif request.operation == "AssumeRoleWithWebIdentity":
            members = self.role(form)
            if form.get("WebIdentityToken") != "a-web-identity-token":
                raise Refusal(400, "InvalidIdentityToken", "the token is not valid")
        else:
            raise Refusal(400, "InvalidAction", "there is no such action")
        return 200, document(request.operation, members), [("Content-Type", "text/xml")]

    def role(self, form):
        arn = form.get("RoleArn", "")
        if not re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+", arn):
            raise Refusal(400, "ValidationError", "the role's ARN is malformed")
        if not re.fullmatch(r"[\w+=,.@-]{2,64}", form.get("RoleSessionName", "")):
            raise Refusal(400, "ValidationError", "the session's name is malformed")
        if not 900 <= int(form.get("DurationSeconds", 3600)) <= 43200:
            raise Refusal(400, "ValidationError", "DurationSeconds")
        name = arn.rsplit("/", 1)[-1]
        return {"Credentials": self.state.new_session(), "AssumedRoleUser": {
            "AssumedRoleId": "AROASTANDIN:" + form["RoleSessionName"],
            "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{form['RoleSessionName']}"}}
