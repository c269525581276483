"""What stands for AWS in a measure: moto for the machines, and an endpoint for blocks that keeps none of them."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import urllib.request

from .errors import BenchError
from .process import end, output

ROOT = pathlib.Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def program(arguments):
    """A program that tells one line when it is ready, and ends with its input; gives the line and the process."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        try:
            line = child.stdout.readline().decode().strip()
            if not line:
                errors.seek(0)
                raise BenchError(f"{arguments[1]} ended at once: {errors.read().decode(errors='replace')[-1000:]}")
            yield line, child.pid
        finally:
            child.stdin.close()
            end(child)
            child.stdout.close()


class Cloud:
    """Addresses and keys, and the process that takes the blocks."""

    def __init__(self, moto, blocks, pid, subnet):
        self.moto = moto
        self.blocks = blocks
        self.pid = pid
        self.subnet = subnet

    @property
    def connection(self):
        return {
            "region": "us-east-1", "endpoint": self.moto["url"], "endpoints": {"ebs": self.blocks},
            "accessKeyId": self.moto["accessKeyId"], "subnetId": self.subnet}

    @property
    def secrets(self):
        return {"/secretAccessKey": self.moto["secretAccessKey"]}

    def counts(self):
        """Blocks that came since this was last asked: {"puts", "refused", "blocks"}."""
        with urllib.request.urlopen(self.blocks + "/-/counts") as answer:
            return json.load(answer)


@contextlib.contextmanager
def cloud(throttled=0.0):
    """Runs both while the body does; `throttled` is the share of blocks that is refused at first."""
    python = output([str(ROOT / "scripts" / "test-tools")]).strip()
    with program([python, str(ROOT / "Tests" / "Endpoints" / "aws" / "server.py"), "moto"]) as (line, _):
        moto = json.loads(line)
        with program(["python3", str(ROOT / "Benchmarks" / "lib" / "null_ebs.py"), moto["url"], str(throttled)]) as (
                url, pid):
            yield Cloud(moto, url, pid, subnet(python, moto))


def subnet(python, moto):
    ask = (
        "import boto3, sys; ec2 = boto3.client('ec2', endpoint_url=sys.argv[1], region_name='us-east-1',"
        " aws_access_key_id=sys.argv[2], aws_secret_access_key=sys.argv[3]);"
        " print(ec2.describe_subnets()['Subnets'][0]['SubnetId'])")
    return output([python, "-c", ask, moto["url"], moto["accessKeyId"], moto["secretAccessKey"]]).strip()
