"""What the stand-in knows, and how it is set to behave.

Settings, changed by POST /-/config with a JSON object of some of them:

  sessionSeconds     how long keys of a role, a container or an instance last (3600)
  externalId         what AssumeRole must say; null: nothing
  clockOffset        seconds that the services' clock is ahead (0)
  missingFor         seconds after StartSnapshot in which every other PutSnapshotBlock finds no snapshot (0)
  pendingFor         seconds from CompleteSnapshot to `completed` (0.2)
  importPolls        describes until an import task is done (3)
  importFails        the status message that import tasks end with; null: they succeed
  vmimport           false: there is no role vmimport, so nothing can be imported (true)
  encryptsByDefault  the account encrypts what nobody encrypts, with its own key (false)
  launchFails        so many instances end at once instead of running, since there is no room for them (0)
  forgetsTerminated  instances that have ended are not described any more (false)
  priceFactor        how much dearer everything is than the price list says (1)
  pageSize           the most that a page holds, whatever MaxResults says (100)
  role               the role of the instance and of the container ("machine")
  containerToken     what the container's agent wants as Authorization; null: nothing
  ssoToken           the token of a login that roles are given for ("a-login")
  metadata           false: there is no instance metadata service (true)
"""

import datetime
import secrets
import threading
import time

ROOT_ID = "AKIASTANDIN000000001"
ROOT_SECRET = "stand-in/secret+of/the+root"


class State:
    def __init__(self):
        self.lock = threading.RLock()
        self.settings = {
            "sessionSeconds": 3600, "externalId": None, "clockOffset": 0, "missingFor": 0, "pendingFor": 0.2,
            "importPolls": 3, "importFails": None, "vmimport": True, "pageSize": 100,
            "encryptsByDefault": False, "launchFails": 0, "forgetsTerminated": False, "priceFactor": 1,
            "role": "machine", "containerToken": None,
            "metadata": True, "ssoToken": "a-login"}
        # By access key: secret, token, the end of their life.
        self.keys = {ROOT_ID: (ROOT_SECRET, None, None)}

    def configure(self, settings):
        unknown = set(settings) - set(self.settings)
        if unknown:
            raise KeyError(f"no such settings: {sorted(unknown)}")
        with self.lock:
            self.settings.update(settings)

    def __getitem__(self, name):
        with self.lock:
            return self.settings[name]

    def now(self):
        return time.time() + self["clockOffset"]

    def root_keys(self):
        return {"accessKeyId": ROOT_ID, "secretAccessKey": ROOT_SECRET, "sessionToken": None}

    def new_session(self):
        """Keys that expire: AccessKeyId, SecretAccessKey, SessionToken, Expiration."""
        keys = {
            "AccessKeyId": "ASIA" + secrets.token_hex(8).upper(), "SecretAccessKey": secrets.token_urlsafe(30),
            "SessionToken": secrets.token_urlsafe(60) + "+/=="}
        end = self.now() + self["sessionSeconds"]
        with self.lock:
            self.keys[keys["AccessKeyId"]] = (keys["SecretAccessKey"], keys["SessionToken"], end)
        keys["Expiration"] = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return keys


def check_tags(keys, refuse):
    """What AWS takes of the keys of a resource's tags; `refuse(why)` is raised otherwise."""
    keys = list(keys)
    doubled = [key for key in keys if keys.count(key) > 1]
    if doubled:
        raise refuse(f"Duplicate tag key '{doubled[0]}' specified.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise refuse("Tag keys starting with 'aws:' are reserved for internal use")
    if len(keys) > 50:
        raise refuse(f"a resource has up to 50 tags, not {len(keys)}")


class Refusal(Exception):
    """A request that the service does not accept."""

    def __init__(self, status, code, message, reason=None):
        super().__init__(message)
        self.status, self.code, self.message, self.reason = status, code, message, reason
