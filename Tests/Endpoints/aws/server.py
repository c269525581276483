"""AWS for tests, on a free port of 127.0.0.1: moto as it is, or a strict stand-in before it.

Usage: server.py moto|strict [--certificate FILE --key FILE]

`moto` is moto's own server with its checks of signatures, images, instance types and key pairs switched on.
`strict` is a stand-in written for what moto does not check: see standin/application.py.

Prints one line of JSON, {"url", "accessKeyId", "secretAccessKey", "sessionToken"}, and ends when its standard input
ends. In both modes every request is recorded, and breaks as rules say:

  GET  /-/log     the requests, in the form that check_recording.py takes
  POST /-/rules   a JSON list of rules: see faults.py
  POST /-/config  strict only: settings of the stand-in, see standin/state.py
"""

import argparse
import email.utils
import json
import logging
import os
import sys
import threading
import time

# Read by moto when it is imported.
os.environ.update(
    MOTO_ENABLE_AMI_VALIDATION="1",
    MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION="1",
    MOTO_ENABLE_KEYPAIR_VALIDATION="1",
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
)
sys.dont_write_bytecode = True

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

from faults import Faults  # noqa: E402
from recorder import Recorder  # noqa: E402
from standin.application import StandIn  # noqa: E402

REGION = "us-east-1"


class Quiet(WSGIRequestHandler):
    clock = time.time

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(type(self).clock() if timestamp is None else timestamp, usegmt=True)

    def log(self, *_):
        pass

    def make_environ(self):
        """With the one header of Amazon's whose name has an underscore, which werkzeug passes over."""
        token = self.headers.get("x-amz-sso_bearer_token")
        return super().make_environ() | ({"HTTP_X_AMZ_SSO_BEARER_TOKEN": token} if token else {})


def moto_keys(url):
    """An administrator's keys; from then on moto checks signatures and permissions."""
    import boto3
    import requests
    iam = boto3.client(
        "iam", endpoint_url=url, region_name=REGION, aws_access_key_id="setup", aws_secret_access_key="setup")
    iam.create_user(UserName="restorer")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="restorer", PolicyName="all", PolicyDocument=json.dumps(allow))
    key = iam.create_access_key(UserName="restorer")["AccessKey"]
    requests.post(url + "/moto-api/reset-auth", data=b"0", timeout=30)
    return {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"], "sessionToken": None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["moto", "strict"])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()
    moto = DomainDispatcherApplication(create_backend_app)
    standin = StandIn(moto, REGION) if options.mode == "strict" else None
    if standin:
        Quiet.clock = standin.state.now
    recorder = Recorder(Faults(standin or moto), standin)
    tls = (options.certificate, options.key) if options.certificate else None
    # A connection that was torn down on purpose is nothing to tell.
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, recorder, threaded=True, request_handler=Quiet, ssl_context=tls)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = standin.state.root_keys() if standin else moto_keys(url)
    recorder.clear()
    print(json.dumps({"url": url, **keys}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
