"""Signs random requests with botocore, for a comparison with another signer.

Usage: sign_corpus.py COUNT [SEED]
Prints a JSON list of {service, region, method, host, path (not encoded), query [[name, value]],
headers [[name, value]], payload, keys {accessKeyId, secretAccessKey, sessionToken}, time (seconds), authorization}.
"""

import datetime
import hashlib
import json
import random
import string
import sys
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 20260102)
# With all that encoding must get right.
LETTERS = string.ascii_letters + string.digits + "-_.~ !*'();:@&=+$,/?#[]%ü漢\t\"<>\\^`{|}"
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"]
METHODS = {"ec2": ["POST"], "sts": ["POST"], "pricing": ["POST"], "ebs": ["GET", "PUT", "POST"],
           "s3": ["GET", "PUT", "POST", "DELETE", "HEAD"]}


def text(longest, letters=LETTERS):
    return "".join(random.choice(letters) for _ in range(random.randint(1, longest)))


def path(service):
    if service in ("ec2", "sts", "pricing"):
        return "/"
    if service == "ebs":
        return random.choice([
            "/snapshots", f"/snapshots/snap-{random.getrandbits(68):017x}/blocks/{random.randrange(1 << 27)}",
            f"/snapshots/completion/snap-{random.getrandbits(68):017x}", "/snapshots/" + text(8).replace("/", "-")])
    return "/bucket/" + "/".join(text(12).replace("/", "-") for _ in range(random.randint(1, 4)))


def one():
    service = random.choice(list(METHODS))
    region = random.choice(REGIONS)
    method = random.choice(METHODS[service])
    token = random.choice([None, text(80, string.ascii_letters + "+/=")])
    keys = Credentials("AKIA" + text(16, string.ascii_uppercase), text(40, string.ascii_letters + "+/"), token)
    host = f"{service}.{region}.amazonaws.com" + random.choice(["", ":8443"])
    where = path(service)
    query = [[text(6).strip() or "q", text(16)] for _ in range(random.randint(0, 5))]
    kind = random.choice(["application/json", "application/x-www-form-urlencoded; charset=utf-8"])
    headers = [["content-type", kind]]
    if random.random() < 0.5:
        value = "  a   value " + text(10, string.ascii_letters)
        headers.append(["x-amz-" + text(8, string.ascii_letters).lower(), value])
    if random.random() < 0.5:
        headers.append(["Content-MD5", text(22, string.ascii_letters) + "=="])
    body = text(60).encode()
    payload = random.choice([hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"])
    moment = random.randrange(1_600_000_000, 1_900_000_000)
    encoded = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    url = f"https://{host}{quote(where, safe='/-_.~')}" + ("?" + encoded if encoded else "")
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    request.headers["X-Amz-Content-SHA256"] = payload
    signer = (botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth)(keys, service, region)
    now = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).replace(tzinfo=None)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        if service == "s3":
            # S3's signer replaces the header by its own choice; the hash is what is compared here.
            signer.payload = lambda _: payload
        signer.add_auth(request)
    return {
        "service": service, "region": region, "method": method, "host": host, "path": where, "query": query,
        "headers": headers, "payload": payload, "time": moment, "authorization": request.headers["Authorization"],
        "keys": {"accessKeyId": keys.access_key, "secretAccessKey": keys.secret_key, "sessionToken": keys.token}}


json.dump([one() for _ in range(int(sys.argv[1]))], sys.stdout)
