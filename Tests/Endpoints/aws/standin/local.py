"""The keys that instances (IMDSv2) and containers are given where they run."""

TOKEN = "stand-in-metadata-token"
ROLES = "/latest/meta-data/iam/security-credentials/"


def local(request, state):
    """(status, body, headers)."""
    if request.path == "/v2/credentials":
        wanted = state["containerToken"]
        if wanted is not None and request.headers.get("authorization") != wanted:
            return 401, {"code": "Unauthorized"}, []
        return 200, keys(state), []
    if not state["metadata"]:
        return 404, "", []
    if request.path == "/latest/api/token":
        seconds = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT" or not seconds.isdigit() or not 1 <= int(seconds) <= 21600:
            return 400, "", []
        return 200, TOKEN, []
    # Version 1, without a token, is switched off.
    if request.headers.get("x-aws-ec2-metadata-token") != TOKEN:
        return 401, "", []
    if request.path == ROLES and state["role"]:
        return 200, state["role"], []
    if state["role"] and request.path == ROLES + state["role"]:
        return 200, {**keys(state), "Code": "Success", "Type": "AWS-HMAC"}, []
    return 404, "", []


def keys(state):
    session = state.new_session()
    return {
        "AccessKeyId": session["AccessKeyId"], "SecretAccessKey": session["SecretAccessKey"],
        "Token": session["SessionToken"], "Expiration": session["Expiration"]}
