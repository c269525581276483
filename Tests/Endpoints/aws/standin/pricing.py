"""The price list service: a few products in the shape of the real ones, in pages."""

import json

from .state import Refusal

# USD per hour of Linux in us-east-1, vCPUs, memory; invented for tests but for the order they are in.
INSTANCES = [
    ("t3a.small", "0.0188", "2", "2 GiB"), ("t3a.medium", "0.0376", "2", "4 GiB"),
    ("t3a.large", "0.0752", "2", "8 GiB"), ("t3.small", "0.0208", "2", "2 GiB"), ("t3.medium", "0.0416", "2", "4 GiB"),
    ("t3.large", "0.0832", "2", "8 GiB"), ("m5.large", "0.0960", "2", "8 GiB"), ("m5.xlarge", "0.1920", "4", "16 GiB"),
    ("c5.large", "0.0850", "2", "4 GiB"), ("r5.large", "0.1260", "2", "16 GiB"), ("m6g.large", "0.0770", "2", "8 GiB"),
]
# USD per GiB and month.
VOLUMES = [("gp3", "0.0800"), ("gp2", "0.1000"), ("io2", "0.1250"), ("st1", "0.0450"), ("sc1", "0.0150")]
VOLUME_NAMES = {
    "gp3": "General Purpose", "gp2": "General Purpose", "io2": "Provisioned IOPS", "st1": "Throughput Optimized HDD",
    "sc1": "Cold HDD"}


def terms(sku, unit, price, description):
    code = f"{sku}.JRTCKXETXF"
    return {"OnDemand": {code: {
        "priceDimensions": {f"{code}.6YS6EN2CT7": {
            "unit": unit, "endRange": "Inf", "beginRange": "0", "description": description, "appliesTo": [],
            "rateCode": f"{code}.6YS6EN2CT7", "pricePerUnit": {"USD": price + "000000"}}},
        "sku": sku, "effectiveDate": "2026-11-01T00:00:00Z", "offerTermCode": "JRTCKXETXF", "termAttributes": {}}}}


def product(sku, family, attributes, unit, price, description):
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": sku}, "serviceCode": "AmazonEC2",
        "terms": terms(sku, unit, price, description), "version": "20261101000000",
        "publicationDate": "2026-11-01T00:00:00Z"}


PLACE = {"regionCode": "us-east-1", "location": "US East (N. Virginia)", "servicecode": "AmazonEC2"}
# Family, usage type, unit, price, what else is said; of disks, what they are asked for, and the ways to them.
EXTRAS = [
    ("System Operation", "EBS:VolumeP-IOPS.gp3", "IOPS-Mo", "0.0060", {"volumeApiName": "gp3", "group": "EBS IOPS"}),
    ("System Operation", "EBS:VolumeP-IOPS.io2", "IOPS-Mo", "0.0660", {"volumeApiName": "io2", "group": "EBS IOPS"}),
    ("System Operation", "EBS:VolumeP-IOPS.io2.tier2", "IOPS-Mo", "0.0460",
     {"volumeApiName": "io2", "group": "EBS IOPS Tier 2"}),
    ("Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", "GiBps-mo", "51.2000",
     {"volumeApiName": "gp3", "group": "EBS Throughput"}),
    ("Storage Snapshot", "EBS:SnapshotUsage", "GB-Mo", "0.0550", {}),
    ("Storage Snapshot", "EBS:SnapshotArchiveStorage", "GB-Mo", "0.0125", {}),
    ("EBS direct API Requests", "EBS:directAPI.snapshot.List", "Requests", "0.0000006", {}),
    ("EBS direct API Requests", "EBS:directAPI.snapshot.Put", "SnapshotAPIUnits", "0.0000070", {}),
]
S3 = [
    ("Storage", "TimedStorage-ByteHrs", "GB-Mo", "0.0240", {"volumeType": "Standard"}),
    ("Storage", "TimedStorage-RRS-ByteHrs", "GB-Mo", "0.0110", {"volumeType": "Standard"}),
    ("API Request", "Requests-Tier1", "Requests", "0.0000050", {"group": "S3-API-Tier1"}),
]


def products(factor):
    for number, (name, price, cpus, memory) in enumerate(INSTANCES):
        for system, dearer, code in (("Linux", 1, ""), ("Windows", 2, ":0002")):
            cost = f"{float(price) * dearer * factor:.4f}"
            yield product(f"INSTANCE{number}{system}".upper(), "Compute Instance", {
                **PLACE, "instanceType": name, "operatingSystem": system, "tenancy": "Shared", "preInstalledSw": "NA",
                "capacitystatus": "Used", "licenseModel": "No License required", "vcpu": cpus, "memory": memory,
                "operation": "RunInstances" + code, "marketoption": "OnDemand"},
                "Hrs", cost, f"${cost} per On Demand {system} {name} Instance Hour")
    for name, price in VOLUMES:
        yield product(f"VOLUME{name}".upper(), "Storage", {
            **PLACE, "volumeApiName": name, "volumeType": VOLUME_NAMES[name], "usagetype": f"EBS:VolumeUsage.{name}"},
            "GB-Mo", price, f"${price} per GB-month of {name}")
    yield from extras("AmazonEC2", EXTRAS)
    yield from extras("AmazonS3", S3)


def extras(service, list_of_them):
    for number, (family, usage, unit, price, more) in enumerate(list_of_them):
        item = product(
            f"{service}{number}".upper(), family, {**PLACE, "servicecode": service, "usagetype": usage, **more}, unit,
            price, f"${price} per {unit} of {usage}")
        yield item | {"serviceCode": service}


class Pricing:
    def __init__(self, state):
        self.state = state

    def handle(self, request):
        if request.operation != "GetProducts":
            raise Refusal(400, "InvalidParameterException", "there is no such operation")
        said = request.json
        if said.get("ServiceCode") not in ("AmazonEC2", "AmazonS3"):
            raise Refusal(400, "InvalidParameterException", "there is no such service")
        most = said.get("MaxResults", 100)
        if not 1 <= most <= 100:
            raise Refusal(400, "InvalidParameterException", "MaxResults")
        chosen = [
            item for item in products(self.state["priceFactor"])
            if item["serviceCode"] == said["ServiceCode"] and self.fits(item, said.get("Filters", []))]
        first = int(said.get("NextToken") or 0)
        most = min(most, self.state["pageSize"])
        answer = {
            "FormatVersion": "aws_v1", "PriceList": [json.dumps(item) for item in chosen[first:first + most]]}
        if len(chosen) > first + most:
            answer["NextToken"] = str(first + most)
        return 200, answer, []

    @staticmethod
    def fits(item, filters):
        attributes = {**item["product"]["attributes"], "productFamily": item["product"]["productFamily"]}
        for rule in filters:
            value, kind = attributes.get(rule["Field"]), rule["Type"]
            matches = {
                "TERM_MATCH": value == rule["Value"], "EQUALS": value == rule["Value"],
                "ANY_OF": value in rule["Value"].split(","), "CONTAINS": value is not None and rule["Value"] in value}
            if not matches.get(kind, False):
                return False
        return True
