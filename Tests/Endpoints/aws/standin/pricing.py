"""The price list service: a few products in the shape of the real ones, in pages."""

import json

from .state import Refusal

# USD per hour of Linux in us-east-1, vCPUs, memory; invented for tests but for the order they are in.
INSTANCES = [
    ("t3.small", "0.0208", "2", "2 GiB"), ("t3.medium", "0.0416", "2", "4 GiB"), ("t3.large", "0.0832", "2", "8 GiB"),
    ("m5.large", "0.0960", "2", "8 GiB"), ("m5.xlarge", "0.1920", "4", "16 GiB"), ("c5.large", "0.0850", "2", "4 GiB"),
    ("r5.large", "0.1260", "2", "16 GiB"), ("m6g.large", "0.0770", "2", "8 GiB"),
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


def products():
    place = {"regionCode": "us-east-1", "location": "US East (N. Virginia)", "servicecode": "AmazonEC2"}
    for number, (name, price, cpus, memory) in enumerate(INSTANCES):
        for system, factor, code in (("Linux", 1, ""), ("Windows", 2, ":0002")):
            cost = f"{float(price) * factor:.4f}"
            yield product(f"INSTANCE{number}{system}".upper(), "Compute Instance", {
                **place, "instanceType": name, "operatingSystem": system, "tenancy": "Shared", "preInstalledSw": "NA",
                "capacitystatus": "Used", "licenseModel": "No License required", "vcpu": cpus, "memory": memory,
                "operation": "RunInstances" + code, "marketoption": "OnDemand"},
                "Hrs", cost, f"${cost} per On Demand {system} {name} Instance Hour")
    for name, price in VOLUMES:
        yield product(f"VOLUME{name}".upper(), "Storage", {
            **place, "volumeApiName": name, "volumeType": VOLUME_NAMES[name], "usagetype": f"EBS:VolumeUsage.{name}"},
            "GB-Mo", price, f"${price} per GB-month of {name}")
    yield product("VOLUMEIOPSGP3", "System Operation", {
        **place, "volumeApiName": "gp3", "group": "EBS IOPS", "usagetype": "EBS:VolumeP-IOPS.gp3"},
        "IOPS-Mo", "0.0050", "$0.005 per provisioned IOPS-month of gp3")
    yield product("SNAPSHOT", "Storage Snapshot", {**place, "usagetype": "EBS:SnapshotUsage"},
                  "GB-Mo", "0.0500", "$0.05 per GB-Month of snapshot data stored")


class Pricing:
    def __init__(self, state):
        self.state = state

    def handle(self, request):
        if request.operation != "GetProducts":
            raise Refusal(400, "InvalidParameterException", "there is no such operation")
        said = request.json
        if said.get("ServiceCode") != "AmazonEC2":
            raise Refusal(400, "InvalidParameterException", "there is no such service")
        most = said.get("MaxResults", 100)
        if not 1 <= most <= 100:
            raise Refusal(400, "InvalidParameterException", "MaxResults")
        chosen = [item for item in products() if self.fits(item, said.get("Filters", []))]
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
