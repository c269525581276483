"""Roles for those who have logged in (IAM Identity Center)."""

import datetime

from .state import Refusal


class SSO:
    def __init__(self, state):
        self.state = state

    def handle(self, request):
        if request.headers.get("x-amz-sso_bearer_token") != self.state["ssoToken"]:
            raise Refusal(401, "UnauthorizedException", "Session token not found or invalid")
        if not request.parameter("account_id") or request.parameter("role_name") != "restore":
            raise Refusal(403, "ForbiddenException", "No access")
        keys = self.state.new_session()
        end = datetime.datetime.strptime(keys["Expiration"], "%Y-%m-%dT%H:%M:%SZ")
        end = end.replace(tzinfo=datetime.timezone.utc)
        return 200, {"roleCredentials": {
            "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["SessionToken"], "expiration": int(end.timestamp() * 1000)}}, []
