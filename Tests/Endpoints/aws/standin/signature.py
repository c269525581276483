"""Checks signature version 4, as documented, with no code of any client."""

import calendar
import hashlib
import hmac
import re
import time
from urllib.parse import parse_qsl, quote

from .state import Refusal

SKEW_SECONDS = 900
INVALID = {"ec2": (401, "AuthFailure"), "s3": (403, "SignatureDoesNotMatch"), "ebs": (403, "InvalidSignatureException")}
UNKNOWN = {"ec2": (401, "AuthFailure"), "s3": (403, "InvalidAccessKeyId"), "ebs": (403, "UnrecognizedClientException")}
EXPIRED = {"ec2": (400, "RequestExpired"), "s3": (400, "ExpiredToken"), "ebs": (403, "ExpiredTokenException")}
SKEWED = {"ec2": (400, "RequestExpired"), "s3": (403, "RequestTimeTooSkewed")}


def refusal(table, service, message, otherwise):
    status, code = table.get(service, otherwise)
    return Refusal(status, code, message)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def check(request, state):
    """Raises Refusal unless the request is signed with a key that is known and valid, for this body and this time."""
    service = request.service
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?"
        r"Signature=([0-9a-f]{64})", request.headers.get("authorization", ""))
    if not match:
        raise Refusal(403, "MissingAuthenticationToken", "the request is not signed")
    key, day, region, named, signed, signature = match.groups()
    if key not in state.keys:
        raise refusal(UNKNOWN, service, "the access key is not known", (403, "InvalidClientTokenId"))
    secret, token, end = state.keys[key]
    check_time(request, state, day)
    if end is not None and state.now() >= end:
        raise refusal(EXPIRED, service, "the session token is expired", (403, "ExpiredToken"))
    if request.headers.get("x-amz-security-token") != token:
        raise refusal(UNKNOWN, service, "the session token is not that of the key", (403, "InvalidClientTokenId"))
    names = signed.split(";")
    must = {"host", "x-amz-date"} | {name for name in request.headers if name.startswith("x-amz-")}
    if names != sorted(names) or not must <= set(names):
        raise refusal(INVALID, service, f"not signed: {must - set(names)}", (403, "SignatureDoesNotMatch"))
    payload = payload_hash(request)
    lines = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    query = "&".join(
        f"{name}={value}" for name, value in sorted(
            (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
            for name, value in parse_qsl(request.raw_query, keep_blank_values=True)))
    canonical = "\n".join([request.method, canonical_path(request), query, lines, signed, payload])
    to_sign = "\n".join([
        "AWS4-HMAC-SHA256", request.headers["x-amz-date"], f"{day}/{region}/{named}/aws4_request",
        sha256(canonical.encode())])
    chain = ("AWS4" + secret).encode()
    for part in (day, region, named, "aws4_request"):
        chain = hmac.new(chain, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(hmac.new(chain, to_sign.encode(), hashlib.sha256).hexdigest(), signature):
        # As S3 and STS do, this tells what was expected: a client must not repeat it.
        raise refusal(
            INVALID, service, f"the signature does not match. The Canonical String should have been '{canonical}'",
            (403, "SignatureDoesNotMatch"))


def check_time(request, state, day):
    date = request.headers.get("x-amz-date", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", date) or not date.startswith(day):
        raise Refusal(403, "IncompleteSignature", "x-amz-date is missing or another day's")
    then = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    if abs(state.now() - then) > SKEW_SECONDS:
        raise refusal(
            SKEWED, request.service, f"Signature expired: {date} is not within 15 minutes",
            (403, "InvalidSignatureException"))


def payload_hash(request):
    actual = sha256(request.body)
    said = request.headers.get("x-amz-content-sha256")
    if said is None:
        if request.service == "s3":
            raise Refusal(400, "MissingSecurityHeader", "x-amz-content-sha256 is missing")
        return actual
    unsigned = said == "UNSIGNED-PAYLOAD" and request.service in ("s3", "ebs")
    if said != actual and not unsigned:
        raise Refusal(400, "XAmzContentSHA256Mismatch", "x-amz-content-sha256 is not the body's")
    return said


def canonical_path(request):
    if request.service == "s3":
        return request.raw_path
    kept = []
    for segment in request.raw_path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    return quote("/" + "/".join(kept) + ("/" if kept and request.raw_path.endswith("/") else ""), safe="/-_.~")
